"""From a panel to the treated area's path and those of its donors (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from evaluation.errors import EvaluationError
from evaluation.panels.axis import NotATime
from evaluation.panels.frame import PanelFrame
from evaluation.synthetic.fits import Predictors
from evaluation.synthetic.settings import SyntheticSettings
from evaluation.synthetic.simplex import Array


@dataclass(frozen=True, slots=True)
class Areas:
    """Paths by period, of the treated and of their donors.

    ``treated`` (areas x periods) and its mean ``target``; ``donors`` (areas x periods) with ``names``; ``start`` is the
    place of the first period with the programme.

    ``gappy`` donors had no value in some period and are left out; ``holes`` counts the periods in which a treated area
    had none. ``matched`` are predictors in the same order as the donors.
    """

    treated: Array
    target: Array
    donors: Array
    names: tuple[str, ...]
    labels: tuple[str, ...]
    start: int
    gappy: tuple[str, ...]
    holes: int
    matched: Predictors | None

    @property
    def after(self) -> int:
        """Periods with the programme."""
        return len(self.labels) - self.start

    def __repr__(self) -> str:
        """Never the data."""
        return f"Areas({len(self.names)} donors, {len(self.labels)} periods)"


def read_areas(panel: PanelFrame, settings: SyntheticSettings, unit: str) -> Areas:
    """Tell the treated from the donors. Raises LC488 for a start outside the data, LC489 for an absent unit."""
    start = _start(panel, settings.start)
    outcome, names = _outcome(panel)
    _known(settings, names, unit)
    rows = np.array([name in settings.treated_units for name in names])
    pool = np.array([_may_give(name, settings) for name in names])
    whole = ~np.isnan(outcome).any(axis=1)
    matched, complete = _matched(panel, settings, start, rows, names)
    kept = pool & whole & complete
    treated = outcome[rows]
    return Areas(
        treated=treated,
        target=treated.mean(axis=0),
        donors=outcome[kept],
        names=tuple(name for name, keep in zip(names, kept, strict=True) if keep),
        labels=panel.axis.labels,
        start=start,
        gappy=tuple(name for name, gone in zip(names, pool & ~kept, strict=True) if gone),
        holes=int(np.isnan(treated).any(axis=0).sum()),
        matched=Predictors(matched[rows].mean(axis=0), matched[kept]) if matched is not None else None,
    )


def _may_give(name: str, settings: SyntheticSettings) -> bool:
    if name in settings.treated_units or name in settings.exclude_units:
        return False
    return not settings.donors or name in settings.donors


def _outcome(panel: PanelFrame) -> tuple[Array, tuple[str, ...]]:
    """Units by periods; a count over its exposure, where there is one, is a rate."""
    outcome, names = panel.wide()
    if "exposure" in panel.data.columns:
        outcome = outcome / panel.wide("exposure")[0]
    return outcome, names


def _start(panel: PanelFrame, text: str) -> int:
    try:
        start = panel.axis.at_or_after(text)
    except NotATime:
        start = -1
    if not 0 < start < len(panel.axis):
        raise EvaluationError(
            "LC488",
            f"the start ({text}) is not inside the data, which run from {panel.axis.labels[0]} to "
            f"{panel.axis.labels[-1]}",
            "There must be periods before it and from it on; write it as the time column does.",
        )
    return start


def _known(settings: SyntheticSettings, names: tuple[str, ...], unit: str) -> None:
    for key in ("treated_units", "donors", "exclude_units"):
        absent = [name for name in getattr(settings, key) if name not in names]
        if absent:
            raise EvaluationError(
                "LC489",
                f"column '{unit}' has no {', '.join(absent)} (named in the plan: {key.rstrip('s')})",
                "Write it as the column does; or where leaves it out.",
            )


def _matched(
    panel: PanelFrame, settings: SyntheticSettings, start: int, treated: np.ndarray[tuple[int], np.dtype[np.bool_]],
    names: tuple[str, ...],
) -> tuple[Array | None, np.ndarray[tuple[int], np.dtype[np.bool_]]]:  # fmt: skip
    """Means of the predictors before the start, and which units have all of them."""
    if not settings.predictors:
        return None, np.ones(len(names), dtype=bool)
    before = panel.data.filter(pl.col("period") < start)
    columns = [
        pl.col(f"s:{name}").cast(pl.Float64, strict=False).mean().alias(name) for name in settings.predictors
    ]
    means = pl.DataFrame({"unit": list(names)}).join(
        before.group_by("unit").agg(columns), on="unit", how="left"
    )
    matrix = means.select(settings.predictors).to_numpy().astype(np.float64)
    if np.isnan(matrix[treated]).any():
        raise EvaluationError(
            "LC489",
            "a predictor has no number for a treated unit before the start",
            "Correct the data, or take the predictor out of the plan.",
        )
    return matrix, ~np.isnan(matrix).any(axis=1)
