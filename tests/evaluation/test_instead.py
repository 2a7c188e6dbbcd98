"""Too few exclusions: suspensions and absence are proposed, and why."""

from __future__ import annotations

from evaluation.errors import EvaluationError
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from evaluation.power_analysis.instead import other_outcomes
from tests.commands.small_project import PLAN
from theory_of_change.model import Box, Measure, Theory
from theory_of_change.store import load_catalogue
from workspace.toml_source import parse_toml

MEASURES = load_catalogue()


def plan_of(measure: str) -> AnalysisPlan:
    text = PLAN.replace('measure = "arrested"', f'measure = "{measure}"')
    return read_plan(parse_toml(text, "plan.toml", EvaluationError), MEASURES)


def test_for_exclusions_suspensions_and_absence_are_proposed_with_the_reason() -> None:
    found = other_outcomes(plan_of("permanent_exclusion"), None, MEASURES)
    assert [one.measure for one in found] == ["suspensions", "absence-rate", "persistent-absence"]
    assert "few in any one school" in found[0].why


def test_what_the_theory_measures_a_box_by_is_proposed_and_the_outcome_itself_is_not() -> None:
    box = Box("O1", "outcome", "Calmer children", measures=("arrested", "sdq-total"))
    measures = tuple(MEASURES[name] for name in ("sdq-total",))
    theory = Theory(
        "T", boxes=(box,), measures=(*measures, Measure("arrested", "arrested", "binary", "lower"))
    )
    found = other_outcomes(plan_of("arrested"), theory, MEASURES)
    assert [one.measure for one in found] == ["sdq-total"]
    assert other_outcomes(plan_of("arrested"), None, MEASURES) == ()


def test_nothing_is_proposed_where_nothing_is_known() -> None:
    assert other_outcomes(plan_of("weeks_at_work"), None, MEASURES) == ()
