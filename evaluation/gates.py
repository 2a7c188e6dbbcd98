"""Checks that every design must pass: people, spread, ripeness, attrition, the scale's ends, the plan (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.lock_states import EXPLORED
from evaluation.model import Check, Estimate, Units
from evaluation.people_lost import funnel_check, loss_checks
from evaluation.plan import PlannedOutcome
from evaluation.study_table import Ripeness, StudyTable, column_of
from evaluation.why import edge_check

FEWEST, FEW = 30, 60
FEWEST_EVENTS = 30
SOME_MISSING, MANY_MISSING, MOST_MISSING = 0.05, 0.20, 0.50
LOCKED_BEFORE = "locked before outcomes"


def gate_checks(
    frame: AnalysisFrame,
    estimate: Estimate,
    table: StudyTable,
    outcome: PlannedOutcome,
    state: str,
    missing: str = "complete-case",
    units: Units = "people",
    *,
    by_chance: bool = False,
    adjusted: bool = True,
    due: pl.DataFrame | None = None,
) -> tuple[Check, ...]:
    """All checks that apply to one outcome; the limits are those of the gates table in the field standards.

    ``by_chance``: chance decided who was treated. ``adjusted``: the estimate is adjusted for the outcome before.
    ``due``: everybody the plan is about, where the share of them that was analysed means something.
    """
    return tuple(
        check
        for check in (
            _people(estimate) if units == "people" else _areas(estimate),
            _clusters(frame, table),
            _spread(frame),
            _maturity(frame, table, outcome),
            _missing(frame, missing),
            *loss_checks(frame, estimate, outcome, by_chance=by_chance, adjusted=adjusted),
            funnel_check(due, estimate, by_chance=by_chance) if due is not None else None,
            _events(frame, outcome),
            _edges(frame, outcome),
            plan_check(state),
            margin_check(outcome),
        )
        if check is not None
    )


def _people(estimate: Estimate) -> Check:
    n = estimate.n_treated
    fewest = min(n, estimate.n_comparison)
    if fewest < FEWEST:
        return Check(
            "people",
            "fail",
            float(fewest),
            FEWEST,
            "block",
            f"Fewer than {FEWEST} people were analysed in an arm: means only, no inference.",
        )
    if n < FEW:
        return Check(
            "people",
            "warn",
            float(n),
            FEW,
            "none",
            f"Fewer than {FEW} treated people: below the number the Justice Data Lab asks for.",
        )
    return Check("people", "pass", float(n), FEW, "none", "Enough people in each arm for an interval.")


def _areas(estimate: Estimate) -> Check:
    """Areas are counted; how many a method needs is its own affair."""
    one, zero = estimate.n_treated, estimate.n_comparison
    return Check("units", "info", float(one), None, "none", f"{one} treated and {zero} comparison areas.")


def _clusters(frame: AnalysisFrame, table: StudyTable) -> Check | None:
    """People who come in schools resemble their schoolmates: errors that take them one by one are too small."""
    if not table.clusters or {"cluster", "strata"} & set(frame.data.columns):
        return None
    return Check(
        "clusters ignored",
        "fail",
        None,
        None,
        "block",
        f"People of this cohort come in clusters ({table.clusters}), and the plan names neither cluster nor strata: "
        "its intervals would be too narrow.",
    )


def _spread(frame: AnalysisFrame) -> Check | None:
    if (
        frame.data["outcome"].n_unique() != 1 or "duration" in frame.data.columns
    ):  # times have checks of their own
        return None
    return Check(
        "spread", "fail", 0.0, None, "block", "Everybody has the same outcome: nothing can be compared."
    )


def error_check(estimate: Estimate, checks: Sequence[Check]) -> tuple[Check, ...]:
    """What blocks where no error came out and no other check says why."""
    if estimate.std_error is not None and estimate.conf_low is not None and estimate.conf_high is not None:
        return ()
    if any(check.consequence == "block" for check in checks):
        return ()
    note = (
        "No error can be worked out: among the people compared, outcomes do not vary beyond what the arm and the "
        "covariates decide, or their numbers are too large for a ratio. Look at how the outcome was recorded."
    )
    return (Check("spread", "fail", 0.0, None, "block", note),)


def _maturity(frame: AnalysisFrame, table: StudyTable, outcome: PlannedOutcome) -> Check | None:
    ripe = dict(table.ripeness).get(column_of(outcome))
    if ripe is None:
        return None
    months = ripe.follow_up_months + ripe.waiting_months
    if ripe.cut_off is None:
        if not months:
            return None
        return Check(
            "maturity",
            "warn",
            None,
            months,
            "none",
            (
                "No data cut-off was given by the source, so it cannot be checked that "
                "everybody's follow-up was over."
            ),
        )
    total = frame.immature + frame.arms.treated + frame.arms.comparison
    share = frame.immature / total if total else 0.0
    if ripe.watched:
        note = (
            f"People count for as long as records were complete; for {100 * share:.0f} % that was not a day."
        )
        return Check("maturity", "info" if share else "pass", share, None, "none", note)
    if share == 0:
        return Check(
            "maturity",
            "pass",
            0.0,
            0.0,
            "none",
            f"Everybody's {_over(ripe)} at the data cut-off.",
        )
    if outcome.role == "primary" and share > MOST_MISSING:
        return Check(
            "maturity",
            "fail",
            share,
            0.0,
            "block",
            f"For {100 * share:.0f} % of people the {_over(ripe, 'not over')} at the data cut-off.",
        )
    return Check(
        "maturity",
        "warn",
        share,
        0.0,
        "downgrade",
        f"{100 * share:.0f} % of people were left out because their {_over(ripe, 'not over')}.",
    )


def _over(ripe: Ripeness, word: str = "over") -> str:
    """That the follow-up of an outcome was over, or not: so many months, or to the end of a school year."""
    if not ripe.school_year:
        return f"{ripe.follow_up_months + ripe.waiting_months:g} months were {word}"
    more = f" and {ripe.waiting_months:g} months more" if ripe.waiting_months else ""
    return f"follow-up, to the end of the school year ({ripe.school_year}){more}, was {word}"


def _missing(frame: AnalysisFrame, rule: str) -> Check:
    share = frame.arms.overall
    if share > MANY_MISSING and rule != "complete-case":
        note = (
            f"{100 * share:.1f} % of outcomes are missing, and handled by {rule.replace('-', ' ')}: the tipping "
            "point and the bounds show what that could hide."
        )
        return Check("missing outcomes", "warn", share, MANY_MISSING, "downgrade", note)
    if share <= SOME_MISSING:
        return Check(
            "missing outcomes",
            "pass",
            share,
            SOME_MISSING,
            "none",
            f"{100 * share:.1f} % of outcomes are missing: complete cases are accepted.",
        )
    if share <= MANY_MISSING:
        return Check(
            "missing outcomes",
            "warn",
            share,
            SOME_MISSING,
            "none",
            f"{100 * share:.1f} % of outcomes are missing: the sensitivity lines show what that could hide.",
        )
    return Check(
        "missing outcomes",
        "fail",
        share,
        MANY_MISSING,
        "downgrade",
        f"{100 * share:.1f} % of outcomes are missing: too many for complete cases to be trusted.",
    )


def _events(frame: AnalysisFrame, outcome: PlannedOutcome) -> Check | None:
    """How often, and how soon, beside the primary outcome: fewer than thirty events say nothing of it (R3)."""
    if outcome.role == "primary" or not (outcome.counts or outcome.timing):
        return None
    events = float(frame.data["outcome"].sum() if frame.intervals is None else frame.intervals["event"].sum())
    if events >= FEWEST_EVENTS:
        return None
    note = f"Fewer than {FEWEST_EVENTS} events in all: too few for an answer beside the primary outcome."
    return Check("events in all", "fail", events, FEWEST_EVENTS, "block", note)


def _edges(frame: AnalysisFrame, outcome: PlannedOutcome) -> Check | None:
    endless = outcome.kind in ("binary", "count") or outcome.timing
    if endless or (outcome.minimum is None and outcome.maximum is None):
        return None
    values = frame.data["outcome"]
    low, high = (_share_at(values, end) for end in (outcome.minimum, outcome.maximum))
    return edge_check(low, high)


def _share_at(values: pl.Series, end: float | None) -> float:
    return 0.0 if end is None or values.is_empty() else float((values == end).sum()) / values.len()


def plan_check(state: str) -> Check:
    """Whether the plan was locked, and before what."""
    if state == LOCKED_BEFORE:
        return Check("plan", "pass", None, None, "none", "The plan was locked before outcomes could be seen.")
    if state == "locked after outcomes":
        return Check(
            "plan",
            "warn",
            None,
            None,
            "downgrade",
            "The plan was locked, or changed, when outcomes could already be seen.",
        )
    said = "It was run outside the lock of its plan" if state == EXPLORED else "The plan was not locked"
    return Check("plan", "warn", None, None, "downgrade", f"{said}: this is exploratory.")


def margin_check(outcome: PlannedOutcome) -> Check | None:
    """Say so where no difference that matters was set."""
    if outcome.minimum_important_difference is not None:
        return None
    return Check(
        "minimum important difference",
        "warn",
        None,
        None,
        "none",
        "None was set, so the verdict can only speak of direction, not of whether the size matters.",
    )
