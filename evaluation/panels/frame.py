"""From a study table to one outcome's panel: a row a unit and period on a regular axis, counting who drops out (pure).

Repeated cross-sections have no unit: their rows are people of a group and a period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cohorts.expressions import read_rule
from evaluation.errors import EvaluationError
from evaluation.frame import ArmCounts
from evaluation.model import FlowStep, Units
from evaluation.panels.axis import NotATime, PeriodAxis, axis_of, canonical_period, text_of
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array
from evaluation.study_table import StudyTable, column_of, rows_named
from workspace.errors import Fault

NEVER = ("", "0")


@dataclass(frozen=True, slots=True)
class PanelFrame:
    """One outcome's rows, sorted by unit and period.

    Columns of ``data``: ``unit`` (text), ``period`` (position on ``axis``), ``outcome``, and where the plan names them
    ``treated`` (0 or 1), ``first`` (position of the first treated period, null for never), ``cluster``, ``weight``,
    ``exposure``, ``events`` (those behind a rate), ``definition``, ``complete``, ``x:NAME`` for covariates and
    ``s:NAME`` for further columns that the method's settings name. Rows without an outcome are left out;
    ``missing_cells`` counts the cells of the grid that have none.
    ``arms`` counts cells (people, in repeated cross-sections): expected and seen. ``bare`` asks for the main number
    alone.
    """

    data: pl.DataFrame
    axis: PeriodAxis
    covariates: tuple[str, ...]
    flow: tuple[FlowStep, ...]
    arms: ArmCounts
    units: Units
    repeated: bool
    missing_cells: int
    cells: int
    bare: bool = False

    def __repr__(self) -> str:
        """Never the data."""
        return f"PanelFrame({self.data.height} rows, {len(self.axis)} periods)"

    def wide(self, column: str = "outcome") -> tuple[Array, tuple[str, ...]]:
        """Units by periods as a matrix, not-a-number where nothing was seen; and the units' names in order."""
        codes, names = self.codes("unit")
        matrix = np.full((len(names), len(self.axis)), np.nan)
        matrix[codes, self.data["period"].to_numpy()] = self.data[column].cast(pl.Float64).to_numpy()
        return matrix, names

    def codes(self, column: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], tuple[str, ...]]:
        """A column of names as numbers from 0 in the order of the names, and the names."""
        if column == "unit" and not self.repeated:  # rows stand in the order of units: no look-up is needed
            begins = _begins(self.data)
            units = self.data["unit"].filter(begins)
            return (begins.cast(pl.Int64).cum_sum() - 1).to_numpy(), tuple(units.to_list())
        names = self.data[column].unique().sort()
        numbers = self.data[column].replace_strict(
            names, pl.int_range(len(names), eager=True), return_dtype=pl.Int64
        )
        return numbers.to_numpy(), tuple(str(name) for name in names.to_list())


