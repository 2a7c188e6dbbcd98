"""Checks of matched people: who found a match, whose effect that is, and how many carry the comparison (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.matched.people import Matched
from evaluation.matched.settings import MatchingSettings
from evaluation.model import Check
from evaluation.observed.weights import effective_size

MOST_KEPT, FEWEST_KEPT = 0.90, 0.70
MOST_ON_ONE = 0.10
FEWEST_EFFECTIVE, FEW_EFFECTIVE = 30, 0.5
FEWEST_CELLS = 10
FEASIBLE = "feasible ATT"
NOBODY = {
    "nearest": "No treated person has anyone comparable within the caliper. Widen the caliper or look for another "
    "comparison pool.",
    "subclassification": "No subclass holds two people of each arm. Use fewer subclasses or look for another "
    "comparison pool.",
    "coarsened-exact": "No cell holds anybody of both arms. Use fewer covariates or wider ranges (cutpoints), or look "
    "for another comparison pool.",
}
SEPARATED = (
    "The covariates separate the arms completely: nobody treated has anyone comparable. Use fewer or broader "
    "covariates."
)


def nobody_check(settings: MatchingSettings) -> Check:
    """Nobody could be matched."""
    return Check("overlap", "fail", 0.0, FEWEST_KEPT, "block", NOBODY[settings.kind])


def separated_check() -> Check:
    """The score has no answer, because the covariates tell the arms apart."""
    return Check("overlap", "fail", None, None, "block", SEPARATED)


def share_matched(frame: AnalysisFrame, matched: Matched) -> float:
    """The share of the treated who found somebody to be compared with."""
    treated = frame.data["treated"].to_numpy()
    return float(treated[np.unique(matched.rows)].sum() / treated.sum())


def support_check(kept: float) -> Check:
    """How many of the treated found a match."""
    said = f"{100 * kept:.0f} % of those treated found someone comparable"
    if kept < FEWEST_KEPT:
        note = f"Only {said}: the result speaks of those alone."
        return Check("common support", "fail", kept, FEWEST_KEPT, "downgrade", note)
    if kept < MOST_KEPT:
        note = f"{said}; the others are left out."
        return Check("common support", "warn", kept, MOST_KEPT, "none", note)
    return Check("common support", "pass", kept, MOST_KEPT, "none", f"{said}.")


def estimand_name(kept: float, settings: MatchingSettings) -> str:
    """Whose effect is estimated: with exact cells anybody left out changes it, else only many."""
    if settings.kind == "coarsened-exact":
        return "ATT" if kept == 1 else FEASIBLE
    return "ATT" if kept >= FEWEST_KEPT else "ATT among the matched"


def estimand_check(kept: float, settings: MatchingSettings) -> tuple[Check, ...]:
    """That treated people without anybody in their cell changed whose effect is estimated."""
    if estimand_name(kept, settings) != FEASIBLE:
        return ()
    note = (
        f"{100 * (1 - kept):.0f} % of those treated have nobody in their cell and are left out. What is estimated is "
        "no longer the effect on all who were treated but the one on those with somebody alike (feasible sample ATT)."
    )
    return (Check("estimand", "warn", 1 - kept, 0.0, "none", note),)


def carried_check(frame: AnalysisFrame, matched: Matched) -> tuple[Check, ...]:
    """How unevenly comparison people carry the comparison."""
    weights = _comparison_weights(frame, matched)
    share = float(weights.max() / weights.sum())
    if share <= MOST_ON_ONE:
        return ()
    note = "One comparison person carries more than a tenth of the comparison."
    return (Check("weight on few", "warn", share, MOST_ON_ONE, "downgrade", note),)


def effective_check(frame: AnalysisFrame, matched: Matched) -> tuple[Check, ...]:
    """How many evenly weighted people the comparison is worth, where its weights are uneven."""
    weights = _comparison_weights(frame, matched)
    size, share = effective_size(weights), effective_size(weights) / len(weights)
    if share > 1 - 1e-9:
        return ()
    said = f"matched, the comparison is worth {size:.0f} people"
    if size < FEWEST_EFFECTIVE:
        note = f"Too few carry the comparison: {said}, fewer than {FEWEST_EFFECTIVE}."
        return (Check("effective sample", "fail", size, FEWEST_EFFECTIVE, "block", note),)
    if share < FEW_EFFECTIVE:
        note = f"Weights are uneven: {said}, {100 * share:.0f} % of those it is made of."
        return (Check("effective sample", "warn", size, FEWEST_EFFECTIVE, "none", note),)
    return (Check("effective sample", "pass", size, FEWEST_EFFECTIVE, "none", f"{said.capitalize()}."),)


def cells_check(matched: Matched, settings: MatchingSettings) -> tuple[Check, ...]:
    """Errors clustered by cell need some cells; one alone gives none."""
    count = int(matched.sets.max()) + 1
    if settings.kind != "coarsened-exact" or count >= FEWEST_CELLS:
        return ()
    if count == 1:
        note = "All matched people are in one cell, so that no error can be had. Use narrower ranges (cutpoints)."
        return (Check("cells", "fail", 1.0, FEWEST_CELLS, "block", note),)
    note = f"Fewer than {FEWEST_CELLS} cells: errors clustered by cell are likely to be too small."
    return (Check("cells", "warn", float(count), FEWEST_CELLS, "downgrade", note),)


def _comparison_weights(frame: AnalysisFrame, matched: Matched) -> np.typing.NDArray[np.float64]:
    weights = matched.weights_of(frame.data.height)[frame.data["treated"].to_numpy() == 0]
    return np.asarray(weights[weights > 0])
