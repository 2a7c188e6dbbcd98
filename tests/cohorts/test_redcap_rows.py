"""The rows of a REDCap export become one row a record and event; hand-checked on small tables and both stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.actions import inspect_file, load_file
from cohorts.errors import CohortError
from cohorts.intake import IntakeRefused
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.source_file import read_mapping
from cohorts.pseudonyms import PseudonymKey, key_check
from cohorts.redcap.actions import RedcapFiles, add_redcap
from cohorts.redcap.branching import asked
from cohorts.redcap.rows import take_in
from cohorts.store import find_cohort, list_variables, load_mapping, read_wide
from tests.cohorts.loading import make_project, nhs
from tests.cohorts.redcap_project import baseline, export_text, later, people, row, session, write_project
from workspace.database import reading
from workspace.project import Project
from workspace.toml_source import parse_toml

KEY = PseudonymKey(key_check(b"k" * 32), b"k" * 32)
MISSING = ("-99=not-asked", "-98=refused")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """A project on the embedded file, then one on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_project(tmp_path)


def added(project: Project, rows: list[dict[str, str]], separator: str = ",", *repeating: str) -> Path:
    """The project's files written and its first mappings made; returns the export."""
    files = write_project(project.inbox, rows, separator)
    given = RedcapFiles(files["dictionary"], files["export"], files["events"], files["instruments"])
    add_redcap(project, "trial", given, "leavers", MISSING, repeating)
    return files["export"]


def edit(project: Project, source: str, *changes: tuple[str, str]) -> None:
    path = project.sources / f"{source}.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def held(project: Project, *columns: str) -> dict[int, tuple[Any, ...]]:
    """Values by participant; people are in the order of the store."""
    pairs = [(name, wave) for name, _, wave in (column.partition("@") for column in columns)]
    with reading(project) as session_:
        cohort = find_cohort(session_, "leavers")
        frame = read_wide(session_, cohort.cohort_id, pairs)
    return {r["participant"]: tuple(r[c] for c in columns) for r in frame.iter_rows(named=True)}


def test_identifiers_and_index_date_of_one_row_serve_all_rows_of_a_record(project: Project) -> None:
    export = added(project, people(3))
    done = load_file(project, "trial", export, sealed=False, replace=False)
    assert done.result is not None
    assert (done.result.people, done.result.new_people) == (6, 6)
    assert done.report is not None
    assert (done.report.rows, done.report.problems, done.report.warnings) == (12, (), ())
    values = held(project, "score@release", "score@12-months", "age_at_index@release", "in_arm_2@release")
    assert sorted(values.values()) == [(40, 60, 31, 0)] * 3 + [(40, 60, 31, 1)] * 3


def test_the_national_number_of_the_baseline_row_joins_the_person_to_another_source(project: Project) -> None:
    export = added(project, [baseline(1, 1), later(1, 1)])
    load_file(project, "trial", export, sealed=False, replace=False)
    other = """[source]
id = "clinic"
title = "Clinic"
cohort = "leavers"
wave = "release"
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[variable]]
column = "seen"
name = "seen"
kind = "binary"
"""
    (project.sources / "clinic.toml").write_text(other, encoding="utf-8")
    (project.inbox / "clinic.csv").write_text(f"nhs,seen\n{nhs(101)},1\n", encoding="utf-8")
    done = load_file(project, "clinic", project.inbox / "clinic.csv", sealed=False, replace=False)
    assert done.result is not None
    assert (done.result.people, done.result.unknown_people) == (1, 0)
    assert list(held(project, "seen@release", "score@12-months").values()) == [(1, 60)]


def test_a_repeating_instrument_has_its_own_source_which_reads_one_instance(project: Project) -> None:
    export = added(project, people(3))
    load_file(project, "trial", export, sealed=False, replace=False)
    load_file(project, "trial-session", export, sealed=False, replace=False)
    assert sorted(v for (v,) in held(project, "minutes@12-months").values()) == [41, 41, 42, 42, 43, 43]
    assert sorted(v for (v,) in held(project, "score@12-months").values()) == [60] * 6


