"""Windows of time after an index date: where they begin and end, and when a wave is due (pure).

A window holds its first day and not its last: twelve months from 1 March 2022 run to 28 February 2023, and the
next window begins on 1 March. Twelve months after a 29 February end on the 28th.
"""

from __future__ import annotations

import polars as pl

DAYS_A_MONTH = 30.44
SCHOOL_YEARS = {"reception": 4, "year-1": 5, "year-2": 6, "year-6": 10, "year-7": 11, "year-11": 15}
SEPTEMBER, END_MONTH, END_DAY = 9, 7, 31
WINDOW = {"participant": pl.Int64, "begin": pl.Date, "stop": pl.Date}


def months_after(day: pl.Expr, months: float) -> pl.Expr:
    """A day moved by months: whole months along the calendar, the rest as 30.44 days a month."""
    whole = int(months)
    days = round((months - whole) * DAYS_A_MONTH)
    return day.dt.offset_by(f"{whole}mo").dt.offset_by(f"{days}d")


def windows_of(people: pl.DataFrame, from_months: float, to_months: float) -> pl.DataFrame:
    """One window a person: columns participant, begin, stop (Date; stop is the first day after)."""
    index = pl.col("index_date")
    return people.select(
        "participant",
        months_after(index, from_months).alias("begin"),
        months_after(index, to_months).alias("stop"),
    )


def school_year_ends(birth: pl.Expr, year: str) -> pl.Expr:
    """The 31 July that ends a school year in England for a child born on a day.

    Reception begins on the 1 September after the fourth birthday; children born on 1 September wait a year.
    Source: school years of England, which run from 1 September to 31 August.
    """
    after = SCHOOL_YEARS[year] + 1
    late = (birth.dt.month() >= SEPTEMBER).cast(pl.Int32)
    return pl.date(birth.dt.year() + after + late, END_MONTH, END_DAY)


def due_on(index: pl.Expr, months: float, school_year: str = "") -> pl.Expr:
    """The day a wave is due: months after the index date, or the end of a school year of a child born then."""
    return school_year_ends(index, school_year) if school_year else months_after(index, months)
