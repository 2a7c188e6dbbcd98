"""What may be wrong with the columns of a study: everything at once, rows named, values never (pure)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohorts.expressions import read_rule
from evaluation.errors import EvaluationError
from evaluation.magnitudes import LARGEST, SMALLEST, beyond_reach, not_finite
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import MOST_LEVELS
from evaluation.study_table import (
    StudyTable,
    beside,
    column_of,
    delivery_columns,
    needed_columns,
    rows_named,
    wave_columns,
)
from evaluation.times.timing import Timing
from workspace.errors import Fault, did_you_mean

MOST_GROUPS = 12


def check_study(table: StudyTable, plan: AnalysisPlan, *, panel: bool = False) -> None:
    """Everything about the data that would make a run meaningless, all at once. Row numbers, never values.

    In a ``panel`` a unit is there once a period, and times may be dates or texts: its frame looks at both.
    """
    faults = _absent(table, plan) or _size_faults(table, plan)
    if faults:
        raise EvaluationError.gather(faults)
    frame = table.frame
    faults += _rule_faults(table, plan)
    if plan.design.treatment:
        faults += _not_binary(table, plan.design.treatment, "LC451", "the treatment must be 0 or 1")
    faults += _weight_faults(table, plan)
    running = getattr(plan.design.settings, "running", "")
    faults += _not_number(table, running) if running else []
    received = getattr(plan.design.settings, "compliance", "")
    if received:
        faults += _not_binary(table, received, "LC468", "what was taken up must be 0 or 1")
    for outcome in plan.outcomes:
        faults += _outcome_faults(table, outcome)
        for wave in set(outcome.waves) - {outcome.wave}:
            faults += _outcome_faults(table, replace(outcome, wave=wave, baseline=""))
    for name in (*plan.design.covariates, *plan.analysis.auxiliary):
        if frame[name].dtype == pl.String and frame[name].n_unique() > MOST_LEVELS:
            faults.append(
                Fault(
                    "LC459",
                    table.name,
                    f"column '{name}' is a text with more than {MOST_LEVELS} different values",
                    "Group its values, or leave it out.",
                )
            )
    faults += _group_faults(table, plan) + _delivery_faults(table, plan)
    faults += [] if panel else level_faults(table, plan)
    if faults:
        raise EvaluationError.gather(faults)


def _group_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    return [
        Fault(
            "LC475",
            table.name,
            f"column '{one.by}' has more than {MOST_GROUPS} different values: too many groups to compare",
            "Cut numbers into bands, or group its values.",
        )
        for one in plan.subgroups
        if table.frame[one.by].drop_nulls().n_unique() > MOST_GROUPS
    ]


def level_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    """Times and periods that are no numbers, and people who are there more than once (or more than once at a time)."""
    d, frame = plan.design, table.frame
    faults = [
        fault for name, column in d.levels if name != "subcluster" for fault in _not_number(table, column)
    ]
    if not d.unit:
        return faults
    keys = [d.unit, d.time] if d.time else [d.unit]
    if not plan.is_long and frame.select(keys).drop_nulls().is_duplicated().any():
        said = f"more than once at the same '{d.time}'" if d.time else "more than once"
        hint = f"Keep one row a person and '{d.time}'." if d.time else "Keep one row a person."
        faults.append(Fault("LC458", table.name, f"column '{d.unit}' holds the same person {said}", hint))
    return faults


def _absent(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    known = table.frame.columns
    return [
        Fault(
            "LC453",
            table.name,
            f"there is no column '{name}'.{did_you_mean(name, known)}",
            "Correct the plan or the data.",
        )
        for name in dict.fromkeys((*needed_columns(plan), *_outcome_columns(plan), *_delivered(table, plan)))
        if name not in known
    ]


def _delivered(table: StudyTable, plan: AnalysisPlan) -> tuple[str, ...]:
    """The columns of delivery, which a file must have; a cohort may still be waiting for them."""
    return delivery_columns(plan) if table.row_of else ()


def _delivery_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    """Doses, scores and help are numbers from 0; whom it was meant for is 0 or 1."""
    faults: list[Fault] = []
    for key in ("dose", "fidelity", "similar_help", "right_people"):
        name = getattr(plan.delivery, key, "")
        if not name or name not in table.frame.columns:
            continue
        if key == "right_people":
            faults += _not_binary(table, name, "LC530", "whom it was meant for is 0 or 1")
            continue
        number = table.frame[name].cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
        bad = table.frame[name].is_not_null() & ~(number.is_finite() & (number >= 0)).fill_null(value=False)
        if bad.any():
            said = f"column '{name}' must hold numbers from 0; not so in {rows_named(table, bad)}"
            faults.append(
                Fault("LC529", table.name, said, "Correct the data; leave it blank where not known.")
            )
    return faults


def _outcome_columns(plan: AnalysisPlan) -> list[str]:
    """The columns of all outcomes and what stands beside them."""
    names = [name for o in plan.outcomes for name in (column_of(o), *beside(o))]
    names += [name for o in plan.outcomes if o.timing for name in o.timing.columns]
    return names + [name for o in plan.outcomes for name in wave_columns(o)]


def _size_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    """Values that are infinite or no number, and columns no computer can square and sum."""
    faults = []
    for name in dict.fromkeys((*needed_columns(plan), *_outcome_columns(plan))):
        if name == plan.design.unit:
            continue
        series = table.frame[name]
        endless = not_finite(series)
        if endless.any():
            said = f"column '{name}' must hold finite numbers; not so in {rows_named(table, endless)}"
            faults.append(Fault("LC454", table.name, said, "Correct the data; leave missing values blank."))
            continue
        beyond = beyond_reach(series)
        if beyond.any():
            said = f"column '{name}' holds numbers beyond {LARGEST:g}, or none that reaches {SMALLEST:g}"
            hint = "Correct the data, or give the column in another unit."
            faults.append(Fault("LC478", table.name, f"{said}; look at {rows_named(table, beyond)}", hint))
    return faults


def _rule_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    """A rule that compares a number with a text: only the data can tell."""
    try:
        if plan.population.where:
            table.frame.head(0).select(read_rule(plan.population.where).expression())
    except pl.exceptions.PolarsError:
        return [
            Fault(
                "LC410",
                table.name,
                "where compares a number with a text, or a text with a number",
                "Texts need quotation marks in a rule, numbers have none.",
            )
        ]
    return []


def _not_number(table: StudyTable, name: str) -> list[Fault]:
    series = table.frame[name]
    if series.dtype != pl.String:
        return []
    number = series.str.strip_chars().cast(pl.Float64, strict=False)
    bad = series.is_not_null() & (number.is_null() | ~number.is_finite())
    if not bad.any():
        bad = series.is_not_null()
    return [
        Fault(
            "LC454",
            table.name,
            f"column '{name}' must hold numbers; not so in {rows_named(table, bad)}",
            "Correct the data; leave missing values blank.",
        )
    ]


def _not_binary(table: StudyTable, name: str, code: str, said: str) -> list[Fault]:
    series = table.frame[name]
    if series.dtype == pl.String:
        bad = series.is_not_null() & ~series.is_in(["0", "1"])
    else:
        bad = series.is_not_null() & ~series.cast(pl.Float64).is_in([0.0, 1.0])
    return (
        [
            Fault(
                code,
                table.name,
                f"column '{name}': {said}; not so in {rows_named(table, bad)}",
                "Recode it; leave it blank where it is not known.",
            )
        ]
        if bad.any()
        else []
    )


def _weight_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    """Weights and offsets are numbers above 0; shares of a period are between 0 and 1."""
    faults = []
    ends = {plan.design.weights: (0.0, float("inf"), "LC470", "numbers above 0")}
    ends[getattr(plan.design.settings, "offset", "")] = (0.0, float("inf"), "LC467", "numbers above 0")
    ends[plan.population.complete] = (-1e-300, 1.0, "LC470", "shares from 0 to 1")
    for name, (low, high, code, said) in ends.items():
        if not name:
            continue
        faults += _not_number(table, name)
        if faults:
            continue
        values = table.frame[name].cast(pl.Float64)
        bad = values.is_not_null() & ~((values > low) & (values <= high))
        if bad.any():
            hint = "Correct the data; leave it blank where it is not known."
            faults.append(
                Fault(
                    code,
                    table.name,
                    f"column '{name}' must hold {said}; not so in {rows_named(table, bad)}",
                    hint,
                )
            )
    return faults


def _not_a_count(table: StudyTable, outcome: PlannedOutcome) -> list[Fault]:
    """Counts are whole and not below 0; the exposure they were counted over is above 0."""
    counts = table.frame[column_of(outcome)].cast(pl.Float64)
    checked = [
        (column_of(outcome), (counts < 0) | (counts != counts.floor()), "LC466", "whole numbers from 0")
    ]
    if outcome.exposure:
        faults = _not_number(table, outcome.exposure)
        if faults:
            return faults
        time = table.frame[outcome.exposure].cast(pl.Float64)
        checked.append((outcome.exposure, ~(time > 0), "LC467", "numbers above 0"))
    return [
        Fault(
            code,
            table.name,
            f"column '{name}' must hold {said}; not so in {rows_named(table, bad)}",
            "Correct the data; leave it blank where nobody could count.",
        )
        for name, bad, code, said in checked
        if bad.any()
    ]


def _outcome_faults(table: StudyTable, outcome: PlannedOutcome) -> list[Fault]:
    name = column_of(outcome)
    if outcome.timing:
        return _time_faults(table, outcome.timing)
    if outcome.kind == "binary":
        return _not_binary(table, name, "LC456", "a binary outcome must be 0 or 1")
    faults = _not_number(table, name)
    if outcome.baseline:
        faults += _not_number(table, outcome.baseline)
    if outcome.kind == "count" and not faults:
        faults += _not_a_count(table, outcome)
    if faults:
        return faults
    low = -float("inf") if outcome.minimum is None else outcome.minimum
    high = float("inf") if outcome.maximum is None else outcome.maximum
    series = table.frame[name]
    bad = series.is_not_null() & ~series.is_between(low, high)
    if not bad.any():
        return []
    return [
        Fault(
            "LC455",
            table.name,
            f"outcome '{name}' must lie between {low:g} and {high:g}; not so in {rows_named(table, bad)}",
            "Correct the data, or the range in the plan.",
        )
    ]


def _time_faults(table: StudyTable, timing: Timing) -> list[Fault]:
    """Times that are none: texts, negative, over before they began; an event and what rules it out in one person."""
    said = "an event must be 0 or 1"
    faults = _not_binary(table, timing.event, "LC456", said)
    faults += _not_binary(table, timing.competing, "LC456", said) if timing.competing else []
    for name in (timing.duration, timing.entry, timing.off_clock):
        faults += _not_number(table, name) if name else []
    if faults:
        return faults
    number = {name: table.frame[name].cast(pl.Float64) for name in (timing.event, *timing.columns)}
    stop = number[timing.duration]
    wrong = [(stop < 0, f"'{timing.duration}' must not be negative")]
    if not (stop > 0).any():
        wrong.append((stop == 0, f"'{timing.duration}' is 0 for everybody: nobody was watched for any time"))
    if timing.entry:
        start = number[timing.entry]
        wrong.append((start < 0, f"'{timing.entry}' must not be negative"))
        wrong.append((start >= stop, f"'{timing.entry}' must come before '{timing.duration}'"))
    if timing.off_clock:
        off = number[timing.off_clock]
        since = number[timing.entry] if timing.entry else 0.0
        wrong.append((off < 0, f"'{timing.off_clock}' must not be negative"))
        wrong.append(
            (off > stop - since, f"'{timing.off_clock}' must not be longer than the time it is taken from")
        )
    if timing.competing:
        both = (number[timing.event] == 1) & (number[timing.competing] == 1)
        wrong.append((both, f"'{timing.event}' and '{timing.competing}' cannot both come first"))
    return [
        Fault("LC455", table.name, f"{rule}; not so in {rows_named(table, bad)}", "Correct the data.")
        for bad, rule in wrong
        if bad.any()
    ]
