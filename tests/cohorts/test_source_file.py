"""sources/<id>.toml: everything read, every fault gathered with its line."""

from __future__ import annotations

import datetime as dt

import pytest

from cohorts.errors import CohortError
from cohorts.partner_files.source_file import SourceMapping, read_mapping
from workspace.toml_source import parse_toml

WHOLE = """
[source]
id = "prison-releases"
title = "Releases from prison"
organisation = "HMP  Leeds"
cohort = "prison-leavers"
enrols = true
encoding = "cp1252"
sheet = "Sheet1"
dates = "yyyy-mm-dd"
rejects = "set-aside"
wave_column = "visit"
waves = { "1" = "release", "1.5" = "m6" }
data_until = 2024-03-31
ignore = ["surname", "notes"]
missing = { "-9" = "refused", "N/K" = "not known" }

[[identifier]]
column = "NOMS number"
kind = "prison-number"

[[identifier]]
column = "PNC"
kind = "pnc-id"
required = false

[[index_date]]
column = "released"

[[variable]]
column = "dob"
name = "age_at_release"
kind = "age"
minimum = 18

[[variable]]
column = "aid"
name = "aid"
kind = "binary"
recode = { "Given" = 1, "none" = 0, "gone" = "not applicable" }
label = "Accommodation"

[[variable]]
column = "area"
name = "area"
kind = "category"
codes = ["North", "South"]
recode = { "N" = "North" }
missing = { "X" = "not shared" }
wave = "release"
"""

SMALL = """
[source]
id = "a"
title = "A"
cohort = "c"
wave = "w"
{source}
[[identifier]]
column = "id"
kind = "local-id"
{identifier}
[[variable]]
column = "x"
name = "x"
{variable}
"""


def read(text: str) -> SourceMapping:
    return read_mapping(parse_toml(text, "sources/a.toml", CohortError))


def small(source: str = "", identifier: str = "", variable: str = 'kind = "number"') -> str:
    return SMALL.format(source=source, identifier=identifier, variable=variable)


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(CohortError) as caught:
        read(text)
    return [(fault.code, fault.where) for fault in caught.value.faults]


def test_a_whole_mapping_is_read() -> None:
    mapping = read(WHOLE)
    assert (mapping.id, mapping.cohort, mapping.enrols, mapping.encoding) == (
        "prison-releases",
        "prison-leavers",
        True,
        "cp1252",
    )
    assert (mapping.dates, mapping.rejects, mapping.index_date) == ("yyyy-mm-dd", "set-aside", "released")
    assert mapping.waves == {"1": "release", "1.5": "m6"}
    assert mapping.data_until == dt.date(2024, 3, 31)
    assert mapping.missing == {"-9": "refused", "n/k": "not known"}
    assert [(item.column, item.kind, item.required) for item in mapping.identifiers] == [
        ("NOMS number", "prison-number", True),
        ("PNC", "pnc-id", False),
    ]
    assert mapping.columns == ("NOMS number", "PNC", "released", "visit", "dob", "aid", "area")
    age, aid, area = mapping.variables
    assert (age.name, age.kind, age.minimum, age.maximum) == ("age_at_release", "age", 18, None)
    assert aid.recode == {"given": 1, "none": 0, "gone": "not applicable"}
    assert (area.codes, area.recode, area.missing, area.wave) == (
        ("North", "South"),
        {"n": "North"},
        {"x": "not shared"},
        "release",
    )


def test_local_ids_belong_to_the_organisation_or_to_the_source() -> None:
    assert read(WHOLE).namespace == "hmp leeds"
    assert read(small()).namespace == "a"


def test_a_small_mapping_has_careful_defaults() -> None:
    mapping = read(small())
    assert (mapping.encoding, mapping.dates, mapping.rejects, mapping.enrols) == (
        "auto",
        "dd/mm/yyyy",
        "stop",
        False,
    )
    assert mapping.index_date == ""


