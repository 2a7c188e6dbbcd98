"""What could be known of the data when a plan was locked: what is still to come never hides what is there."""

from __future__ import annotations

import pytest

from cohorts.store import StoredVariable
from evaluation.plan import AnalysisPlan
from evaluation.study import data_access, design_names, outcome_names, resolve_there
from tests.evaluation.studies import make_plan

LATER = '[[outcome]]\nmeasure = "later"\nrole = "secondary"\nkind = "continuous"\nbetter = "higher"\n'


def stored(name: str, *, loaded: bool = True, sealed: bool = False) -> StoredVariable:
    waves = ("w1",) if loaded else ()
    return StoredVariable(name, "number", "", (), waves, waves if sealed else (), () if sealed else waves)


def state(plan: AnalysisPlan, *variables: StoredVariable) -> str:
    named = {variable.name: variable for variable in variables}
    found = (resolve_there(design_names(plan), named), resolve_there(outcome_names(plan, {}), named))
    return data_access(named, *found)


@pytest.fixture
def plan() -> AnalysisPlan:
    """An outcome ``score``, a covariate ``age`` and a treatment ``treated``."""
    return make_plan(measure="score", treatment="treated", covariates=("age",))


TREATED, SCORE, AGE = stored("treated"), stored("score"), stored("age")


def test_an_outcome_that_was_loaded_was_seen(plan: AnalysisPlan) -> None:
    assert state(plan, TREATED, AGE, SCORE) == "outcomes seen"


@pytest.mark.parametrize("promised", [(), (stored("age", loaded=False),)])
def test_a_covariate_still_to_come_hides_no_outcome_that_is_there(
    plan: AnalysisPlan, promised: tuple[StoredVariable, ...]
) -> None:
    assert state(plan, TREATED, SCORE, *promised) == "outcomes seen"


def test_an_outcome_still_to_come_hides_no_other_outcome() -> None:
    two = make_plan(measure="score", treatment="treated", more=LATER)
    assert state(two, TREATED, SCORE) == "outcomes seen"


def test_sealed_outcomes_and_what_is_not_collected_are_told_apart(plan: AnalysisPlan) -> None:
    assert state(plan) == "nothing collected"
    assert state(plan, stored("score", sealed=True)) == "collected, unseen"
    assert state(plan, TREATED, stored("score", sealed=True)) == "baseline seen"