def build_panel(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> PanelFrame:
    """Apply the plan's rules in order, counting.

    Order: where, known time and unit, seen outcome, complete covariates. Raises LC457 where nothing is left, LC479 for
    a unit twice in a period, LC480 for a group that changes within a unit, LC481 for times that cannot be read.
    """
    d = plan.design
    frame, flow = table.frame, [*table.earlier]
    if not flow:
        flow.append(FlowStep("in the data", frame.height, ""))
    if plan.population.where:
        frame = _kept(frame, flow, read_rule(plan.population.where).expression(), "meets the plan's rule",
                      "rule not met, or not known")  # fmt: skip
    named = [name for name in (d.unit, d.time, d.treatment) if name]
    frame = _kept(frame, flow, pl.all_horizontal(pl.col(n).is_not_null() for n in named), "unit, time and group known",
                  "unit, time or group not known")  # fmt: skip
    if frame.is_empty():
        raise EvaluationError(
            "LC457", "after the plan's rules nothing is left", "Look at where, and at missing values.", where=table.name
        )  # fmt: skip
    labels, axis = _axis(table, frame, d.time)
    # Sorted once: what a unit has twice, or changes, then stands in rows next to each other.
    whole = _canonical(frame, plan, outcome, labels, axis).sort("unit", "period", maintain_order=True)
    _check_units(table, whole, plan)
    seen = whole.filter(pl.col("outcome").is_not_null())
    flow.append(
        FlowStep("outcome seen", seen.height, "outcome missing" if seen.height < whole.height else "")
    )
    needed = [c for c in seen.columns if c.startswith("x:") or c in ("cluster", "weight", "exposure")]
    data = seen
    if needed:
        data = _kept(seen, flow, pl.all_horizontal(pl.col(c).is_not_null() for c in needed), "covariates complete",
                     "a covariate, cluster, weight or exposure is missing")  # fmt: skip
    if data.is_empty():
        raise EvaluationError(
            "LC457", "after the plan's rules nothing is left", "Look at where, and at missing values.", where=table.name
        )  # fmt: skip
    repeated = not d.unit and not _one_series(plan)
    units = int(_begins(whole).sum())
    cells = whole.height if repeated else units * len(axis)
    return PanelFrame(
        data=data,
        axis=axis,
        covariates=tuple(dict.fromkeys(d.covariates)),
        flow=tuple(flow),
        arms=_arms(whole, data, len(axis), repeated=repeated),
        units=plan.population.units,
        repeated=repeated,
        missing_cells=cells - data.height,
        cells=cells,
    )


def _one_series(plan: AnalysisPlan) -> bool:
    """Say whether a plan without a unit is about one series (in each group), not about people in each period."""
    return bool(getattr(plan.design.settings, "one_series", False))


def _kept(frame: pl.DataFrame, flow: list[FlowStep], rule: pl.Expr, step: str, reason: str) -> pl.DataFrame:
    kept = frame.filter(rule)
    flow.append(FlowStep(step, kept.height, reason if kept.height < frame.height else ""))
    return kept


def _axis(table: StudyTable, frame: pl.DataFrame, time: str) -> tuple[pl.Series, PeriodAxis]:
    """Canonical labels of every row, and their axis."""
    texts = text_of(frame[time])
    distinct = texts.unique().drop_nulls().to_list()
    found: dict[str, str] = {}
    for text in distinct:
        try:
            found[text] = canonical_period(text)
        except NotATime:
            continue
    if len(found) < len(distinct):
        bad = text_of(table.frame[time])
        rows = rows_named(table, bad.is_not_null() & ~bad.is_in(list(found)))
        raise EvaluationError(
            "LC481",
            f"column '{time}' must hold years, months (2014-03), quarters (2014-Q1), dates (2014-03-01) or numbers; "
            f"not so in {rows}",
            "Write every time the same way.",
            where=table.name,
        )
    labels = texts.replace_strict(list(found), list(found.values()), return_dtype=pl.String)
    try:
        return labels, axis_of(labels)
    except NotATime:
        raise EvaluationError(
            "LC481",
            f"column '{time}' must hold times of one kind, evenly spaced",
            "Write every time the same way, and one period as long as the next.",
            where=table.name,
        ) from None


def _canonical(
    frame: pl.DataFrame, plan: AnalysisPlan, outcome: PlannedOutcome, labels: pl.Series, axis: PeriodAxis
) -> pl.DataFrame:
    d, population = plan.design, plan.population
    distinct = labels.unique().to_list()
    places = {label: axis.index(label) for label in distinct}
    if d.unit:
        unit = text_of(frame[d.unit])
    elif _one_series(plan):  # one in each group; rows of a period twice are the method's to refuse
        group = frame[d.treatment].cast(pl.Float64).cast(pl.String) if d.treatment else None
        unit = group if group is not None else pl.repeat("series", frame.height, eager=True)
    else:
        unit = pl.int_range(frame.height, eager=True).cast(pl.String)
    columns = [
        unit.alias("unit"),
        labels.replace_strict(list(places), list(places.values()), return_dtype=pl.Int64).alias("period"),
        frame[column_of(outcome)].cast(pl.Float64).alias("outcome"),
    ]
    numbers = {
        "treated": d.treatment,
        "weight": d.weights,
        "exposure": outcome.exposure,
        "complete": of_outcome(frame, population.complete, outcome),
        "events": of_outcome(frame, "", outcome, "events"),
    }
    columns += [frame[name].cast(pl.Float64).alias(key) for key, name in numbers.items() if name]
    texts = {"cluster": d.cluster, "definition": of_outcome(frame, population.definition, outcome)}
    columns += [text_of(frame[name]).alias(key) for key, name in texts.items() if name]
    columns += [frame[name].alias(f"x:{name}") for name in dict.fromkeys(d.covariates)]
    columns += [frame[name].alias(f"s:{name}") for name in dict.fromkeys(getattr(d.settings, "columns", ()))]
    first = getattr(d.settings, "first_treated", "")
    if first:
        columns.append(_first(frame[first], axis))
    return pl.DataFrame(columns)


def of_outcome(frame: pl.DataFrame, name: str, outcome: PlannedOutcome, about: str = "") -> str:
    """The outcome's own column ``NAME@OUTCOME``, as stored series have one, else the plan's."""
    own = f"{about or name}@{column_of(outcome)}"
    return own if own in frame.columns else name


def _first(series: pl.Series, axis: PeriodAxis) -> pl.Series:
    """Position of the first treated period; null for never (blank or 0), the number of periods where it is later."""
    texts = text_of(series)
    distinct = [text for text in texts.unique().drop_nulls().to_list() if text not in NEVER]
    places: list[int] = []
    for text in distinct:
        try:
            places.append(axis.at_or_after(canonical_period(text)))
        except NotATime:
            raise EvaluationError(
                "LC481",
                f"column '{series.name}' must hold the first treated period as the time column writes it, or 0 or "
                "blank for never",
                "Write it like the times themselves.",
            ) from None
    return texts.replace_strict(distinct, places, default=None, return_dtype=pl.Int64).alias("first")


def _check_units(table: StudyTable, whole: pl.DataFrame, plan: AnalysisPlan) -> None:
    """A unit once a period, in one group and cluster, first treated once."""
    d = plan.design
    if not d.unit:
        return
    faults = []
    same = ~_begins(whole)
    if (same & (whole["period"] == whole["period"].shift(1))).any():
        faults.append(
            Fault(
                "LC479",
                table.name,
                f"column '{d.unit}' holds the same unit more than once in a period of '{d.time}'",
                "Keep one row a unit and period: add them up, or name a finer unit or time.",
            )
        )
    fixed = {"first": getattr(d.settings, "first_treated", ""), "cluster": d.cluster}
    if not getattr(d.settings, "moving", False):
        fixed["treated"] = d.treatment
    for column, name in fixed.items():
        if not name or column not in whole.columns:
            continue
        marks = whole[column].fill_null(-1) if column == "first" else whole[column]
        if marks.null_count():  # a cluster that is not known in some rows, and another one in others
            marks = whole.select(pl.col(column).forward_fill().over("unit"))[column]
        if (same & (marks != marks.shift(1))).any():
            hint = (
                "It marks the group, not the time. Where units start at different times: staggered-adoption."
                if column == "treated"
                else "Correct the data: it belongs to the unit and does not change over time."
            )
            said = f"column '{name}' changes within a unit of '{d.unit}'"
            faults.append(Fault("LC480", table.name, said, hint))
    if faults:
        raise EvaluationError.gather(faults)


def _begins(whole: pl.DataFrame) -> pl.Series:
    """Say for each row, sorted by unit, whether it is its unit's first."""
    return (whole["unit"] != whole["unit"].shift(1)).fill_null(value=True)


def _arms(whole: pl.DataFrame, data: pl.DataFrame, periods: int, *, repeated: bool) -> ArmCounts:
    """Cells expected and seen (people, in repeated cross-sections), by group where there is one."""
    if "treated" in whole.columns:
        mark = pl.col("treated") == 1
    elif "first" in whole.columns:
        mark = pl.col("first").is_not_null()
    else:
        mark = pl.lit(True)

    def counted(frame: pl.DataFrame) -> tuple[int, int]:
        return frame.filter(mark).height, frame.filter(~mark).height

    if repeated:
        return ArmCounts(*counted(whole), *counted(data))
    one = int(_begins(whole.filter(mark)).sum()) * periods
    all_ = int(_begins(whole).sum()) * periods
    return ArmCounts(one, max(0, all_ - one), *counted(data))
