"""Closer watching finds more breaches: the doubt is raised where it belongs, and nowhere else."""

from __future__ import annotations

import pytest

from evaluation.detection.closer_watching import watching_check
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from tests.commands.small_project import PLAN
from theory_of_change.store import load_catalogue
from workspace.toml_source import parse_toml


def plan_of(title: str, measure: str) -> AnalysisPlan:
    text = PLAN.replace("Did aid on release reduce arrests?", title).replace('"arrested"', f'"{measure}"')
    return read_plan(parse_toml(text, "plan.toml", Exception), load_catalogue())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "measure", "raised"),
    [
        ("Do GPS tags on release reduce recall?", "recalled_12m", True),
        ("Does intensive supervision work?", "breach-of-licence", True),
        ("Do GPS tags reduce reoffending?", "reconvicted", False),
        ("Did mentoring reduce recall to prison?", "recalled", False),
        ("Do stages of a course matter?", "recall", False),  # "stages" holds "tag" and is no tag
    ],
)
def test_the_doubt_is_raised_where_watching_finds_the_outcome(title: str, measure: str, raised: bool) -> None:
    plan = plan_of(title, measure)
    found = watching_check(plan, plan.outcomes[0])
    assert bool(found) is raised
    assert all(check.consequence == "downgrade" for check in found)
    assert not found or "no reoffending by itself" in found[0].note
