"""What holds for every method of panels, unasked; and what becomes of panels that cannot bear the question."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.methods.registry import METHODS
from evaluation.model import OutcomeResult
from tests.contract.panel_rows import ROWS, START, plan_of, sample, text_of_row
from tests.contract.test_every_method import close
from tests.evaluation.studies import number, primary, read, study

every = pytest.mark.parametrize("row", ROWS)
CONTINUOUS = [name for name, row in ROWS.items() if row.kind == "continuous"]
continuous = pytest.mark.parametrize("row", CONTINUOUS)
COMPARED = [name for name in CONTINUOUS if ROWS[name].sample in ("areas", "one", "people")]


def test_every_panel_method_has_a_row() -> None:
    shared = {name for name, method in METHODS.items() if method.reads == "panel"}
    assert shared - {row.method for row in ROWS.values()} <= {"displacement-difference", "day-crossover"}


@every
def test_the_sample_is_answered_with_an_interval_around_the_estimate(row: str) -> None:
    for seed in range(1, 4):
        found = primary(sample(row, seed), plan_of(row))
        assert found.verdict.answer != "not-assessable", [c for c in found.checks if c.consequence == "block"]
        e = found.estimate
        low, narrow_low, value, narrow_high, high = (
            number(part) for part in (e.conf_low, e.narrow_low, e.value, e.narrow_high, e.conf_high)
        )
        assert low <= narrow_low <= value <= narrow_high <= high
        neutral = 1.0 if found.kind == "count" else 0.0
        if (
            abs(number(e.p_value) - 0.05) > 0.02
        ):  # tests that are inverted in steps may differ at the very border
            assert (number(e.p_value) < 0.05) == (not low <= neutral <= high)


@every
def test_order_columns_and_repetition_change_nothing(row: str) -> None:
    frame, plan = sample(row), plan_of(row)
    first = primary(frame, plan)
    assert primary(frame, plan) == first
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    if ROWS[row].sample == "people":  # whose order within a cell is nobody's
        close(primary(moved.with_columns(other=2 * pl.col("y")), plan), first)
    else:
        assert primary(moved.with_columns(other=2 * pl.col("y")), plan) == first
    table = study(frame)
    before = table.frame.clone()
    gather_finding(table, plan, "unlocked")
    assert table.frame.equals(before)


@every
def test_names_of_places_change_nothing(row: str) -> None:
    frame = sample(row)
    renamed = frame.with_columns(
        pl.format(
            "z{}", (99 - pl.col("area").str.slice(1).cast(pl.Int64)).cast(pl.String).str.zfill(2)
        ).alias("area")
        if ROWS[row].sample != "people"
        else pl.col("area"),
        pl.format("q{}", 99 - pl.col("region").str.slice(1).cast(pl.Int64)).alias("region"),
    )
    text = text_of_row(ROWS[row]).replace('"a00"', '"z99"')
    close(primary(renamed, read(text)), primary(frame, plan_of(row)), rel=1e-6)


@every
def test_another_calendar_changes_nothing(row: str) -> None:
    frame = sample(row)
    later = frame.with_columns(
        pl.col("year") + 7,
        pl.when(pl.col("first") > 0).then(pl.col("first") + 7).otherwise(0.0).alias("first"),
    )
    text = text_of_row(ROWS[row]).replace(str(START), str(START + 7))
    close(primary(later, read(text)), primary(frame, plan_of(row)))


@continuous
def test_a_constant_added_to_the_outcome_leaves_the_effect(row: str) -> None:
    frame, plan = sample(row), plan_of(row)
    close_but_means(primary(frame.with_columns(pl.col("y") + 100), plan), primary(frame, plan))


@continuous
def test_an_outcome_times_a_constant_scales_the_effect(row: str) -> None:
    frame, plan = sample(row), plan_of(row)
    one, ten = primary(frame, plan), primary(frame.with_columns(y=10 * pl.col("y")), plan)
    for name in ("value", "std_error", "conf_low", "conf_high", "narrow_low", "narrow_high"):
        assert getattr(ten.estimate, name) == pytest.approx(10 * getattr(one.estimate, name), rel=1e-5), name
    assert ten.estimate.p_value == pytest.approx(one.estimate.p_value, rel=1e-5)


@continuous
def test_turning_the_outcome_round_turns_the_effect_round_and_keeps_the_verdict(row: str) -> None:
    frame = sample(row)
    one = primary(frame, plan_of(row, "lower"))
    other = primary(frame.with_columns(y=-pl.col("y")), plan_of(row, "higher"))
    assert other.estimate.value == pytest.approx(-number(one.estimate.value), rel=1e-6)
    assert other.estimate.conf_low == pytest.approx(-number(one.estimate.conf_high), rel=1e-5)
    assert (other.verdict.answer, other.verdict.detail) == (one.verdict.answer, one.verdict.detail)


@pytest.mark.parametrize("row", COMPARED)
def test_what_happens_everywhere_at_once_is_no_effect(row: str) -> None:
    frame, plan = sample(row), plan_of(row)
    shocked = frame.with_columns(y=pl.col("y") + 3 * (pl.col("year") >= START) + 0.5 * (pl.col("year") % 3))
    close_but_means(primary(shocked, plan), primary(frame, plan), rel=1e-5)


def close_but_means(one: OutcomeResult, other: OutcomeResult, rel: float = 1e-6) -> None:
    for name in ("value", "std_error", "conf_low", "conf_high", "narrow_low", "narrow_high", "p_value"):
        found, wanted = number(getattr(one.estimate, name)), number(getattr(other.estimate, name))
        assert found == pytest.approx(wanted, rel=rel, abs=1e-7), name
    assert one.verdict.answer == other.verdict.answer


# --- panels that cannot bear the question

AFTER, BEFORE = pl.col("year") >= START, pl.col("year") < START
TREATED = pl.col("area") == "a00"
NOTHING = pl.lit(None, dtype=pl.Float64)
Change = Callable[[pl.DataFrame], pl.DataFrame]
REFUSED: dict[str, Change] = {
    "a cell twice": lambda f: pl.concat([f, f.filter(TREATED).head(1)]),
    "times in words": lambda f: f.with_columns(year=pl.lit("soon")),
    "times of two kinds": lambda f: f.with_columns(
        year=pl.when(pl.col("year") == START)
        .then(pl.lit("2010-03"))
        .otherwise(pl.col("year").cast(pl.Int64).cast(pl.String))
    ),
    "nothing left": lambda f: f.head(0),
    "an outcome in words": lambda f: f.with_columns(y=pl.lit("much"), events=pl.lit("much")),
    "an outcome without end": lambda f: f.with_columns(
        y=pl.when(TREATED & (pl.col("year") == START)).then(math.inf).otherwise("y"),
        events=pl.when(TREATED & (pl.col("year") == START)).then(math.inf).otherwise("events"),
    ),
}
SILENT: dict[str, Change] = {
    "the same outcome everywhere": lambda f: f.with_columns(y=pl.lit(5.0), events=pl.lit(5.0)),
    "no outcome seen after": lambda f: f.with_columns(
        y=pl.when(AFTER).then(NOTHING).otherwise("y"), events=pl.when(AFTER).then(NOTHING).otherwise("events")
    ),
    "no period before": lambda f: f.filter(AFTER | (pl.col("year") == START)),
    "no period after": lambda f: f.filter(BEFORE & (pl.col("year") < START - 2)),
    "one unit": lambda f: f.filter(TREATED),
    "half a last year": lambda f: f.with_columns(
        whole=pl.when(pl.col("year") >= START + 4).then(0.5).otherwise(1.0)
    ),
    "a definition of its own": lambda f: f.with_columns(
        definition=pl.when(AFTER & (pl.col("group") == 1)).then(pl.lit("two")).otherwise(pl.lit("one"))
    ),
}
FINITE: dict[str, Change] = {
    "gaps": lambda f: f.filter(~((pl.col("area") == "a01") & (pl.col("year") == START + 1))),
    "a gap of the treated": lambda f: f.filter(~(TREATED & (pl.col("year") == START - 3))),
    "one period before": lambda f: f.filter(pl.col("year") >= START - 1),
    "one period after": lambda f: f.filter(pl.col("year") <= START),
    "no counts before": lambda f: f.with_columns(
        events=pl.when(BEFORE).then(0.0).otherwise("events"), y=pl.when(BEFORE).then(0.0).otherwise("y")
    ),
    "no counts at all of the treated": lambda f: f.with_columns(
        events=pl.when(TREATED).then(0.0).otherwise("events"), y=pl.when(TREATED).then(0.0).otherwise("y")
    ),
    "a far-out year": lambda f: f.with_columns(
        y=pl.when(TREATED & (pl.col("year") == START)).then(1e9).otherwise("y")
    ),
    "one treated unit": lambda f: f.filter(TREATED | (pl.col("group") == 0)),
    "two units": lambda f: f.filter(pl.col("area").is_in(["a00", "a39", "a01"])),
    "nobody treated": lambda f: f.with_columns(group=pl.lit(0.0), first=pl.lit(0.0)),
    "everybody treated": lambda f: f.with_columns(group=pl.lit(1.0), first=pl.lit(float(START))),
    "treated from the first year": lambda f: f.with_columns(
        first=pl.when(pl.col("group") == 1).then(2000.0).otherwise(0.0)
    ),
    "a covariate that is the group": lambda f: f.with_columns(x=pl.col("group")),
    "a constant covariate": lambda f: f.with_columns(x=pl.lit(1.0)),
    "one region": lambda f: f.with_columns(region=pl.lit("r")),
}


def ask(row: str, frame: pl.DataFrame) -> OutcomeResult | EvaluationError:
    text = text_of_row(ROWS[row], population='definition = "definition"\ncomplete = "whole"')
    try:
        return primary(frame, read(text))
    except EvaluationError as refused:
        return refused


def finite(found: OutcomeResult) -> None:
    """Nothing infinite and no NaN anywhere."""
    ways = (found.estimate, *(way.estimate for way in found.sensitivity))
    for e in ways:
        for name in (
            "value",
            "std_error",
            "conf_low",
            "conf_high",
            "p_value",
            "treated_mean",
            "comparison_mean",
        ):
            part = getattr(e, name)
            assert part is None or math.isfinite(part), name
    for check in found.checks:
        assert check.reading is None or math.isfinite(check.reading), check
        assert check.note.endswith((".", ")")), check
    for figure in found.figures:
        for line in figure.lines:
            for part in (*line.x, *line.y, *line.low, *line.high):
                assert part is None or math.isfinite(part), (figure.name, line.name)
    for term in found.path:
        assert all(
            part is None or math.isfinite(part)
            for part in (term.value, term.std_error, term.conf_low, term.conf_high)
        )


def sound(found: OutcomeResult | EvaluationError) -> None:
    if isinstance(found, EvaluationError):
        assert found.exit_code == 12
        for fault in found.faults:
            assert fault.code.startswith("LC4")
            assert len(fault.hint) > 5
            assert "a00" not in fault.problem or "treated_unit" in fault.problem
        return
    finite(found)
    if found.verdict.answer == "not-assessable":
        blocking = [check for check in found.checks if check.consequence == "block"]
        assert blocking
        assert found.verdict.detail == blocking[0].name


@every
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_panel_is_refused(row: str, what: str) -> None:
    if what == "a cell twice" and ROWS[row].sample == "people":
        return
    found = ask(row, REFUSED[what](sample(row)))
    assert isinstance(found, EvaluationError)
    sound(found)


@every
@pytest.mark.parametrize("what", SILENT)
def test_what_cannot_be_answered_is_not(row: str, what: str) -> None:
    if what == "one unit" and (ROWS[row].single or ROWS[row].sample == "people"):
        return
    found = ask(row, SILENT[what](sample(row)))
    sound(found)
    if isinstance(found, OutcomeResult) and not (
        ROWS[row].sample == "people" and what == "a definition of its own"
    ):
        assert found.verdict.answer == "not-assessable", found.verdict


@every
@pytest.mark.parametrize("what", FINITE)
def test_whatever_comes_is_finite_and_says_why(row: str, what: str) -> None:
    if what == "nobody treated" and ROWS[row].single:
        return
    sound(ask(row, FINITE[what](sample(row))))


@every
def test_the_report_can_be_written(row: str) -> None:
    from evaluation.reporting.html import render_report
    from tests.evaluation.report_builders import result as result_of
    from workspace.settings import DisclosureProfile

    found = primary(sample(row), plan_of(row))
    page = render_report(replace(result_of(found)), DisclosureProfile())
    assert "nan" not in page.lower().replace("nance", "")
    assert "<script" not in page
