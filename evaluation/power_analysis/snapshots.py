"""Three looks at what could be detected: when planned, when people were allocated, when analysed (rule R12; pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from evaluation.figures import FactTable
from evaluation.frame import AnalysisFrame
from evaluation.model import Estimate, OutcomeResult
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power import detectable, equivalence_power
from evaluation.power_analysis.promise import SERIES, alpha_of, margin_of, promise
from evaluation.power_analysis.sizes import Size, planned_size

NAME, TITLE = "power", "What could be detected"
HEADINGS = ("As", "Smallest effect found", "In SD", "Chance of ruling out the difference that matters")
NOTE = (
    "Smallest effect: found four times in five, a ratio on the side of benefit. Planned and allocated rest on what the "
    "plan assumes, analysed on the error as it came out. Chance: where the true effect is nought."
)


@dataclass(frozen=True, slots=True)
class Look:
    """The smallest effect found four times in five as it looked then; ``None`` where it was not known."""

    when: str
    detectable: float | None = None
    in_sd: float | None = None
    equivalence: float | None = None


def column(outcome: PlannedOutcome) -> str:
    """The name an outcome goes by in results."""
    return outcome.measure if not outcome.wave else f"{outcome.measure}@{outcome.wave}"


def planned_snapshot(plan: AnalysisPlan, size: Size) -> dict[str, dict[str, float | None]]:
    """By outcome, what could be shown at a size, to three digits; nothing for those of which nothing is known."""
    found = {}
    for outcome in plan.outcomes:
        promised = promise(plan, outcome, size)
        if promised.effect is not None:
            found[column(outcome)] = {
                "detectable": _short(promised.detectable),
                "in_sd": _short(promised.in_sd),
                "equivalence": _short(promised.equivalence),
            }
    return found


def _short(value: float | None, digits: int = 3) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.{digits}g}")


def look_at(plan: AnalysisPlan, outcome: PlannedOutcome, size: Size, when: str) -> Look | None:
    """What an outcome could show at a size, to two digits (more would tell the size); ``None`` where not known."""
    if plan.design.method == SERIES:  # simulated: shown by plan power, and not drawn again in every run
        return None
    promised = promise(plan, outcome, size)
    if promised.detectable is None:
        return None
    return Look(
        when, _short(promised.detectable, 2), _short(promised.in_sd, 2), _short(promised.equivalence, 2)
    )


def analysed_look(plan: AnalysisPlan, outcome: PlannedOutcome, estimate: Estimate) -> Look:
    """What the estimate's own error could show, with its own degrees of freedom."""
    if not estimate.std_error:
        return Look("analysed")
    alpha, margin = alpha_of(plan, outcome), margin_of(outcome)
    effect = detectable(estimate.std_error, alpha=alpha, df=estimate.df)
    own = math.exp(effect if outcome.better == "higher" else -effect) if outcome.is_ratio else effect
    in_sd = effect / estimate.outcome_sd if estimate.outcome_sd and not outcome.is_ratio else None
    chance = equivalence_power(estimate.std_error, margin, alpha=alpha, df=estimate.df) if margin else None
    return Look("analysed", _short(own), _short(in_sd), _short(chance))


def allocated_size(frame: AnalysisFrame) -> Size:
    """People of each arm before outcomes went missing, and the clusters they come in."""
    data = frame.data
    counts: list[int | None] = [None, None]
    if "cluster" in data.columns:
        counts = [data.filter(pl.col("treated") == arm)["cluster"].n_unique() for arm in (1, 0)]
    return Size(frame.arms.treated, frame.arms.comparison, counts[0], counts[1])


def looks_table(
    plan: AnalysisPlan, outcome: PlannedOutcome, allocated: Size | None, estimate: Estimate
) -> tuple[FactTable, ...]:
    """The looks side by side, where the plan states enough for one to be taken ahead of the data; else nothing."""
    said = planned_size(plan.assumed)
    planned = look_at(plan, outcome, said, "planned")
    later = look_at(plan, outcome, allocated.filled(said), "allocated") if allocated else None
    if planned is None and later is None:
        return ()
    return (
        _table(
            [planned or Look("planned"), later or Look("allocated"), analysed_look(plan, outcome, estimate)]
        ),
    )


def _table(found: Sequence[Look]) -> FactTable:
    rows = tuple((look.when, look.detectable, look.in_sd, look.equivalence) for look in found)
    return FactTable(NAME, TITLE, HEADINGS, rows, NOTE)


def with_planned(result: OutcomeResult, stored: Mapping[str, Any]) -> OutcomeResult:
    """The result with the planned look as it was stored with the lock, in place of one worked out again."""
    found = stored.get(result.measure)
    if not isinstance(found, Mapping) or not any(table.name == NAME for table in result.tables):
        return result
    row = ("planned", *(found.get(key) for key in ("detectable", "in_sd", "equivalence")))
    tables = [replace(t, rows=(row, *t.rows[1:])) if t.name == NAME else t for t in result.tables]
    return replace(result, tables=tuple(tables))
