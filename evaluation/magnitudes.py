"""Numbers that cannot be reckoned with: without end, none at all, or so large or small that squares are lost (pure)."""

from __future__ import annotations

import polars as pl

# Errors of variances take fourth powers and sum them over people, and trees keep numbers in half a double: beyond
# these there is no room for them.
LARGEST, SMALLEST = 1e30, 1e-30


def not_finite(series: pl.Series) -> pl.Series:
    """Say for each value whether it is infinite, or a NaN; False where it is missing or a text."""
    if not series.dtype.is_float():
        return pl.Series(series.name, [False]).new_from_index(0, len(series))
    return ~series.is_finite().fill_null(value=True)


def beyond_reach(series: pl.Series) -> pl.Series:
    """Say for each value whether its size is beyond 1e30; or, where no value reaches 1e-30, whether it is not 0."""
    if not series.dtype.is_numeric():
        return pl.Series(series.name, [False]).new_from_index(0, len(series))
    size = series.cast(pl.Float64).abs()
    large = (size > LARGEST).fill_null(value=False)
    top = size.max()
    if large.any() or not isinstance(top, float) or not 0 < top < SMALLEST:
        return large
    return (size > 0).fill_null(value=False)
