"""Reporting checklists, with the place in our report where each item is answered, or that it is not."""
