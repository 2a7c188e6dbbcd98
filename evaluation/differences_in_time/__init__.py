"""Differences in time: engines of difference-in-differences and staggered adoption (arrays in, frozen values out)."""
