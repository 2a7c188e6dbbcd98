"""Whose outcome is ripe: follow-up and waiting time must have passed by the data cut-off (pure)."""

from __future__ import annotations

import datetime as dt

import polars as pl


def is_mature(
    index_date: pl.Expr, follow_up_months: float, waiting_months: float, cut_off: dt.date
) -> pl.Expr:
    """True where index date + follow-up + waiting period lies on or before the data cut-off.

    Whole months move along the calendar; the rest of a month counts as 30.44 days a month.
    """
    total = follow_up_months + waiting_months
    whole = int(total)
    days = round((total - whole) * 30.44)
    return index_date.dt.offset_by(f"{whole}mo").dt.offset_by(f"{days}d") <= pl.lit(cut_off)
