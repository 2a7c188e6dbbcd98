"""Attrition in a sentence: judged, of a size or withheld, or not to be judged."""

from __future__ import annotations

from typing import Any

import pytest

from cohorts.following.views import attrition_words


def found(boundary: str | None, overall: float | None, bias: float | None) -> dict[str, Any]:
    return {"boundary": boundary, "overall": overall, "differential": 0.08, "worst_bias_sd": bias}


@pytest.mark.parametrize(
    ("attrition", "words"),
    [
        (found(None, None, None), "too few people are due in an arm"),
        (found("optimistic", None, None), "low by the optimistic one; its size is withheld."),
        (found("low", 0.0, 0.0), "low by the cautious boundary and by the optimistic one: next to nobody"),
        (found("high", 0.6, None), "about 60 % lost overall, the arms about 8 points apart."),
        (found("high", 0.2, 0.07), "apart. At worst it shifts a difference by about 0.07 SD."),
    ],
)
def test_attrition_is_said_in_words(attrition: dict[str, Any], words: str) -> None:
    assert words in attrition_words(attrition)
