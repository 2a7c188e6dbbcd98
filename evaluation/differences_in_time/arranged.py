"""From a panel to arrays of units: paths, starts, weights, clusters and what was known at baseline, counting (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.differences_in_time.moments import Array, Codes
from evaluation.differences_in_time.rollout import NEVER
from evaluation.errors import EvaluationError
from evaluation.model import FlowStep
from evaluation.panels.frame import PanelFrame
from evaluation.regression.linear import covariate_matrix
from workspace.errors import Fault

Gaps = Literal["balanced", "pairwise"]


@dataclass(frozen=True, slots=True)
class Arranged:
    """n units: ``paths`` (n, T), with not-a-number where gaps are kept; ``first`` (n,) positions of starts or NEVER.

    ``weights`` and ``clusters`` (n,) where the plan names them, ``covariates`` (n, k) as first seen. ``left_out``:
    units with gaps; ``already``: units treated from the first period on; ``changing``: covariates and weights that
    change over time; ``people``: units are people, whose small numbers are not told.
    """

    paths: Array
    first: Codes
    weights: Array | None
    clusters: Codes | None
    covariates: Array
    flow: tuple[FlowStep, ...]
    left_out: int
    already: int
    changing: tuple[str, ...]
    people: bool = False

    @property
    def units(self) -> int:
        """How many units."""
        return len(self.paths)

    @property
    def periods(self) -> int:
        """How many periods."""
        return int(self.paths.shape[1])

    def __repr__(self) -> str:
        """Never the data."""
        return f"Arranged({self.units} units, {self.periods} periods)"


def told(n: int, *, people: bool) -> str:
    """A number of units in words: of people to the nearest ten, and a few as a few."""
    if not people:
        return str(n)
    return "fewer than ten" if n < 10 else f"about {10 * round(n / 10)}"


def arrange(panel: PanelFrame, gaps: Gaps, names: tuple[str, str]) -> Arranged:
    """Arrays of a panel sorted by unit and period; a view of its rows where no cell is missing.

    ``names``: the columns of the treatment by period and of the start, for faults.
    Units treated from the first period on are left out: they have no time before. Raises LC484 where the treatment by
    period disagrees with the starts.
    """
    data, periods = panel.data, len(panel.axis)
    heads = np.flatnonzero((data["unit"] != data["unit"].shift(1)).fill_null(value=True).to_numpy())
    counts = np.diff(np.append(heads, data.height))
    starts = data["first"].gather(heads).fill_null(NEVER).to_numpy().astype(np.int64)
    starts = np.where(starts >= periods, NEVER, starts)
    if "treated" in data.columns:
        _check_treatment(data, np.repeat(starts, counts), names)
    paths = _paths(data, heads, counts, periods)
    full = counts == periods if gaps == "balanced" else counts > 1
    keep = full & (starts > 0)
    units = data[heads] if keep.all() else data[heads[keep]]
    clusters = None
    if "cluster" in data.columns:
        clusters = np.unique(units["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    covariates, _ = covariate_matrix(units, tuple(f"x:{name}" for name in panel.covariates))
    return Arranged(
        paths if keep.all() else paths[keep],
        starts if keep.all() else starts[keep],
        units["weight"].to_numpy().astype(np.float64) if "weight" in data.columns else None,
        clusters,
        covariates,
        _flow(counts, full, starts, gaps),
        int((~full).sum()),
        int((full & (starts <= 0)).sum()),
        _changing(data, heads, counts),
        panel.units == "people",
    )


def _paths(data: pl.DataFrame, heads: Codes, counts: Codes, periods: int) -> Array:
    outcome = data["outcome"].to_numpy()
    if (counts == periods).all():
        return np.asarray(outcome.reshape(len(heads), periods))
    paths = np.full((len(heads), periods), np.nan)
    paths[np.repeat(np.arange(len(heads)), counts), data["period"].to_numpy()] = outcome
    return paths


def _check_treatment(data: pl.DataFrame, first: Codes, names: tuple[str, str]) -> None:
    """The treatment by period, where the plan names it too, must begin at the start and never end."""
    treated, period = data["treated"].to_numpy(), data["period"].to_numpy()
    known = ~np.isnan(treated)
    early = known & (treated == 1) & (period < first)
    ended = known & (treated == 0) & (period >= first)
    faults = [
        Fault("LC484", "", f"{said} in {int(rows.sum())} rows", hint)
        for rows, said, hint in (
            (
                early,
                f"column '{names[0]}' is 1 before the start in '{names[1]}'",
                "Correct one of the two columns.",
            ),
            (
                ended,
                f"column '{names[0]}' is 0 at or after the start in '{names[1]}'",
                "A unit that stops being treated cannot be analysed so: leave it out with where, or end the window "
                "before it stops.",
            ),
        )
        if rows.any()
    ]
    if faults:
        raise EvaluationError.gather(faults)


def _flow(counts: Codes, full: npt.NDArray[np.bool_], starts: Codes, gaps: Gaps) -> tuple[FlowStep, ...]:
    steps = []
    if not full.all():
        name, why = {
            "balanced": ("units seen in every period", "a unit with a gap"),
            "pairwise": ("units seen in two periods or more", "a unit seen once"),
        }[gaps]
        steps.append(FlowStep(name, int(counts[full].sum()), why))
    if (full & (starts <= 0)).any():
        kept = int(counts[full & (starts > 0)].sum())
        steps.append(FlowStep("units with a time before", kept, "treated from the first period on"))
    return tuple(steps)


def _changing(data: pl.DataFrame, heads: Codes, counts: Codes) -> tuple[str, ...]:
    """Covariates, and the weight, that are not the same in all rows of a unit."""
    found = []
    for name in data.columns:
        if name != "weight" and not name.startswith("x:"):
            continue
        column = data[name]
        start = column.gather(np.repeat(heads, counts))
        if (column != start).any():
            found.append(name.removeprefix("x:"))
    return tuple(found)
