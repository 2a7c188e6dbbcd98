"""Regression discontinuity: the jump of an outcome where a score crosses a cut-off (pure engines; arrays in)."""
