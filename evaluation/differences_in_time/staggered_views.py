"""What a staggered start shows beside its answer: paths, tables and figures (pure).

Where units are people, cohorts of fewer than ten are not shown on their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.differences_in_time.aggregates import KINDS, Aggregate, Kind
from evaluation.differences_in_time.arranged import told
from evaluation.differences_in_time.group_time import GroupTime
from evaluation.differences_in_time.moments import Array, Codes
from evaluation.differences_in_time.rollout import NEVER
from evaluation.differences_in_time.staggered_checks import SMALL_COHORT
from evaluation.differences_in_time.staggered_effect import Units
from evaluation.differences_in_time.two_way import TwoWay
from evaluation.figures import FactTable, Figure, Line
from evaluation.inference import critical
from evaluation.model import Check, PathRow

Events = tuple[tuple[int, ...], Array, Array]  # times since the start, effects, standard errors
HIDDEN_PEOPLE = 10
MOST_CELLS = 600
MOST_PAIRS = 60
OVERALL: dict[Kind, str] = {
    "group": "cohorts' averages",
    "simple": "treated cohort-periods",
    "dynamic": "times since the start",
    "calendar": "calendar periods",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What all views share: names of the periods, sizes of the cohorts, the pointwise critical value, who is hidden."""

    labels: tuple[str, ...]
    starts: Codes
    numbers: Codes
    quantile: float
    hidden: npt.NDArray[np.bool_]
    people: bool

    def start(self, cohort: int) -> str:
        """When a cohort starts."""
        first = int(self.starts[cohort])
        return self.labels[first] if first < len(self.labels) else "never"

    def unseen(self, starts: Iterable[int]) -> bool:
        """Say whether the units of these cohorts together are too few people to be shown."""
        return self.people and int(self.numbers[np.unique(list(starts))].sum()) < HIDDEN_PEOPLE

    def row(self, term: str, value: float, error: float | None) -> PathRow:
        """One estimate with its pointwise interval; without an error none."""
        if error is None or not error > 0:
            return PathRow(term, value, None, None, None)
        return PathRow(term, value, error, value - self.quantile * error, value + self.quantile * error)


def shown(labels: tuple[str, ...], units: Units, alpha: float, df: float | None, *, people: bool) -> Shown:
    """What the views need."""
    quantile = critical(1 - alpha, df, "t" if df is not None else "normal")
    hidden = units.numbers < HIDDEN_PEOPLE if people else np.zeros(len(units.starts), dtype=np.bool_)
    return Shown(labels, units.starts, units.numbers, quantile, hidden, people)


def path_rows(view: Shown, effects: GroupTime, found: dict[Kind, Aggregate]) -> tuple[PathRow, ...]:
    """Cohorts and periods as rows of the result."""
    rows = []
    for cohort, (value, error) in _parts(found.get("group")):
        if not view.hidden[cohort]:
            sound = error if view.numbers[cohort] >= SMALL_COHORT else None
            rows.append(view.row(f"cohort {view.start(cohort)}", value, sound))
    cells = effects.cells
    for term, pair in _parts(found.get("calendar")):
        if not view.unseen(cells.cohort[cells.after & (cells.period == term)]):
            rows.append(view.row(f"period {view.labels[term]}", *pair))
    return tuple(rows)


def events_of_cohorts(view: Shown, effects: GroupTime, found: Aggregate) -> Events:
    """The event study without the times that rest on too few people."""
    kept = [
        i
        for i, term in enumerate(found.terms)
        if not view.unseen(effects.cells.cohort[effects.cells.event == term])
    ]
    return tuple(found.terms[i] for i in kept), found.values[kept], found.errors[kept]


def _parts(found: Aggregate | None) -> list[tuple[int, tuple[float, float]]]:
    if found is None:
        return []
    pairs = zip(found.values.tolist(), found.errors.tolist(), strict=True)
    return list(zip(found.terms, pairs, strict=True))


def aggregate_table(found: dict[Kind, Aggregate], planned: Kind, quantile: float) -> FactTable:
    """The four overall effects, the planned one marked."""
    rows = tuple(
        (
            f"{OVERALL[kind]} ({kind})" + (", planned" if kind == planned else ""),
            one.value,
            one.std_error,
            one.value - quantile * one.std_error,
            one.value + quantile * one.std_error,
        )
        for kind, one in ((kind, found[kind]) for kind in KINDS if kind in found)
    )
    return FactTable(
        "overall-effects",
        "Overall effects, by what is averaged",
        ("average over", "effect", "standard error", "low", "high"),
        rows,
        "They weight cohorts and periods differently, so they differ where effects do. The answer is the planned one.",
    )


def event_view(
    view: Shown, events: Events, band: float, name: str
) -> tuple[FactTable, Figure, tuple[PathRow, ...]]:
    """The event study as a table with intervals and band, as a figure with the band, and as rows with intervals."""
    terms, values, errors = events
    rows = tuple(
        (
            float(term),
            value,
            error,
            value - view.quantile * error,
            value + view.quantile * error,
            value - band * error,
            value + band * error,
        )
        for term, value, error in zip(terms, values.tolist(), errors.tolist(), strict=True)
    )
    table = FactTable(
        "event-study",
        "Effects by time since the start",
        ("periods since the start", "effect", "standard error", "low", "high", "band low", "band high"),
        rows,
        f"The band holds all points at once (critical value {band:.3f}); each interval one. Points rest on the cohorts "
        "seen so long before or after their start.",
    )
    line = Line(
        "effect",
        "effect",
        tuple(float(term) for term in terms),
        tuple(values.tolist()),
        tuple((values - band * errors).tolist()),
        tuple((values + band * errors).tolist()),
    )
    figure = Figure(
        "event-study",
        "Effects by time since the start, with a simultaneous band",
        "periods since the start",
        name,
        (line,),
        marks=((-0.5, "start"),),
    )
    path = tuple(
        view.row(f"event {term}", value, error)
        for term, value, error in zip(terms, values.tolist(), errors.tolist(), strict=True)
    )
    return table, figure, path


