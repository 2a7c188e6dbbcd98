"""p-values of several outcomes, adjusted for how many there are: main ones together, the others by domain (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.families.keys import ROMANO_WOLF
from evaluation.families.reallocation import reallocated
from evaluation.families.step_down import step_down
from evaluation.frame import build_frame
from evaluation.judged import Judged
from evaluation.model import Check
from evaluation.multiplicity import adjusted
from evaluation.plan import AnalysisPlan
from evaluation.regression.linear import NotIdentified
from evaluation.study_table import StudyTable

SEVERAL = "several outcomes"


def adjust_p(judged: Sequence[Judged], plan: AnalysisPlan, table: StudyTable) -> list[Judged]:
    """Adjust within each family; raw p-values stay beside them.

    Main outcomes are one family (Holm, or Romano and Wolf). The others are one for each domain of the logic model, and
    one for those without (Benjamini and Hochberg, or Romano and Wolf).
    """
    renewed = list(judged)
    rules = plan.analysis
    for domain, places in _families(judged).items():
        chosen, plain = (rules.secondaries, "fdr_bh") if domain is not None else (rules.multiplicity, "holm")
        note = ""
        values: list[float | None] | None = None
        if chosen == ROMANO_WOLF:
            values, note = _drawn(judged, places, plan, table)
        if values is None:
            values = adjusted([judged[i].result.estimate.p_value for i in places], plain)
        if domain and not note and len(places) > 1:
            note = f"Adjusted for {len(places)} outcomes of '{domain}' (Benjamini and Hochberg)."
        for place, value in zip(places, values, strict=True):
            renewed[place] = _with(judged[place], value, note)
    return renewed


def _families(judged: Sequence[Judged]) -> dict[str | None, list[int]]:
    """Places by family: ``None`` for main outcomes, the domain for others."""
    found: dict[str | None, list[int]] = {}
    for place, item in enumerate(judged):
        family = None if item.outcome.role == "primary" else item.outcome.domain
        found.setdefault(family, []).append(place)
    return found


def _with(item: Judged, value: float | None, note: str) -> Judged:
    estimate = replace(item.result.estimate, p_value_adjusted=value)
    found = replace(item, result=replace(item.result, estimate=estimate))
    if not note:
        return found
    return replace(found, checks=(*item.checks, Check(SEVERAL, "info", value, None, "none", note)))


def _drawn(
    judged: Sequence[Judged], places: Sequence[int], plan: AnalysisPlan, table: StudyTable
) -> tuple[list[float | None] | None, str]:
    """Romano and Wolf's p-values, none below the raw one; where nothing can be drawn, nothing and why."""
    known = [place for place in places if judged[place].result.estimate.p_value is not None]
    if len(known) < 2:
        return None, ""
    frames = [build_frame(table, plan, judged[place].outcome) for place in known]
    adjust = getattr(plan.design.settings, "adjust", "ancova")
    try:
        drawn = reallocated(
            frames,
            clustered=plan.design.method == "cluster-randomised",
            adjust="none" if adjust == "none" else "ancova",
            seed=plan.design.seed,
        )
    except NotIdentified:
        return None, "No other allocation was possible: adjusted as without drawing."
    found = step_down(drawn.observed, drawn.tried, listed=drawn.listed)
    values: list[float | None] = [None] * len(places)
    for place, p in zip(known, found, strict=True):
        values[places.index(place)] = max(float(p), judged[place].result.estimate.p_value or 0.0)
    how = "all there are" if drawn.listed else f"drawn, seed {plan.design.seed}"
    note = f"Adjusted for {len(known)} outcomes (Romano and Wolf, {len(drawn.tried):,} allocations, {how})."
    return values, note
