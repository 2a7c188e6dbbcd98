"""A new plan on stored area series."""

from __future__ import annotations

import tomllib

import pytest

from evaluation.panels.starter_areas import on_areas
from evaluation.starter import starter_plan

ABOUT_PLACES = """[plan]
id = "x"

[population]
units = "areas"                  # a row an area and period
# where = "YEAR >= 2010"

[design]
method = "staggered-adoption"
unit = "UNIT_COLUMN"
time = "PERIOD_COLUMN"           # years, months
seed = 1

[design.staggered-adoption]
first_treated = "START_COLUMN"
unit = "left as it is"
"""


@pytest.mark.parametrize("text", [ABOUT_PLACES, starter_plan("x", "", "matching", "")])
def test_a_new_plan_names_the_collection_and_its_columns(text: str) -> None:
    plan = tomllib.loads(on_areas(text, "boroughs"))
    assert plan["population"] == {"areas": "boroughs"}
    assert (plan["design"]["unit"], plan["design"]["time"]) == ("area", "period")
    rest = tomllib.loads(text)["design"]
    assert {k: v for k, v in plan["design"].items() if k not in ("unit", "time")} == {
        k: v for k, v in rest.items() if k not in ("unit", "time")
    }
