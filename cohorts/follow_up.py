"""Whose outcome is ripe, who was seen of them, and who is overdue (pure).

An outcome is ripe, and a person due, when follow-up and waiting time have passed by the data cut-off.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohorts.attacks.printed import follow_up_puzzle
from cohorts.complementary import protect
from cohorts.definition import CohortDefinition
from cohorts.disclosure import publish_count, publish_share, share_is_safe
from cohorts.following.attrition import ArmLoss, attrition_class, worst_bias
from cohorts.lives.windows import due_on, months_after
from workspace.settings import DisclosureProfile

ARMS = (("treated", 1.0), ("comparison", 0.0), ("not known", None))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a group stands at one wave of one variable. People are due, or not yet; those due were seen or lost."""

    due: int
    seen: int
    missing: tuple[tuple[str, int], ...]
    not_yet_due: int

    @property
    def lost(self) -> int:
        """Due and without a value, for whatever reason."""
        return self.due - self.seen

    @property
    def overdue(self) -> int:
        """Due, and nothing has come at all: neither a value nor a reason."""
        return self.lost - sum(n for _, n in self.missing)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One variable at one wave: up to when was looked, and how everybody, and each arm, stands."""

    wave: str
    variable: str
    until: dt.date
    cut_off_named: bool
    everybody: Standing
    arms: tuple[tuple[str, Standing], ...] = ()


def is_mature(
    index_date: pl.Expr,
    follow_up_months: float,
    waiting_months: float,
    cut_off: dt.date,
    school_year: str = "",
) -> pl.Expr:
    """True where index date + follow-up + waiting period lies on or before the data cut-off.

    Whole months move along the calendar; the rest of a month counts as 30.44 days a month. With a school year,
    follow-up lasts to its end for a child born on the index date, whatever the months say.
    """
    if school_year:
        return months_after(due_on(index_date, 0.0, school_year), waiting_months) <= pl.lit(cut_off)
    return months_after(index_date, follow_up_months + waiting_months) <= pl.lit(cut_off)


def months_of(definition: CohortDefinition, variable: str, wave: str) -> tuple[float, float]:
    """Follow-up and waiting months: the cohort's window for the variable at this wave, else the wave's months."""
    for window in definition.measures:
        if (window.measure, window.wave) == (variable, wave):
            return window.follow_up_months, window.waiting_months
    due = definition.wave(wave)
    return (max(due.months, 0.0) if due else 0.0), 0.0


def school_year_of(definition: CohortDefinition, wave: str) -> str:
    """The school year at whose end a wave is due, or nothing."""
    due = definition.wave(wave)
    return due.school_year if due else ""


def stand(
    tally: pl.DataFrame, months: tuple[float, float], until: dt.date, school_year: str = ""
) -> Standing:
    """Count a group.

    Parameters
    ----------
    tally : pl.DataFrame
        Columns ``index_date`` (Date), ``held`` (whether anything came), ``missing`` (the reason, null where there
        is a value or nothing came) and ``n`` (people).
    months : tuple
        Months of follow-up, and of waiting for the records.
    until : dt.date
        Up to when the sources would have seen events.
    school_year : str
        The school year at whose end the wave is due, where it is one.
    """
    ripe = is_mature(pl.col("index_date"), *months, until, school_year)
    due, early = tally.filter(ripe), tally.filter(~ripe)
    reasons = due.drop_nulls("missing").group_by("missing").agg(pl.col("n").sum()).sort("missing")
    seen = due.filter(pl.col("held") & pl.col("missing").is_null())["n"].sum()
    return Standing(int(due["n"].sum()), int(seen), tuple(reasons.rows()), int(early["n"].sum()))


def stand_by_arm(
    tally: pl.DataFrame, months: tuple[float, float], until: dt.date, school_year: str = ""
) -> tuple[tuple[str, Standing], ...]:
    """Count each arm; the tally also has a column ``arm`` (1 treated, 0 comparison, null not known)."""
    return tuple(
        (name, stand(tally.filter(pl.col("arm").eq_missing(pl.lit(value))), months, until, school_year))
        for name, value in ARMS
    )


def follow_up_payload(row: FollowUp, profile: DisclosureProfile) -> dict[str, Any]:
    """A row as plain data, small counts withheld."""
    payload: dict[str, Any] = {
        "wave": row.wave,
        "variable": row.variable,
        "until": row.until.isoformat(),
        "cut_off_named": row.cut_off_named,
        **_standing_payload(row.everybody, profile),
    }
    if row.arms:
        payload["arms"] = [{"arm": arm, **_standing_payload(s, profile)} for arm, s in row.arms]
        payload["attrition"] = _attrition_payload(dict(row.arms), profile)
    return payload


def protected(payload: dict[str, Any], profile: DisclosureProfile) -> dict[str, Any]:
    """The rows of a payload without what would tell a withheld count too closely, nor shares worked out from that."""
    protect(payload, follow_up_puzzle, profile)
    for row in payload["follow_up"]:
        for one in (row, *row.get("arms", ())):
            if {"due", "seen"} & set(one.get("not_shown", ())):
                one["seen_share"] = None
                if one is not row:
                    row["attrition"] |= dict.fromkeys(("overall", "differential", "worst_bias_sd"))
    return payload


def _standing_payload(standing: Standing, profile: DisclosureProfile) -> dict[str, Any]:
    return {
        "due": publish_count(standing.due, profile),
        "seen": publish_count(standing.seen, profile),
        "seen_share": publish_share(standing.seen, standing.due, profile),
        "missing": [{"reason": r, "n": publish_count(n, profile)} for r, n in standing.missing],
        "overdue": publish_count(standing.overdue, profile),
        "not_yet_due": publish_count(standing.not_yet_due, profile),
    }


def _attrition_payload(arms: dict[str, Standing], profile: DisclosureProfile) -> dict[str, Any]:
    """The class is judged on the exact counts; every number is worked out from published ones."""
    treated, comparison = arms["treated"], arms["comparison"]
    found: dict[str, Any] = dict.fromkeys(("boundary", "overall", "differential", "worst_bias_sd"))
    if min(treated.due, comparison.due) < profile.threshold:
        return found
    exact = ArmLoss(treated.due, comparison.due, treated.lost, comparison.lost)
    found["boundary"] = attrition_class(exact.overall, exact.differential)
    if all(share_is_safe(arm.lost / arm.due, arm.due, profile) for arm in (treated, comparison)):
        due, lost = zip(*(_published_loss(arm, profile) for arm in (treated, comparison)), strict=True)
        shown = ArmLoss(*due, *lost)
        found["overall"] = round(shown.overall, 2)
        found["differential"] = round(shown.differential, 2)
        if max(shown.treated, shown.comparison) < 1:
            found["worst_bias_sd"] = round(worst_bias(shown.treated, shown.comparison), 2)
    return found


def _published_loss(arm: Standing, profile: DisclosureProfile) -> tuple[int, int]:
    """Due and lost as they may be shown: both rounded."""
    due = publish_count(arm.due, profile) or 0
    return due, due - (publish_count(arm.seen, profile) or 0)
