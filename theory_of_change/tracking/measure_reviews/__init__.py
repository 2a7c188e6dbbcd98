"""Yearly reviews of measures: what is due, what was decided, minutes."""
