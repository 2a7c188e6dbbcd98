"""What holds for every method that gives a ratio, unasked: the rows of the contract, on the log scale."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.model import Estimate
from evaluation.plan import AnalysisPlan
from tests.contract.test_every_method import close, hopeless, numbers
from tests.evaluation.studies import make_plan, number, observed, primary, trial

# method, effect, covariates, lines of the design, settings
ROWS: list[tuple[str, str, list[str], str, str]] = [
    ("randomised", "risk-ratio", [], "", ""),
    ("randomised", "risk-ratio", ["x", "place"], "", 'errors = "HC1"'),
    ("randomised", "odds-ratio", ["x"], 'strata = "place"', "randomisation_p = true"),
    ("randomised", "odds-ratio", ["x"], 'cluster = "place"', ""),
    ("randomised", "ordered", [], "", ""),
    ("randomised", "ordered", ["x", "place"], "", 'errors = "HC1"'),
    ("randomised", "ordered", ["x"], 'cluster = "place"', ""),
    ("randomised", "rate-ratio", [], "", ""),
    ("randomised", "rate-ratio", ["x", "place"], "", 'interval = "normal"'),
    ("randomised", "rate-ratio", ["x"], 'strata = "place"', ""),
    ("matching", "risk-ratio", ["x", "z"], "", ""),
    ("matching", "odds-ratio", ["x", "z"], "", 'replace = true\nadjust = "none"'),
    ("matching", "risk-ratio", ["x", "z"], "", 'kind = "subclassification"'),
    ("matching", "rate-ratio", ["x", "place"], "", 'kind = "coarsened-exact"'),
    ("matching", "rate-ratio", ["x", "z"], "", "ratio = 2"),
    ("weighting", "risk-ratio", ["x", "z"], "", ""),
    ("weighting", "odds-ratio", ["x", "z"], 'estimand = "ATE"', ""),
    ("weighting", "rate-ratio", ["x", "z"], "", 'kind = "entropy"'),
    ("doubly-robust", "risk-ratio", ["x", "z"], "", "repeats = 2"),
    ("doubly-robust", "odds-ratio", ["x", "z"], 'estimand = "ATT"', "folds = 2\ntrim = 0.05"),
    ("doubly-robust", "rate-ratio", ["x", "z"], "", "folds = 1"),
]
Row = tuple[str, str, list[str], str, str]
every = pytest.mark.parametrize("row", ROWS, ids=["-".join((r[0], r[1], str(i))) for i, r in enumerate(ROWS)])


def plan_of(row: Row, better: str = "higher") -> AnalysisPlan:
    method, effect, covariates, lines, settings = row
    kind = {"rate-ratio": "count", "ordered": "ordinal"}.get(effect, "binary")
    effect = "odds-ratio" if effect == "ordered" else effect
    more = 'exposure = "time"' if kind == "count" else ""
    return make_plan(
        method, kind=kind, covariates=covariates, design=f'unit = "unit"\n{lines}', settings=settings,
        better=better, outcome=f'effect = "{effect}"\n{more}',
    )  # fmt: skip


def people(row: Row, seed: int = 1, n: int = 150) -> pl.DataFrame:
    counts = row[1] == "rate-ratio"
    binary = row[1] in ("risk-ratio", "odds-ratio")
    frame = observed(3 * n, seed, binary=binary) if row[0] != "randomised" else trial(n, seed, binary=binary)
    if row[1] == "ordered":
        frame = frame.with_columns(y=pl.col("y").clip(-1, 2).round(0) + 1)
    draw = np.random.default_rng(seed + 50)
    time = draw.uniform(0.5, 2, frame.height)
    frame = frame.with_columns(time=pl.Series(time))
    if counts:
        frame = frame.with_columns(
            y=pl.Series(draw.poisson(time * np.exp(0.3 * frame["y"].to_numpy()))).cast(pl.Float64)
        )
    return frame


@every
def test_order_names_and_other_columns_change_nothing(row: Row) -> None:
    frame, plan = people(row), plan_of(row)
    first = primary(frame, plan)
    assert primary(frame, plan) == first
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    assert primary(moved.with_columns(other=2 * pl.col("y")), plan) == first
    names = {"east": "zulu", "north": "alpha", "south": "mike"}
    close(primary(frame.with_columns(pl.col("place").replace_strict(names)), plan), first)
    close(primary(frame.with_columns(x=1000 * pl.col("x") + 365), plan), first, rel=1e-7)


@every
def test_the_ratio_lies_inside_its_intervals_above_nought_and_the_p_value_agrees(row: Row) -> None:
    for seed in range(3):
        e = primary(people(row, seed), plan_of(row)).estimate
        ends = [number(part) for part in (e.conf_low, e.narrow_low, e.value, e.narrow_high, e.conf_high)]
        assert ends[0] > 0
        assert ends == sorted(ends)
        assert (number(e.p_value) < 0.05) == (not ends[0] <= 1 <= ends[-1])
        assert number(e.conf_low) * number(e.conf_high) == pytest.approx(number(e.value) ** 2)


def turned(one: Estimate, other: Estimate) -> None:
    assert other.value == pytest.approx(1 / number(one.value), rel=1e-6)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-6)
    assert other.conf_low == pytest.approx(1 / number(one.conf_high), rel=1e-6)


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] == "randomised"])
def test_swapping_the_arms_turns_the_ratio_over(row: Row) -> None:
    frame = people(row)
    turned(primary(frame, plan_of(row)).estimate,
           primary(frame.with_columns(treat=1 - pl.col("treat")), plan_of(row)).estimate)  # fmt: skip


@pytest.mark.parametrize("row", [row for row in ROWS if row[1] in ("odds-ratio", "ordered")])
def test_turning_the_outcome_round_turns_the_odds_over_and_keeps_the_verdict(row: Row) -> None:
    frame = people(row)
    one = primary(frame, plan_of(row))
    other = primary(frame.with_columns(y=1 - pl.col("y")), plan_of(row, better="lower"))
    turned(one.estimate, other.estimate)
    assert (other.verdict.answer, other.verdict.detail) == (one.verdict.answer, one.verdict.detail)


@every
@pytest.mark.parametrize("wrong", sorted(hopeless("randomised", "binary")))
def test_hopeless_data_are_refused_or_not_assessable(row: Row, wrong: str) -> None:
    frame = hopeless(row[0], "binary")[wrong]
    if (
        wrong in ("no covariate known", "a category for everyone")
        or "covariate" in wrong
        or "category" in wrong
    ) and "x" not in row[2]:
        return
    frame = frame.with_columns(time=pl.lit(1.0))
    try:
        found = primary(frame, plan_of(row))
    except EvaluationError:
        return
    assert found.verdict.answer == "not-assessable", (found.verdict, found.estimate)
    assert all(math.isfinite(part) for part in numbers_there(found.estimate))


def numbers_there(e: Estimate) -> list[float]:
    parts = (e.value, e.std_error, e.conf_low, e.conf_high, e.p_value)
    return [part for part in parts if part is not None]


@every
def test_small_studies_of_any_shape_never_crash_and_never_claim(row: Row) -> None:
    draw = np.random.default_rng(11)
    for _ in range(40):
        n = int(draw.integers(1, 25))
        frame = pl.DataFrame({
            "unit": [f"P{i}" for i in range(n)], "treat": draw.integers(0, 2, n).astype(float),
            "x": draw.integers(0, 3, n).astype(float), "z": draw.normal(size=n),
            "place": draw.choice(["a", "b", "c"], n).tolist(), "time": draw.uniform(0.1, 2, n),
            "y": draw.integers(0, 2, n).astype(float),
        })  # fmt: skip
        try:
            found = primary(frame, plan_of(row))
        except EvaluationError:
            continue
        assert found.verdict.answer == "not-assessable"
        assert found.estimate.p_value is None


def test_the_numbers_compared_are_those_of_the_contract() -> None:
    assert set(numbers(primary(people(ROWS[0]), plan_of(ROWS[0])).estimate)) >= {
        "value",
        "conf_low",
        "p_value",
    }
