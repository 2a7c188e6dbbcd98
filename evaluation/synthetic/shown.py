"""The rows, tables and figures a synthetic control shows: weights, gaps, placebos (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.figures import FactTable, Figure, Line
from evaluation.model import PathRow
from evaluation.synthetic.areas import Areas
from evaluation.synthetic.checks import fake_p
from evaluation.synthetic.placebos import ratio_of
from evaluation.synthetic.robustness import FakeStart, LeftOut, Study

NOTHING = 1e-6  # a weight below it is printed as none
MOST_LINES = 40

Ends = tuple[float, float] | None


def path_rows(
    areas: Areas, study: Study, ends: tuple[Ends, ...], fake: FakeStart | None
) -> tuple[PathRow, ...]:
    """The gap in every period, with an interval from the start on where the periods are enough for one."""
    rows = []
    for place, label in enumerate(areas.labels):
        end = ends[place - areas.start] if ends and place >= areas.start else None
        low, high = end if end else (None, None)
        rows.append(PathRow(f"gap {label}", float(study.own.gaps[place]), None, low, high))
    if fake is not None:
        error = fake.study.error
        rows.append(
            PathRow(
                f"placebo start {fake.label}",
                fake.study.own.effect,
                error.error if error else None,
                None,
                None,
            )
        )
    return tuple(rows)


def fact_tables(
    areas: Areas, study: Study, left: tuple[LeftOut, ...], fake: FakeStart | None
) -> tuple[FactTable, ...]:
    """Weights of donors and of periods, the donors left out in turn, the placebos."""
    tables = [_weights(areas, study)]
    if study.own.periods is not None:
        rows = tuple(
            (label, float(weight))
            for label, weight in zip(areas.labels, study.own.periods, strict=False)
            if weight > NOTHING
        )
        tables.append(
            FactTable("period weights", "Weights of the periods before the start", ("period", "weight"), rows)
        )
    if left:
        rows_out = tuple((one.donor, one.weight, one.own.effect, one.own.before) for one in left)
        titles = ("donor left out", "weight it had", "effect without it", "misfit before")
        tables.append(FactTable("one donor out", "The effect with one donor left out", titles, rows_out))
    tables.append(_placebos(areas, study, fake))
    return tuple(tables)


def _weights(areas: Areas, study: Study) -> FactTable:
    order = np.argsort(-np.abs(study.own.weights), kind="stable")
    carrying = [int(k) for k in order if abs(study.own.weights[k]) > NOTHING]
    rows = tuple((areas.names[k], float(study.own.weights[k])) for k in carrying)
    none = len(areas.names) - len(carrying)
    note = f"{none} more donors have no weight." if none else "Every donor has weight."
    return FactTable("donor weights", "Weights of the donors", ("donor", "weight"), rows, note)


def _placebos(areas: Areas, study: Study, fake: FakeStart | None) -> FactTable:
    """Every set of donors by the ratio of its gaps, the treated area among them."""
    rows: list[tuple[str | float | None, ...]] = [
        (_set(areas, rows), one.effect, one.before, _finite(ratio_of(one)))
        for rows, one in zip(study.others.sets, study.others.fits, strict=True)
    ]
    own = study.own
    rows.append(("treated", own.effect, own.before, _finite(ratio_of(own))))
    rows.sort(key=lambda row: -(float(row[3]) if row[3] is not None else np.inf))
    if fake is not None:
        one = fake.study.own
        rows.append((f"treated, had it begun in {fake.label} (p = {fake_p(fake) or 1:.3f})", one.effect, one.before,
                     _finite(ratio_of(one))))  # fmt: skip
    return FactTable(
        "placebos", "The same question asked of every donor, where nothing began",
        ("area", "effect", "misfit before", "gaps after over before"), tuple(rows[: 2 * MOST_LINES]),
        "The largest ratios first." + (" The rest is not shown." if len(rows) > 2 * MOST_LINES else ""),
    )  # fmt: skip


def _set(areas: Areas, rows: tuple[int, ...]) -> str:
    return " + ".join(areas.names[row] for row in rows)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def figures(areas: Areas, study: Study, ends: tuple[Ends, ...], y_name: str) -> tuple[Figure, ...]:
    """Observed beside expected; and the gap among the gaps of placebos."""
    x = tuple(float(place) for place in range(len(areas.labels)))
    own = study.own
    start = ((float(areas.start), "start"),)
    paths = Figure(
        "paths", "What was observed, and what the weighted donors say would have been", "period", y_name,
        (
            Line("observed", "observed", x, _values(areas.target)),
            Line("expected without the programme", "expected", x, _values(areas.target - own.gaps)),
        ),
        start, areas.labels,
    )  # fmt: skip
    kept = sorted(
        range(len(study.others.fits)), key=lambda k: (study.others.fits[k].before, study.others.sets[k])
    )
    shown = kept[:MOST_LINES]
    lines = [
        Line(_set(areas, study.others.sets[k]), "placebo", x, _values(study.others.fits[k].gaps))
        for k in shown
    ]
    before: tuple[float | None, ...] = (None,) * areas.start
    bounds = tuple(zip(*[end if end else (None, None) for end in ends], strict=True)) if ends else ()
    low, high = ((*before, *bounds[0]), (*before, *bounds[1])) if bounds else ((), ())
    lines.append(Line("treated", "effect", x, _values(own.gaps), low, high))
    some = f" (the {MOST_LINES} best fitted)" if len(kept) > MOST_LINES else ""
    gaps = Figure(
        "gaps", f"Observed less expected: the treated area among its placebos{some}", "period", y_name, tuple(lines),
        start, areas.labels,
    )  # fmt: skip
    return paths, gaps


def _values(path: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float | None, ...]:
    return tuple(float(value) for value in path)
