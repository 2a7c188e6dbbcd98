"""The values of a source mapping."""

from __future__ import annotations

import dataclasses

import pytest

from cohorts.partner_files.mapping import IdentifierColumn, SourceMapping, VariableColumn, plain_code

MAPPING = SourceMapping(
    id="releases",
    title="Releases",
    organisation="",
    cohort="leavers",
    enrols=True,
    encoding="auto",
    sheet="",
    dates="dd/mm/yyyy",
    rejects="stop",
    wave="release",
    wave_column="",
    waves={},
    data_until=None,
    ignore=(),
    missing={},
    identifiers=(IdentifierColumn("NOMS", "prison-number"),),
    index_date="released",
    variables=(VariableColumn("x", "x", "number"), VariableColumn("x", "x_high", "binary")),
)


def test_every_column_that_is_read_is_listed_once_in_order() -> None:
    assert MAPPING.columns == ("NOMS", "released", "x")


def test_the_namespace_is_the_organisation_however_it_is_spaced_and_else_the_source() -> None:
    assert MAPPING.namespace == "releases"
    assert dataclasses.replace(MAPPING, organisation=" HMP  Leeds ").namespace == "hmp leeds"


def test_a_mapping_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        MAPPING.wave = "m6"  # type: ignore[misc]


def test_codes_are_compared_without_case_blanks_and_decimal_zeros() -> None:
    texts = (" N/K ", "1.0", "-9.00", "1.5", "01")
    assert [plain_code(text) for text in texts] == ["n/k", "1", "-9", "1.5", "01"]