@pytest.mark.parametrize(
    ("rule", "minutes"), [("first", [30.0]), ("last", [41.0]), ("2", [41.0]), ("7", None)]
)
def test_the_rule_says_which_instance_is_read(tmp_path: Path, rule: str, minutes: list[float] | None) -> None:
    source = small(
        '[[variable]]\ncolumn = "minutes"\nname = "minutes"\nkind = "number"\n',
        instrument="session",
        repeat=rule,
    )
    rows = [baseline(1, 1), session(1, 1, 2, "41"), session(1, 1, 1, "30")]
    if minutes is None:
        with pytest.raises(CohortError, match="LC812"):
            taken(tmp_path, rows, source)
    else:
        assert taken(tmp_path, rows, source)["value"].to_list() == minutes


def small(variables: str, *, instrument: str = "", repeat: str = "", more: str = "") -> SourceMapping:
    """A mapping of a project's made-up export by record id, with the two events of arm 1."""
    lines = [
        f'repeat_instrument = "{instrument}"' if instrument else "",
        f'repeat = "{repeat}"' if repeat else "",
    ]
    known = [name for name in ALL if f'"{name}"' not in variables + more]
    head = f"""[source]
id = "trial"
title = "Trial"
cohort = "leavers"
layout = "redcap"
dates = "yyyy-mm-dd"
wave_column = "redcap_event_name"
waves = {{ "release_arm_1" = "release", "12_month_followup_arm_1" = "12-months", "exit_interview_arm_1" = "left-out" }}
missing = {{ "-99" = "not asked", "-98" = "refused" }}
ignore = {known}
{lines[0]}
{lines[1]}
[[identifier]]
column = "record_id"
kind = "local-id"
"""
    return read_mapping(parse_toml(head + more + variables, "sources/trial.toml", CohortError))


ALL = tuple(
    name for name in export_text([]).strip().split(",") if name not in ("record_id", "redcap_event_name")
)
HOURS = '[[variable]]\ncolumn = "hours"\nname = "hours"\nkind = "number"\nminimum = 0\nmaximum = 80\n'


def taken(folder: Path, rows: list[dict[str, str]], source: SourceMapping) -> pl.DataFrame:
    path = folder / "export.csv"
    path.write_text(export_text(rows), encoding="utf-8-sig")
    return take_in(read_extract(path), source, KEY, "demo").observations


def answers(frame: pl.DataFrame) -> list[tuple[str, Any]]:
    return sorted(
        (r["wave"], r["value"] if r["missing"] is None else r["missing"]) for r in frame.iter_rows(named=True)
    )


def test_a_field_hidden_by_branching_logic_was_not_asked_and_a_blank_one_that_was_shown_is_not_recorded(
    tmp_path: Path,
) -> None:
    source = small(HOURS + "asked_when = \"[in_work] = '1'\"\n")
    rows = [baseline(1, 1, hours=""), later(1, 1)]
    assert answers(taken(tmp_path, rows, source)) == [("12-months", "not asked"), ("release", "not recorded")]
    rows = [baseline(1, 1), later(1, 1, in_work="")]  # nobody knows whether it was shown
    assert answers(taken(tmp_path, rows, source)) == [("12-months", "not recorded"), ("release", 20)]


def test_branching_on_a_repeating_form_looks_at_the_records_own_row_of_that_event(tmp_path: Path) -> None:
    minutes = '[[variable]]\ncolumn = "minutes"\nname = "minutes"\nkind = "number"\n'
    source = small(minutes + "asked_when = \"[in_work] = '1'\"\n", instrument="session", repeat="last")
    rows = [baseline(1, 1), later(1, 1), session(1, 1, 1, "")]
    assert answers(taken(tmp_path, rows, source)) == [("12-months", "not asked")]
    rows = [baseline(1, 1), later(1, 1, in_work="1"), session(1, 1, 1, "")]
    assert answers(taken(tmp_path, rows, source)) == [("12-months", "not recorded")]


