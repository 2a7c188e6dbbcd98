"""Dates in one declared form; nothing is guessed."""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

DateForm = Literal["dd/mm/yyyy", "yyyy-mm-dd"]
DATE_FORMS: tuple[DateForm, ...] = get_args(DateForm)
FIRST_YEAR = 1900
LAST_YEAR = 2100
PIVOT = 29  # two-digit years: 00 to 29 are 2000 to 2029, 30 to 99 are 1930 to 1999

_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_SHAPES: dict[DateForm, str] = {
    "dd/mm/yyyy": rf"^(?P<day>[0-9]{{1,2}})/(?P<month>[0-9]{{1,2}})/(?P<year>[0-9]{{4}}|[0-9]{{2}}){_TIME}$",
    "yyyy-mm-dd": rf"^(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}}){_TIME}$",
}
# What a true date cell of a workbook or a statistics file reads as.
_STAMP = (
    r"^(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?$"
)


def parse_dates(series: pl.Series, form: DateForm) -> tuple[pl.Series, pl.Series]:
    """Read texts as dates in one form.

    Days and months may have one digit. In ``dd/mm/yyyy`` a two-digit year counts as 2000 to 2029 or 1930 to
    1999. A stamp such as ``2024-03-01 00:00:00`` is read under either form, because that is how the date
    cells of a workbook arrive.

    Returns
    -------
    dates : pl.Series of Date
        Null where there is nothing or where the text is not a good date.
    faults : pl.Series of String
        ``LC824`` not a date in this form or an impossible one, ``LC825`` a year outside 1900 to 2100, null
        where all is well or nothing is there.
    """
    text = pl.col("text")
    parts = (
        pl.DataFrame({"text": series.cast(pl.String).str.strip_chars()})
        .with_columns(
            pl.coalesce(_part(text, _STAMP, name), _part(text, _SHAPES[form], name)).alias(name)
            for name in ("year", "month", "day")
        )
        .with_columns(_full_year(pl.col("year")))
    )
    date = pl.format("{}-{}-{}", "year", pl.col("month").str.zfill(2), pl.col("day").str.zfill(2))
    sensible = pl.col("year").cast(pl.Int32).is_between(FIRST_YEAR, LAST_YEAR)
    read = parts.select(
        pl.when(sensible).then(date.str.to_date("%Y-%m-%d", strict=False)).alias("date"),
        sensible.fill_null(value=True).alias("sensible"),
        text.is_not_null().alias("there"),
    ).select(
        "date",
        pl.when(pl.col("there") & ~pl.col("sensible"))
        .then(pl.lit("LC825"))
        .when(pl.col("there") & pl.col("date").is_null())
        .then(pl.lit("LC824"))
        .alias("fault"),
    )
    return read["date"].rename(series.name), read["fault"]


def _part(text: pl.Expr, shape: str, name: str) -> pl.Expr:
    groups = {"year": 0, "month": 0, "day": 0}
    order = sorted(groups, key=lambda group: shape.index(f"?P<{group}>"))
    return text.str.extract(shape, order.index(name) + 1)


def _full_year(year: pl.Expr) -> pl.Expr:
    century = pl.when(year.cast(pl.Int32) <= PIVOT).then(pl.lit("20")).otherwise(pl.lit("19"))
    return pl.when(year.str.len_chars() == 2).then(pl.concat_str(century, year)).otherwise(year).alias("year")


def age_in_months(birth: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Completed months from a birth date to a day; negative when the day comes first."""
    months = (day.dt.year() - birth.dt.year()) * 12 + day.dt.month() - birth.dt.month()
    return months - (day.dt.day() < birth.dt.day()).cast(pl.Int32)


def age_in_years(birth: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Completed years from a birth date to a day. Those born on 29 February turn older on 1 March."""
    return age_in_months(birth, day).floordiv(12)
