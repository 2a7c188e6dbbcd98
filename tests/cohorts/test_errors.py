"""Every code of this floor is explained, in plain words."""

from __future__ import annotations

import re
from pathlib import Path

from cohorts import errors
from cohorts.partner_files.problems import RULES
from workspace.errors import EXPLANATIONS

FLOOR = Path(errors.__file__).parent


def test_every_code_the_intake_uses_can_be_explained() -> None:
    files = (
        "identifiers",
        "dates",
        "extracts",
        "csv_text",
        "source_file",
        "keys",
        "intake",
        "reading",
        "problems",
        "agreement",
        "permission",
        "sharing",
    )
    used = {
        code for name in files for code in re.findall(r"LC8\d\d", (FLOOR / f"{name}.py").read_text("utf-8"))
    }
    assert used <= set(EXPLANATIONS)


def test_every_row_rule_is_worded_and_explained() -> None:
    assert {f"LC{number}" for number in (*range(820, 838), 862, 863, 864)} == set(RULES)
    assert set(RULES) <= set(EXPLANATIONS)


def test_cohort_problems_end_with_exit_code_11() -> None:
    assert errors.CohortError("LC812", "empty").exit_code == 11