def test_missing_codes_on_typed_fields_are_reasons_and_never_numbers(tmp_path: Path) -> None:
    rows = [baseline(1, 1, hours="-99"), later(1, 1, hours="-98.0"), baseline(2, 1, hours="12")]
    frame = taken(tmp_path, rows, small(HOURS))
    assert sorted(frame["missing"].drop_nulls()) == ["not asked", "refused"]
    assert frame["value"].drop_nulls().to_list() == [12]


def test_a_missing_code_of_a_checkbox_is_carried_into_its_options(tmp_path: Path) -> None:
    box = '[[variable]]\ncolumn = "help___1"\nname = "help_1"\nkind = "binary"\n'
    rows = [baseline(1, 1, help___1="", help____99="1"), later(1, 1)]
    assert answers(taken(tmp_path, rows, small(box))) == [("12-months", 0), ("release", "not asked")]


def test_a_field_has_no_observation_at_waves_where_its_form_is_not_asked(tmp_path: Path) -> None:
    source = small(HOURS + 'events = ["release_arm_1"]\n')
    rows = [baseline(1, 1), later(1, 1)]
    assert answers(taken(tmp_path, rows, source)) == [("release", 20)]
    with pytest.raises(CohortError, match="column 'hours' has values at an event it does not name") as caught:
        taken(tmp_path, [baseline(1, 1), later(1, 1, hours="3")], source)
    assert caught.value.code == "LC809"


def test_a_form_asked_in_one_arm_only_was_not_asked_of_the_other(project: Project) -> None:
    export = added(project, people(2))
    edit(project, "trial", ("asked_when = \"[in_work] = '1'\"", 'events = ["release_arm_1"]'))
    rows = [
        {**r, "hours": "" if "arm_2" in r["redcap_event_name"] else r.get("hours", "")} for r in people(2)
    ]
    export.write_text(export_text(rows), encoding="utf-8")
    report = load_file(project, "trial", export, sealed=False, replace=False).report
    assert report is not None
    assert ("hours", "not asked", 2) in report.missing
    assert ("hours", "not recorded", 2) not in report.missing


def test_an_option_nobody_ticked_is_no_value_where_the_form_is_not_asked(tmp_path: Path) -> None:
    box = '[[variable]]\ncolumn = "help___1"\nname = "help_1"\nkind = "binary"\nevents = ["release_arm_1"]\n'
    assert answers(taken(tmp_path, [baseline(1, 1), later(1, 1)], small(box))) == [("release", 1)]


def test_values_on_repeat_rows_are_never_passed_over_in_silence(tmp_path: Path) -> None:
    rows = [baseline(1, 1), session(1, 1, 1, "30", score="7")]
    score = '[[variable]]\ncolumn = "score"\nname = "score"\nkind = "number"\n'
    with pytest.raises(CohortError) as caught:
        taken(tmp_path, rows, small(score))
    assert [(f.code, f.where, "'score'" in f.problem) for f in caught.value.faults] == [
        ("LC809", "export.csv", True)
    ]


def test_an_instrument_without_rows_is_never_read_from_the_other_rows(tmp_path: Path) -> None:
    severity = '[[variable]]\ncolumn = "severity"\nname = "severity"\nkind = "number"\n'
    with pytest.raises(CohortError, match="there are no rows of the repeating instrument 'adverse'"):
        taken(tmp_path, people(1), small(severity, instrument="adverse", repeat="first"))


def test_a_form_that_is_said_to_repeat_gets_a_source_of_its_own_before_it_has_rows(project: Project) -> None:
    export = added(project, people(1), ",", "adverse")
    assert sorted(path.stem for path in project.sources.glob("trial*")) == [
        "trial",
        "trial-adverse",
        "trial-session",
    ]
    assert "severity" in load_mapping(project, "trial")[0].ignore
    with pytest.raises(CohortError, match="LC809"):
        load_file(project, "trial-adverse", export, sealed=False, replace=False)


