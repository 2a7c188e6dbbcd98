"""Periods of a series: what a partner writes to one canonical text, and which days a period has (pure).

Canonical: ``2019-04-01`` (a day, or the first day of a week), ``2019-04``, ``2019-Q2``, ``2019``. Texts of one step
sort in the order of time. A year may start in another month: ``2019`` is then the year that begins in 2019.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, get_args

import polars as pl

from cohorts.partner_files.dates import DateForm, parse_dates

Step = Literal["day", "week", "month", "quarter", "year"]
STEPS: tuple[Step, ...] = get_args(Step)
FORMS: dict[Step, tuple[str, ...]] = {
    "day": ("date",),
    "week": ("date", "yyyy-Www"),
    "month": ("yyyy-mm", "mm/yyyy", "mon yyyy", "date"),
    "quarter": ("yyyy-Qn", "date"),
    "year": ("yyyy", "yyyy/yy", "date"),
}
CANONICAL: dict[Step, str] = {
    "day": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "week": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "month": r"[0-9]{4}-(0[1-9]|1[0-2])",
    "quarter": r"[0-9]{4}-Q[1-4]",
    "year": r"[0-9]{4}",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_ENDS = r"^([0-9]{4})[/-]([0-9]{4}|[0-9]{2})$"


def read_periods(
    text: pl.Series, step: Step, form: str, dates: DateForm, year_starts: int = 1
) -> tuple[pl.Series, pl.Series]:
    """Texts as periods: canonical text (null where it is none), and whether something stands there that is none.

    A true date cell of a workbook is read under every form: as the period it lies in.
    """
    days, faults = parse_dates(text, dates if form == "date" else "yyyy-mm-dd")
    stamped = text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]").fill_null(value=False)
    from_date = period_of(days, step, year_starts)
    if form == "date":
        return from_date, faults.is_not_null()
    written = _written(text, form)
    found = pl.select(pl.when(stamped).then(from_date).otherwise(written)).to_series()
    return found.rename(text.name), text.is_not_null() & found.is_null()


def _written(text: pl.Series, form: str) -> pl.Series:
    frame = pl.DataFrame({"t": text.str.strip_chars().str.to_lowercase()})
    t = pl.col("t")
    year, number = t.str.extract(r"([0-9]{4})"), pl.lit(None, dtype=pl.String)
    if form == "yyyy":
        found = t.str.extract(r"^([0-9]{4})$")
    elif form == "yyyy/yy":
        first, last = t.str.extract(_YEAR_ENDS, 1), t.str.extract(_YEAR_ENDS, 2)
        follows = (first.cast(pl.Int32, strict=False) + 1) % 100 == last.str.tail(2).cast(
            pl.Int32, strict=False
        )
        found = pl.when(follows).then(first)
    elif form == "yyyy-Qn":
        number = t.str.extract(r"^[0-9]{4}[ -]?q([1-4])$")
        found = pl.format("{}-Q{}", year, number)
    elif form == "yyyy-Www":
        return _iso_weeks(frame["t"])
    else:
        pattern = {"yyyy-mm": r"^[0-9]{4}-([0-9]{1,2})$", "mm/yyyy": r"^([0-9]{1,2})/[0-9]{4}$"}.get(form)
        if pattern:
            number = t.str.extract(pattern).str.zfill(2)
        else:
            names = {name: f"{place:02d}" for place, name in enumerate(_MONTHS, start=1)}
            word = t.str.extract(r"^([a-z]{3})[a-z]*[ -][0-9]{4}$")
            number = word.replace_strict(names, default=None, return_dtype=pl.String)
        good = number.cast(pl.Int32, strict=False).is_between(1, 12)
        found = pl.when(good).then(pl.format("{}-{}", year, number))
    return frame.select(found.cast(pl.String).alias("p"))["p"]


def _iso_weeks(text: pl.Series) -> pl.Series:
    """ISO weeks as the Monday they begin on."""
    known: dict[str, str] = {}
    for one in text.drop_nulls().unique():
        found = re.fullmatch(r"([0-9]{4})-?w([0-9]{1,2})", one)
        try:
            known[one] = dt.date.fromisocalendar(int(found[1]), int(found[2]), 1).isoformat() if found else ""
        except ValueError:
            known[one] = ""
    good = {one: day for one, day in known.items() if day}
    return text.replace_strict(good, default=None, return_dtype=pl.String)


def period_of(days: pl.Series, step: Step, year_starts: int = 1) -> pl.Series:
    """The period of a step that each day lies in; of a week, the day itself is taken for its first."""
    day = pl.col("d")
    year = day.dt.year() - (day.dt.month() < year_starts).cast(pl.Int32)
    texts = {
        "day": day.dt.strftime("%Y-%m-%d"),
        "week": day.dt.strftime("%Y-%m-%d"),
        "month": day.dt.strftime("%Y-%m"),
        "quarter": pl.format("{}-Q{}", day.dt.year(), day.dt.quarter()),
        "year": year.cast(pl.String),
    }
    return pl.DataFrame({"d": days.cast(pl.Date)}).select(texts[step].alias("p"))["p"].rename(days.name)


def first_days(periods: pl.Series, step: Step, year_starts: int = 1) -> pl.Series:
    """The first day of each canonical period."""
    p = pl.col("p")
    texts = {
        "day": p,
        "week": p,
        "month": p + "-01",
        "quarter": pl.format(
            "{}-{}-01",
            p.str.head(4),
            ((p.str.tail(1).cast(pl.Int32) - 1) * 3 + 1).cast(pl.String).str.zfill(2),
        ),
        "year": pl.format("{}-{}-01", p, pl.lit(f"{year_starts:02d}")),
    }
    frame = pl.DataFrame({"p": periods.cast(pl.String)})
    return frame.select(texts[step].str.to_date("%Y-%m-%d").alias("d"))["d"].rename(periods.name)


def last_days(periods: pl.Series, step: Step, year_starts: int = 1) -> pl.Series:
    """The last day of each canonical period."""
    length = {"day": "1d", "week": "7d", "month": "1mo", "quarter": "3mo", "year": "1y"}[step]
    frame = pl.DataFrame({"d": first_days(periods, step, year_starts)})
    return frame.select(pl.col("d").dt.offset_by(length).dt.offset_by("-1d")).to_series().rename(periods.name)


def day_of(label: str) -> dt.date | None:
    """The first day of a period that a plan names, whatever its step; ``None`` for a text that is none."""
    for step, shape in CANONICAL.items():
        if re.fullmatch(shape, label):
            try:
                found = first_days(pl.Series([label]), step)[0]
            except pl.exceptions.PolarsError:  # such as 2019-02-31
                return None
            return found if isinstance(found, dt.date) else None
    return None


def is_period(label: str, step: Step) -> bool:
    """Say whether a text is a canonical period of a step."""
    return re.fullmatch(CANONICAL[step], label) is not None and day_of(label) is not None