def paths_figure(view: Shown, units: Units, name: str) -> Figure | None:
    """Mean paths of the cohorts that start and of those that do not; none where a group is too small to be shown."""
    if units.moments is None:
        return None
    weight, mean = units.moments.weight, units.moments.mean
    lines = []
    for title, kind, rows in (
        ("units that start, observed", "observed", units.starts != NEVER),
        ("units that never start", "comparison", units.starts == NEVER),
    ):
        chosen = rows & ~view.hidden
        if chosen.any():
            average = weight[chosen] @ mean[chosen] / weight[chosen].sum()
            places = tuple(float(t) for t in range(len(average)))
            lines.append(Line(title, kind, places, tuple(average.tolist())))  # type: ignore[arg-type]
    marks = tuple(
        (float(start) - 0.5, f"{told(number, people=view.people)} start")
        for start, number in _large(view, most=6)
    )
    return Figure(
        "mean-paths",
        "Means of units that start and that do not",
        "period",
        name,
        tuple(lines),
        marks,
        view.labels,
    )


def _large(view: Shown, most: int) -> list[tuple[int, int]]:
    """The largest cohorts that start within the window, in order of their start."""
    pairs = [
        (int(start), int(number))
        for start, number, hidden in zip(view.starts, view.numbers, view.hidden, strict=True)
        if start < len(view.labels) and not hidden
    ]
    return sorted(sorted(pairs, key=lambda pair: -pair[1])[:most])


def cell_table(view: Shown, effects: GroupTime) -> FactTable | None:
    """Every group-time effect; None where there are too many to be read."""
    cells = effects.cells
    if cells.count > MOST_CELLS:
        return None
    errors, rows = effects.errors(), []
    for j in range(cells.count):
        cohort, small = int(cells.cohort[j]), view.numbers[cells.cohort[j]] < SMALL_COHORT
        if view.hidden[cohort]:
            continue
        row = view.row("", float(effects.effects[j]), None if small else float(errors[j]))
        when = ("before", "after")[int(cells.after[j])]
        rows.append(
            (view.start(cohort), view.labels[int(cells.period[j])], when, row.value, row.std_error, row.conf_low,
             row.conf_high)
        )  # fmt: skip
    note = f"Each against {_bases(effects)}. Cohorts of fewer than {SMALL_COHORT} units have no error of their own."
    return FactTable(
        "group-time-effects",
        "Effects by cohort and period",
        ("start", "period", "when", "effect", "standard error", "low", "high"),
        tuple(rows),
        note,
    )


def _bases(effects: GroupTime) -> str:
    cells = effects.cells
    early = ~cells.after
    if (cells.base[early] == cells.period[early] - 1).all():
        return "the last period before the start or, before it, the period before"
    return "the last period before the start"


def two_way_facts(view: Shown, found: TwoWay) -> tuple[FactTable, Check]:
    """The two-way fixed-effects number beside what it is made of: a warning, never an answer."""
    sorts = ("against never treated", "against later treated", "against already treated")
    rows: list[tuple[str | float | None, ...]] = []
    for sort in sorts:
        part = [pair for pair in found.pairs if pair.sort == sort]
        weight = sum(pair.weight for pair in part)
        mean = sum(pair.weight * pair.value for pair in part) / weight if weight > 0 else None
        rows.append((f"all {sort}", "any", "any", weight, mean))
    hidden = {int(start) for start in view.starts[view.hidden]}
    if len(found.pairs) <= MOST_PAIRS:
        rows += [
            (pair.sort, _named(view, pair.treated), _named(view, pair.control), pair.weight, pair.value)
            for pair in found.pairs
            if not hidden & {pair.treated, pair.control}
        ]
    note = (
        f"Together they make the coefficient of a two-way fixed-effects regression, {found.value:.6g} (standard error "
        f"{found.std_error:.6g}). Comparisons against units already treated take off part of an effect that changes "
        f"over time. It counts the effects of {100 * found.negative_share:.0f} % of the treated cohort-periods with a "
        "weight below nought."
    )
    table = FactTable(
        "two-way-comparisons",
        "What a two-way fixed-effects regression would compare (not an answer)",
        (
            "comparison",
            "start of the treated",
            "start of the controls",
            "weight",
            "difference in differences",
        ),
        tuple(rows),
        note,
    )
    said = (
        f"A two-way fixed-effects regression, often run on such data, would put {100 * found.forbidden:.0f} % of its "
        f"weight on comparisons with units already treated (weights below nought on "
        f"{100 * found.negative_share:.0f} % of the treated cohort-periods). Its number is no answer here."
    )
    return table, Check("forbidden comparisons", "info", found.forbidden, 0.0, "none", said)


def _named(view: Shown, start: int) -> str:
    return "never" if start >= len(view.labels) else view.labels[start]
