"""The weighted displacement difference against its authors' worked example and R package ptools."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from evaluation.places.displacement import Zone, displacement, error_of_places, zone
from tests.reference.test_reference_cases import DATA

CASE: dict[str, Any] = json.loads(
    (DATA.parent / "expected" / "displacement.json").read_text(encoding="utf-8")
)
WANT: dict[str, Any] = {one["id"]: one for one in CASE["estimates"]}
Z = 1.959963984540054


def zones_of(counts: dict[str, list[float]], sizes: dict[str, float] | None = None) -> dict[str, Zone]:
    return {
        name: zone(
            np.array([before], dtype=float), np.array([after], dtype=float), (sizes or {}).get(name, 1.0)
        )
        for name, (before, after) in counts.items()
    }


def test_the_worked_example_of_the_paper() -> None:
    found, want = displacement(zones_of(CASE["counts"])).total, WANT["paper"]
    assert found.value == want["value"]
    assert found.std_error == pytest.approx(math.sqrt(want["variance"]), rel=1e-12)
    assert found.value / found.std_error == pytest.approx(want["z"], abs=want["tolerance"]["z"])
    ends = (found.value - Z * found.std_error, found.value + Z * found.std_error)
    assert ends == pytest.approx(want["ci"], abs=want["tolerance"]["ci"])


def test_more_periods_before_than_after_are_scaled_to_as_many() -> None:
    want = WANT["time_weights"]
    split = {
        name: zone(np.array([want[name][0] - 30, 30], dtype=float), np.array([want[name][1]], dtype=float))
        for name in ("control", "treated")
    }
    found = displacement(split, poisson=True).total
    assert found.value == want["value"]
    assert found.std_error == pytest.approx(math.sqrt(want["variance"]), rel=1e-12)


def test_areas_of_different_size_as_rates() -> None:
    want = WANT["area_weights"]
    found = displacement(zones_of(CASE["counts"], want["sizes"]), scale="rates").total
    assert found.value == pytest.approx(want["value"], rel=want["tolerance"]["value"])
    assert found.std_error == pytest.approx(want["std_error"], rel=want["tolerance"]["value"])
    ends = (found.value - Z * found.std_error, found.value + Z * found.std_error)
    assert ends == pytest.approx(want["ci"], rel=want["tolerance"]["value"])


def test_offences_by_the_harm_they_do() -> None:
    want = WANT["harm"]

    def summed(side: str) -> Zone:
        parts = [
            [
                sum(want["weights"][kind] ** power * pair[at] for kind, pair in want[side].items())
                for at in (0, 1)
            ]
            for power in (1, 2)
        ]
        arrays = [np.array([float(number)]) for pair in parts for number in pair]
        return Zone(arrays[0], arrays[1], arrays[2], arrays[3])

    found = displacement({"treated": summed("treated"), "control": summed("control")}).total
    assert found.value == want["value"]
    assert found.std_error == pytest.approx(math.sqrt(want["variance"]), rel=1e-12)


def test_errors_from_how_places_changed_by_hand() -> None:
    # variances 4 and 1 of three places each, weights 1 and 2: 3 x 4 + 4 x 3 x 1 = 24; 24^2 / (12^2 / 2 + 12^2 / 2) = 4
    changes = {"treated": np.array([-2.0, 0.0, 2.0]), "control": np.array([1.0, 2.0, 3.0])}
    assert error_of_places(changes, {"treated": 1.0, "control": 2.0}) == pytest.approx((math.sqrt(24), 4))
    assert error_of_places({"treated": np.array([1.0, 2.0])}, {"treated": 1.0}) is None
    assert error_of_places({"treated": np.ones(4)}, {"treated": 1.0}) is None
