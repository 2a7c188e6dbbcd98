"""Attacks on what Lifecourse keeps and lets out, each measured against guessing and against no defence."""
