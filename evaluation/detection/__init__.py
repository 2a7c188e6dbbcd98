"""Outcomes that only come to light where somebody looks."""
