"""Data with a row for each interval in which a person was at risk: what may be wrong with them, and people (pure).

A person's rows follow one another; time between two of them does not count. What decides the comparison (arm,
cluster, strata, covariates) is the same in all of them, save for covariates the plan names as changing.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohorts.expressions import read_rule
from evaluation.errors import EvaluationError
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.study_table import StudyTable, beside, column_of, needed_columns
from evaluation.times.timing import Timing
from workspace.errors import Fault

FIRST_ROWS = 10
ROWS_OF = "__rows of"  # where outcomes have rows of their own, whose a row is
NO_CHANGING = ("matching", "weighting")


def rows_fault(design: Design, outcome: PlannedOutcome) -> str:
    """What rows of intervals cannot do under a design; empty if there is nothing."""
    timing = outcome.timing
    if timing is None or not timing.intervals:
        return ""
    if timing.drawn:
        said = "unit is not needed: events drawn from a cohort are counted by participant; remove it from [design]"
        return said if design.unit else ""
    if not design.unit:
        return "rows of intervals need unit in [design]: the column that says whose row it is"
    strange = [name for name in timing.changing if name not in design.covariates]
    if strange:
        return f"'{strange[0]}' is called changing and is not among the covariates"
    if timing.changing and design.method in NO_CHANGING:
        return (
            f"covariates that change over time do not go with {design.method}, which makes people alike on what was "
            "known at the start"
        )
    return ""


def _fixed(plan: AnalysisPlan) -> tuple[str, ...]:
    """Columns that must be the same in all rows of a person."""
    free = {plan.design.unit}
    held = list(needed_columns(plan))
    for outcome in plan.outcomes:
        timing = outcome.timing
        if timing is None or not timing.intervals:
            held += [column_of(outcome), *beside(outcome), *(timing.columns if timing else ())]
            continue
        free |= {*timing.changing, column_of(outcome), *timing.columns}
        held += beside(outcome)
    ruled = read_rule(plan.population.where).names if plan.population.where else ()
    return tuple(dict.fromkeys(name for name in (*held, *ruled) if name not in free or name in ruled))


def check_intervals(table: StudyTable, plan: AnalysisPlan) -> None:
    """Rows without a person, that overlap, that go on after the end, or that disagree on who the person is.

    Raises EvaluationError with all of them; row numbers, never values.
    """
    faults = _faults(table, plan) if plan.is_long else []
    if faults:
        raise EvaluationError.gather(faults)


def _faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    unit = plan.design.unit
    frame = table.frame.with_row_index("__row")
    faults = _where(table, "LC476", frame[unit].is_null(), f"'{unit}' is blank", "Say whose row it is.")
    for name in _fixed(plan):
        said = f"'{name}' must be the same in all rows of a person"
        differs = frame.select(pl.col(name).n_unique().over(unit) > 1).to_series()
        hint = "Keep one value a person; a covariate that truly changes is named under changing."
        faults += _where(table, "LC477", differs, said, hint)
    seen: set[tuple[str, ...]] = set()
    for outcome in plan.outcomes:
        timing = outcome.timing
        if timing and timing.intervals and timing.columns not in seen:
            seen.add(timing.columns)
            faults += _order_faults(table, frame, unit, timing)
    return faults


def _order_faults(table: StudyTable, frame: pl.DataFrame, unit: str, timing: Timing) -> list[Fault]:
    start, stop = (pl.col(name).cast(pl.Float64) for name in (timing.entry, timing.duration))
    later = frame.sort(unit, start, stop, "__row").with_columns(
        crosses=start < stop.shift(1).over(unit), last=pl.col("__row") == pl.col("__row").last().over(unit)
    )
    checked = [("crosses", f"a row must not begin ('{timing.entry}') before the person's row before is over")]
    ending = [timing.competing] if timing.competing else []
    ending += [] if timing.recurrent else [timing.event]
    for number, name in enumerate(ending):
        later = later.with_columns(
            ((pl.col(name).cast(pl.Float64) == 1) & ~pl.col("last")).alias(f"end{number}")
        )
        checked.append((f"end{number}", f"no row of a person may follow the one with '{name}'"))
    later = later.sort("__row")
    hint = "Correct the data." if timing.recurrent else "Correct the data; or say recurrent = true."
    return [
        fault
        for flag, said in checked
        for fault in _where(
            table, "LC476", later[flag], said, "Correct the data." if flag == "crosses" else hint
        )
    ]


def _where(table: StudyTable, code: str, bad: pl.Series, said: str, hint: str) -> list[Fault]:
    hits = bad.fill_null(value=False).arg_true().to_list()
    if not hits:
        return []
    shown = ", ".join(str(hit + table.row_of) for hit in hits[:FIRST_ROWS])
    more = f" and {len(hits) - FIRST_ROWS} more" if len(hits) > FIRST_ROWS else ""
    return [
        Fault(code, table.name, f"{said}; not so in row{'s' if len(hits) > 1 else ''} {shown}{more}", hint)
    ]


def people_and_rows(
    table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome
) -> tuple[StudyTable, pl.DataFrame | None]:
    """One row a person, as they were in their first; and the rows of intervals, if this outcome has such.

    A person's outcome is how many events there were; missing where a time or an event of any of their rows is. The
    rows have ``unit, start, stop, event``, with a competing event ``competing``, and the changing covariates as
    ``x:name``, in order of time.
    """
    if not plan.is_long:
        return table, None
    unit, timing = plan.design.unit, outcome.timing
    if ROWS_OF in table.frame.columns and timing and timing.drawn:
        table = replace(table, frame=table.frame.filter(pl.col(ROWS_OF) == timing.event))
    if timing is None or not timing.intervals:
        return replace(table, frame=table.frame.unique(unit, keep="first", maintain_order=True)), None
    event = column_of(outcome)
    named = {"start": timing.entry, "stop": timing.duration, "event": event}
    named |= {"competing": timing.competing} if timing.competing else {}
    number = {name: pl.col(column).cast(pl.Float64) for name, column in named.items()}
    blank = pl.any_horizontal(pl.col(column).is_null() for column in named.values())
    whole = table.frame.with_columns(blank.any().over(unit).alias("__blank")).sort(unit, number["start"])
    unknown = [pl.when(~pl.col(n).is_null().any().over(unit)).then(n).alias(n) for n in timing.changing]
    rows = whole.select(
        pl.col(unit).alias("unit"),
        *(part.alias(name) for name, part in number.items()),
        *(pl.col(name).alias(f"x:{name}") for name in timing.changing),
    )
    gathered = [number["event"].sum().alias("__event"), number["stop"].max().alias("__stop")]
    gathered += [number["competing"].max().alias("__competing")] if timing.competing else []
    sums = whole.group_by(unit, maintain_order=True).agg(*gathered)
    people = (
        whole.with_columns(unknown)
        .unique(unit, keep="first", maintain_order=True)
        .join(sums, on=unit, how="left")
    )
    people = people.with_columns(
        pl.when(~pl.col("__blank")).then("__event").alias(event), pl.col("__stop").alias(timing.duration),
        *((pl.col("__competing").alias(timing.competing),) if timing.competing else ()),
    )  # fmt: skip
    return replace(table, frame=people.select(table.frame.columns)), rows


def rows_of(rows: pl.DataFrame | None, people: pl.DataFrame) -> pl.DataFrame | None:
    """The rows of the people analysed, with ``person``: their place in ``people``. Blank covariates stay blank."""
    if rows is None:
        return None
    places = people.select(pl.col("participant").alias("unit")).with_row_index("person")
    kept = rows.join(places, on="unit", how="inner").sort("person", "start")
    return kept.drop("unit").with_columns(pl.col("person").cast(pl.Int64))
