"""Options of staggered adoption that no public case has, against stored answers of other programs on one made-up panel.

The panel comes from sines, so that every program and machine makes the same numbers.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.model import OutcomeResult
from tests.evaluation.staggered import staggered_plan
from tests.evaluation.studies import primary
from tests.reference.test_reference_cases import HERE

WANTED: dict[str, Any] = json.loads((HERE / "expected" / "made_up_rollout.json").read_text(encoding="utf-8"))
UNITS, PERIODS = 90, 8
LARGE = 'errors = "influence"'  # errors of a large sample, as those programs print them
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "diff-diff universal not-yet": ('base = "universal"\ncomparison = "not-yet"', {}),
    "diff-diff anticipation never": ("anticipation = 1", {}),
    "diff-diff region never": ("", {"design": 'cluster = "region"'}),
    "csdid weights never": ("", {"design": 'weights = "w"'}),
    "csdid weights doubly-robust not-yet": (
        'control = "doubly-robust"\ncomparison = "not-yet"',
        {"design": 'weights = "w"', "covariates": ["x"]},
    ),
    "csdid anticipation not-yet": ('anticipation = 1\ncomparison = "not-yet"', {}),
    "csdid ipw not-yet": ('control = "ipw"\ncomparison = "not-yet"', {"covariates": ["x"]}),
}


def noise(place: Any) -> Any:
    """Numbers between -0.5 and 0.5 without any generator."""
    return np.modf(np.abs(np.sin(place) * 43758.5453))[0] - 0.5


def panel() -> pl.DataFrame:
    i, t = np.arange(UNITS)[:, None], np.arange(1, PERIODS + 1)[None, :]
    first = np.array([3, 5, 6, 8, 0, 0])[np.arange(UNITS) % 6]
    x, weight = noise(7.1 * i[:, 0] + 0.3), 1 + noise(3.3 * i[:, 0] + 0.7)
    gain = 0.3 * np.maximum(t - first[:, None] + 1, 0) * (first[:, None] > 0)
    y = 3 * noise(1.7 * i + 0.1) + 2 * noise(12.9898 * i + 78.233 * t) + 0.2 * t + 0.1 * x[:, None] * t + gain
    return pl.DataFrame(
        {
            "unit": np.repeat([f"u{k:02d}" for k in range(UNITS)], PERIODS),
            "period": np.tile(t[0], UNITS),
            "first": np.repeat(first, PERIODS),
            "y": y.ravel(),
            "x": np.repeat(x, PERIODS),
            "w": np.repeat(weight, PERIODS),
            "region": np.repeat([f"r{k // 4:02d}" for k in range(UNITS)], PERIODS),
        }
    )


def ask(name: str, aggregate: str) -> OutcomeResult:
    settings, parts = SETTINGS[name]
    plan = staggered_plan(
        f'{settings}\naggregate = "{aggregate}"\n{LARGE}', unit="unit", time="period", first="first", **parts
    )
    return primary(panel(), plan)


def test_every_stored_answer_is_asked_for() -> None:
    assert set(SETTINGS) == set(WANTED["answers"])


@pytest.mark.parametrize(
    ("name", "aggregate"),
    [(name, kind) for name, answer in WANTED["answers"].items() for kind in answer if kind != "event"],
)
def test_overall_effects_are_those_of_other_programs(name: str, aggregate: str) -> None:
    value, error = WANTED["answers"][name][aggregate]
    found = ask(name, aggregate).estimate
    assert found.value == pytest.approx(value, abs=WANTED["tolerance"])
    assert found.std_error == pytest.approx(error, rel=WANTED["tolerance"])


@pytest.mark.parametrize("name", [name for name, answer in WANTED["answers"].items() if "event" in answer])
def test_event_studies_are_those_of_other_programs(name: str) -> None:
    rows = {row.term: (row.value, row.std_error) for row in ask(name, "simple").path}
    answers = WANTED["answers"][name]["event"]
    assert {term for term in rows if term.startswith("event")} == {f"event {event}" for event in answers}
    for event, (value, error) in answers.items():
        found = rows[f"event {event}"]
        assert found[0] == pytest.approx(value, abs=WANTED["tolerance"])
        assert found[1] == pytest.approx(error, rel=WANTED["tolerance"])
