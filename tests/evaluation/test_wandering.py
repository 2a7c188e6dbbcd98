"""Levels of places that wander: found where they do, not where months are apart, and never from too little."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.calibration.parts import alike
from evaluation.places.wandering import LIKE, likeness, wandering_check
from evaluation.regression.linear import Array

MEMBER = {"treated": np.arange(40) < 20, "control": np.arange(40) >= 20}


def counts(seed: int, drift: float, *, places: int = 40, months: int = 12) -> Array:
    draw = np.random.default_rng(seed)
    rate = 10 * np.exp(drift * alike(draw, places, months, 0.6)) * (1 + 0.3 * np.sin(np.arange(months)))
    return draw.poisson(rate).astype(np.float64)


def test_months_that_are_apart_correlate_by_nought_on_average_though_all_share_a_season() -> None:
    found = [likeness(counts(seed, 0.0), MEMBER) for seed in range(200)]
    values = np.array([one[0] for one in found if one])
    far = np.array([one[1] for one in found if one])
    assert values.mean() == pytest.approx(0.0, abs=4 * values.std() / np.sqrt(200))
    assert far.std() == pytest.approx(1.0, abs=0.2), "errors are as large as they are said to be"
    warned = sum(wandering_check(counts(seed, 0.0), MEMBER)[0].result == "warn" for seed in range(200))
    assert warned <= 0.05 * 200


def test_levels_that_wander_are_found_and_lower_trust() -> None:
    checks = [wandering_check(counts(seed, 0.4), MEMBER)[0] for seed in range(50)]
    assert sum(check.result == "warn" for check in checks) >= 45
    assert {check.consequence for check in checks if check.result == "warn"} == {"downgrade"}
    assert all((check.reading or 0.0) >= LIKE for check in checks if check.result == "warn")


def test_few_periods_few_places_or_no_events_say_nothing() -> None:
    assert wandering_check(counts(1, 0.4, months=5), MEMBER) == ()
    assert (
        wandering_check(counts(1, 0.4)[:6], {"treated": np.arange(6) < 3, "control": np.arange(6) >= 3}) == ()
    )
    assert wandering_check(np.zeros((40, 12)), MEMBER) == ()
