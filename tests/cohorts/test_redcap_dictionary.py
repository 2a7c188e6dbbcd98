"""A REDCap dictionary, its events and its export are read strictly, and every message says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohorts.definition import Wave
from cohorts.errors import CohortError
from cohorts.partner_files.extracts import RawTable, read_extract
from cohorts.partner_files.source_file import read_mapping
from cohorts.redcap.changes import dictionary_change
from cohorts.redcap.dictionary import Choice, Dictionary, read_dictionary
from cohorts.redcap.export import (
    Event,
    check_export,
    events_in,
    events_of_forms,
    read_events,
    read_instruments,
    repeating_forms,
    silent_forms,
)
from cohorts.redcap.missing import read_missing, reason_of
from cohorts.redcap.waves import place_events
from tests.cohorts.redcap_project import (
    COLUMNS,
    EVENTS,
    FIELDS,
    HEADINGS,
    INSTRUMENTS,
    dictionary_text,
    export_text,
    field,
    people,
    text_of,
)
from workspace.toml_source import parse_toml

MISSING = {"-99": "not asked"}


def raw(folder: Path, text: str, name: str = "export.csv") -> RawTable:
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    return read_extract(path)


def dictionary(folder: Path, text: str = "") -> Dictionary:
    return read_dictionary(raw(folder, text or dictionary_text(), "dictionary.csv"))


def faults(folder: Path, text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(CohortError) as caught:
        dictionary(folder, text)
    return [(fault.code, fault.where, fault.problem) for fault in caught.value.faults]


def test_a_dictionary_gives_fields_choices_flags_and_the_headings_of_an_export(tmp_path: Path) -> None:
    found = dictionary(tmp_path)
    assert found.record.name == "record_id"
    assert found.forms == ("intake", "survey", "session", "adverse")
    by_name = {item.name: item for item in found.fields}
    assert by_name["sex"].choices[2] == Choice("9", "Prefer not to say")
    assert by_name["help"].choices[2] == Choice("-1", "Other, please say")
    assert by_name["help"].columns == ("help___1", "help___2", "help____1")
    assert by_name["intro"].columns == ()
    assert [item.name for item in found.fields if item.identifies] == ["nhs_number", "surname", "mother_nhs"]
    assert (by_name["hours"].minimum, by_name["hours"].maximum) == ("0", "80")


def test_headings_as_the_api_writes_them_and_older_ones_are_known(tmp_path: Path) -> None:
    api = (
        "field_name", "form_name", "section_header", "field_type", "field_label",
        "select_choices_or_calculations", "field_note", "text_validation_type_or_show_slider_number",
        "text_validation_min", "text_validation_max", "identifier", "branching_logic", "required_field",
        "custom_alignment", "question_number", "matrix_group_name", "matrix_ranking", "field_annotation",
    )  # fmt: skip
    assert dictionary(tmp_path, text_of(api, FIELDS)).fields == dictionary(tmp_path).fields
    old = [
        heading.replace("Choices, Calculations, OR Slider Labels", "Choices OR Calculations")
        for heading in HEADINGS
    ]
    assert dictionary(tmp_path, text_of(old, FIELDS)).fields == dictionary(tmp_path).fields


def test_markup_and_line_breaks_leave_a_label_as_plain_text(tmp_path: Path) -> None:
    text = dictionary_text([FIELDS[0], field("a", "intake", "yesno", "<b>In\nwork</b>?")])
    assert dictionary(tmp_path, text).fields[1].label == "In work ?"


def test_a_dictionary_without_its_columns_names_each_of_them(tmp_path: Path) -> None:
    headings = [HEADINGS[0], "Form", *HEADINGS[2:10], "Identifies", *HEADINGS[11:]]
    assert [(code, where) for code, where, _ in faults(tmp_path, dictionary_text(headings=headings))] == [
        ("LC804", "dictionary.csv"),
        ("LC804", "dictionary.csv"),
    ]
    assert "'Form Name'" in faults(tmp_path, dictionary_text(headings=headings))[0][2]


def test_every_bad_field_is_named_with_its_row(tmp_path: Path) -> None:
    rows = [
        FIELDS[0],
        field("a", "x", "radio", choices="1 Yes | 2, No"),
        field("b", "x", "radio", choices="1, Yes | 1, No"),
        field("c", "x", "radio"),
        field("d", "x", "texts"),
        field("", "x", "text"),
        field("a", "x", "text"),
    ]
    found = faults(tmp_path, dictionary_text(rows))
    assert [(code, where) for code, where, _ in found] == [
        ("LC805", f"dictionary.csv: row {row}") for row in (3, 4, 5, 6, 7, 8)
    ]
    assert "field 'a' are not written as code, label" in found[0][2]
    assert "Did you mean 'text'?" in found[3][2]
    assert found[5][2] == "there are two fields 'a'"


def test_an_empty_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="LC812"):
        dictionary(tmp_path, text_of(HEADINGS, []))


def test_events_and_instruments_are_read_and_unknown_ones_named_by_row(tmp_path: Path) -> None:
    events = read_events(raw(tmp_path, EVENTS, "events.csv"))
    assert events[1] == Event("12_month_followup_arm_1", "12 month follow-up", "1", 365.0)
    names = [event.name for event in events]
    asked = read_instruments(raw(tmp_path, INSTRUMENTS, "forms.csv"), dictionary(tmp_path), names)
    assert asked["session"] == ("12_month_followup_arm_1", "12_month_followup_arm_2")
    bad = "arm_num,unique_event_name,form\n1,relaese_arm_1,intake\n1,release_arm_1,intakes\n"
    with pytest.raises(CohortError) as caught:
        read_instruments(raw(tmp_path, bad, "forms.csv"), dictionary(tmp_path), names)
    assert [(f.code, f.where) for f in caught.value.faults] == [
        ("LC808", "forms.csv: row 2"),
        ("LC806", "forms.csv: row 3"),
    ]
    with pytest.raises(CohortError) as caught:
        read_events(raw(tmp_path, EVENTS + EVENTS.splitlines()[1] + "\n", "events.csv"))
    assert [(f.code, f.where) for f in caught.value.faults] == [("LC808", "events.csv: row 7")]
    with pytest.raises(CohortError, match="unique_event_name"):
        read_events(raw(tmp_path, "event_name,arm_num\nRelease,1\n", "events.csv"))


def test_an_event_that_the_events_file_lacks_is_named_by_row_and_never_quoted(tmp_path: Path) -> None:
    rows = people(1)
    rows[2]["redcap_event_name"] = "quilzorv_arm_1"
    table = raw(tmp_path, export_text(rows))
    with pytest.raises(CohortError) as caught:
        events_in(table, read_events(raw(tmp_path, EVENTS, "events.csv")))
    assert caught.value.code == "LC808"
    assert "row 4" in str(caught.value)
    assert "quilzorv" not in str(caught.value)


def test_events_are_taken_from_the_export_where_there_is_no_events_file(tmp_path: Path) -> None:
    events = events_in(raw(tmp_path, export_text(people(1))), ())
    assert [(event.name, event.title, event.arm, event.day) for event in events][:2] == [
        ("release_arm_1", "release", "1", None),
        ("12_month_followup_arm_1", "12 month followup", "1", None),
    ]


def test_a_raw_export_of_the_project_is_accepted(tmp_path: Path) -> None:
    check_export(raw(tmp_path, export_text(people())), dictionary(tmp_path), MISSING)
    check_export(raw(tmp_path, export_text(people(), separator=";")), dictionary(tmp_path), MISSING)


def labelled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    said = {
        "sex": {"1": "Female", "2": "Male"},
        "in_work": {"1": "Yes", "0": "No"},
        "help___1": {"1": "Checked"},
    }
    return [{k: said.get(k, {}).get(v, v) for k, v in row.items()} for row in rows]


def test_labels_in_place_of_codes_are_refused_column_by_column_without_a_cell(tmp_path: Path) -> None:
    with pytest.raises(CohortError) as caught:
        check_export(raw(tmp_path, export_text(labelled(people()))), dictionary(tmp_path), MISSING)
    assert {fault.code for fault in caught.value.faults} == {"LC807"}
    assert [fault.problem.split("'")[1] for fault in caught.value.faults] == ["sex", "in_work", "help___1"]
    assert "Female" not in str(caught.value.faults)
    rows = people()
    rows[1]["redcap_event_name"] = "Release (Arm 1: Quilzorv)"
    with pytest.raises(CohortError) as caught:
        events_in(raw(tmp_path, export_text(rows)), ())
    assert (caught.value.code, "row 3" in str(caught.value), "Quilzorv" in str(caught.value)) == (
        "LC807",
        True,
        False,
    )


def test_labels_in_place_of_headings_are_refused(tmp_path: Path) -> None:
    headings = ["Record ID", "Event Name", *COLUMNS[2:]]
    text = text_of(headings, [[row.get(name, "") for name in COLUMNS] for row in people()])
    with pytest.raises(CohortError, match="its headings are labels") as caught:
        check_export(raw(tmp_path, text), dictionary(tmp_path), MISSING)
    assert caught.value.code == "LC806"


def test_columns_that_the_dictionary_lacks_are_named_and_missing_codes_of_boxes_explained(
    tmp_path: Path,
) -> None:
    columns = [*COLUMNS, "scoer"]
    with pytest.raises(CohortError) as caught:
        check_export(raw(tmp_path, export_text(people(), columns)), dictionary(tmp_path), {})
    assert [(f.code, f.problem.split("'")[1]) for f in caught.value.faults] == [
        ("LC806", "help____99"),
        ("LC806", "scoer"),
    ]
    assert "--missing" in caught.value.faults[0].hint
    assert "Did you mean 'score'?" in caught.value.faults[1].hint
    without = [name for name in COLUMNS if name != "record_id"]
    with pytest.raises(CohortError, match="'record_id', the record id"):
        check_export(raw(tmp_path, export_text(people(), without)), dictionary(tmp_path), MISSING)


def test_repeating_forms_are_those_with_rows_and_those_that_are_named(tmp_path: Path) -> None:
    table, known = raw(tmp_path, export_text(people())), dictionary(tmp_path)
    assert repeating_forms(table, known, []) == ("session",)
    assert repeating_forms(table, known, ["adverse"]) == ("session", "adverse")
    assert silent_forms(table, known) == ("adverse",)
    assert events_of_forms(table, known)["intake"] == ("release_arm_1", "release_arm_2")
    with pytest.raises(CohortError, match="Did you mean 'adverse'"):
        repeating_forms(table, known, ["advrse"])
    rows = people()
    rows[2]["redcap_repeat_instrument"] = "Our sessions"
    with pytest.raises(CohortError) as caught:
        repeating_forms(raw(tmp_path, export_text(rows)), known, [])
    assert (caught.value.code, "Our sessions" in str(caught.value)) == ("LC807", False)


def test_missing_codes_take_a_reason_of_ours_or_a_label_of_redcap() -> None:
    given = ["-99=not-asked", "-98, Refused", "UNK, Asked but unknown", "-97=not applicable"]
    assert read_missing(given) == {
        "-99": "not asked",
        "-98": "refused",
        "unk": "not known",
        "-97": "not applicable",
    }
    with pytest.raises(CohortError) as caught:
        read_missing(["-99", "-98=because", "-97=refused", "-97=not-asked"])
    assert [(f.code, f.where) for f in caught.value.faults] == [
        ("LC809", f"--missing {n}") for n in (1, 2, 4)
    ]


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Don't know", "not known"), ("Prefer not to say", "refused"), ("N/A", "not applicable"),
        ("Not asked.", "not asked"), ("Unemployed", ""), ("No", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_labels_that_are_no_answer_are_read_as_missing(label: str, reason: str) -> None:
    assert reason_of(label) == reason


WAVES = (Wave("release", 0, "At release"), Wave("6-months", 6), Wave("12-months", 12), Wave("24-months", 24))


def test_events_find_their_wave_by_name_then_by_day_and_one_event_a_wave_and_arm() -> None:
    events = (
        Event("at_release_arm_1", "At release", "1", 1),
        Event("one_year_arm_1", "1 year", "1", 2),
        Event("visit_b_arm_1", "Visit B", "1", 181),
        Event("visit_c_arm_1", "Visit C", "1", 365),
        Event("visit_d_arm_1", "Visit D", "1", 3),
        Event("visit_c_arm_2", "Visit C", "2", 365),
        Event("month_18_arm_2", "18 months", "2", 548),
    )
    assert place_events(events, WAVES) == {
        "at_release_arm_1": "release",
        "one_year_arm_1": "12-months",
        "visit_b_arm_1": "6-months",
        "visit_c_arm_1": "left-out",
        "visit_d_arm_1": "left-out",
        "visit_c_arm_2": "12-months",
        "month_18_arm_2": "left-out",
    }


MAPPING = """[source]
id = "trial"
title = "Trial"
cohort = "leavers"
wave = "release"
layout = "redcap"
ignore = ["surname", "nhs_number", "mother_nhs", "dob", "release_date", "comment", "minutes", "mode", "severity"]
[[identifier]]
column = "record_id"
kind = "local-id"
[[variable]]
column = "sex"
name = "sex"
kind = "category"
codes = ["Female", "Male"]
recode = { "1" = "Female", "2" = "Male" }
missing = { "9" = "refused" }
[[variable]]
column = "in_work"
name = "in_work"
kind = "binary"
[[variable]]
column = "hours"
name = "hours"
kind = "number"
minimum = 0
maximum = 80
[[variable]]
column = "help___1"
name = "help_1"
kind = "binary"
[[variable]]
column = "score"
name = "score"
kind = "number"
minimum = 0
maximum = 100
"""


def test_a_newer_dictionary_is_compared_field_by_field_and_choice_by_choice(tmp_path: Path) -> None:
    mapping = read_mapping(parse_toml(MAPPING, "sources/trial.toml", CohortError))
    same = dictionary_change(dictionary(tmp_path), mapping)
    assert (same.added, same.removed, same.changed) == (("help___2", "help____1", "total"), (), ())
    rows = [list(row) for row in FIELDS if row[0] != "score"]
    by_name = {row[0]: row for row in rows}
    by_name["sex"][5] = "1, Male | 2, Female | 9, Prefer not to say"
    by_name["hours"][9] = "100"
    by_name["in_work"][3] = "slider"
    change = dictionary_change(dictionary(tmp_path, dictionary_text(rows)), mapping)
    assert (change.removed, change.changed) == (("score",), ("sex", "in_work", "hours"))
    other = dictionary_text([field("somebody", "x", "text"), field("else", "x", "text")])
    with pytest.raises(CohortError, match="LC806"):
        dictionary_change(dictionary(tmp_path, other), mapping)
