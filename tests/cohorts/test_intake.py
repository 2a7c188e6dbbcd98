"""From a partner's table to people and observations; small tables, checked by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from cohorts.errors import CohortError
from cohorts.identifiers import nhs_number
from cohorts.intake import MISSING_REASONS, Intake, IntakeRefused, take_in
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.source_file import SourceMapping, read_mapping
from cohorts.pseudonyms import PseudonymKey, key_check, tokenise
from workspace.toml_source import parse_toml

KEY = PseudonymKey(key_check(b"k" * 32), b"k" * 32)
HEAD = """
[source]
id = "releases"
title = "Releases"
organisation = "HMP Leeds"
cohort = "leavers"
enrols = {enrols}
rejects = "{rejects}"
ignore = ["surname"]
missing = {{ "-9" = "refused" }}
{wave}
"""
BODY = """
[[identifier]]
column = "noms"
kind = "prison-number"
[[index_date]]
column = "released"
[[variable]]
column = "dob"
name = "age"
kind = "age"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
[[variable]]
column = "score"
name = "score"
kind = "number"
minimum = 0
maximum = 40
"""
TWO_IDS = """
[[identifier]]
column = "nhs"
kind = "nhs-number"
required = false
[[identifier]]
column = "local"
kind = "local-id"
required = false
[[variable]]
column = "score"
name = "score"
kind = "number"
"""
HEADINGS = ("surname", "noms", "released", "dob", "aid", "area", "score")
ANN = ("Smithson", "A1234BC", "1/6/2020", "1/6/2000", "yes", "South", "12")
BEN = ("Brownlow", "B1234BC", "2/6/2020", "3/6/2000", "no", "North", "-9")


def mapping(
    body: str = BODY, *, enrols: str = "true", rejects: str = "stop", wave: str = 'wave = "release"'
) -> SourceMapping:
    text = HEAD.format(enrols=enrols, rejects=rejects, wave=wave) + body
    return read_mapping(parse_toml(text, "sources/releases.toml", CohortError))


def table(*rows: tuple[str | None, ...], headings: tuple[str, ...] = HEADINGS) -> RawTable:
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(headings, pl.String), orient="row")
    return RawTable(frame, "prison.csv", "csv")


def take(raw: RawTable, source: SourceMapping) -> Intake:
    return take_in(raw, source, KEY, "demo-1")


def changed(row: tuple[str, ...], **cells: str | None) -> tuple[str | None, ...]:
    return tuple(cells.get(heading, cell) for heading, cell in zip(HEADINGS, row, strict=True))


def refusal(*rows: tuple[str | None, ...], source: SourceMapping | None = None) -> IntakeRefused:
    with pytest.raises(IntakeRefused) as caught:
        take(table(*rows), source or mapping())
    return caught.value


def problems(error: IntakeRefused) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(problem.code, problem.column, problem.rows) for problem in error.report.problems]


def token(value: str, kind: str = "prison-number", namespace: str = "") -> bytes:
    return bytes(tokenise(pl.Series([value]), kind, KEY, "demo-1", namespace)[0])


def test_people_are_numbered_in_the_order_of_their_tokens() -> None:
    intake = take(table(ANN, BEN), mapping())
    tokens = sorted([(token("A1234BC"), dt.date(2020, 6, 1)), (token("B1234BC"), dt.date(2020, 6, 2))])
    assert intake.people.rows() == [(0, *tokens[0]), (1, *tokens[1])]
    assert intake.people.columns == ["person", "prison-number", "index_date"]
    assert intake.people["person"].dtype == pl.UInt32


def values(intake: Intake, column: str, identifier: str) -> dict[tuple[str, str], Any]:
    person = intake.people.filter(pl.col(column) == identifier_token(column, identifier))["person"][0]
    rows = intake.observations.filter(pl.col("person") == person)
    return {(row[1], row[2]): row[3] if row[4] is None else row[4] for row in rows.iter_rows()}


def identifier_token(kind: str, identifier: str) -> bytes:
    return token(identifier, kind, "hmp leeds" if kind == "local-id" else "")


def test_each_observation_is_a_value_or_a_reason() -> None:
    intake = take(table(ANN, BEN), mapping())
    assert intake.categories == {"area": ("North", "South")}
    assert values(intake, "prison-number", "A1234BC") == {
        ("age", "release"): 20,
        ("aid", "release"): 1,
        ("area", "release"): 1,
        ("score", "release"): 12,
    }
    assert values(intake, "prison-number", "B1234BC") == {
        ("age", "release"): 19,
        ("aid", "release"): 0,
        ("area", "release"): 0,
        ("score", "release"): "refused",
    }
    assert intake.observations.schema == {
        "person": pl.UInt32,
        "variable": pl.String,
        "wave": pl.String,
        "value": pl.Float64,
        "missing": pl.String,
    }


def test_the_report_counts_rows_people_and_missing_values() -> None:
    report = take(table(ANN, BEN, changed(BEN, noms="C1234BC", score=None)), mapping()).report
    assert (report.source, report.rows, report.accepted_rows, report.rejected_rows, report.people) == (
        "releases",
        3,
        3,
        0,
        3,
    )
    assert report.missing == (("score", "not recorded", 1), ("score", "refused", 1))
    assert report.problems == report.warnings == ()


def test_blank_and_repeated_rows_are_dropped_and_counted() -> None:
    intake = take(table(ANN, (None,) * 7, ANN, ("Other", *ANN[1:]), BEN), mapping())
    assert [(warning.code, warning.rows) for warning in intake.report.warnings] == [
        ("LC837", (3,)),
        ("LC834", (4, 5)),
    ]
    assert (intake.report.rows, intake.report.accepted_rows, intake.people.height) == (5, 2, 2)


def test_a_row_with_only_an_ignored_cell_is_not_blank() -> None:
    assert problems(refusal(ANN, ("Smithson", *[None] * 6)))[0] == ("LC820", "noms", (3,))


def test_every_fault_is_reported_at_once_by_column_row_and_rule() -> None:
    error = refusal(
        ANN,
        changed(BEN, noms=None),
        changed(BEN, noms="B12345C"),
        changed(BEN, released="31/06/2020"),
        changed(BEN, released=None),
        changed(BEN, dob="1/1/1850"),
        changed(BEN, dob="1/1/2021"),
        changed(BEN, aid="perhaps"),
        changed(BEN, score="many"),
        changed(BEN, score="41"),
    )
    assert problems(error) == [
        ("LC820", "noms", (3,)),
        ("LC821", "noms", (4,)),
        ("LC824", "released", (5,)),
        ("LC831", "released", (6,)),
        ("LC825", "dob", (7,)),
        ("LC836", "dob", (8,)),
        ("LC828", "aid", (9,)),
        ("LC826", "score", (10,)),
        ("LC827", "score", (11,)),
    ]
    assert str(error) == "prison.csv: LC820 column 'noms', row 3: the identifier is missing"
    assert len(error.faults) == 9
    assert (error.exit_code, error.report.accepted_rows, error.report.rejected_rows) == (11, 1, 9)


def test_faulty_rows_are_set_aside_where_the_source_says_so() -> None:
    intake = take(table(ANN, changed(BEN, score="many")), mapping(rejects="set-aside"))
    assert (intake.people.height, intake.report.rejected_rows) == (1, 1)
    assert intake.categories == {"area": ("South",)}
    assert [problem.code for problem in intake.report.problems] == ["LC826"]


def test_a_file_without_a_good_row_is_refused_even_then() -> None:
    assert refusal(changed(ANN, score="many"), source=mapping(rejects="set-aside")).report.accepted_rows == 0


def test_two_index_dates_of_a_person_are_a_fault_and_no_date_is_not_a_second_one() -> None:
    assert problems(refusal(ANN, changed(ANN, released="2/6/2020"), BEN))[0] == ("LC835", "released", (2, 3))
    undated = take(table(ANN, changed(ANN, released=None, dob=None)), mapping(enrols="false"))
    assert undated.people["index_date"].to_list() == [dt.date(2020, 6, 1)]


def test_two_values_for_one_person_and_wave_are_a_fault() -> None:
    error = refusal(ANN, changed(ANN, score="13"), BEN)
    assert problems(error) == [("LC833", "score", (2, 3))]
    assert "one person has different values for the same variable and wave" in str(error)
    aside = take(table(ANN, changed(ANN, score="13"), BEN), mapping(rejects="set-aside"))
    assert aside.people["prison-number"].to_list() == [token("B1234BC")]


def test_a_blank_beside_a_value_gives_way_and_a_reason_does_not() -> None:
    intake = take(table(ANN, changed(ANN, score=None, aid=None)), mapping())
    assert values(intake, "prison-number", "A1234BC")[("score", "release")] == 12
    assert intake.observations.height == 4
    assert problems(refusal(ANN, changed(ANN, score="-9"))) == [("LC833", "score", (2, 3))]


def test_waves_come_from_a_column_and_unknown_ones_are_faults() -> None:
    body = TWO_IDS.replace('name = "score"', 'name = "score"')
    source = mapping(
        body, enrols="false", wave='wave_column = "visit"\nwaves = { "1" = "age-1", "1.5" = "age-18m" }'
    )
    headings = ("nhs", "local", "visit", "score")
    intake = take(table((None, "7", "1.0", "3"), (None, "7", "1.5", "4"), headings=headings), source)
    assert values(intake, "local-id", "7") == {("score", "age-1"): 3, ("score", "age-18m"): 4}
    with pytest.raises(IntakeRefused) as caught:
        take(table((None, "7", "2", "3"), (None, "8", None, "4"), headings=headings), source)
    assert problems(caught.value) == [("LC830", "visit", (2, 3))]


def test_wide_files_give_one_variable_several_waves() -> None:
    body = TWO_IDS + '[[variable]]\ncolumn = "later"\nname = "score"\nkind = "number"\nwave = "m6"\n'
    raw = table((None, "7", "3", "5"), headings=("nhs", "local", "score", "later"))
    assert values(take(raw, mapping(body, enrols="false")), "local-id", "7") == {
        ("score", "release"): 3,
        ("score", "m6"): 5,
    }


ONE, TWO = nhs_number("943476591"), nhs_number("401023213")


def test_rows_that_share_an_identifier_are_one_person() -> None:
    raw = table(
        (ONE, None, "1"),
        (None, "7", None),
        (ONE, "7", None),
        (None, "8", "2"),
        headings=("nhs", "local", "score"),
    )
    intake = take(raw, mapping(TWO_IDS, enrols="false"))
    assert intake.people.height == 2
    joined = intake.people.filter(pl.col("nhs-number").is_not_null())
    assert joined["local-id"].to_list() == [token("7", "local-id", "hmp leeds")]
    assert values(intake, "local-id", "7") == {("score", "release"): 1}


def test_one_person_with_two_identifiers_of_a_kind_is_a_fault() -> None:
    rows = ((ONE, "7", None), (TWO, "7", None), (None, "8", "2"))
    with pytest.raises(IntakeRefused) as caught:
        take(table(*rows, headings=("nhs", "local", "score")), mapping(TWO_IDS, enrols="false"))
    assert problems(caught.value) == [("LC832", "nhs", (2, 3))]
    aside = take(
        table(*rows, headings=("nhs", "local", "score")),
        mapping(TWO_IDS, enrols="false", rejects="set-aside"),
    )
    assert aside.people.height == 1


def test_a_row_needs_one_identifier_even_where_each_is_optional() -> None:
    with pytest.raises(IntakeRefused) as caught:
        take(
            table((ONE, "7", "1"), (None, "-9", "2"), headings=("nhs", "local", "score")),
            mapping(TWO_IDS, enrols="false"),
        )
    assert problems(caught.value) == [("LC820", "nhs", (3,))]


def test_a_wrong_optional_identifier_is_still_a_fault() -> None:
    with pytest.raises(IntakeRefused) as caught:
        take(
            table(("9434765918", "7", "1"), ("0000000000", "8", "1"), headings=("nhs", "local", "score")),
            mapping(TWO_IDS, enrols="false"),
        )
    assert problems(caught.value) == [("LC822", "nhs", (2,)), ("LC823", "nhs", (3,))]


def test_unknown_and_missing_columns_stop_the_intake() -> None:
    raw = RawTable(table(ANN).frame.rename({"score": "scores"}), "prison.csv", "csv")
    with pytest.raises(CohortError) as caught:
        take(raw, mapping())
    assert [fault.code for fault in caught.value.faults] == ["LC811", "LC810"]
    assert "Did you mean 'scores'?" in str(caught.value)


def test_headings_are_not_quoted_when_none_is_known_as_they_may_be_a_persons_row() -> None:
    raw = RawTable(pl.DataFrame({"Smithson": ["x"], "A1234BC": ["y"]}), "prison.csv", "csv")
    with pytest.raises(CohortError) as caught:
        take(raw, mapping())
    assert caught.value.code == "LC811"
    assert "Smithson" not in f"{caught.value}{caught.value.faults}"


def test_ignored_columns_may_be_absent() -> None:
    assert take(RawTable(table(ANN).frame.drop("surname"), "a.csv", "csv"), mapping()).people.height == 1


def test_a_file_of_blank_rows_is_empty() -> None:
    with pytest.raises(CohortError, match="LC812"):
        take(table((None,) * 7, ("",) * 7), mapping())


def test_a_source_without_variables_gives_people_only() -> None:
    body = BODY.split("[[variable]]")[0]
    raw = RawTable(table(ANN, BEN).frame.select("noms", "released"), "a.csv", "csv")
    intake = take(raw, mapping(body))
    assert (intake.people.height, intake.observations.height, intake.categories) == (2, 0, {})


def test_declared_categories_keep_their_order() -> None:
    body = BODY.replace('kind = "category"', 'kind = "category"\ncodes = ["South", "North", "West"]')
    intake = take(table(ANN, changed(BEN, area="north")), mapping(body))
    assert intake.categories == {"area": ("South", "North", "West")}
    assert values(intake, "prison-number", "B1234BC")[("area", "release")] == 1
    assert problems(refusal(changed(ANN, area="East"), source=mapping(body))) == [("LC829", "area", (2,))]


def test_local_ids_of_two_organisations_are_two_people() -> None:
    raw = table((None, "7", "1"), headings=("nhs", "local", "score"))
    other = (
        HEAD.replace("HMP Leeds", "HMP York").format(enrols="false", rejects="stop", wave='wave = "w"')
        + TWO_IDS
    )
    leeds = take(raw, mapping(TWO_IDS, enrols="false")).people["local-id"][0]
    york = take(raw, read_mapping(parse_toml(other, "a.toml", CohortError))).people["local-id"][0]
    assert leeds != york


def test_cells_are_trimmed_before_they_are_read() -> None:
    padded = tuple(f"  {cell} " for cell in ANN)
    assert take(table(padded), mapping()).observations.equals(take(table(ANN), mapping()).observations)


def test_nothing_of_a_person_shows_in_the_repr() -> None:
    shown = repr(take(table(ANN, BEN), mapping()))
    for cell in (*ANN, *BEN, token("A1234BC").hex(), str(token("A1234BC"))):
        assert len(cell) < 4 or cell not in shown


def test_the_input_is_left_as_it_was() -> None:
    raw = table(ANN, BEN)
    before = raw.frame.clone()
    take(raw, mapping())
    assert raw.frame.equals(before)


def test_the_reasons_are_a_fixed_list() -> None:
    assert MISSING_REASONS[0] == "not recorded"
    assert len(set(MISSING_REASONS)) == 8