def test_a_silent_form_of_a_project_with_repeats_is_left_to_be_decided(project: Project) -> None:
    added(project, people(1))
    mapping, _ = load_mapping(project, "trial")
    assert "severity" in mapping.ignore
    assert "its form has no values yet" in (project.sources / "trial.toml").read_text(encoding="utf-8")


def test_an_event_that_repeats_needs_a_rule(tmp_path: Path) -> None:
    rows = [
        baseline(1, 1),
        *(later(1, 1, hours=h, redcap_repeat_instance=i) for h, i in (("3", "1"), ("4", "2"))),
    ]
    with pytest.raises(CohortError, match="an event repeats"):
        taken(tmp_path, rows, small(HOURS))
    assert answers(taken(tmp_path, rows, small(HOURS, repeat="last"))) == [("12-months", 4), ("release", 20)]
    assert answers(taken(tmp_path, rows, small(HOURS, repeat="first"))) == [("12-months", 3), ("release", 20)]
    rows[1]["redcap_repeat_instance"] = "many"
    with pytest.raises(CohortError, match="something other than whole numbers"):
        taken(tmp_path, rows, small(HOURS, repeat="first"))


def test_rows_of_events_left_out_are_not_read_and_problems_name_the_row_of_the_file(tmp_path: Path) -> None:
    rows = [baseline(1, 1), row("1-1", "exit_interview_arm_1", hours="999"), later(1, 1, hours="999")]
    with pytest.raises(IntakeRefused) as caught:
        taken(tmp_path, rows, small(HOURS))
    assert [(p.code, p.rows) for p in caught.value.report.problems] == [("LC827", (4,))]


INDEX = """[[index_date]]
column = "release_date"
[[identifier]]
column = "nhs_number"
kind = "nhs-number"
required = false
"""


def test_two_numbers_or_two_dates_of_a_record_are_faults_and_never_carried_over(tmp_path: Path) -> None:
    source = small(HOURS, more=INDEX)
    rows = [
        baseline(1, 1),
        later(1, 1, release_date="2022-03-02", nhs_number=nhs(500)),
        session(1, 1, 1, "3"),
    ]
    with pytest.raises(IntakeRefused) as caught:
        taken(tmp_path, rows, source)
    assert [(p.code, p.column, p.rows) for p in caught.value.report.problems] == [
        ("LC832", "nhs_number", (2, 3)),
        ("LC835", "release_date", (2, 3)),
    ]


def test_a_record_without_an_index_date_is_a_fault_on_each_of_its_rows(project: Project) -> None:
    export = added(project, [*people(1), baseline(7, 1, release_date="-99"), later(7, 1)])
    report = inspect_file(project, "trial", export)
    assert [(p.code, p.column, p.rows) for p in report.problems] == [("LC831", "release_date", (10, 11))]


def test_an_unknown_event_at_load_is_a_fault_of_the_row(project: Project) -> None:
    export = added(project, people(1))
    export.write_text(export_text([*people(1), row("1-9", "visit_nine_arm_1", score="3")]), encoding="utf-8")
    assert ("LC830", (10,)) in [(p.code, p.rows) for p in inspect_file(project, "trial", export).problems]


def test_semicolons_and_a_byte_order_mark_change_nothing(project: Project) -> None:
    export = added(project, people(2), ";")
    done = load_file(project, "trial", export, sealed=False, replace=False)
    assert done.result is not None
    assert done.result.people == 4


def test_no_source_is_written_when_one_of_them_is_there_already(project: Project) -> None:
    (project.sources / "trial-session.toml").write_text("", encoding="utf-8")
    with pytest.raises(CohortError, match="'trial-session'"):
        added(project, people(1))
    assert not (project.sources / "trial.toml").exists()


