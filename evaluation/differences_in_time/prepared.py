"""From one outcome's panel frame to the arrays a difference in differences works on (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.differences_in_time.cross_sections import People
from evaluation.differences_in_time.two_groups import Panel, panel_of
from evaluation.errors import EvaluationError
from evaluation.panels.axis import NotATime, PeriodAxis
from evaluation.panels.frame import PanelFrame
from evaluation.plan import AnalysisPlan
from evaluation.regression.linear import Array, covariate_matrix

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The panel as arrays, what changes with time (columns (n, T)), exposure, and units left out for gaps.

    ``left_out``: units seen once only, or not in every period where the plan asks for that.
    """

    panel: Panel
    columns: tuple[Array, ...]
    exposure: Array | None
    units: tuple[str, ...]
    left_out: int

    @property
    def counts(self) -> tuple[int, int]:
        """Units of the treated group and of the other."""
        one = int(self.panel.treated.sum())
        return one, len(self.panel.treated) - one

    @property
    def clusters_by_group(self) -> tuple[int, int]:
        """Clusters that hold treated units, and those that hold others."""
        one, zero = (np.unique(self.panel.clusters[self.panel.treated == which]) for which in (1.0, 0.0))
        return len(one), len(zero)

    @property
    def mixed(self) -> bool:
        """Say whether a cluster holds units of both groups."""
        both = [set(self.panel.clusters[self.panel.treated == which].tolist()) for which in (1.0, 0.0)]
        return bool(both[0] & both[1])


def start_of(axis: PeriodAxis, start: str) -> int:
    """Position of the first treated period. LC482 where no period lies before it, or none at or after it."""
    hint = f"The data run from {axis.labels[0]} to {axis.labels[-1]}. Write start as the time column does."
    try:
        place = axis.at_or_after(start)
    except NotATime:
        raise EvaluationError("LC482", "start is of another kind than the time column", hint) from None
    if place <= 0:
        raise EvaluationError("LC482", "the data hold no period before start: there is no before", hint)
    if place >= len(axis):
        raise EvaluationError("LC482", "the data hold no period from start on: there is no after", hint)
    return place


def check_groups(frame: PanelFrame, start: int) -> None:
    """LC483 where a group is absent, or was not seen on one side of the start."""
    after = frame.data["period"] >= start
    for mark, name in ((1.0, "treated"), (0.0, "comparison")):
        own = frame.data["treated"] == mark
        missing = [side for side, there in (("before", ~after), ("after", after)) if not (own & there).any()]
        if missing:
            raise EvaluationError(
                "LC483",
                f"the {name} group was not seen {' or '.join(missing)} the start",
                "A difference in differences needs both groups on both sides: look at where, treatment and start.",
            )


def prepare_panel(frame: PanelFrame, plan: AnalysisPlan, start: int) -> Prepared:
    """Units by periods, in the order of their names."""
    settings = plan.design.settings
    codes, units = frame.codes("unit")
    values = np.full((len(units), len(frame.axis)), np.nan)
    values[codes, frame.data["period"].to_numpy()] = frame.data["outcome"].to_numpy()
    treated = _of_units(codes, frame.data["treated"].to_numpy(), len(units))
    clusters = np.arange(len(units), dtype=np.int64)
    if plan.design.cluster:
        own, _ = frame.codes("cluster")
        clusters = _of_units(codes, own, len(units)).astype(np.int64)
    weights = frame.wide("weight")[0] if plan.design.weights else None
    exposure = frame.wide("exposure")[0] if "exposure" in frame.data.columns else None
    columns = _columns(frame, tuple(settings.time_varying), codes, values.shape)
    seen = ~np.isnan(values)
    kept = np.asarray(seen.sum(axis=1) >= 2)
    if settings.unbalanced == "complete":
        kept = np.asarray(seen[:, seen.any(axis=0)].all(axis=1))
    for which, name in ((1.0, "treated"), (0.0, "comparison")):
        if not (kept & (treated == which)).any():
            raise EvaluationError(
                "LC483",
                f"no {name} unit was seen in as many periods as are needed",
                'Units must be seen again: without any, leave unit out; or use unbalanced = "all".',
            )
    panel = panel_of(values[kept], treated[kept], start, _dense(clusters[kept]),
                     None if weights is None else weights[kept])  # fmt: skip
    return Prepared(
        panel,
        tuple(column[kept] for column in columns),
        None if exposure is None else np.where(np.isnan(exposure[kept]), 1.0, exposure[kept]),
        tuple(name for name, keep in zip(units, kept, strict=True) if keep),
        int((~kept).sum()),
    )


def prepare_people(frame: PanelFrame, plan: AnalysisPlan, start: int) -> People:
    """One row a person of a group and a period."""
    data = frame.data
    clusters = frame.codes("cluster")[0] if plan.design.cluster else None
    names = tuple(f"x:{name}" for name in frame.covariates)
    return People(
        y=data["outcome"].to_numpy(),
        period=data["period"].to_numpy(),
        treated=data["treated"].to_numpy(),
        start=start,
        covariates=covariate_matrix(data, names)[0],
        clusters=clusters,
        weights=data["weight"].to_numpy() if plan.design.weights else None,
        exposure=data["exposure"].to_numpy() if "exposure" in data.columns else None,
    )


def at_base(frame: PanelFrame, prepared: Prepared, base: int) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Covariates of units in the base period, (n, k), and which units have them."""
    names = tuple(f"x:{name}" for name in frame.covariates)
    rows = frame.data.filter(pl.col("period") == base)
    matrix, _ = covariate_matrix(rows, names)
    known = dict(zip(rows["unit"].to_list(), range(rows.height), strict=True))
    places = np.array([known.get(unit, -1) for unit in prepared.units])
    there = places >= 0
    found = np.zeros((len(places), matrix.shape[1]))
    found[there] = matrix[places[there]]
    return found, there


def _columns(
    frame: PanelFrame, names: tuple[str, ...], codes: Whole, shape: tuple[int, ...]
) -> tuple[Array, ...]:
    """Covariates as they change, one matrix a column; 0 where nothing was seen."""
    matrix, _ = covariate_matrix(frame.data, tuple(f"x:{name}" for name in names))
    period = frame.data["period"].to_numpy()
    found = []
    for values in matrix.T:
        wide = np.zeros(shape)
        wide[codes, period] = values
        found.append(wide)
    return tuple(found)


def _of_units(codes: Whole, values: npt.NDArray[np.float64] | Whole, count: int) -> Array:
    found = np.zeros(count)
    found[codes] = values
    return found


def _dense(labels: Whole) -> Whole:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
