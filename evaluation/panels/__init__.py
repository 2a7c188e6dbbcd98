"""Panels: the same places, or the same people, seen again and again; or one series over time."""
