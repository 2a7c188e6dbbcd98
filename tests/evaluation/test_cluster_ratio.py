"""Ratios of trials of clusters: by hand, by another way, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.clusters.checks import Clusters
from evaluation.clusters.ratio import Counted, marginal_ratio
from evaluation.model import Check, Estimate, OutcomeResult
from evaluation.regression.glm import fit_model
from evaluation.regression.linear import NotIdentified
from tests.evaluation.cluster_samples import areas
from tests.evaluation.studies import make_plan, number, primary

Array = npt.NDArray[np.float64]
RATE = 'effect = "rate-ratio"\nexposure = "time"'
DESIGN = 'cluster = "school"\nunit = "unit"'


def found(frame: pl.DataFrame, outcome: str = RATE, settings: str = "", **parts: Any) -> OutcomeResult:
    kind = "count" if "rate" in outcome else "binary"
    plan = make_plan(
        "cluster-randomised",
        **({"design": DESIGN, "settings": settings, "kind": kind, "outcome": outcome} | parts),
    )
    return primary(frame, plan)


def named(result: OutcomeResult, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def ways(result: OutcomeResult) -> dict[str, Estimate]:
    return {way.name: way.estimate for way in result.sensitivity}


def test_averages_of_clusters_by_hand() -> None:
    frame = areas(ratio=0.7)
    rates = frame.group_by("school").agg(
        pl.col("treat").first(), rate=pl.col("y").sum() / pl.col("time").sum()
    )
    one, zero = (rates.filter(pl.col("treat") == arm)["rate"].to_numpy() for arm in (1, 0))
    e = found(frame).estimate
    assert e.value == pytest.approx(one.mean() / zero.mean(), rel=1e-9)
    parts = [arm.var(ddof=1) / len(arm) / arm.mean() ** 2 for arm in (one, zero)]
    assert e.std_error == pytest.approx(math.sqrt(sum(parts)), rel=1e-9)
    assert e.df == pytest.approx(sum(parts) ** 2 / sum(part**2 / 7 for part in parts), rel=1e-9)
    assert (e.n_clusters, e.effect) == (16, "rate-ratio")


def test_averages_of_risks_by_hand_and_their_odds() -> None:
    frame = areas(binary=True)
    shares = frame.group_by("school").agg(pl.col("treat").first(), pl.col("y").mean())
    one, zero = (shares.filter(pl.col("treat") == arm)["y"].mean() for arm in (1, 0))
    assert isinstance(one, float)
    assert isinstance(zero, float)
    risk = found(frame, 'effect = "risk-ratio"').estimate
    odds = found(frame, 'effect = "odds-ratio"').estimate
    assert risk.value == pytest.approx(one / zero, rel=1e-9)
    assert odds.value == pytest.approx(one / (1 - one) * (1 - zero) / zero, rel=1e-9)


def test_every_way_stands_beside_the_main_one() -> None:
    result = found(areas(ratio=0.7), covariates=["x"])
    assert list(ways(result)) == [
        "not adjusted",
        "averages of clusters, on the log scale",
        "everybody counts once, errors clustered (CR2)",
        "randomisation test of clusters",
    ]
    marginal = found(areas(ratio=0.7), settings='ratio_model = "marginal"', covariates=["x"])
    assert list(ways(marginal)) == [
        "not adjusted",
        "averages of clusters",
        "averages of clusters, on the log scale",
        "randomisation test of clusters",
    ]
    assert ways(marginal)["averages of clusters"].value == pytest.approx(result.estimate.value)
    test = ways(result)["randomisation test of clusters"]
    assert number(test.conf_low) < number(test.value) < number(test.conf_high)
    assert number(test.conf_low) > 0


def test_covariates_that_do_not_vary_within_clusters_cost_degrees_of_freedom() -> None:
    frame = areas(20)
    plain, adjusted = found(frame).estimate, found(frame, design=DESIGN + '\nstrata = "district"').estimate
    assert number(adjusted.df) < number(plain.df) + 1
    within = found(frame, covariates=["x"]).estimate
    assert number(within.df) > 10


def dense_cr2(y: Array, design: Array, codes: npt.NDArray[np.int64], direction: Array, time: Array) -> float:
    """Bell and McCaffrey's error in the metric of the fit, with matrices of people by people."""
    model = fit_model(y, design, "poisson", np.log(time))
    root = np.sqrt(model.weight)
    x, e = design * root[:, None], (y - model.mu) / root
    bread = np.linalg.inv(x.T @ x)
    total = np.zeros((len(bread), len(bread)))
    for code in np.unique(codes):
        own = x[codes == code]
        values, vectors = np.linalg.eigh(np.eye(len(own)) - own @ bread @ own.T)
        score = own.T @ (vectors / np.sqrt(values)) @ vectors.T @ e[codes == code]
        total += np.outer(score, score)
    return math.sqrt(float(direction @ bread @ total @ bread @ direction))


