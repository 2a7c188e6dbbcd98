"""Typed cells (numbers, dates, yes and no) as the text that a person would have written."""

from __future__ import annotations

import polars as pl

from cohorts.errors import CohortError

_EXACT_WHOLE = 2.0**53


def cells_as_text(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """All columns as text; ``LC813`` where one holds lists, bytes or the like."""
    texts = [_column_as_text(column) for column in frame.iter_columns()]
    nested = [str(number) for number, text in enumerate(texts, start=1) if text is None]
    if nested:
        raise CohortError(
            "LC813",
            f"column {', '.join(nested)} holds something other than plain values",
            "Save it again in the format its name promises.",
            where=name,
        )
    return pl.DataFrame([text for text in texts if text is not None])


def _column_as_text(column: pl.Series) -> pl.Series | None:
    """One typed column as text, or None when it holds lists, bytes or the like."""
    kind = column.dtype
    if kind == pl.Boolean:
        return column.cast(pl.Int8).cast(pl.String)
    if kind.is_float():
        return _floats_as_text(column.cast(pl.Float64))
    if kind in (pl.Date, pl.Datetime):
        return column.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S")
    if kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration):
        return None
    return column.cast(pl.String)


def _floats_as_text(column: pl.Series) -> pl.Series:
    value = pl.col("value")
    whole = (value == value.floor()) & (value.abs() < _EXACT_WHOLE)
    return (
        pl.DataFrame({"value": column.fill_nan(None)})
        .select(
            pl.when(whole)
            .then(pl.when(whole).then(value).cast(pl.Int64).cast(pl.String))
            .otherwise(value.cast(pl.String))
        )
        .to_series()
        .rename(column.name)
    )
