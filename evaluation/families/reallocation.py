"""The statistics of several outcomes of a trial under allocations there could have been, one draw for all (pure).

The treatment is allocated again as it was: among people within strata, or whole clusters within strata, as many to
each arm as were. One allocation serves all outcomes, so that what they have in common is kept. Each statistic is the
adjusted difference over its robust error, of people or of means of clusters, so that it holds in large samples where a
programme changes people by different amounts that average to nothing; exact where it changes nobody.
Source: Fisher (1935); Westfall and Young (1993); Wu and Ding (2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.allocation import MOST_LISTED, every_allocation, how_many
from evaluation.trials.model import Adjust, trial_covariates
from evaluation.trials.permutation import CELLS, DRAWS, basis_of, drawn_allocations, studentised

ALONE = "all"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Statistics without their signs: those of the allocation that was (J,), and of all that were tried (B, J)."""

    observed: Array
    tried: Array
    listed: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """One outcome: where its units stand among all, what covariates leave of it, and what they span."""

    rows: npt.NDArray[np.int64]
    rest: Array
    basis: Array


def reallocated(
    frames: Sequence[AnalysisFrame], *, clustered: bool, adjust: Adjust, seed: int, draws: int = DRAWS
) -> Drawn:
    """Allocate again, for all outcomes at once. ``frames`` hold the people of each outcome, of one trial.

    Raises NotIdentified where no other allocation was possible.
    """
    units = _units(frames, clustered=clustered)
    arm, strata = units["treated"].to_numpy(), _codes(units["strata"])
    count = how_many(arm, strata)
    if count < 2:
        raise NotIdentified
    sides = [_side(frame, units, clustered=clustered, adjust=adjust) for frame in frames]
    listed = count <= MOST_LISTED
    observed = _statistics(arm[None, :], sides)[0]
    if not np.isfinite(observed).all():
        raise NotIdentified
    blocks: Iterator[Array] = (
        _in_parts(every_allocation(arm, strata)) if listed else drawn_allocations(arm, strata, draws, seed)
    )
    tried = np.concatenate([_statistics(block, sides) for block in blocks])
    return Drawn(observed, tried, listed)


def _in_parts(table: Array) -> Iterator[Array]:
    step = max(CELLS // table.shape[1], 1)
    for start in range(0, len(table), step):
        yield table[start : start + step]


def _statistics(table: Array, sides: Sequence[_Side]) -> Array:
    return np.column_stack([np.abs(studentised(table[:, s.rows], s.rest, s.basis)) for s in sides])


def _units(frames: Sequence[AnalysisFrame], *, clustered: bool) -> pl.DataFrame:
    """What was allocated: ``unit, treated, strata``, everybody of any outcome once, in a fixed order."""
    return (
        pl.concat([_of(frame, clustered=clustered) for frame in frames])
        .unique("unit", keep="first", maintain_order=True)
        .sort("unit")
    )


def _of(frame: AnalysisFrame, *, clustered: bool) -> pl.DataFrame:
    strata = pl.col("strata") if "strata" in frame.data.columns else pl.lit(ALONE).alias("strata")
    unit = pl.col("cluster" if clustered else "participant").cast(pl.String).alias("unit")
    return frame.data.select(unit, "treated", strata)


def _codes(labels: pl.Series) -> npt.NDArray[np.int64]:
    return np.unique(labels.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _side(frame: AnalysisFrame, units: pl.DataFrame, *, clustered: bool, adjust: Adjust) -> _Side:
    """Covariates are taken out of people; of clusters the means of what is left are compared."""
    y = frame.data["outcome"].to_numpy()
    if "exposure" in frame.data.columns:  # what is above or below what the exposure alone would bring
        exposure = frame.data["exposure"].to_numpy()
        y = y - exposure * y.sum() / exposure.sum()
    covariates, _ = trial_covariates(frame, adjust)
    own = _of(frame, clustered=clustered)
    basis = basis_of(covariates)
    rest = y - basis @ (basis.T @ y)
    if clustered:
        means = (
            own.with_columns(rest=pl.Series(rest))
            .group_by("unit")
            .agg(pl.col("rest").mean(), pl.col("strata").first())
        )
        means = means.sort("unit")
        own, rest = means, means["rest"].to_numpy()
        basis = basis_of(_dummies(means["strata"]))
        rest = rest - basis @ (basis.T @ rest)
    place = {name: row for row, name in enumerate(units["unit"].to_list())}
    rows = np.array([place[name] for name in own["unit"].to_list()], dtype=np.int64)
    return _Side(rows, rest, basis)


def _dummies(labels: pl.Series) -> Array:
    codes = _codes(labels)
    return np.asarray(codes[:, None] == np.arange(1, codes.max() + 1)[None, :], dtype=np.float64)