def test_errors_with_everybody_counting_once_are_those_of_the_full_matrices() -> None:
    frame = areas(10, 3)
    y, arm, x, time = (frame[name].to_numpy() for name in ("y", "treat", "x", "time"))
    codes = np.unique(frame["school"].to_numpy(), return_inverse=True)[1]
    sizes = np.bincount(codes).astype(float)
    clusters = Clusters(codes, sizes, np.bincount(codes, weights=arm) / sizes)
    fit = marginal_ratio(Counted(y, arm, x[:, None], ("x",), clusters, "rate-ratio", time))
    scaled = (x - x.mean()) / x.std()
    design = np.column_stack([np.ones(len(y)), scaled, arm])
    assert fit.std_error == pytest.approx(dense_cr2(y, design, codes, np.eye(3)[2], time), rel=1e-9)
    assert 5 < fit.df < 10


def test_one_cluster_cannot_say_how_clusters_differ() -> None:
    frame = areas(4)
    codes = np.zeros(frame.height, dtype=np.int64)
    clusters = Clusters(codes, np.array([float(frame.height)]), np.array([0.5]))
    y, arm = frame["y"].to_numpy(), frame["treat"].to_numpy()
    with pytest.raises(NotIdentified):
        marginal_ratio(Counted(y, arm, np.empty((len(y), 0)), (), clusters, "rate-ratio"))


@pytest.mark.parametrize("model", ["cluster-means", "marginal"])
def test_one_cluster_in_an_arm_is_not_assessable(model: str) -> None:
    frame = areas(9).with_columns(treat=(pl.col("school") == "S01").cast(pl.Float64))
    result = found(frame, settings=f'ratio_model = "{model}"')
    assert result.verdict.answer == "not-assessable"
    assert named(result, "clusters").consequence == "block"


@pytest.mark.parametrize("model", ["cluster-means", "marginal"])
def test_no_events_in_an_arm_are_not_assessable(model: str) -> None:
    frame = areas().with_columns(y=pl.when(pl.col("treat") == 1).then(0.0).otherwise("y"))
    result = found(frame, settings=f'ratio_model = "{model}"')
    assert result.verdict.answer == "not-assessable"
    assert named(result, "events").consequence == "block"


def test_clusters_without_events_leave_out_the_logs_and_keep_the_averages() -> None:
    frame = areas(16, 2).with_columns(y=pl.when(pl.col("school") == "S03").then(0.0).otherwise("y"))
    result = found(frame)
    assert number(result.estimate.value) > 0
    assert set(ways(result)) == {"everybody counts once, errors clustered (CR2)"}


def test_a_covariate_that_tells_the_outcome_is_named_as_separation() -> None:
    frame = areas(binary=True).with_columns(x=pl.col("y") * 2 - 1)
    result = found(frame, 'effect = "risk-ratio"', covariates=["x"])
    assert result.verdict.answer == "not-assessable"
    assert named(result, "separation").consequence == "block"


def test_risks_near_one_leave_odds_without_an_answer() -> None:
    frame = areas(12, binary=True).with_columns(
        y=pl.when((pl.col("treat") == 1) & (pl.col("unit") != "P00100")).then(1.0).otherwise("y")
    )
    result = found(frame, 'effect = "odds-ratio"')
    assert result.estimate.value is None or number(result.estimate.value) > 1


def test_people_allocated_within_clusters_count_once_each() -> None:
    frame = areas(12).with_columns(treat=(pl.int_range(pl.len()) % 2).cast(pl.Float64))
    result = found(
        frame, settings='intervention_level = "individual"\nratio_model = "marginal"', covariates=["x"]
    )
    assert 0.7 < number(result.estimate.value) < 1.4
    assert "averages of clusters" not in ways(result)
