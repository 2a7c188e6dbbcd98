"""Results turned into pages people can read."""
