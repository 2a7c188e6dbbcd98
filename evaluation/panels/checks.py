"""What every panel must pass: units, cells, definitions, whole periods, spread, the plan (pure)."""

from __future__ import annotations

from typing import Any

import polars as pl

from evaluation.gates import FEWEST, MANY_MISSING, MOST_MISSING, SOME_MISSING, margin_check, plan_check
from evaluation.model import Check, Estimate
from evaluation.panels.frame import PanelFrame
from evaluation.plan import PlannedOutcome

WHOLE = 0.999
SHOWN = 5


def panel_checks(
    panel: PanelFrame, estimate: Estimate, outcome: PlannedOutcome, settings: Any, state: str
) -> tuple[Check, ...]:
    """All checks that apply to one outcome of any panel."""
    alone = bool(getattr(settings, "alone", False))
    found = (
        _units(panel, estimate, alone=alone),
        _spread(panel),
        _cells(panel, alone=alone),
        *_definitions(panel, settings),
        _complete(panel),
        plan_check(state),
        margin_check(outcome),
    )
    return tuple(check for check in found if check is not None)


def _units(panel: PanelFrame, estimate: Estimate, *, alone: bool) -> Check:
    """People are held to the number any comparison of people needs; areas are counted and judged by the method.

    ``alone``: a method without a comparison, which then need not be large enough.
    """
    one, zero = estimate.n_treated, estimate.n_treated if alone else estimate.n_comparison
    if panel.units == "areas" and alone:
        return Check(
            "units", "info", float(one), None, "none", f"{one} areas, and none they are compared with."
        )
    if panel.units == "areas":
        return Check("units", "info", float(one), None, "none", f"{one} treated and {zero} comparison areas.")
    if min(one, zero) < FEWEST:
        note = f'Fewer than {FEWEST} people were analysed in a group: no inference. Areas? Write units = "areas".'
        return Check("people", "fail", float(min(one, zero)), FEWEST, "block", note)
    return Check("people", "pass", float(one), FEWEST, "none", "Enough people in each group for an interval.")


def _spread(panel: PanelFrame) -> Check | None:
    if panel.data["outcome"].n_unique() != 1:
        return None
    note = "The outcome is the same everywhere and always: nothing can be compared."
    return Check("spread", "fail", 0.0, None, "block", note)


def _cells(panel: PanelFrame, *, alone: bool) -> Check:
    """How much of the grid of units and periods was never seen; ``alone``: of those treated alone."""
    share = panel.missing_cells / panel.cells if panel.cells else 0.0
    share = panel.arms.treated_share if alone else share
    what = "outcomes" if panel.repeated else "cells of units and periods"
    said = f"{100 * share:.1f} % of {what} are missing"
    if share <= SOME_MISSING:
        return Check("missing cells", "pass", share, SOME_MISSING, "none", f"{said}.")
    if share <= MANY_MISSING:
        note = f"{said}: the answer takes them to be like those that were seen."
        return Check("missing cells", "warn", share, SOME_MISSING, "none", note)
    if share <= MOST_MISSING:
        return Check(
            "missing cells", "fail", share, MANY_MISSING, "downgrade", f"{said}: too many to be trusted."
        )
    note = f"{said}: more than were seen. Shorten the window with where, or leave out units that were seldom seen."
    return Check("missing cells", "fail", share, MOST_MISSING, "block", note)


def _definitions(panel: PanelFrame, settings: Any) -> tuple[Check, ...]:
    """A change of definition inside the window: fatal where it is one group's or the series' own, else a doubt.

    A period that the method's settings name among their ``breaks`` is modelled there and not asked about here.
    """
    if "definition" not in panel.data.columns:
        return ()
    known = set(getattr(settings, "breaks", ()))
    by_unit = panel.data.filter(pl.col("definition").is_not_null()).sort("unit", "period")
    moved = by_unit.with_columns(
        (pl.col("definition") != pl.col("definition").shift(1).over("unit"))
        .fill_null(value=False)
        .alias("moved")
    ).filter("moved")
    spots = sorted({int(p) for p in moved["period"].to_list()} - {panel.axis.index(b) for b in known if b})
    if not spots:
        return (
            Check(
                "definition", "pass", 0.0, None, "none", "The definition did not change inside the window."
            ),
        )
    units = panel.data["unit"].n_unique()
    shared = units > 1 and all(
        moved.filter(pl.col("period") == p)["unit"].n_unique() == _there(panel, p) for p in spots
    )
    when = ", ".join(panel.axis.labels[p] for p in spots[:SHOWN])
    if shared:
        note = f"The definition changed for all at once ({when}): shared by the comparison, if it bore on all alike."
        return (Check("definition", "warn", float(len(spots)), None, "downgrade", note),)
    note = (
        f"The definition of the outcome changed inside the window ({when}), and not for all alike: a change of "
        "counting cannot be told from a change of what is counted. Shorten the window with where, recode the series to "
        "one definition, or name the period under breaks where the method has them."
    )
    return (Check("definition", "fail", float(len(spots)), None, "block", note),)


def _there(panel: PanelFrame, period: int) -> int:
    """Units seen both in a period and before it."""
    at = panel.data.filter(pl.col("period") == period)["unit"].unique()
    before = panel.data.filter(pl.col("period") < period)["unit"].unique()
    return int(at.is_in(before.implode()).sum())


def _complete(panel: PanelFrame) -> Check | None:
    """Periods of which only a part was recorded look like falls."""
    if "complete" not in panel.data.columns:
        return None
    part = panel.data.filter(pl.col("complete").is_null() | (pl.col("complete") < WHOLE))
    share = part.height / panel.data.height
    if not part.height:
        return Check("whole periods", "pass", 0.0, None, "none", "Every period was recorded whole.")
    when = sorted({int(p) for p in part["period"].to_list()})
    named = ", ".join(panel.axis.labels[p] for p in when[:SHOWN])
    note = (
        f"{100 * share:.0f} % of values are of periods not recorded whole ({named}): they look like falls. Leave them "
        "out with where, or wait for the rest."
    )
    return Check("whole periods", "fail", share, None, "block" if share > SOME_MISSING else "downgrade", note)
