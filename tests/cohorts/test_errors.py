"""Every code of this floor is explained, in plain words."""

from __future__ import annotations

import re
from pathlib import Path

from cohorts import errors
from cohorts.partner_files.problems import RULES
from workspace.errors import EXPLANATIONS

FLOOR = Path(errors.__file__).parent


def test_every_code_this_floor_uses_can_be_explained() -> None:
    used = {code for file in FLOOR.rglob("*.py") for code in re.findall(r"LC8\d\d", file.read_text("utf-8"))}
    assert len(used) > 50
    assert used <= set(EXPLANATIONS)


def test_every_row_rule_is_worded_and_explained() -> None:
    assert {f"LC{number}" for number in (*range(583, 587), *range(820, 838), 862, 863, 864)} == set(RULES)
    assert set(RULES) <= set(EXPLANATIONS)


def test_cohort_problems_end_with_exit_code_11() -> None:
    assert errors.CohortError("LC812", "empty").exit_code == 11
