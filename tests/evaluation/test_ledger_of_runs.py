"""What a run leaves in the ledger: who was left at each step, in matched sets, in groups; and what it then refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from cohorts.gate.ledger import Entry, clashes
from cohorts.gate.sketch import sketch
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.outputs import ARM, cells_of_run
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from evaluation.study_table import StudyTable
from workspace.settings import DisclosureProfile
from workspace.toml_source import parse_toml

KEY, PROFILE = b"k" * 32, DisclosureProfile()
RANDOM = np.random.default_rng(20261122)
N = 300
PLAN = """[plan]
id = "{id}"
title = "Did it work?"
[population]
cohort = "leavers"
{where}
[design]
method = "{method}"
treatment = "aid"
covariates = ["age"{also}]
seed = 1
{settings}
[[outcome]]
measure = "arrested"
role = "primary"
kind = "binary"
better = "lower"
minimum_important_difference = 0.1
mid_source = "break-even"
expected_rate = 0.4
[reporting]
reported_by = 2030-12-31
{groups}
"""


def frame() -> pl.DataFrame:
    age = RANDOM.normal(30, 8, N)
    aid = (RANDOM.random(N) < 1 / (1 + np.exp(-(age - 34) / 6))).astype(float)
    return pl.DataFrame(
        {
            "participant": np.arange(N, dtype=np.int64),
            "aid": aid,
            "age": age,
            "score": np.where(np.arange(N) < 6, np.nan, RANDOM.normal(0, 1, N)),
            "area": np.where(np.arange(N) % 2 == 0, "North", "South"),
            "site": np.where(np.arange(N) < 295, "A", "B"),
            "arrested": (RANDOM.random(N) < 0.4).astype(float),
        }
    ).with_columns(pl.col("score").fill_nan(None))


FRAME = frame()


def plan_text(method: str, **parts: str) -> str:
    blank = {"id": "p", "where": "", "also": "", "settings": "", "groups": ""}
    return PLAN.format(**{**blank, "method": method, **parts})


def plan_of(method: str = "randomised", **parts: str) -> AnalysisPlan:
    return read_plan(parse_toml(plan_text(method, **parts), "plan.toml", EvaluationError), {}, {})


def ledger(subject: str, plan: AnalysisPlan) -> list[Entry]:
    table = StudyTable(FRAME, "leavers", 0)
    finding = gather_finding(table, plan, "unlocked")
    found = cells_of_run(table, plan, finding, "COH-001", PROFILE)
    return [
        replace(
            one.entry,
            subject=subject,
            sketch=None if one.people is None else sketch(one.people, KEY),
        )
        for one in found
    ]


@pytest.fixture(scope="module")
def matched() -> list[Entry]:
    return ledger("EVAL-001", plan_of("matching", settings="[design.matching]\ncaliper = 0.2"))


def test_every_cell_of_a_matched_run_says_who_is_in_it(matched: list[Entry]) -> None:
    assert all(entry.sketch for entry in matched)
    flow = [entry.cell.n for entry in matched if entry.people.endswith(":flow")]
    estimate = [entry for entry in matched if entry.people.endswith(":estimate")]
    assert flow[-1] == estimate[0].cell.n < flow[0] == N
    assert {entry.about for entry in matched} == {"arrested", "arrested, flow"}


def test_matched_sets_that_differ_by_a_few_people_are_refused(matched: list[Entry]) -> None:
    """Both analysed the same 300 people: only the sets that were matched differ, by fewer than ten."""
    other = ledger("EVAL-002", plan_of("matching", settings="[design.matching]\ncaliper = 0.215"))
    sizes = [next(e.cell.n for e in one if e.people.endswith(":estimate")) for one in (matched, other)]
    assert 0 < abs(sizes[0] - sizes[1]) < 10
    found = clashes(other, matched, 10)
    assert {clash.output for clash in found} == {"arrested", "who was in it"}


def test_the_same_matching_once_more_is_let_through(matched: list[Entry]) -> None:
    again = ledger("EVAL-002", plan_of("matching", settings="[design.matching]\ncaliper = 0.2"))
    assert clashes(again, matched, 10) == ()


def test_a_group_that_differs_from_a_released_whole_by_a_few_is_refused() -> None:
    """The North without three people whose score is not known is out; now all of the North, as a group."""
    most = ledger("EVAL-001", plan_of(where="where = 'area == \"North\" and score > -99'"))
    groups = '[[subgroup]]\nby = "area"\nreason = "Other police."'
    parts = ledger("EVAL-002", plan_of(groups=groups))
    assert [clash.output for clash in clashes(parts, most, 10)] == ["arrested"]
    assert clashes(ledger("EVAL-002", plan_of()), most, 10) == ()


def test_a_group_that_is_withheld_with_the_one_beside_it_is_not_said_to_be_shown() -> None:
    groups = '[[subgroup]]\nby = "site"\nreason = "Other staff."'
    cells = [entry.cell for entry in ledger("EVAL-001", plan_of(groups=groups))]
    site = {(c.where.levels("group of site"), c.where.levels(ARM)): c.state for c in cells}
    assert "withheld" in {site[("B",), (arm,)] for arm in "01"}
    assert "shown" not in {state for (level, _), state in site.items() if level}
    assert {site[("A",), (arm,)] for arm in "01"} == {"not-shown"}


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("weighting", "[design.weighting]\ntrim = 0.2"),
        ("doubly-robust", "[design.doubly-robust]\ntrim = 0.2\nrepeats = 1"),
    ],
)
def test_who_was_trimmed_is_in_no_cell_of_the_estimate(method: str, settings: str) -> None:
    found = ledger("EVAL-001", plan_of(method, settings=settings))
    (whole,) = (e for e in found if e.people.endswith(":estimate") and not e.cell.where.terms)
    assert whole.sketch
    assert whole.cell.n < N
    assert all(entry.sketch for entry in found)


def test_who_is_near_a_cut_off_is_known() -> None:
    settings = '[design.regression-discontinuity]\nrunning = "age"\ncutoff = 34'
    settings += "\nbandwidth_left = 8\nbandwidth_right = 8"
    text = plan_text("regression-discontinuity", settings=settings)
    plan = read_plan(
        parse_toml(text.replace('treatment = "aid"\ncovariates = ["age"]\n', ""), "p", EvaluationError)
    )
    found = ledger("EVAL-001", plan)
    (whole,) = (e for e in found if e.people.endswith(":estimate") and not e.cell.where.terms)
    near = FRAME.filter((pl.col("age") - 34).abs() < 8)["participant"].to_numpy()
    assert (whole.cell.n, whole.sketch) == (len(near), sketch(near, KEY))


def test_gaps_that_are_filled_are_of_everybody() -> None:
    plan = plan_of(also=', "score"')
    plan = replace(plan, analysis=replace(plan.analysis, missing="multiple-imputation", imputations=3))
    found = ledger("EVAL-001", plan)
    (whole,) = (e for e in found if e.people.endswith(":estimate") and not e.cell.where.terms)
    assert (whole.cell.n, whole.sketch) == (N, sketch(np.arange(N), KEY))
