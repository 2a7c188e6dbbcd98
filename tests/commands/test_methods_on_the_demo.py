"""Each method on the cohorts of the demonstration: real public data, in a project and on a file of the same people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.program import Program
from tests.commands.test_every_method_in_a_project import Case as BaseCase
from tests.commands.test_every_method_in_a_project import agree, lock, numbers_from_a_file
from tests.commands.test_results_json import RESULT, misfits, small_counts, strict

LEAVERS = 'covariates = ["age_at_release", "work_experience", "married", "parole", "prior_convictions"]\n'
PUPILS = 'covariates = ["age_at_start", "girl", "free_meals"]\n'
# In full, not by the theory's measures: a file has no theory.
ARREST = (
    '[[outcome]]\nmeasure = "arrested_52_weeks"\nrole = "primary"\nkind = "binary"\nbetter = "lower"\n'
    'minimum_important_difference = 0.1\nmid_source = "made up"\n'
)
WEEKS = (
    '[[outcome]]\nmeasure = "arrested_52_weeks"\nrole = "primary"\nkind = "time-to-event"\nbetter = "lower"\n'
    'duration = "weeks_without_arrest"\nminimum_important_difference = 0.8\nmid_source = "made up"\n'
)
SCORE = (
    '[[outcome]]\nmeasure = "reading_and_maths"\nrole = "primary"\nkind = "continuous"\nbetter = "higher"\n'
    'unit = "points"\nminimum_important_difference = 10\nmid_source = "made up"\n'
)
GIRLS = '[[subgroup]]\nby = "girl"\nreason = "girls read more"\n'


class Case(BaseCase):
    """A plan about a cohort of the demonstration."""

    @property
    def text(self) -> str:
        cohort = "kindergarten" if self.name.startswith("pupils") else "prison-leavers"
        return super().text.replace('cohort = "leavers"', f'cohort = "{cohort}"')


CASES = [
    Case("leavers-times", "randomised", "aid", WEEKS, LEAVERS),
    Case("leavers-matched", "matching", "aid", ARREST, LEAVERS, "ratio = 1\nreplace = true"),
    Case("leavers-weighted", "weighting", "aid", WEEKS, LEAVERS + 'estimand = "ATE"\n'),
    Case("leavers-robust", "doubly-robust", "aid", ARREST, LEAVERS, "folds = 2\nrepeats = 1"),
    Case(
        "pupils-schools", "cluster-randomised", "small_class", SCORE, PUPILS + 'cluster = "school"\n',
        'intervention_level = "individual"', GIRLS,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_method_answers_on_the_demonstrations_people(
    case: Case, program: Program, practice: Path, tmp_path: Path
) -> None:
    lock(program, practice, case)
    payload = strict(program.well("evaluate", "run", case.name, "--json", cwd=practice).out)
    assert list(misfits(payload, RESULT)) == []
    assert small_counts(payload) == []
    assert payload["plan"]["state"] == "locked after outcomes", (
        "the demonstration ran plans of its own before"
    )
    assert payload["outcomes"][0]["verdict"]["answer"] != "not-assessable"
    page = (practice / payload["files"]["report"]).read_text("utf-8")
    assert "Assumed, and not shown by these data" in page
    again = program.well("report", "evaluation", payload["evaluation"], "--out", str(tmp_path), cwd=practice)
    assert payload["evaluation"] in again.out
    assert (tmp_path / f"{payload['evaluation']}.html").read_text("utf-8") == page
    agree(payload, numbers_from_a_file(program, practice, case, tmp_path))