def test_nobody_who_is_flagged_is_read_and_no_cell_is_written_into_a_mapping(project: Project) -> None:
    added(project, people(2))
    text = (project.sources / "trial.toml").read_text(encoding="utf-8")
    mapping, _ = load_mapping(project, "trial")
    assert [(i.column, i.kind, i.required) for i in mapping.identifiers] == [
        ("record_id", "local-id", True),
        ("nhs_number", "nhs-number", False),
    ]
    assert {"surname", "mother_nhs", "comment"} <= set(mapping.ignore)
    for secret in ("Quilzorv", "Zorvquil", nhs(101), "1990", "leeds"):
        assert secret not in text
    with reading(project) as session_:
        assert list_variables(session_, find_cohort(session_, "leavers").cohort_id) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "local-id"', 'kind = "crn"', "record id"),
        ('layout = "redcap"', 'layout = "redcap"\nrepeat = "newest"', "'repeat' is"),
        ('layout = "redcap"', 'layout = "redcap"\nrepeat_instrument = "session"', "needs 'repeat'"),
        ('layout = "redcap"', 'layout = "redcap"\nrepeat = "all"', "of a variable one instance a wave is kept"),
        ('layout = "redcap"', 'repeat = "last"', "goes with layout"),
        ("maximum = 80", 'maximum = 80\nevents = ["relase_arm_1"]', "not in 'waves'"),
        ("maximum = 80", 'maximum = 80\nasked_when = "datediff([a], [b])"', "cannot be decided"),
    ],
)  # fmt: skip
def test_keys_of_the_layout_are_held_against_each_other(old: str, new: str, said: str) -> None:
    text = """[source]
id = "trial"
title = "Trial"
cohort = "leavers"
layout = "redcap"
wave_column = "redcap_event_name"
waves = { "release_arm_1" = "release" }
[[identifier]]
column = "record_id"
kind = "local-id"
[[variable]]
column = "hours"
name = "hours"
kind = "number"
maximum = 80
"""
    read_mapping(parse_toml(text, "trial.toml", CohortError))
    with pytest.raises(CohortError) as caught:
        read_mapping(parse_toml(text.replace(old, new), "trial.toml", CohortError))
    assert any(said in fault.problem and fault.code == "LC803" for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("logic", "shown"),
    [
        ("[a] = '1'", [True, False, None]),
        ("[a] <> 1", [False, True, None]),
        ("[a] = '' or [box(2)] = '1'", [True, False, True]),
        ("([a] >= 2 and [event-name] = 'x_arm_1')", [False, True, None]),
        ("[other_arm_1][a] = '1'", None),
        ("[event-name][a] = '1'", None),
        ("datediff([a], 'today') > 3", None),
        ("[a] = '1' and", None),
        ("[a] '1'", None),
        ("([a] = '1'", None),
        ("", None),
    ],
)  # fmt: skip
def test_branching_logic_is_decided_from_a_row_or_not_at_all(
    logic: str, shown: list[bool | None] | None
) -> None:
    rows = pl.DataFrame(
        {"a": ["1", "2", None], "box___2": ["1", "0", None], "redcap_event_name": ["x_arm_1"] * 3},
        schema=dict.fromkeys(("a", "box___2", "redcap_event_name"), pl.String),
    )
    found = asked(logic)
    assert (None if found is None else rows.select(found.shown).to_series().to_list()) == shown


def test_a_project_without_events_has_one_wave_and_no_arm(project: Project) -> None:
    columns = [name for name in ("record_id", *ALL) if not name.startswith("redcap_")]
    files = write_project(project.inbox)
    rows = [{**baseline(i, 1), "record_id": f"R{i}"} for i in range(1, 4)]
    files["export"].write_text(export_text(rows, columns), encoding="utf-8")
    texts, left_out = add_redcap(
        project, "plain", RedcapFiles(files["dictionary"], files["export"]), "leavers", MISSING, ()
    )
    assert (list(texts), left_out) == (["plain"], ())
    mapping, _ = load_mapping(project, "plain")
    assert (mapping.wave, mapping.wave_column) == ("release", "")
    load_file(project, "plain", files["export"], sealed=False, replace=False)
    assert sorted(held(project, "hours@release", "score@release").values()) == [(20, 40)] * 3
