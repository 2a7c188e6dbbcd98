"""What single columns of a frame say: covariates that add nothing, and values out of all proportion (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.model import Check
from evaluation.panels.frame import PanelFrame
from evaluation.plan import PlannedOutcome
from evaluation.regression.linear import covariate_matrix, independent_columns

FAR_OUT = 1e6
SHOWN = 5


def spare_check(frame: AnalysisFrame, checks: Sequence[Check]) -> tuple[Check, ...]:
    """Name the covariates that say nothing the others do not, where the method has not."""
    if any(check.name == "covariates" for check in checks) or frame.data.height < 2:
        return ()
    matrix, names = covariate_matrix(frame.data, tuple(f"x:{name}" for name in frame.covariates))
    constant = [name for name, column in zip(names, matrix.T, strict=True) if np.ptp(column) == 0]
    design = np.column_stack([np.ones(len(matrix)), matrix])
    kept = independent_columns(design, ("1", *names))[1]
    spare = [name.removeprefix("x:") for name in names if name in constant or name not in kept]
    spare += [name for name in frame.covariates if _is_one_text(frame.data[f"x:{name}"])]
    if not spare:
        return ()
    note = f"These add nothing to the other covariates, and change nothing: {_named(spare)}."
    return (Check("covariates", "info", float(len(spare)), None, "none", note),)


def _is_one_text(series: pl.Series) -> bool:
    """A category that is the same for everybody has no column at all."""
    return series.dtype == pl.String and series.n_unique() == 1


def extremes_check(frame: AnalysisFrame | PanelFrame, outcome: PlannedOutcome) -> tuple[Check, ...]:
    """Whether a value lies so far out that beside it all others are alike to a computer: surely a slip of recording.

    How far is read in units of the middle nine tenths of the column, from its median.
    """
    named = {f"x:{name}": name for name in frame.covariates}
    named |= {"exposure": outcome.exposure, "duration": outcome.timing.duration if outcome.timing else ""}
    named |= {"outcome": outcome.measure} if outcome.kind == "continuous" else {}
    known = [column for column in named if column in frame.data.columns]
    read = {named[column]: _reach(frame.data[column]) for column in known}
    far = [name for name, reach in read.items() if reach > FAR_OUT]
    if not far:
        return ()
    note = (
        f"A value lies more than a million times farther out than the middle nine tenths are wide, in: {_named(far)}. "
        "Beside it all others are alike, so that nothing is adjusted for or compared. Correct the data."
    )
    return (Check("extreme values", "fail", max(read[name] for name in far), FAR_OUT, "block", note),)


def _reach(series: pl.Series) -> float:
    """The farthest value's distance from the median over the width of the middle; 0 where that is nought."""
    if series.dtype == pl.String or not series.len():
        return 0.0
    values = series.cast(pl.Float64).to_numpy()
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float(np.abs(values - middle).max() / (high - low)) if high > low else 0.0


def _named(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    shown = list(names)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more
