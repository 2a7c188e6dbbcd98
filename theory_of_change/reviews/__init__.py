"""Reviews of a theory: what is due, and what was decided."""
