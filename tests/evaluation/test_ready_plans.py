"""Ready plans can be read as they stand, carry questions, and are written under an id of their own."""

from __future__ import annotations

import pytest

from evaluation.errors import EvaluationError
from evaluation.plan_file import read_plan
from evaluation.ready_plans.starter_store import ready_plan, template_names
from theory_of_change.store import load_catalogue
from workspace.toml_source import parse_toml


@pytest.mark.parametrize("name", template_names())
def test_a_ready_plan_can_be_read_as_it_stands(name: str) -> None:
    text = ready_plan(name, "our-plan", "our-schools")
    plan = read_plan(parse_toml(text, "our-plan.toml", EvaluationError), load_catalogue())
    assert (plan.id, plan.population.areas) == ("our-plan", "our-schools")
    assert "lifecourse plan lock our-plan" in text
    assert text.count("?") >= 5
    assert plan.assumed is not None


def test_the_school_plan_has_staggered_starts_a_fidelity_measure_and_a_harm() -> None:
    text = ready_plan("trauma-informed-schools", "x")
    plan = read_plan(parse_toml(text, "x.toml", EvaluationError), load_catalogue())
    assert plan.design.method == "staggered-adoption"
    names = {outcome.measure: outcome for outcome in plan.outcomes}
    assert names["suspension_rate"].role == "primary"
    assert names["exclusion_rate"].role == "secondary"  # too few in single schools
    assert {"isolation_hours", "off_roll_rate"} <= set(names)


def test_an_unknown_template_is_named() -> None:
    with pytest.raises(EvaluationError) as error:
        ready_plan("trauma-informed-school", "x")
    assert error.value.code == "LC242"
    assert "Did you mean 'trauma-informed-schools'?" in str(error.value)
