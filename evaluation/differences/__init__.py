"""How a re-run differs from an earlier one since somebody left."""