def test_every_fault_is_found_at_once_and_has_its_line() -> None:
    found = faults(
        small(
            'titel = "B"\nrejects = "perhaps"', "requird = true", 'kind = "numbr"\nminimum = 3\nmaximum = 2'
        )
    )
    assert found == [
        ("LC801", "sources/a.toml:12"),
        ("LC803", "sources/a.toml:16"),
        ("LC803", "sources/a.toml:17"),
        ("LC803", "sources/a.toml:8"),
        ("LC801", "sources/a.toml:7"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        small('missing = { "-9" = "dunno" }'),
        small('missing = { " " = "refused" }'),
        small('missing = { "a" = "refused", "A" = "not asked" }'),
        small('data_until = "2024-03-31"'),
        small('encoding = "latin-1"'),
        small('wave_column = "v"\nwaves = { "1" = "a" }'),
        small('waves = { "1" = "a" }'),
        small('ignore = ["x"]'),
        small('[[index_date]]\ncolumn = "d"\n[[index_date]]\ncolumn = "e"'),
        small(identifier='[[identifier]]\ncolumn = "id2"\nkind = "local-id"'),
        small(variable='kind = "number"\ncodes = ["a"]'),
        small(variable='kind = "number"\nrecode = { a = "text" }'),
        small(variable='kind = "number"\nrecode = { a = true }'),
        small(variable='kind = "binary"\nrecode = { a = 2 }'),
        small(variable='kind = "category"\nrecode = { a = 2 }'),
        small(variable='kind = "category"\ncodes = ["a"]\nrecode = { b = "c" }'),
        small(variable='kind = "category"\ncodes = ["a", "A"]'),
        small(variable='kind = "date"\nminimum = 2'),
        small(variable='kind = "date"\nrecode = { a = 1 }'),
        small(variable='kind = "number"\nrecode = { a = 1 }\nmissing = { A = "refused" }'),
        small(variable='kind = "number"\n[[variable]]\ncolumn = "y"\nname = "x"\nkind = "number"'),
        small(
            variable='kind = "number"\n[[variable]]\ncolumn = "y"\nname = "x"\nkind = "binary"\nwave = "b"'
        ),
        small(variable='kind = "number"\n[[variable]]\ncolumn = "y"\nname = "X y"\nkind = "binary"'),
        small(variable='kind = "number"\nwave = "Wave 2"'),
    ],
)
def test_contradictions_and_wrong_values_are_refused(text: str) -> None:
    assert {code for code, _ in faults(text)} == {"LC803"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        small("enrols = true"),
        small(variable='kind = "age"'),
        small().replace('wave = "w"\n', ""),
        small().replace('wave = "w"\n', 'wave_column = "v"\n'),
        small().replace('[[identifier]]\ncolumn = "id"\nkind = "local-id"', ""),
        small().replace('cohort = "c"', ""),
        small().replace('column = "x"\n', ""),
    ],
)
def test_what_must_be_there_is_asked_for(text: str) -> None:
    assert {code for code, _ in faults(text)} == {"LC802"}


def test_one_column_may_feed_several_variables_and_one_variable_several_waves() -> None:
    more = '[[variable]]\ncolumn = "x"\nname = "x_high"\nkind = "binary"\n'
    again = '[[variable]]\ncolumn = "x2"\nname = "x"\nkind = "number"\nwave = "w2"\n'
    mapping = read(small() + more + again)
    assert [(item.column, item.name, item.wave) for item in mapping.variables] == [
        ("x", "x", ""),
        ("x", "x_high", ""),
        ("x2", "x", "w2"),
    ]


def test_matching_columns_are_read_and_two_of_a_kind_or_an_ignored_one_are_faults() -> None:
    table = '[[matching]]\ncolumn = "{}"\nkind = "{}"\n'
    good = MATCHED + table.format("first", "forename") + table.format("born", "date-of-birth")
    found = read_mapping(parse_toml(good, "s.toml", CohortError))
    assert [(item.column, item.kind) for item in found.matching] == [
        ("first", "forename"),
        ("born", "date-of-birth"),
    ]
    assert "first" not in found.columns
    for bad in (
        good + table.format("other", "forename"),
        good + table.format("x", "address"),
        good.replace('wave = "w"', 'wave = "w"\nignore = ["first"]'),
    ):
        with pytest.raises(CohortError, match="LC803"):
            read_mapping(parse_toml(bad, "s.toml", CohortError))


MATCHED = """[source]
id = "s"
title = "S"
cohort = "c"
wave = "w"
[[identifier]]
column = "n"
kind = "crn"
"""
