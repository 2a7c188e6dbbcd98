"""What holds for the subgroup analyses of every method, unasked."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.model import Subgroup
from evaluation.plan import AnalysisPlan
from tests.contract.test_every_method import DESIGNS, PEOPLE, people
from tests.evaluation.studies import make_plan, number, primary, study

MORE = '[[subgroup]]\nby = "side"\nreason = "a test"\n'
PAIRS = [(name, kind) for name, method in PEOPLE.items() for kind in method.kinds if kind in (
    "continuous", "binary", "time-to-event")]  # fmt: skip
every = pytest.mark.parametrize(("method", "kind"), PAIRS)


def plan_of(method: str, kind: str, more: str = MORE) -> AnalysisPlan:
    from tests.contract.test_every_method import plan_of as whole

    covariates, lines, settings = DESIGNS.get(method, [(["x", "z"], "", "")])[0]
    if kind == "time-to-event":
        return whole(method, kind, more=more)
    return make_plan(
        method, kind=kind, covariates=covariates or ["x"], design=f'unit = "unit"\n{lines}', settings=settings,
        more=more,
    )  # fmt: skip


def sided(method: str, kind: str, n: int = 200, seed: int = 1) -> pl.DataFrame:
    frame = people(method, kind, n=n, seed=seed)
    draw = np.random.default_rng(seed + 9)
    return frame.with_columns(side=pl.Series(draw.choice(["left", "right"], frame.height).tolist()))


def only(frame: pl.DataFrame, plan: AnalysisPlan) -> Subgroup:
    (found,) = primary(frame, plan).subgroups
    return found


@every
def test_groups_have_effects_a_difference_and_an_answer_and_leave_the_verdict_alone(
    method: str, kind: str
) -> None:
    frame, plan = sided(method, kind), plan_of(method, kind)
    whole, bare = primary(frame, plan), primary(frame, plan_of(method, kind, ""))
    assert (whole.verdict, whole.estimate, whole.checks) == (bare.verdict, bare.estimate, bare.checks)
    (found,) = whole.subgroups
    assert [group.level for group in found.groups] == ["left", "right"]
    (difference,) = found.differences
    assert difference.conf_low < difference.value < difference.conf_high
    assert found.p_value == pytest.approx(difference.p_value)
    assert found.answer in ("differs", "no-evidence-of-a-difference")
    assert found.sentence


@every
def test_the_order_of_rows_and_the_names_of_groups_change_nothing(method: str, kind: str) -> None:
    frame, plan = sided(method, kind), plan_of(method, kind)
    first = only(frame, plan)
    assert only(frame.sample(fraction=1, shuffle=True, seed=4), plan) == first
    turned = only(frame.with_columns(side=pl.col("side").replace({"left": "z", "right": "a"})), plan)
    assert number(turned.p_value) == pytest.approx(number(first.p_value), rel=1e-6)
    one, other = turned.differences[0].value, first.differences[0].value
    ratio = first.effect in ("hazard-ratio",)
    assert one == pytest.approx(1 / other if ratio else -other, rel=1e-6)


BAD = {
    "a group with one arm": pl.when((pl.col("side") == "left") & (pl.col("treat") == 1)).then(None).otherwise("side"),
    "a small group": pl.when(pl.int_range(pl.len()) < 20).then(pl.lit("few")).otherwise(pl.lit("most")),
    "one group": pl.lit("all"),
    "nobody's group known": pl.lit(None, dtype=pl.String),
}  # fmt: skip


@every
@pytest.mark.parametrize("wrong", BAD)
def test_groups_that_cannot_be_compared_say_so_and_the_main_answer_stands(
    method: str, kind: str, wrong: str
) -> None:
    frame = sided(method, kind)
    plan = plan_of(method, kind)
    whole = primary(frame.with_columns(side=BAD[wrong]), plan)
    (found,) = whole.subgroups
    assert found.answer == "cannot-tell"
    assert found.p_value is None
    assert found.differences == ()
    assert all(group.note for group in found.groups if group.estimate.value is None)
    assert whole.estimate.value is not None
    assert whole.verdict == primary(frame, plan_of(method, kind, "")).verdict


@every
def test_a_group_column_with_too_many_values_is_refused(method: str, kind: str) -> None:
    frame = sided(method, kind).with_columns(side=pl.int_range(pl.len()).cast(pl.Float64))
    with pytest.raises(EvaluationError, match="more than 12"):
        primary(frame, plan_of(method, kind))


@every
def test_small_studies_of_any_shape_never_crash(method: str, kind: str) -> None:
    draw = np.random.default_rng(3)
    for seed in range(4):
        frame = sided(method, kind, n=int(draw.integers(5, 40)), seed=seed)
        try:
            found = gather_finding(study(frame), plan_of(method, kind), "unlocked")
        except EvaluationError:
            continue
        for one in found.outcomes[0].subgroups:
            assert one.p_value is None or math.isfinite(one.p_value)
