"""Schema history: one file a step, oldest first."""
