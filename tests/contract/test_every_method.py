"""What holds for every method of the register, unasked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.methods.registry import METHODS
from evaluation.model import Estimate, OutcomeResult
from evaluation.plan import AnalysisPlan
from tests.evaluation.offending import ROWS as OFFENDING_ROWS
from tests.evaluation.offending import offenders
from tests.evaluation.studies import make_plan, number, observed, primary, schools, study, trial
from tests.evaluation.times import TIMED, watched_people

KINDS = ("continuous", "binary")
PEOPLE = {name: method for name, method in METHODS.items() if method.reads == "people"}
PAIRS = [(name, kind) for name, method in PEOPLE.items() for kind in KINDS if kind in method.kinds]
# Every design a method offers that may change how people are told apart.
DESIGNS: dict[str, list[tuple[list[str], str, str]]] = {
    "randomised": [
        ([], "", ""),
        (["x", "place"], "", ""),
        (["x"], 'strata = "place"', ""),
        (["x"], 'cluster = "place"', 'errors = "HC1"'),
        (["x"], 'strata = "place"', 'adjust = "lin"\ndf = "residual"\nrandomisation_p = true'),
        (["x"], "", '[analysis]\nmissing = "multiple-imputation"\nauxiliary = ["z"]'),
    ],
    "cluster-randomised": [
        ([], 'cluster = "school"', ""),
        (["x", "place"], 'cluster = "school"', ""),
        (["x"], 'cluster = "school"\nstrata = "district"', ""),
        (["x"], 'cluster = "school"', 'model = "cluster-means"'),
        (["x"], 'cluster = "school"', '[analysis]\nmissing = "inverse-probability"'),
        (["x"], 'cluster = "site"', 'intervention_level = "individual"'),
        ([], 'cluster = "site"', 'intervention_level = "individual"\nrandom_slope = true'),
    ],
    "matching": [
        (["x", "z"], "", ""),
        (["x", "z", "place"], 'exact = ["place"]', ""),
        (["x", "z"], "", 'ratio = 3\nadjust = "none"'),
        (["x", "z"], "", "replace = true"),
        (["x", "z"], "", 'replace = true\nerrors = "abadie-imbens"'),
        (["x", "z", "place"], "", 'distance = "mahalanobis"\norder = "closest"'),
        (["x", "z"], "", 'kind = "subclassification"'),
        (["x", "place"], "", 'kind = "coarsened-exact"'),
    ],
    "doubly-robust": [
        (["x", "z"], "", ""),
        (["x", "z", "place"], 'estimand = "ATT"', "folds = 2"),
        (["x", "z"], "", 'estimator = "tmle"\nfolds = 1\ninterval = "t"'),
        (["x", "z"], "", "folds = 3\nrepeats = 2\ntrim = 0.05\nexplore = true"),
    ],
    "weighting": [
        (["x", "z"], "", ""),
        (["x", "z", "place"], 'estimand = "ATE"', ""),
        (["x", "z"], 'estimand = "ATE"', "trim = 0.05"),
        (["x", "z"], 'estimand = "ATE"', '[analysis]\nmissing = "inverse-probability"'),
        (["x", "z"], 'estimand = "ATO"', 'kind = "overlap"'),
        (["x", "z", "place"], "", 'kind = "entropy"\ninterval = "t"'),
    ],
}
ROWS = [
    (name, kind, number) for name, kind in PAIRS for number in range(len(DESIGNS.get(name, [([], "", "")])))
]
every = pytest.mark.parametrize(("method", "kind", "design"), ROWS)


def plan_of(method: str, kind: str, design: int = 0, **more: Any) -> AnalysisPlan:
    covariates, lines, settings = DESIGNS.get(method, [(["x", "z"], "", "")])[design]
    parts: dict[str, Any] = {
        "covariates": covariates, "kind": kind, "design": f'unit = "unit"\n{lines}', "settings": settings,
    }  # fmt: skip
    if kind == "time-to-event":
        parts |= {"outcome": TIMED, "better": "lower"}
    if kind == "recurrent":
        rows = OFFENDING_ROWS.replace('"arrest"', '"y"')
        parts |= {"kind": "time-to-event", "outcome": rows, "better": "lower"}
    return make_plan(method, **(parts | more))


def people(method: str, kind: str, *, n: int = 150, seed: int = 1) -> pl.DataFrame:
    if kind == "time-to-event":
        chosen = method != "randomised"
        return watched_people(3 * n // 2 if chosen else n, seed, pull=0.8 if chosen else 0.0)
    if kind == "recurrent":
        pulled = 0.0 if method == "randomised" else 0.8
        return offenders(n, seed, pull=pulled).rename({"arrest": "y"})
    if method == "randomised":
        return trial(n, seed, binary=kind == "binary")
    if method == "cluster-randomised":
        return schools(n, seed, binary=kind == "binary")
    return observed(3 * n, seed, binary=kind == "binary")


def close(one: OutcomeResult, other: OutcomeResult, rel: float = 1e-9) -> None:
    """The same answer, up to the last bits of the arithmetic."""
    assert numbers(one.estimate) == pytest.approx(numbers(other.estimate), rel=rel, abs=1e-9, nan_ok=False)
    assert one.verdict.answer == other.verdict.answer
    assert one.verdict.security == other.verdict.security
    ways = [{way.name: number(way.estimate.value) for way in each.sensitivity} for each in (one, other)]
    assert ways[0] == pytest.approx(ways[1], rel=rel)


def numbers(e: Estimate) -> dict[str, float]:
    names = (
        "value",
        "std_error",
        "conf_low",
        "conf_high",
        "narrow_low",
        "narrow_high",
        "p_value",
        "n_treated",
        "n_comparison",
    )
    return {name: number(getattr(e, name)) for name in names}


@every
def test_the_same_data_and_seed_give_the_same_answer_to_the_last_bit(
    method: str, kind: str, design: int
) -> None:
    frame = people(method, kind)
    assert primary(frame, plan_of(method, kind, design)) == primary(frame, plan_of(method, kind, design))


@every
def test_the_order_of_rows_and_columns_changes_nothing(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    moved = frame.sample(fraction=1, shuffle=True, seed=9).select(frame.columns[::-1])
    assert primary(moved, plan) == primary(frame, plan)


@every
def test_relabelling_categories_changes_nothing(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    names = {"east": "zulu", "north": "alpha", "south": "mike"}
    renamed = frame.with_columns(pl.col("place").replace_strict(names, return_dtype=pl.String))
    close(primary(renamed, plan), primary(frame, plan))


@every
def test_the_unit_and_origin_of_a_covariate_change_nothing(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    close(primary(frame.with_columns(x=1000 * pl.col("x") + 365), plan), primary(frame, plan), rel=1e-7)


@every
def test_columns_the_plan_does_not_name_change_nothing(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    wider = frame.with_columns(other=pl.col("y") * 2, note=pl.lit("text"), gap=pl.lit(None, dtype=pl.Float64))
    assert primary(wider, plan) == primary(frame, plan)


@every
def test_the_input_is_left_as_it_was(method: str, kind: str, design: int) -> None:
    table = study(people(method, kind))
    before = table.frame.clone()
    gather_finding(table, plan_of(method, kind, design), "unlocked")
    assert table.frame.equals(before)


CONTINUOUS = [row for row in ROWS if row[1] == "continuous"]
continuous = pytest.mark.parametrize(("method", "kind", "design"), CONTINUOUS)


@continuous
def test_a_constant_added_to_the_outcome_leaves_the_effect(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    close(primary(frame.with_columns(pl.col("y") + 100), plan), primary(frame, plan), rel=1e-7)


@continuous
def test_an_outcome_times_a_constant_scales_the_effect(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    one, ten = primary(frame, plan), primary(frame.with_columns(y=10 * pl.col("y")), plan)
    for name in ("value", "std_error", "conf_low", "conf_high", "narrow_low", "narrow_high"):
        assert getattr(ten.estimate, name) == pytest.approx(10 * getattr(one.estimate, name), rel=1e-9)
    assert ten.estimate.p_value == pytest.approx(one.estimate.p_value)
    assert ten.estimate.standardised is not None
    assert one.estimate.standardised is not None
    assert ten.estimate.standardised.value == pytest.approx(one.estimate.standardised.value)
    assert ten.verdict.security == one.verdict.security


@every
def test_turning_the_outcome_round_turns_the_effect_round_and_keeps_the_verdict(
    method: str, kind: str, design: int
) -> None:
    frame = people(method, kind)
    turned = frame.with_columns(y=1 - pl.col("y"))
    one = primary(frame, plan_of(method, kind, design, better="higher"))
    other = primary(turned, plan_of(method, kind, design, better="lower"))
    assert other.estimate.value == pytest.approx(-number(one.estimate.value))
    assert other.estimate.conf_low == pytest.approx(-number(one.estimate.conf_high))
    assert (other.verdict.answer, other.verdict.detail) == (one.verdict.answer, one.verdict.detail)


RANDOMISED = [row for row in ROWS if METHODS[row[0]].design_level == 5]


@pytest.mark.parametrize(("method", "kind", "design"), RANDOMISED)
def test_swapping_the_arms_turns_the_sign(method: str, kind: str, design: int) -> None:
    frame, plan = people(method, kind), plan_of(method, kind, design)
    one, other = (
        primary(frame, plan).estimate,
        primary(frame.with_columns(treat=1 - pl.col("treat")), plan).estimate,
    )
    assert other.value == pytest.approx(-number(one.value))
    assert other.std_error == pytest.approx(one.std_error)
    assert (other.conf_low, other.conf_high) == pytest.approx((-number(one.conf_high), -number(one.conf_low)))
    assert (other.n_treated, other.n_comparison) == (one.n_comparison, one.n_treated)


@every
def test_the_estimate_lies_inside_its_intervals_and_the_p_value_agrees_with_them(
    method: str, kind: str, design: int
) -> None:
    for seed in range(3):
        e = primary(people(method, kind, seed=seed), plan_of(method, kind, design)).estimate
        low, narrow_low, value, narrow_high, high = (
            number(part) for part in (e.conf_low, e.narrow_low, e.value, e.narrow_high, e.conf_high)
        )
        assert low < narrow_low < value < narrow_high < high
        assert (number(e.p_value) < 0.05) == (not low <= 0 <= high)
        assert number(e.treated_mean) - number(e.comparison_mean) == pytest.approx(value, abs=2)


# --- tiny or hopeless data


def hopeless(method: str, kind: str) -> dict[str, pl.DataFrame]:
    frame = people(method, kind, n=100)
    n = frame.height
    one, zero = frame.filter(pl.col("treat") == 1), frame.filter(pl.col("treat") == 0)
    return {
        "five people": frame.head(5),
        "two people": pl.concat([one.head(1), zero.head(1)]),
        "one person": frame.head(1),
        "nobody": frame.head(0),
        "one treated person": pl.concat([one.head(1), zero]),
        "two treated people": pl.concat([one.head(2), zero]),
        "twenty-nine treated people": pl.concat([one.head(29), zero]),
        "everybody treated": one,
        "nobody treated": zero,
        "no arm known": frame.with_columns(treat=pl.lit(None, dtype=pl.Float64)),
        "no outcome seen": frame.with_columns(y=pl.lit(None, dtype=pl.Float64)),
        "no outcome of the treated seen": frame.with_columns(y=pl.when(pl.col("treat") == 0).then("y")),
        "no covariate known": frame.with_columns(x=pl.lit(None, dtype=pl.Float64)),
        "constant outcome": frame.with_columns(y=pl.lit(1.0)),
        "constant outcome of rounding dust": frame.with_columns(
            y=pl.lit(0.1 if kind == "continuous" else 0.0)
        ),
        "outcome decided by the arm": frame.with_columns(y=pl.col("treat")),
        "a covariate that is the treatment": frame.with_columns(x=pl.col("treat")),
        "a covariate that turns the treatment round": frame.with_columns(x=3 - 2 * pl.col("treat")),
        "a category that is the treatment": frame.with_columns(
            x=pl.when(pl.col("treat") == 1).then(pl.lit("yes")).otherwise(pl.lit("no"))
        ),
        "a category for everyone": frame.with_columns(x=pl.Series([f"c{i}" for i in range(n)])).head(150),
    }


HOPELESS = sorted(hopeless("randomised", "continuous"))
# These can be analysed when the plan does not use what is wrong with them.
FINE_WITHOUT_X = {
    "no covariate known", "a covariate that is the treatment", "a covariate that turns the treatment round",
    "a category that is the treatment", "a category for everyone",
}  # fmt: skip


@every
@pytest.mark.parametrize("wrong", HOPELESS)
def test_hopeless_data_are_refused_or_not_assessable_and_never_crash(
    method: str, kind: str, design: int, wrong: str
) -> None:
    plan = plan_of(method, kind, design)
    if wrong in FINE_WITHOUT_X and "x" not in plan.design.covariates:
        return
    try:
        found = primary(hopeless(method, kind)[wrong], plan)
    except EvaluationError:
        return
    assert found.verdict.answer == "not-assessable", (found.verdict, found.estimate)
    assert found.verdict.sentence.startswith("The data cannot answer this")
    e = found.estimate
    looks_fine = (
        e.value is not None and e.std_error is not None and wrong != "constant outcome of rounding dust"
    )
    if looks_fine:
        assert any(check.consequence == "block" for check in found.checks)
    for part in (e.value, e.std_error, e.conf_low, e.conf_high, e.p_value):
        assert part is None or math.isfinite(part)


@every
@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.with_columns(x=pl.lit(7.0)),
        lambda frame: frame.with_columns(z=pl.lit(0.1)),
        lambda frame: frame.with_columns(x=pl.col("z") * 3 + 1),
        lambda frame: frame.with_columns(place=pl.lit("east")),
    ],
    ids=["constant covariate", "constant decimal", "collinear covariates", "one category"],
)
def test_covariates_that_say_nothing_are_survived(
    method: str, kind: str, design: int, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    found = primary(change(people(method, kind)), plan_of(method, kind, design))
    e = found.estimate
    if found.verdict.answer == "not-assessable":
        return
    assert all(math.isfinite(number(part)) for part in (e.value, e.std_error, e.conf_low, e.conf_high))
    assert abs(number(e.value)) < 4 * number(e.std_error) + 3


@pytest.mark.parametrize(("method", "kind"), PAIRS)
def test_strata_that_are_each_in_one_arm_cannot_be_told_from_the_treatment(method: str, kind: str) -> None:
    if METHODS[method].design_level != 5:
        return
    frame = people(method, kind).with_columns(
        area=pl.when(pl.col("treat") == 1).then(pl.lit("here")).otherwise(pl.lit("there"))
    )
    cluster = 'cluster = "school"\n' if method == "cluster-randomised" else ""
    found = primary(frame, make_plan(method, kind=kind, design=f'{cluster}strata = "area"'))
    assert found.verdict.answer == "not-assessable"
    assert found.estimate.value is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ratio", [1, 3])
@pytest.mark.parametrize("replace", ["true", "false"])
@pytest.mark.parametrize("caliper", [1e-12, 1e-6, 1e-4, 1e-3])
def test_a_caliper_that_leaves_nobody_or_hardly_anybody_is_not_assessable(
    kind: str, ratio: int, replace: str, caliper: float
) -> None:
    settings = f"caliper = {caliper:.12f}\nratio = {ratio}\nreplace = {replace}"
    for seed in range(3):
        found = primary(
            people("matching", kind, n=60, seed=seed),
            make_plan("matching", kind=kind, covariates=["x", "z"], settings=settings),
        )
        e = found.estimate
        if min(e.n_treated, e.n_comparison) < 30:
            assert found.verdict.answer == "not-assessable"
            assert e.std_error is None


@pytest.mark.parametrize("kind", KINDS)
def test_separation_is_named_as_lack_of_overlap(kind: str) -> None:
    frame = people("matching", kind).with_columns(z=pl.col("treat") * 5 + pl.col("z").clip(-2, 2))
    found = primary(frame, make_plan("matching", kind=kind, covariates=["x", "z"]))
    assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", "overlap")
    assert found.estimate.value is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clusters", [1, 2, 3])
def test_too_few_clusters_are_not_assessable(kind: str, clusters: int) -> None:
    frame = people("randomised", kind)
    named = [f"school {i % clusters}" for i in range(frame.height)]
    found = primary(
        frame.with_columns(school=pl.Series(named)), make_plan(kind=kind, design='cluster = "school"')
    )
    if clusters < 3:
        assert found.verdict.answer == "not-assessable"
    else:
        assert any(check.name == "clusters" and check.consequence == "downgrade" for check in found.checks)


@pytest.mark.parametrize(("method", "kind"), PAIRS)
def test_small_studies_of_any_shape_never_crash_and_never_claim(method: str, kind: str) -> None:
    draw = np.random.default_rng(11)
    for _ in range(60):
        n = int(draw.integers(1, 25))
        frame = pl.DataFrame(
            {
                "treat": draw.integers(0, 2, n).astype(float),
                "x": draw.integers(0, 3, n).astype(float),
                "z": [None if draw.random() < 0.1 else draw.normal() for _ in range(n)],
                "place": draw.choice(["a", "b", "c"], n).tolist(),
                "school": [f"s{i % 6}" for i in range(n)],
                "district": ["d1"] * n,
                "site": [f"l{i % 2}" for i in range(n)],
                "y": draw.integers(0, 2, n).astype(float),
            },
            schema_overrides={"z": pl.Float64},
        )
        for covariates, lines, settings in DESIGNS[method]:
            plan = make_plan(method, kind=kind, covariates=covariates, design=lines, settings=settings)
            try:
                found = primary(frame, plan)
            except EvaluationError:
                continue
            assert found.verdict.answer == "not-assessable"
            assert found.estimate.p_value is None
