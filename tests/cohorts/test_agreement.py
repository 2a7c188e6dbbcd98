"""agreements/<id>.toml: read strictly, every fault with its line; a starter can be read and has no force."""

from __future__ import annotations

import datetime as dt

import pytest

from cohorts.agreements.agreement import starter_agreement
from cohorts.agreements.permission import standing
from cohorts.errors import CohortError
from tests.cohorts.agreements import TEXT, parsed
from workspace.settings import DisclosureProfile


def line_of(key: str) -> int:
    return next(i for i, line in enumerate(TEXT.splitlines(), start=1) if line.startswith(key))


def test_a_complete_agreement_is_read() -> None:
    found = parsed(
        TEXT + 'linkages = ["police"]\nthreshold = 20\nreview_by = 2026-06-01\nsupersedes = "old"\n'
    )
    assert (found.id, found.version, found.gateway) == ("shared", "1", "serious violence duty")
    assert (found.signed, found.expires) == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert (found.threshold, found.rounding, found.supersedes) == (20, None, "old")
    assert [found.may_join(source) for source in ("people", "police", "school")] == [True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('gateway = "serious violence duty"', 'gateway = "goodwill"', "LC872"),
        ('sources = ["people"]', "sources = []", "LC872"),
        ('sources = ["people"]', 'sources = ["people", "people"]', "LC872"),
        ('sources = ["people"]', "sources = 7", "LC872"),
        ("signed = 2026-01-01", 'signed = "2026-01-01"', "LC872"),
        ("signed = 2026-01-01", "threshold = 9", "LC872"),
        ("signed = 2026-01-01", "rounding = 4", "LC872"),
        ("signed = 2026-01-01", 'outputs = "rows"', "LC872"),
        ("signed = 2026-01-01", 'supersedes = "shared"', "LC872"),
        ("expires = 2026-12-31", "expires = 2026-01-09", "LC872"),
        ("signed = 2026-01-01", "use_until = 2026-12-30", "LC872"),
        ("signed = 2026-01-01", 'suspended = "soon"', "LC872"),
        ("signed = 2026-01-01", "purposes = []", "LC872"),
        ("signed = 2026-01-01", 'purposes = ["evaluating"]', "LC872"),
        ('id = "shared"', 'id = "../shared"', "LC872"),
        ("signed = 2026-01-01", "sined = 2026-01-01", "LC870"),
    ],
)
def test_a_fault_is_named_with_its_line(old: str, new: str, code: str) -> None:
    with pytest.raises(CohortError) as error:
        parsed(TEXT.replace(old, new))
    assert [(f.code, f.where) for f in error.value.faults] == [(code, f"shared.toml:{line_of(old[:5])}")]


@pytest.mark.parametrize("key", ["id", "title", "version", "parties", "purpose", "lawful_basis", "expires"])
def test_what_an_agreement_must_say_is_asked_for(key: str) -> None:
    text = "\n".join(line for line in TEXT.splitlines() if not line.startswith(f"{key} ="))
    with pytest.raises(CohortError) as error:
        parsed(text)
    assert [fault.code for fault in error.value.faults] == ["LC871"]


def test_all_faults_of_a_file_are_gathered() -> None:
    with pytest.raises(CohortError) as error:
        parsed(TEXT.replace('"serious violence duty"', '"x"').replace('["people"]', "[]"))
    assert len(error.value.faults) == 2
    with pytest.raises(CohortError):
        parsed("")


def test_an_agreement_as_strict_as_the_project_is_accepted_and_a_laxer_one_refused() -> None:
    text = TEXT + "threshold = 15\n"
    assert parsed(text, DisclosureProfile(15, 5)).threshold == 15
    with pytest.raises(CohortError):
        parsed(text, DisclosureProfile(20, 5))


def test_a_starter_can_be_read_and_has_no_force() -> None:
    today = dt.date(2026, 3, 1)
    found = parsed(starter_agreement("police", 'Say "hi"\n', ["arrests"], ["identifiers", "aid"], today))
    assert (found.id, found.title, found.sources) == ("police", 'Say "hi"\n', ("arrests",))
    assert standing(found, today) == "is not signed"


ROWS = TEXT + 'outputs = "rows"\nsafe_settings = ["ONS SRS", "SAIL"]\n'


def test_rows_go_to_named_safe_settings_within_limits_of_their_own() -> None:
    found = parsed(ROWS + 'quasi_identifiers = ["area"]\nunique_limits = { "SAIL" = 0.05 }\n')
    assert (found.outputs, found.safe_settings) == ("rows", ("ONS SRS", "SAIL"))
    assert (found.unique_limit("SAIL"), found.unique_limit("ONS SRS")) == (0.05, 0.0)
    assert found.quasi_identifiers == ("area",)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (TEXT + 'outputs = "rows"\n', "'outputs' is \"rows\", but no safe setting is named"),
        (TEXT + 'safe_settings = ["SAIL"]\n', "'safe_settings' is about row-level data"),
        (TEXT + 'quasi_identifiers = ["area"]\n', "'quasi_identifiers' is about row-level data"),
        (TEXT + 'outputs = "everything"\n', "'outputs' is 'everything'"),
        (ROWS + 'quasi_identifiers = ["aera"]\n', "Did you mean 'area'?"),
        (ROWS + 'unique_limits = { "SAIl" = 0.1 }\n', "not among 'safe_settings'"),
        (ROWS + 'unique_limits = { "SAIL" = 5 }\n', "a number at least 0 and at most 1"),
        (ROWS + "unique_limits = 0.1\n", "must be a table"),
        (ROWS.replace('"SAIL"', '"ONS SRS"'), "the same entry twice"),
    ],
)
def test_a_fault_about_rows_is_named_with_its_line(text: str, where: str) -> None:
    with pytest.raises(CohortError) as error:
        parsed(text)
    assert [fault.code for fault in error.value.faults] == ["LC872"]
    assert where in str(error.value)
    assert str(error.value).startswith("shared.toml:")
