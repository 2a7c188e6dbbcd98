"""One design per file: its settings beside its function."""
