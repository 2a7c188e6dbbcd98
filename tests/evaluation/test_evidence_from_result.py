"""A result that is taken in as outside evidence was treated when it was written, or is of many people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cohorts.gate.errors import Kept
from evaluation.errors import EvaluationError
from evaluation.evidence.evidence_store import read_file
from evaluation.evidence.from_result import studies_of
from evaluation.model import Result
from evaluation.protection import masked, released
from evaluation.result import as_payload
from tests.evaluation.report_samples import nothing_worthwhile, small_counts
from workspace.console import to_json
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def exact(result: Result) -> dict[str, Any]:
    return as_payload(result, None)


def test_an_exact_result_of_few_people_is_no_evidence_and_is_named_without_a_number(tmp_path: Path) -> None:
    few = small_counts()
    with pytest.raises(Kept) as kept:
        studies_of(exact(few))
    (fault,) = kept.value.faults
    assert (fault.code, kept.value.exit_code) == ("LC903", 3)
    said = fault.problem.replace(few.primary.measure, "")
    assert not [character for character in said if character.isdigit()]
    file = tmp_path / "r.json"
    file.write_text(to_json(exact(few)), encoding="utf-8")
    with pytest.raises(Kept):
        read_file(file)


def test_what_was_released_of_it_and_an_exact_result_of_many_are_taken_in() -> None:
    treated = as_payload(released(masked(small_counts(), PROFILE), PROFILE), PROFILE)
    assert studies_of(treated)[0].versions[0].effect is None
    many = nothing_worthwhile()
    assert studies_of(exact(many))[0].versions[0].effect == many.primary.estimate.value
    areas = replace(small_counts().primary, units="areas")
    assert studies_of(exact(replace(small_counts(), outcomes=(areas,))))


def test_a_result_with_impossible_numbers_is_none_of_this_version(tmp_path: Path) -> None:
    broken = exact(nothing_worthwhile())
    broken["outcomes"][0] |= {"kind": "count"}
    broken["outcomes"][0]["estimate"] |= {"treated_mean": 1e308, "n_treated": 1e308}
    file = tmp_path / "r.json"
    file.write_text(to_json(broken), encoding="utf-8")
    with pytest.raises(EvaluationError, match="no result of this version"):
        read_file(file)
