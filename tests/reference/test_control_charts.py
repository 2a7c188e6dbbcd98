"""Limits of control charts against base R's arithmetic, and against the limits that Montgomery prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from theory_of_change.tracking.control import usual_range

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "expected" / "control_charts.json").read_text(encoding="utf-8")
)["values"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_limits_are_those_of_r_and_without_their_widening_those_of_the_book(case: dict[str, Any]) -> None:
    n = len(case["values"])
    found = usual_range(case["kind"], case["values"], case["sizes"], [1.0] * n, [True] * n)
    assert found is not None
    near = 1e-9  # R's numbers are kept with twelve digits
    assert found.spread == pytest.approx(case["spread"], rel=near)
    assert found.middle == pytest.approx([case["middle"]] * n, rel=near)
    assert found.low == pytest.approx(case["low"], rel=near, abs=near)
    assert found.high == pytest.approx(case["high"], rel=near)
    if case["book"]:
        middle, low, high = case["book"]
        within = (
            0.0101 if middle > 1 else 0.0002
        )  # the book works with a middle rounded to its printed digits
        narrow = (found.high[0] - found.middle[0]) / found.spread
        assert found.middle[0] == pytest.approx(middle, abs=within)
        assert found.middle[0] + narrow == pytest.approx(high, abs=within)
        assert found.middle[0] - narrow == pytest.approx(low, abs=within)
