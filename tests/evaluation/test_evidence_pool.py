"""Pools: what they hang on, and what they say of the next place. R's numbers by metafor 3.8-1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluation.evidence.figures import Measured
from evaluation.evidence.model import RATIO_SCALES
from evaluation.evidence.pool import Asked, new_place, pool_effects
from evaluation.evidence.pool_rows import Candidate, LeftOut, of_finding
from evaluation.evidence.readings import Question

KNHA, ADHOC = (-0.326657267, -0.282342733), (-0.456572161, -0.152427839)
EFFECTS, VARIANCES = (-0.30, -0.28, -0.33, -0.29, -0.31), (0.01, 0.02, 0.015, 0.03, 0.012)


def candidates(effects: Any = EFFECTS, variances: Any = VARIANCES, **more: Any) -> list[Candidate]:
    parts = {
        "part": "",
        "origin": "outside",
        "better": "lower",
        "design": "randomised",
        "unit": "",
        "date": "",
    } | more
    return [
        Candidate(study=f"s{i}", effects=(("smd", Measured(y, v**0.5, "given")),), **parts)
        for i, (y, v) in enumerate(zip(effects, variances, strict=True))
    ]


def test_where_studies_agree_by_chance_the_narrowed_interval_is_held_against_a_wider_one() -> None:
    found = pool_effects(candidates(), (), Asked("x"))
    wide = next(one for one in found.otherwise if "not narrowed" in one.name)
    # R: rma(test = "knha") and rma(test = "adhoc").
    assert (found.average.conf_low, found.average.conf_high) == pytest.approx(KNHA, abs=1e-8)
    assert (wide.conf_low, wide.conf_high) == pytest.approx(ADHOC, abs=1e-8)


def test_an_answer_that_hangs_on_one_study_is_fragile_and_names_it() -> None:
    found = pool_effects(candidates((-0.4, -0.4, -0.4, 0.3), (0.01, 0.01, 0.01, 0.01)), (), Asked("x"))
    assert found.reading.answer == "inconclusive"
    assert found.flipped_by == ("without s3",)


def test_the_weights_are_shares_and_what_is_left_out_stays_named() -> None:
    found = pool_effects(candidates(), (LeftOut("a claim", "a claim, not a study"),), Asked("x"))
    assert sum(row.weight for row in found.rows) == pytest.approx(1)
    assert found.left_out == (LeftOut("a claim", "a claim, not a study"),)


@pytest.mark.parametrize(
    ("predicted", "better", "margin", "said"),
    [
        ((0.3, 0.6), "higher", 0.2, "a benefit that matters can be expected"),
        ((-0.6, -0.1), "lower", 0.2, "a benefit can be expected, of a size that is uncertain"),
        ((0.1, 0.6), "lower", 0.2, "harm can be expected"),
        ((-0.1, 0.1), "lower", 0.2, "no difference that matters can be expected"),
        ((-0.6, 0.1), "lower", 0.2, "a harm that matters is ruled out"),
        ((-0.6, 0.5), "lower", None, "harm cannot be ruled out"),
    ],
)
def test_what_the_prediction_interval_says_of_the_next_place(
    predicted: tuple[float, float], better: Any, margin: float | None, said: str
) -> None:
    assert said in new_place(predicted, Question("smd", better, margin))
    ratio = new_place(predicted, Question("odds-ratio", better, float(np.exp(-margin)) if margin else None))
    assert said in ratio, "on a ratio the margin is a ratio"
    assert new_place(None, Question("smd", better)) == ""


def finding(**more: Any) -> dict[str, Any]:
    estimate = {
        "value": 0.8, "std_error": 0.1, "effect": "risk-ratio", "conf_level": 0.95,
        "standardised": {"kind": "cox-index", "value": -0.1, "conf_low": -0.2, "conf_high": 0.0},
    }  # fmt: skip
    outcome = {
        "measure": "arrested", "name": "Arrested in a year", "role": "primary", "planned": True, "better": "lower",
        "unit": "", "minimum_important_difference": 0.9, "estimate": estimate,
        "verdict": {"answer": "works", "detail": ""},
    }  # fmt: skip
    whole: dict[str, Any] = {
        "plan": {"state": "locked before outcomes"}, "method": "randomised", "links": [{"link": "A1>O5"}],
        "provenance": {"started": "2026-01-02T00:00:00"}, "outcomes": [outcome | more.pop("outcome", {})],
    }  # fmt: skip
    return whole | more


@pytest.mark.parametrize("wanted", ["arrested", "arrested in a year", "o5"])
def test_our_own_finding_is_found_by_measure_name_and_box(wanted: str) -> None:
    (one,), out = of_finding("EVAL-001", finding(), wanted, disputed=False)
    assert out == []
    assert [scale for scale, _ in one.effects] == ["risk-ratio", "smd"]
    assert one.effects[0][1].value == pytest.approx(np.log(0.8))
    assert one.effects[1][1].std_error == pytest.approx(0.1 / 1.959964)
    assert "risk-ratio" in RATIO_SCALES


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"plan": {"state": "unlocked"}}, "exploratory"),
        ({"plan": {"state": "run outside the lock"}}, "exploratory"),
        ({"outcome": {"role": "exploratory"}}, "exploratory"),
        (
            {"outcome": {"verdict": {"answer": "not-assessable", "detail": "overlap"}}},
            "cannot be assessed (overlap)",
        ),
        ({"method": "before-after"}, "nothing to compare with"),
        ({"outcome": {"estimate": {"value": None, "std_error": None, "effect": "risk-ratio"}}}, "withheld"),
    ],
)
def test_what_of_our_own_is_not_pooled(more: dict[str, Any], reason: str) -> None:
    found, (out,) = of_finding("EVAL-001", finding(**more), "arrested", disputed=False)
    assert found == []
    assert reason in out.reason
