"""Typed cells (numbers, dates, yes and no) as the text that a person would have written."""

from __future__ import annotations

import datetime as dt

import polars as pl

from cohorts.errors import CohortError

_EXACT_WHOLE = 2.0**53
EPOCH = dt.date(1970, 1, 1)
_A_DAY = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}


def cells_as_text(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """All columns as text; ``LC813`` where one holds lists, bytes or the like."""
    beyond = [str(number) for number, column in enumerate(frame.iter_columns(), start=1) if _beyond(column)]
    if beyond:
        raise CohortError(
            "LC813",
            f"column {', '.join(beyond)} holds days that no calendar has",
            "Its days must lie in the years 1 to 9999; save it again, the days as text where they are damaged.",
            where=name,
        )
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


def _beyond(column: pl.Series) -> bool:
    """Does a column of days or times hold one outside the years 1 to 9999? Polars panics when it writes some."""
    kind = column.dtype
    if kind == pl.Date:
        first, last = (day.toordinal() - EPOCH.toordinal() for day in (dt.date.min, dt.date.max))
    elif isinstance(kind, pl.Datetime):
        a_day = _A_DAY[kind.time_unit]
        first = (dt.date.min.toordinal() - EPOCH.toordinal()) * a_day
        last = (dt.date.max.toordinal() - EPOCH.toordinal() + 1) * a_day - 1
    else:
        return False
    days = column.to_physical()
    low, high = days.min(), days.max()
    return isinstance(low, int) and isinstance(high, int) and not first <= low <= high <= last


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
