"""Results kept whole, as released, so that every later document is made of the same numbers."""
