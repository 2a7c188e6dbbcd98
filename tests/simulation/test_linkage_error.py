"""Known truth: outcomes reached by linkage that finds one arm's records better than the other's."""

from __future__ import annotations

import gc
import math

import numpy as np
import pytest

from benchmarks.calibration.people_worlds import linked_trial
from evaluation.finding import gather_finding
from evaluation.linked.error import CORRECTED
from evaluation.model import OutcomeResult
from tests.evaluation.studies import make_plan, number

Z = 3.29  # a true share is missed by this many errors once in a thousand
PLAN = make_plan(
    kind="binary", better="lower", outcome='minimum_important_difference = 0.05\nmid_source = "x"'
)
DRAWS, N = 200, 2000
RECALLS = (0.97, 0.85)


@pytest.fixture(autouse=True)
def _without_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that adjusts p-values collects garbage at every call: most of the time of a simulation."""
    monkeypatch.setattr(gc, "collect", lambda *_: 0)


def runs(true: tuple[float, float], seed: int, *, wrong: float = 0.0) -> list[OutcomeResult]:
    draw = np.random.default_rng(seed)
    return [
        gather_finding(linked_trial(draw, N, true, RECALLS, wrong=wrong), PLAN, "unlocked").outcomes[0]
        for _ in range(DRAWS)
    ]


def corrected(found: list[OutcomeResult]) -> tuple[list[float], list[tuple[float, float]]]:
    lines = [next(way.estimate for way in o.sensitivity if way.name == CORRECTED) for o in found]
    return [number(e.value) for e in lines], [(number(e.conf_low), number(e.conf_high)) for e in lines]


def unbiased(values: list[float], truth: float) -> bool:
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return abs(float(np.mean(values)) - truth) < Z * error


def within(share: float) -> float:
    return Z * math.sqrt(share * (1 - share) / DRAWS)


def test_the_false_verdicts_that_unequal_linkage_makes_are_taken_back_by_the_correction() -> None:
    """Nothing differs, 30 % in both arms; 29.1 % against 25.5 % are seen."""
    found = runs((0.3, 0.3), 11)
    plain = [number(o.estimate.value) for o in found]
    values, intervals = corrected(found)
    assert unbiased(plain, 0.3 * (RECALLS[0] - RECALLS[1]))
    assert unbiased(values, 0.0)
    assert sum(o.verdict.answer == "harms" for o in found) / DRAWS > 0.5
    wrong = sum(low > 0 or high < 0 for low, high in intervals) / DRAWS
    assert wrong <= 0.05 + within(0.05)
    stood = sum(o.verdict.answer == "harms" and not o.verdict.fragile for o in found) / DRAWS
    assert stood <= 0.025 + within(0.025)


def test_a_true_effect_is_recovered_and_its_interval_covers() -> None:
    found = runs((0.22, 0.3), 12)
    values, intervals = corrected(found)
    assert not unbiased([number(o.estimate.value) for o in found], -0.08)
    assert unbiased(values, -0.08)
    covered = sum(low <= -0.08 <= high for low, high in intervals) / DRAWS
    assert covered >= 0.95 - within(0.95)


def test_wrong_links_are_corrected_with_the_missed_ones() -> None:
    found = runs((0.3, 0.3), 13, wrong=0.02)
    values, _ = corrected(found)
    assert unbiased(values, 0.0)
