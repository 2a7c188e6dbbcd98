"""What those chosen on a threshold would have come back by with no programme, beside the change that was seen (pure).

Expected change = (1 - r) sd phi(z) / (1 - Phi(z)) towards the mean, z = (threshold - mean) / sd, r the correlation of
two readings, normal. It is a reference line: no estimate or verdict moves with it.
Source: Gardner and Heady (1973); Davis (1976); R59, whose figures it gives (SDQ, mean 9, SD 6, r 0.7: chosen at 17 or
more 3.2 points, 0.54 SD; at 20 or more 4.0 points, 0.67 SD).
"""

from __future__ import annotations

import math

import numpy as np

from evaluation.explaining.keys import chosen_on
from evaluation.explaining.planned import Selection
from evaluation.figures import FactTable
from evaluation.frame import AnalysisFrame
from evaluation.places.prior import threshold_fall
from evaluation.plan import PlannedOutcome

FEWEST_FOR_RETEST = 30
MOST_RETEST = 0.99
BESIDE = (
    "A change this large comes with no programme at all, because people were chosen when they were far out. Where both "
    "groups were chosen alike it is in both, and not in the difference between them."
)
UNKNOWN = (
    "How far those chosen would have come back cannot be worked out: give retest, or have at least 30 comparison "
    "people with baseline and outcome."
)


def expected_fall(
    selection: Selection | None, outcome: PlannedOutcome, frame: AnalysisFrame
) -> tuple[FactTable, ...]:
    """The reference line for one outcome, with the changes seen; nothing for an outcome people were not chosen on.

    In the outcome's unit and in SD of everybody, to three digits; down is negative.
    """
    if selection is None or not chosen_on(selection.on, outcome):
        return ()
    title = "The change to expect of those chosen, with no programme"
    columns = ("change", outcome.unit or "in its unit", "in SD of everybody")
    retest = selection.retest if selection.retest is not None else _retest(frame)
    mean, sd = selection.norm_mean, selection.norm_sd
    if retest is None or mean is None or sd is None:
        return (
            FactTable(
                "expected change", title, columns, (("expected with no programme", None, None),), UNKNOWN
            ),
        )
    fall = threshold_fall(mean, sd, retest, selection.threshold, above=selection.above)
    expected = -fall if selection.above else fall
    seen = _changes(frame, outcome) if outcome.baseline == selection.on else ()
    rows = (("expected with no programme", expected), *seen)
    side = "above" if selection.above else "below"
    chosen = f"Chosen at or {side} {selection.threshold:g}; everybody: mean {mean:g}, SD {sd:g}; retest {retest:.2g}"
    source = " (from the comparison)." if selection.retest is None else "."
    cells = tuple((name, float(f"{value:.3g}"), float(f"{value / sd:.3g}")) for name, value in rows)
    return (FactTable("expected change", title, columns, cells, f"{chosen}{source} {BESIDE}"),)


def _retest(frame: AnalysisFrame) -> float | None:
    """Slope of outcome on baseline in the comparison, which choosing on the baseline leaves as it was."""
    before, after = _pair(frame, 0.0)
    if len(before) < FEWEST_FOR_RETEST or not np.ptp(before) > 0:
        return None
    centred = before - before.mean()
    slope = float((centred * after).sum() / (centred * centred).sum())
    return min(max(slope, 0.0), MOST_RETEST)


def _pair(frame: AnalysisFrame, arm: float) -> tuple[np.ndarray, np.ndarray]:
    column = f"x:{frame.baseline}"
    if not frame.baseline or column not in frame.data.columns:
        return np.empty(0), np.empty(0)
    part = frame.data.filter(frame.data["treated"] == arm)
    return part[column].to_numpy().astype(np.float64), part["outcome"].to_numpy()


def _changes(frame: AnalysisFrame, outcome: PlannedOutcome) -> tuple[tuple[str, float], ...]:
    found = []
    for name, arm in (("seen, with the programme", 1.0), ("seen, without it", 0.0)):
        before, after = _pair(frame, arm)
        if len(before):
            found.append((name, _digits(float(after.mean() - before.mean()))))
    return tuple(found)


def _digits(value: float) -> float:
    """Three digits, two below one: more would tell how many people a mean is of."""
    return float(f"{value:.{3 if abs(value) >= 1 else 2}g}") if math.isfinite(value) else value
