"""Saved results held side by side: one with another, and each with its own other ways of asking."""
