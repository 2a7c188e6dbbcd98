"""What holds for every layout, level and ratio of a trial of clusters, unasked: the rows of the contract."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.plan import AnalysisPlan
from tests.contract.test_every_method import close
from tests.evaluation.cluster_samples import areas, classes, wards, waves
from tests.evaluation.studies import make_plan, number, primary, study

WARD, SCHOOL = 'cluster = "ward"\nunit = "unit"', 'cluster = "school"\nunit = "unit"'
WEDGE, CROSS = 'layout = "stepped-wedge"\nperiod = "month"', 'layout = "crossover"\nperiod = "month"'
RATE, MARGINAL = 'effect = "rate-ratio"\nexposure = "time"', 'ratio_model = "marginal"'
# sample, kind, covariates, lines of the design, settings, lines of the outcome
ROWS: dict[str, tuple[str, str, list[str], str, str, str]] = {
    "wedge": ("wards", "continuous", [], WARD, WEDGE, ""),
    "wedge-adjusted": ("wards", "continuous", ["x", "place"], WARD + '\nstrata = "district"', WEDGE, ""),
    "wedge-binary": ("wards-binary", "binary", ["x"], WARD, WEDGE, ""),
    "crossover": ("crossing", "continuous", ["x"], WARD, CROSS, ""),
    "classes": ("classes", "continuous", ["x", "place"], SCHOOL, 'subcluster = "room"', ""),
    "classes-within": (
        "within", "continuous", ["x"], SCHOOL, 'subcluster = "room"\nintervention_level = "subcluster"', "",
    ),
    "growth": ("waves", "continuous", ["x"], SCHOOL + '\ntime = "year"', "", ""),
    "growth-end": ("waves", "continuous", [], SCHOOL + '\ntime = "year"', 'growth = "end"', ""),
    "rate": ("areas", "count", ["x"], SCHOOL, "", RATE),
    "rate-strata": ("areas", "count", ["place"], SCHOOL + '\nstrata = "district"', "", RATE),
    "rate-marginal": ("areas", "count", ["x", "place"], SCHOOL, MARGINAL, RATE),
    "risk": ("areas-binary", "binary", ["x"], SCHOOL, "", 'effect = "risk-ratio"'),
    "odds": ("areas-binary", "binary", [], SCHOOL, "", 'effect = "odds-ratio"'),
    "odds-marginal": ("areas-binary", "binary", ["x"], SCHOOL, MARGINAL, 'effect = "odds-ratio"'),
    "wedge-odds": ("wards-binary", "binary", [], WARD, WEDGE + "\n" + MARGINAL, 'effect = "odds-ratio"'),
}  # fmt: skip
every = pytest.mark.parametrize("row", ROWS)
DIFFERENCES = [name for name, parts in ROWS.items() if "ratio" not in parts[5] and parts[1] == "continuous"]
RATIOS = [name for name, parts in ROWS.items() if "ratio" in parts[5]]


def people(row: str, seed: int = 1) -> pl.DataFrame:
    sample = ROWS[row][0]
    if sample == "wards":
        return wards(10, 5, seed)
    if sample == "wards-binary":
        return wards(10, 5, seed, binary=True)
    if sample == "crossing":
        return wards(8, 4, seed, crossing=True)
    if sample in ("classes", "within"):
        return classes(10, seed, within=sample == "within")
    if sample == "waves":
        return waves(10, seed)
    return areas(14, seed, binary=sample == "areas-binary")


def plan_of(row: str, better: str = "higher") -> AnalysisPlan:
    _, kind, covariates, design, settings, outcome = ROWS[row]
    return make_plan(
        "cluster-randomised", kind=kind, covariates=covariates, design=design, settings=settings, outcome=outcome,
        better=better,
    )  # fmt: skip


@every
def test_order_columns_and_repetition_change_nothing(row: str) -> None:
    frame, plan = people(row), plan_of(row)
    first = primary(frame, plan)
    assert primary(frame, plan) == first
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    assert primary(moved.with_columns(other=2 * pl.col("y")), plan) == first
    table = study(frame)
    before = table.frame.clone()
    gather_finding(table, plan, "unlocked")
    assert table.frame.equals(before)


@every
def test_names_of_categories_and_units_of_covariates_change_nothing(row: str) -> None:
    frame, plan = people(row), plan_of(row)
    first = primary(frame, plan)
    names = {"east": "zulu", "north": "alpha", "south": "mike"}
    close(primary(frame.with_columns(pl.col("place").replace_strict(names)), plan), first, rel=1e-6)
    close(primary(frame.with_columns(x=1000 * pl.col("x") + 365), plan), first, rel=1e-6)


@every
def test_the_estimate_lies_inside_its_intervals_and_the_p_value_agrees(row: str) -> None:
    for seed in range(3):
        e = primary(people(row, seed), plan_of(row)).estimate
        ends = [number(part) for part in (e.conf_low, e.narrow_low, e.value, e.narrow_high, e.conf_high)]
        assert ends == sorted(ends)
        nought = 1 if row in RATIOS else 0
        assert (number(e.p_value) < 0.05) == (not ends[0] <= nought <= ends[-1])


@pytest.mark.parametrize("row", DIFFERENCES)
def test_shifting_scaling_and_turning_the_outcome(row: str) -> None:
    frame, plan = people(row), plan_of(row)
    one = primary(frame, plan)
    close(
        primary(frame.with_columns(pl.col("y") + 100), plan), one, rel=1e-6
    ) if row != "growth-end" else None
    ten = primary(frame.with_columns(y=10 * pl.col("y")), plan)
    for name in ("value", "std_error", "conf_low", "conf_high"):
        assert getattr(ten.estimate, name) == pytest.approx(
            10 * number(getattr(one.estimate, name)), rel=1e-6
        )
    other = primary(frame.with_columns(y=1 - pl.col("y")), plan_of(row, "lower"))
    assert other.estimate.value == pytest.approx(-number(one.estimate.value), rel=1e-6)
    assert other.verdict.answer == one.verdict.answer


@pytest.mark.parametrize("row", [*RATIOS, "classes", "classes-within", "crossover", "growth"])
def test_swapping_the_arms_turns_the_effect(row: str) -> None:
    if row.startswith("wedge"):
        return  # a wedge turned round goes back: it is refused
    frame, plan = people(row), plan_of(row)
    one = primary(frame, plan).estimate
    other = primary(frame.with_columns(treat=1 - pl.col("treat")), plan).estimate
    turned = 1 / number(one.value) if row in RATIOS else -number(one.value)
    assert other.value == pytest.approx(turned, rel=1e-6)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-6)


def hopeless(row: str) -> dict[str, pl.DataFrame]:
    frame = people(row)
    cluster = "ward" if "ward" in frame.columns else "school"
    one, zero = frame.filter(pl.col("treat") == 1), frame.filter(pl.col("treat") == 0)
    first = frame[cluster].sort().unique(maintain_order=True)
    return {
        "nobody": frame.head(0),
        "one row": frame.head(1),
        "five rows": frame.head(5),
        "one treated row": pl.concat([one.head(1), zero]),
        "everybody treated": one,
        "nobody treated": zero,
        "one cluster": frame.filter(pl.col(cluster) == first[0]),
        "two clusters": frame.filter(pl.col(cluster).is_in(first.head(2).to_list())),
        "constant outcome": frame.with_columns(y=pl.lit(1.0)),
        "nothing happened": frame.with_columns(y=pl.lit(0.0)),
        "no outcome seen": frame.with_columns(y=pl.lit(None, dtype=pl.Float64)),
        "no outcome of the treated seen": frame.with_columns(y=pl.when(pl.col("treat") == 0).then("y")),
        "outcome decided by the arm": frame.with_columns(y=pl.col("treat")),
        "a covariate that is the treatment": frame.with_columns(x=pl.col("treat")),
    }


@every
@pytest.mark.parametrize("wrong", sorted(hopeless("wedge")))
def test_hopeless_data_are_refused_or_not_assessable(row: str, wrong: str) -> None:
    plan = plan_of(row)
    unused = "x" not in plan.design.covariates and wrong.startswith("a covariate")
    if unused or (row, wrong) == ("classes-within", "two clusters"):  # eight classes, four in each arm
        return
    try:
        found = primary(hopeless(row)[wrong], plan)
    except EvaluationError:
        return
    e = found.estimate
    assert found.verdict.answer == "not-assessable", (found.verdict.answer, e)
    assert all(part is None or math.isfinite(part) for part in (e.value, e.std_error, e.conf_low, e.p_value))


@every
def test_small_trials_of_any_shape_never_crash(row: str) -> None:
    draw = np.random.default_rng(11)
    cluster = "ward" if "ward" in people(row).columns else "school"
    for _ in range(25):
        n = int(draw.integers(1, 40))
        frame = pl.DataFrame({
            "unit": [f"P{i // 3 if 'growth' in row else i}" for i in range(n)], "year": [i % 3 for i in range(n)],
            cluster: [f"K{k}" for k in draw.integers(0, 5, n)], "room": draw.choice(["a", "b"], n).tolist(),
            "month": draw.integers(1, 4, n), "treat": draw.integers(0, 2, n).astype(float),
            "x": draw.integers(0, 3, n).astype(float), "place": draw.choice(["a", "b", "c"], n).tolist(),
            "district": draw.choice(["a", "b"], n).tolist(), "time": draw.uniform(0.1, 2, n),
            "y": draw.integers(0, 2, n).astype(float),
        })  # fmt: skip
        try:
            found = primary(frame, plan_of(row))
        except EvaluationError:
            continue
        assert found.verdict.answer == "not-assessable"
        assert found.estimate.p_value is None
