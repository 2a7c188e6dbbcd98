"""Subclasses, exact cells, Mahalanobis's distance, matching again and ratios, worked out by hand or by brute force."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.frame import build_frame
from evaluation.matched.abadie_imbens import compare_with_replacement
from evaluation.matched.coarsened import cells, coarse, ranges_for
from evaluation.matched.mahalanobis import match_by_distance, metric
from evaluation.matched.nearest import Order
from evaluation.matched.pairing import pair_rows
from evaluation.matched.people import from_groups
from evaluation.matched.settings import MatchingSettings
from evaluation.matched.subclasses import subclass_codes, within_classes
from evaluation.methods.matching import _score
from evaluation.model import OutcomeResult
from evaluation.plan import canonical
from evaluation.regression.linear import Array
from evaluation.store import table_from_file
from tests.evaluation.studies import (
    make_plan,
    number,
    observed,
    plan_text,
    primary,
    read,
    study,
)

SUBCLASSES, CELLS = 'kind = "subclassification"', 'kind = "coarsened-exact"'


def matched(frame: pl.DataFrame, settings: str, **parts: Any) -> OutcomeResult:
    return primary(frame, make_plan("matching", settings=settings, **({"covariates": ["x", "z"]} | parts)))


def note(found: OutcomeResult, name: str) -> Any:
    return next(check for check in found.checks if check.name == name)


# --- subclasses


def test_subclasses_hold_as_many_of_the_treated_and_everybody() -> None:
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.05, 0.95, 0.3])
    treated = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0.0])
    codes = subclass_codes(score, treated, 3)
    assert codes.tolist() == [0, 0, 1, 1, 2, 2, 0, 2, 1]


def test_the_effect_over_subclasses_and_its_error_are_those_of_the_textbook() -> None:
    draw = np.random.default_rng(4)
    classes = draw.integers(0, 4, 200)
    treated = (draw.uniform(size=200) < 0.2 + 0.15 * classes).astype(float)
    y = draw.normal(size=200) * (1 + classes) + treated
    value = variance = 0.0
    for k in range(4):
        one, zero = y[(classes == k) & (treated == 1)], y[(classes == k) & (treated == 0)]
        share = len(one) / treated.sum()
        value += share * (one.mean() - zero.mean())
        variance += share**2 * (one.var(ddof=1) / len(one) + zero.var(ddof=1) / len(zero))
    fit = within_classes(y, treated, classes, np.empty((200, 0)), ())
    assert fit.value == pytest.approx(value, rel=1e-10)
    assert fit.std_error == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert fit.df == 200 - 8


def test_a_subclass_without_two_of_each_arm_is_left_out_and_counted() -> None:
    codes, treated = np.array([0, 0, 0, 0, 1, 1, 1]), np.array([1, 1, 0, 0, 1, 1, 0.0])
    found = from_groups(codes, treated, fewest=2)
    assert found.rows.tolist() == [0, 1, 2, 3]
    found = from_groups(codes, treated, fewest=1)
    assert found.weights.tolist() == [1, 1, 1, 1, 1, 1, 2]


def test_subclasses_take_away_most_of_the_bias_of_choice() -> None:
    crude, plain, adjusted = [], [], []
    for seed in range(12):
        frame = observed(1000, seed, pull=0.8)
        crude.append(number(primary(frame, make_plan()).estimate.value))
        found = matched(frame, SUBCLASSES)
        adjusted.append(number(found.estimate.value))
        plain.append(number(found.sensitivity[0].estimate.value))
    assert np.mean(crude) > 1.8
    assert np.mean(plain) == pytest.approx(1.0, abs=0.25)  # five classes take away about nine tenths of it
    assert np.mean(adjusted) == pytest.approx(1.0, abs=0.06)


# --- exact cells


def test_numbers_are_cut_into_sturges_ranges_or_at_the_plans_cuts() -> None:
    assert [ranges_for(n) for n in (1, 2, 100, 1024)] == [1, 2, 8, 11]
    values = np.arange(8.0)  # four ranges for eight people
    assert coarse(values, None).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert coarse(values, (2.0, 6.5)).tolist() == [0, 0, 1, 1, 1, 1, 1, 2]
    assert coarse(np.full(5, 0.1), None).tolist() == [0] * 5


def test_people_of_a_cell_are_alike_on_every_covariate() -> None:
    frame = observed(300).rename({"x": "x:x", "place": "x:place", "z": "x:z"})
    found = cells(frame, ("x", "place", "z"), ("z",), {"x": (0.0,)})
    keys: dict[int, set[tuple[bool, str, float]]] = {}
    for cell, x, place, z in zip(found, frame["x:x"], frame["x:place"], frame["x:z"], strict=True):
        keys.setdefault(int(cell), set()).add((x >= 0, place, z))
    assert all(len(key) == 1 for key in keys.values())
    assert len({next(iter(key)) for key in keys.values()}) == len(keys)


def test_the_effect_over_cells_is_the_mean_of_theirs_over_the_treated_who_have_somebody() -> None:
    frame = pl.DataFrame(
        {
            "treat": [1.0, 1, 0, 0, 0, 1, 0, 1, 0] * 12,
            "x": [0.0, 0, 0, 0, 0, 1, 1, 2, 3] * 12,
            "y": [5.0, 7, 1, 2, 3, 9, 4, 50, 60] * 12,
        }
    ).with_columns(y=pl.col("y") + pl.int_range(pl.len()) % 5)
    found = matched(
        frame, CELLS + '\nadjust = "none"\n[design.matching.cutpoints]\nx = [0.5, 1.5, 2.5]', covariates=["x"]
    )
    effects = []
    for x, size in ((0.0, 24), (1.0, 12)):
        cell = frame.filter(pl.col("x") == x)
        one, zero = (cell.filter(pl.col("treat") == arm)["y"].mean() for arm in (1, 0))
        effects.append(size * (float(str(one)) - float(str(zero))))
    assert found.estimate.value == pytest.approx(sum(effects) / 36)
    assert found.estimate.estimand == "feasible ATT"
    assert (found.estimate.n_treated, found.estimate.n_comparison) == (36, 48)
    assert note(found, "estimand").reading == pytest.approx(0.25)
    assert "25 % of those treated have nobody in their cell" in note(found, "estimand").note
    assert note(found, "common support").reading == pytest.approx(0.75)
    assert note(found, "cells").consequence == "downgrade"


def test_when_everybody_has_somebody_the_effect_is_on_all_the_treated() -> None:
    found = matched(observed(900, pull=0.2), CELLS, covariates=["place"])
    assert found.estimate.estimand == "ATT"
    assert "estimand" not in {check.name for check in found.checks}


# --- Mahalanobis's distance


def by_hand(
    score: Array, treated: Array, columns: Array, caliper: float | None, order: Order, *, replace: bool
) -> list[tuple[int, int]]:
    """One match each; everybody is looked at for everybody."""
    ones, free = [i for i, t in enumerate(treated) if t], [i for i, t in enumerate(treated) if not t]
    left = columns.copy()
    for arm in (0, 1):
        left[treated == arm] -= left[treated == arm].mean(axis=0)
    inverse = np.linalg.pinv(left.T @ left / (len(left) - 2))

    def gap(i: int, j: int) -> float:
        if caliper is not None and abs(score[i] - score[j]) > caliper:
            return math.inf
        return float(f"{(columns[i] - columns[j]) @ inverse @ (columns[i] - columns[j]):.8g}")

    turns = sorted(ones, key=lambda i: ({"largest": -score[i], "smallest": score[i]}.get(order, 0.0), i))
    pairs = []
    while turns and free:
        if order == "closest":
            _, i, j = min((gap(i, j), i, j) for i in turns for j in free)
        else:
            i = turns[0]
            j = min(free, key=lambda j: (gap(i, j), j))
        turns.remove(i)
        if gap(i, j) < math.inf:
            pairs.append((i, j))
            if not replace:
                free.remove(j)
    return pairs


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(8, 40), caliper=st.sampled_from([None, 0.3, 1.0]),
    order=st.sampled_from(["largest", "smallest", "closest", "data"]), replace=st.booleans(),
)  # fmt: skip
def test_the_closest_by_mahalanobis_within_the_caliper_is_taken(
    seed: int, n: int, caliper: float | None, order: Order, replace: bool
) -> None:
    draw = np.random.default_rng(seed)
    treated = np.r_[1.0, 0.0, 1.0, 0.0, (draw.uniform(size=n - 4) < 0.4)]
    columns = np.column_stack([draw.normal(size=n), 100 * draw.normal(size=n) + 7])
    score = draw.normal(size=n)
    found = match_by_distance(
        score, treated, metric(columns, treated), caliper=caliper, order=order, replace=replace
    )
    want = by_hand(score, treated, columns, caliper, order, replace=replace)
    # Who chooses first does not matter where everybody may serve again.
    pairs = [(int(i), int(j)) for i, j in found]
    assert (sorted(pairs), len(pairs)) == (sorted(want), len(want)) if replace else pairs == want


def test_a_column_that_repeats_another_counts_once() -> None:
    draw = np.random.default_rng(3)
    treated, one = (draw.uniform(size=80) < 0.4).astype(float), draw.normal(size=(80, 2))
    score = draw.normal(size=80)
    both = np.column_stack([one, one[:, 0] - 2 * one[:, 1], np.full(80, 4.0)])
    first, other = (match_by_distance(score, treated, metric(c, treated), caliper=1.0) for c in (one, both))
    assert metric(both, treated).shape == (80, 2)
    assert first.tolist() == other.tolist()


def test_with_a_ratio_mahalanobis_gives_everyone_a_first_match_before_a_second() -> None:
    treated, column = np.array([1.0, 1, 0, 0, 0]), np.array([[0.0], [0.2], [0.1], [0.3], [5.0]])
    score = np.array([0.9, 0.5, 0, 0, 0.0])
    found = match_by_distance(score, treated, metric(column, treated), ratio=2)
    assert found.tolist() == [[0, 2], [1, 3], [0, 4]]
    again = match_by_distance(score, treated, metric(column, treated), ratio=2, replace=True)
    assert again.tolist() == [[0, 2], [0, 3], [1, 2], [1, 3]]


# --- Abadie and Imbens


def test_the_error_of_matching_again_counts_how_often_people_serve() -> None:
    """Every sum written out: served and squares over pairs, half the mean squared difference for the noise."""
    draw = np.random.default_rng(8)
    treated = (draw.uniform(size=90) < 0.4).astype(float)
    score, y = draw.normal(size=90), draw.normal(size=90) + treated
    ratio = 2
    pairs = []
    ones, zeros = np.flatnonzero(treated == 1), np.flatnonzero(treated == 0)
    for i in ones:
        near = np.sort(np.abs(score[zeros] - score[i]))[ratio - 1]
        close = [
            j for j in zeros
            if (score[j] - score[i]) ** 2 <= near**2 + 1e-5 * score.var(ddof=1)
        ]  # fmt: skip
        pairs += [(i, j, 1 / len(close)) for j in close]
    value = sum(w * (y[i] - y[j]) for i, j, w in pairs) / len(ones)
    served = {j: sum(w for _, k, w in pairs if k == j) for j in zeros}
    squares = {j: sum(w * w for _, k, w in pairs if k == j) for j in zeros}
    noise = 0.5 * sum(w * (y[i] - y[j] - value) ** 2 for i, j, w in pairs) / len(ones)
    means = [y[i] - sum(w * y[j] for k, j, w in pairs if k == i) for i in ones]
    variance = noise * sum(served[j] ** 2 - squares[j] for j in zeros) + sum((m - value) ** 2 for m in means)
    found = compare_with_replacement(y, treated, score, [np.arange(90)], ratio=ratio)
    assert found.value == pytest.approx(value, rel=1e-10)
    assert found.std_error == pytest.approx(math.sqrt(variance) / len(ones), rel=1e-10)
    assert found.served[zeros] == pytest.approx([served[j] for j in zeros], abs=1e-12)


def test_the_correction_takes_off_what_a_straight_line_left_between_the_matched() -> None:
    draw = np.random.default_rng(9)
    x = draw.normal(size=300)
    treated = (draw.uniform(size=300) < 1 / (1 + np.exp(1 - x))).astype(float)
    y = 3.0 * x + 2.0 * treated  # a straight line, so that the correction leaves no difference at all
    plain = compare_with_replacement(y, treated, x, [np.arange(300)])
    right = compare_with_replacement(y, treated, x, [np.arange(300)], covariates=x[:, None])
    assert abs(plain.value - 2.0) > 1e-3
    assert right.value == pytest.approx(2.0, abs=1e-9)


def test_matching_again_keeps_to_groups_and_to_the_caliper() -> None:
    score, treated = np.array([0.0, 0.1, 5.0, 0.0, 9.0]), np.array([1.0, 0, 1, 1, 0])
    y = np.array([1.0, 2, 3, 4, 5])
    found = compare_with_replacement(y, treated, score, [np.array([0, 1, 2]), np.array([3, 4])], limit=1.0)
    assert found.kept.tolist() == [True, False, False, False, False]
    assert found.value == pytest.approx(-1.0)


def test_abadie_and_imbenss_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    plan = make_plan("matching", covariates=["x", "z"], settings='replace = true\nerrors = "abadie-imbens"')
    inside = 0
    for seed in range(60):
        e = primary(observed(400, seed, pull=0.5), plan).estimate
        inside += number(e.conf_low) < 1.0 < number(e.conf_high)
    assert inside >= 52  # 57 expected; 52 or fewer come once in fifty times


# --- ratios


@pytest.mark.parametrize(
    "settings", ['adjust = "none"', 'adjust = "none"\nratio = 2', CELLS + '\nadjust = "none"']
)
@pytest.mark.parametrize("effect", ["risk-ratio", "odds-ratio"])
def test_a_ratio_without_adjustment_is_that_of_the_weighted_risks(settings: str, effect: str) -> None:
    found = matched(observed(500, 3, binary=True), settings, kind="binary", outcome=f'effect = "{effect}"')
    e = found.estimate
    one, zero = number(e.treated_mean), number(e.comparison_mean)
    odds = one / (1 - one) / (zero / (1 - zero))
    assert e.value == pytest.approx(one / zero if effect == "risk-ratio" else odds, rel=1e-8)


def test_the_error_of_a_log_risk_ratio_of_pairs_is_the_one_by_hand() -> None:
    """Influence of each pair on log(p1 / p0), CR1: G / (G - 1) x (n - 1) / (n - k) with two coefficients."""
    frame = observed(500, 5, binary=True)
    plan = make_plan("matching", covariates=["x"], kind="binary", settings='adjust = "none"', design='unit = "unit"',
                     outcome='effect = "risk-ratio"')  # fmt: skip
    built = build_frame(study(frame), plan, plan.outcomes[0])
    pairs = pair_rows(built, _score(built), plan.design.settings)
    y = built.data["outcome"].to_numpy()
    one, zero = y[pairs[:, 0]], y[pairs[:, 1]]
    n = len(pairs)
    influence = (one - one.mean()) / one.mean() / n - (zero - zero.mean()) / zero.mean() / n
    factor = n / (n - 1) * (2 * n - 1) / (2 * n - 2)
    assert primary(frame, plan).estimate.std_error == pytest.approx(
        math.sqrt(factor * float(influence @ influence)), rel=1e-8
    )


def test_a_rate_ratio_of_the_matched_is_weighted_events_over_weighted_exposure() -> None:
    draw = np.random.default_rng(2)
    frame = observed(500, 2).with_columns(time=pl.Series(draw.uniform(0.5, 2, 500)))
    frame = frame.with_columns(
        y=pl.Series(draw.poisson(frame["time"].to_numpy() * (1 + frame["treat"].to_numpy()))).cast(pl.Float64)
    )
    outcome = 'effect = "rate-ratio"\nexposure = "time"'
    plain = matched(frame, 'adjust = "none"\nratio = 2', kind="count", outcome=outcome)
    assert plain.estimate.effect == "rate-ratio"
    assert number(plain.estimate.value) == pytest.approx(2.0, abs=0.35)
    doubled = frame.with_columns(time=10 * pl.col("time"))
    again = matched(doubled, 'adjust = "none"\nratio = 2', kind="count", outcome=outcome)
    assert again.estimate.value == pytest.approx(plain.estimate.value, rel=1e-9)
    assert not any(check.name == "hidden cause" for check in plain.checks)


# --- what every kind says of bad input


def hopeless() -> dict[str, pl.DataFrame]:
    frame = observed(400, 1)
    one, zero = frame.filter(pl.col("treat") == 1), frame.filter(pl.col("treat") == 0)
    return {
        "separated": frame.with_columns(x=pl.col("treat") * 9 + pl.col("x").clip(-2, 2)),
        "nobody alike": pl.concat(
            [one.with_columns(place=pl.lit("here")), zero.with_columns(place=pl.lit("there"))]
        ),
        "weight on three": pl.concat([one, zero.head(3), zero.tail(60).with_columns(x=pl.col("x") - 40)]),
    }


KINDS = [
    "", "replace = true", 'replace = true\nerrors = "abadie-imbens"', 'distance = "mahalanobis"\nreplace = true',
    'order = "closest"', SUBCLASSES, CELLS,
]  # fmt: skip


@pytest.mark.parametrize("settings", KINDS)
@pytest.mark.parametrize("wrong", ["separated", "nobody alike", "weight on three"])
def test_no_kind_answers_where_nobody_is_comparable(settings: str, wrong: str) -> None:
    covariates = ["x", "place"] if wrong == "nobody alike" else ["x", "z"]
    found = matched(hopeless()[wrong], settings, covariates=covariates)
    assert found.verdict.answer == "not-assessable", found.estimate
    stops = [check for check in found.checks if check.consequence == "block"]
    assert stops
    if wrong == "nobody alike":
        assert stops[0].name == "overlap"
        assert "Use fewer" in stops[0].note


@pytest.mark.parametrize("settings", KINDS[1:4])
def test_a_comparison_that_rests_on_few_stops(settings: str) -> None:
    found = matched(hopeless()["weight on three"], settings + "\ncaliper = 0")
    check = note(found, "effective sample")
    assert (check.result, check.consequence) == ("fail", "block")
    assert number(check.reading) < 30


def test_one_cell_for_all_gives_no_error_and_says_what_to_do() -> None:
    found = matched(observed(300).with_columns(one=pl.lit(1.0)), CELLS, covariates=["one"])
    assert found.verdict.answer == "not-assessable"
    assert "narrower ranges" in note(found, "cells").note


# --- the plan


@pytest.mark.parametrize(
    ("settings", "code", "line"),
    [
        ('kind = "optimal"', "LC403", "kind"),
        (CELLS + "\nratio = 2", "LC406", "ratio"),
        (SUBCLASSES + "\ncaliper = 0.1", "LC406", "caliper"),
        ("subclasses = 5", "LC406", "subclasses"),
        (SUBCLASSES + "\nsubclasses = 1", "LC403", "subclasses"),
        (SUBCLASSES + "\nsubclasses = 51", "LC403", "subclasses"),
        ('mahalanobis = ["x"]', "LC406", "mahalanobis"),
        ('distance = "mahalanobis"\nmahalanobis = ["other"]', "LC403", "mahalanobis ="),
        ('errors = "abadie-imbens"', "LC406", "errors"),
        ('errors = "abadie-imbens"\nreplace = true\ndistance = "mahalanobis"', "LC406", "errors"),
        (CELLS + "\n[design.matching.cutpoints]\nx = [2, 1]", "LC403", "x ="),
        (CELLS + '\n[design.matching.cutpoints]\nx = "wide"', "LC403", "x ="),
        (CELLS + "\n[design.matching.cutpoints]\nother = [1]", "LC403", "other ="),
    ],
)
def test_settings_that_do_not_go_together_are_refused_at_their_line(
    settings: str, code: str, line: str
) -> None:
    text = plan_text("matching", covariates=["x", "z"], settings=settings)
    with pytest.raises(EvaluationError) as error:
        read(text)
    lines = text.splitlines()
    (fault,) = error.value.faults
    assert fault.code == code
    assert lines[int(fault.where.rsplit(":", 1)[-1]) - 1].startswith(line)


def test_subclasses_refuse_exact_and_abadie_and_imbens_refuse_ratios() -> None:
    with pytest.raises(EvaluationError, match="does not go with subclassification"):
        make_plan("matching", covariates=["x"], design='exact = ["place"]', settings=SUBCLASSES)
    settings = 'replace = true\nerrors = "abadie-imbens"'
    with pytest.raises(EvaluationError, match="is for differences"):
        make_plan(
            "matching", covariates=["x"], kind="binary", settings=settings, outcome='effect = "risk-ratio"'
        )


def test_a_plan_without_the_newer_keys_keeps_its_fingerprint() -> None:
    plain = canonical(make_plan("matching", covariates=["x"]))
    own = plain[plain.index('"settings"') :].split("}")[0]
    assert sorted(part.split('"')[1] for part in own.split("{")[1].split(",")) == [
        "adjust", "caliper", "distance", "interval", "order", "ratio", "replace",
    ]  # fmt: skip
    assert canonical(make_plan("matching", covariates=["x"], settings=SUBCLASSES)) != plain


def test_the_kinds_are_settings_of_a_plan_run_on_a_file(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    observed(600, 2).write_csv(file)
    cuts = CELLS + "\n[design.matching.cutpoints]\nx = [-0.5, 0.5]"
    for way, names in ((SUBCLASSES, "10 subclasses"), (cuts, "5 subclasses of the score")):
        text = plan_text("matching", covariates=["x", "place"], design='unit = "unit"', settings=way)
        plan = read(text)
        table, _ = table_from_file(file, plan)
        found = gather_finding(table, plan, "unlocked").outcomes[0]
        assert number(found.estimate.value) == pytest.approx(1.0, abs=0.5)
        assert names in [way.name for way in found.sensitivity]
    assert plan.design.settings.cutpoints == (("x", (-0.5, 0.5)),)
    assert isinstance(plan.design.settings, MatchingSettings)
