"""Evaluations on their way out: what the gate has to know of them."""
