"""Synthetic control where nothing happened, or a known effect did: false alarms and coverage. Short, with seeds.

One treated area, three common factors. Allowances are Monte-Carlo error: 3.3 standard errors of a share. The larger
grid is ``python -m benchmarks.calibration.synthetic``; what it found stands in the method's page.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from benchmarks.calibration.synthetic import SIZES, WORLDS, Alarms, areas_of, false_alarms, made_areas
from evaluation.inference import critical, two_sided_p
from evaluation.synthetic.conformal import Residuals, conformal_interval
from evaluation.synthetic.fits import Kind, fit
from evaluation.synthetic.inference import jackknife_error
from evaluation.synthetic.robustness import run_study

pytestmark = pytest.mark.simulation

Z, DRAWS = 3.3, 100
SIZE = SIZES["20 donors, 16 + 8 periods"]
KINDS: tuple[Kind, ...] = ("classic", "did")


def within(share: float, draws: int) -> float:
    return Z * math.sqrt(share * (1 - share) / draws)


@cache
def alarms(kind: Kind, world: str) -> Alarms:
    return false_alarms(kind, WORLDS[world], SIZE, DRAWS, conformal=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", WORLDS)
def test_what_does_nothing_is_seldom_said_to_do_something(kind: Kind, world: str) -> None:
    found = alarms(kind, world)
    assert found.verdict <= 0.05 + within(0.05, DRAWS)
    assert found.conformal is not None
    assert found.conformal <= 0.05 + within(0.05, DRAWS)


@pytest.mark.parametrize("kind", KINDS)
def test_over_all_worlds_together_false_alarms_stay_at_or_below_one_in_twenty(kind: Kind) -> None:
    shares = [alarms(kind, world).verdict for world in WORLDS]
    assert np.mean(shares) <= 0.05 + within(0.05, DRAWS * len(WORLDS))


def test_the_usual_normal_interval_errs_in_a_third_of_panels_where_the_treated_area_is_the_highest() -> None:
    """Why the placebo interval is widened: areas are chosen because they are worst."""
    found = alarms("classic", "treated area is the highest")
    assert found.normal > 0.25
    assert found.verdict <= 0.05 + within(0.05, DRAWS)


def test_ranks_reject_no_more_than_their_share_where_areas_are_alike() -> None:
    found = [alarms(kind, world).rank for kind in KINDS for world in ("white noise", "random walks")]
    assert np.mean(found) <= 0.05 + within(0.05, len(found) * DRAWS)


def test_the_augmented_kind_errs_no_more_often_either() -> None:
    found = [false_alarms("augmented", WORLDS[world], (13, 20, 12), 30) for world in (
        "white noise", "treated area is the highest")]  # fmt: skip
    assert np.mean([one.verdict for one in found]) <= 0.05 + within(0.05, 60)


def test_two_treated_areas_are_told_from_chance_by_pairs_of_donors_and_by_the_jackknife() -> None:
    draw = np.random.default_rng(8)
    alarms_ = np.zeros(2)
    for _ in range(40):
        areas = areas_of(made_areas(14, 24, 16, seed=draw), 16, treated=2)
        study = run_study(areas, "did", 1)
        left_out = jackknife_error(study.own, areas.treated, areas.donors, 16)
        assert study.error is not None
        assert left_out is not None
        alarms_ += [
            two_sided_p(study.own.effect, study.error.error, study.error.df, "t") <= 0.05,
            two_sided_p(study.own.effect, left_out, 1.0, "t") <= 0.05,
        ]
    assert (alarms_ / 40 <= 0.05 + within(0.05, 40)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_an_effect_is_covered_and_estimated_without_bias_where_the_pool_can_reach_the_area(
    kind: Kind,
) -> None:
    draw = np.random.default_rng(9)
    hits, values = 0, []
    for _ in range(DRAWS):
        areas = areas_of(made_areas(*SIZE, effect=-4.0, rho=0.6, seed=draw), SIZE[2])
        study = run_study(areas, kind, 1)
        assert study.error is not None
        half = critical(0.95, study.error.df, "t") * study.error.error
        hits += abs(study.own.effect + 4.0) <= half
        values.append(study.own.effect)
    assert hits / DRAWS >= 0.95 - within(0.95, DRAWS)
    assert abs(np.mean(values) + 4.0) <= Z * np.std(values, ddof=1) / math.sqrt(DRAWS)


def test_a_conformal_interval_covers_an_effect_that_grows_by_its_average() -> None:
    """A quarter or so of such panels get no interval, because no constant effect fits; the rest cover the average."""
    draw = np.random.default_rng(10)
    missed = given = 0
    for _ in range(60):
        matrix = made_areas(13, 36, 24, seed=draw)
        matrix[0, 24:] += np.linspace(-2, 2, 12) - 3
        own = fit("classic", matrix[0], matrix[1:], 24)
        ways = Residuals("classic", matrix[1:], 0.0, own.weights)
        ends = conformal_interval(ways, matrix[0], 24, own.effect, own.before / math.sqrt(12), (0.05,))[0]
        given += ends is not None
        missed += ends is not None and not ends[0] <= -3 <= ends[1]
    assert given >= 30
    assert missed / 60 <= 0.05 + within(0.05, 60)


def test_an_effect_of_three_misfits_is_found_in_most_panels() -> None:
    draw = np.random.default_rng(11)
    found = 0
    for _ in range(50):
        study = run_study(areas_of(made_areas(*SIZE, effect=-4.0, seed=draw), SIZE[2]), "did", 1)
        assert study.error is not None
        found += study.own.effect + critical(0.95, study.error.df, "t") * study.error.error < 0
    assert found / 50 >= 0.8
