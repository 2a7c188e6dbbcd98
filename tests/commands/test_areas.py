"""The areas commands, on both stores: collections, loads, corrections, seals, agreements, and what is shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cohorts.areas.store import find_areas, list_measures, periods_seen, read_series
from tests.commands.area_project import AREAS, POLICE, make_area_project, police_file, rows
from tests.commands.program import Program, snapshot
from tests.commands.small_project import project_at
from workspace.clock import today
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.statements import run

AGREEMENT = """[agreement]
id = "police"
title = "Recorded violence"
version = "2"
parties = ["Partnership", "Police"]
purpose = "Evaluate the programme"
lawful_basis = "Article 6(1)(e)"
gateway = "serious violence duty"
sources = ["police"]
fields = ["violence", "knife"]
linkages = ["list", "people"]
purposes = ["linkage"]
threshold = 600
signed = 2025-01-06
starts = 2025-02-01
expires = 2040-01-31
"""


@pytest.fixture
def root(program: Program, place: Path, database_url: str) -> Path:
    """A project with boroughs, their list and population, on both stores."""
    make_area_project(program, place / "p")
    return place / "p"


@pytest.fixture
def embedded(program: Program, place: Path) -> Path:
    """The same on the embedded store only."""
    make_area_project(program, place / "p")
    return place / "p"


def load(program: Program, root: Path, text: str, *options: str, name: str = "police") -> int:
    (root / "inbox" / "now.csv").write_text(text, encoding="utf-8")
    return program("areas", "load", name, "inbox/now.csv", *options, cwd=root).code


def values(
    root: Path, measure: str, *, known_on: dt.date | None = None
) -> dict[tuple[str, str], float | None]:
    with reading(project_at(root)) as session:
        collection = find_areas(session, "boroughs").collection_id
        wanted = [m for m in list_measures(session, collection) if m.name == measure]
        frame = read_series(session, collection, wanted, unsealed=True, known_on=known_on)
    return {
        (area, period): value for area, period, value in frame.select("area", "period", "value").iter_rows()
    }


def test_a_load_is_stored_whole_and_a_second_one_changes_nothing(root: Path, program: Program) -> None:
    done = program("areas", "load", "police", "inbox/police.csv", "--json", cwd=root).payload
    assert (done["areas"], done["new_areas"], done["added"]) == (AREAS, 0, 2 * 36 * AREAS)
    held = values(root, "violence")
    assert len(held) == 36 * AREAS
    again = program("areas", "load", "police", "inbox/police.csv", "--json", cwd=root).payload
    assert (again["already_loaded"], again["written"]) == (True, False)
    assert values(root, "violence") == held


def test_a_correction_needs_to_be_asked_for_and_the_old_value_is_kept(root: Path, program: Program) -> None:
    assert load(program, root, police_file(["E00,01/2024,50,9"])) == 0
    assert load(program, root, police_file(["E00,01/2024,51,9", "E01,01/2024,7,1"])) == 11
    assert values(root, "violence") == {("E00", "2024-01"): 50.0}
    assert load(program, root, police_file(["E00,01/2024,51,9", "E01,01/2024,7,1"]), "--replace") == 0
    assert values(root, "violence") == {("E00", "2024-01"): 51.0, ("E01", "2024-01"): 7.0}
    with reading(project_at(root)) as session:
        kept = [tuple(r) for r in run(session, "SELECT value, period FROM area_value_history")]
    assert kept == [(50.0, "2024-01")]
    assert values(root, "violence", known_on=today()) == values(root, "violence")
    assert values(root, "violence", known_on=today() - dt.timedelta(days=1)) == {}


def test_a_blank_takes_no_value_away_and_a_later_value_fills_it(embedded: Path, program: Program) -> None:
    assert load(program, embedded, police_file(["E00,01/2024,50,", "E01,01/2024,*,3"])) == 0
    assert load(program, embedded, police_file(["E00,01/2024,,9"])) == 0
    assert values(embedded, "violence")["E00", "2024-01"] == 50.0
    assert values(embedded, "knife")["E00", "2024-01"] == 9.0
    assert values(embedded, "violence")["E01", "2024-01"] is None
    assert load(program, embedded, police_file(["E01,01/2024,4,3"])) == 11


def test_a_dry_run_and_a_refused_load_write_nothing(embedded: Path, program: Program) -> None:
    before = snapshot(embedded / "areas", embedded / "inbox")
    program.well("areas", "load", "police", "inbox/police.csv", "--dry-run", cwd=embedded)
    assert values(embedded, "violence") == {}
    assert load(program, embedded, police_file(["E00,01/2024,50,9", "E99,01/2024,51,9"])) == 11
    assert values(embedded, "violence") == {}
    program.well("areas", "new", "wards", "--dry-run", cwd=embedded)
    program.well(
        "areas", "add", "more", "--from", "inbox/police.csv", "--areas", "boroughs", "--dry-run", cwd=embedded
    )
    (embedded / "inbox" / "now.csv").unlink()
    assert snapshot(embedded / "areas", embedded / "inbox") == before
    assert [c["name"] for c in program("areas", "list", "--json", cwd=embedded).payload["collections"]] == [
        "boroughs"
    ]


def test_sealed_values_are_counted_and_never_shown(root: Path, program: Program) -> None:
    program.well("areas", "load", "police", "inbox/police.csv", "--sealed", cwd=root)
    shown = program("areas", "show", "boroughs", "--json", cwd=root).payload
    violence = next(m for m in shown["measures"] if m["name"] == "violence")
    by_period = {row["period"]: row for row in violence["periods"]}
    assert by_period["2023-12"]["total"] is not None
    assert (by_period["2024-01"]["sealed"], by_period["2024-01"]["total"]) == (True, None)
    assert by_period["2024-01"]["areas"] == AREAS
    open_totals = [row["total"] for period, row in by_period.items() if period < "2024"]
    assert len(open_totals) == 24
    assert violence["total"] == pytest.approx(sum(open_totals), abs=60)
    with reading(project_at(root)) as session:
        collection = find_areas(session, "boroughs").collection_id
        wanted = [m for m in list_measures(session, collection) if m.name == "violence"]
        with pytest.raises(GateNotMet) as problem:
            read_series(session, collection, wanted)
        population = [m for m in list_measures(session, collection) if m.name == "population"]
        assert read_series(session, collection, population).height == 3 * AREAS
    assert problem.value.faults[0].code == "LC589"
    checked = program("areas", "check", "--json", cwd=root).payload["series"]
    assert {s["measure"]: s["sealed_from"] for s in checked} == {
        "population": None, "violence": "2024-01", "knife": "2024-01",
    }  # fmt: skip


def test_what_is_loaded_unsealed_once_is_open(embedded: Path, program: Program) -> None:
    lines = ["E00,01/2024,50,12", "E01,01/2024,60,12"]
    assert load(program, embedded, police_file(lines), "--sealed") == 0
    assert load(program, embedded, police_file(lines[:1])) == 0  # the same value, with no seal on it
    assert load(program, embedded, police_file([*lines[1:], "E02,01/2024,1,1"]), "--sealed") == 0
    with reading(project_at(embedded)) as session:
        collection = find_areas(session, "boroughs").collection_id
        seen = periods_seen(session, collection, {"violence"})
        rows = run(session, "SELECT COUNT(*) FROM area_value_history").scalar()
    assert seen == {"violence": {"2024-01": {True, False}}}
    assert rows == 2  # violence and knife of the first area, as they were under the seal


def test_small_totals_are_withheld_and_cannot_be_worked_out_from_the_sum(
    embedded: Path, program: Program
) -> None:
    lines = ["E00,01/2024,1,30", "E01,02/2024,40,30"]
    assert load(program, embedded, police_file(lines)) == 0
    shown = program("areas", "show", "boroughs", "--json", cwd=embedded).payload
    violence = next(m for m in shown["measures"] if m["name"] == "violence")
    totals = {row["period"]: row["total"] for row in violence["periods"]}
    assert totals["2024-01"] is None
    # 41 in all is printed as 40, which is from 38 to 42, less 38 to 42: 4 at most. So another is kept back as well.
    assert [violence["total"], totals["2024-02"]].count(None) == 1
    said = program("areas", "show", "boroughs", cwd=embedded).out
    assert "fewer than 10" in said
    assert "withheld" in said
    knife = next(m for m in shown["measures"] if m["name"] == "knife")
    assert [row["total"] for row in knife["periods"]] == [30, 30]


def test_what_a_series_lacks_is_counted(embedded: Path, program: Program) -> None:
    text = POLICE.replace('form = "mm/yyyy"', 'form = "mm/yyyy"\ncomplete = "Share"')
    text += '[[break]]\nmeasure = "knife"\nperiod = "2024-03"\nwhy = "coding"\nnote = "sharp objects"\n'
    (embedded / "areas" / "police.toml").write_text(text, encoding="utf-8")
    lines = [f"E{i:02d},{m:02d}/2024,20,20,{0.5 if m == 4 else 1}" for i in range(AREAS) for m in (1, 2, 4)]
    assert load(program, embedded, "Code,Month,Violence,Knife,Share\n" + "\n".join(lines[:-1]) + "\n") == 0
    found = program("areas", "check", "--json", cwd=embedded).payload["series"]
    knife = next(s for s in found if s["measure"] == "knife")
    assert (knife["periods"], knife["absent_periods"], knife["missing_cells"]) == (3, 1, AREAS + 1)
    assert (knife["incomplete_periods"], knife["breaks"]) == (1, 1)
    said = program("areas", "show", "boroughs", cwd=embedded).out
    assert "break from 2024-03: coding (sharp objects); source police" in said
    assert program("areas", "check", cwd=embedded).out.count("boroughs") == 3


def test_a_measure_declared_otherwise_is_refused(embedded: Path, program: Program) -> None:
    program.well("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    path = embedded / "areas" / "police.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('denominator = "population"\n', ""), encoding="utf-8"
    )
    done = program("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    assert done.code == 11
    assert "LC588" in done.err
    assert "denominator" in done.err


def test_parents_must_be_in_their_own_collection(embedded: Path, program: Program) -> None:
    program.well("areas", "new", "wards", "--kind", "ward", "--parents", "boroughs", cwd=embedded)
    source = '[source]\nid = "wards"\ntitle = "Wards"\nareas = "wards"\nlists = true\n'
    source += '[area]\ncolumn = "Ward"\nparent = "In"\n'
    (embedded / "areas" / "wards.toml").write_text(source, encoding="utf-8")
    assert load(program, embedded, "Ward,In\nW1,E00\nW2,E77\n", name="wards") == 11
    assert load(program, embedded, "Ward,In\nW1,E00\nW2,E01\n", name="wards") == 0
    assert program("areas", "show", "wards", "--json", cwd=embedded).payload["parents"] == "boroughs"
    program.well("areas", "new", "cells", cwd=embedded)
    (embedded / "areas" / "wards.toml").write_text(
        source.replace('areas = "wards"', 'areas = "cells"'), encoding="utf-8"
    )
    done = program("areas", "load", "wards", "inbox/now.csv", cwd=embedded)
    assert (done.code, "LC588" in done.err) == (11, True)


def test_names_that_are_not_there_or_there_already_are_refused(embedded: Path, program: Program) -> None:
    cases = {
        ("areas", "show", "borough"): "LC580",
        ("areas", "new", "boroughs"): "LC581",
        ("areas", "load", "polise", "inbox/police.csv"): "LC582",
        ("areas", "add", "police", "--from", "inbox/police.csv", "--areas", "boroughs"): "LC581",
        ("areas", "add", "other", "--from", "inbox/police.csv", "--areas", "nowhere"): "LC580",
        ("areas", "check", "--file", "inbox/police.csv"): "LC803",
    }
    for words, code in cases.items():
        done = program(*words, cwd=embedded)
        assert (done.code, code in done.err) == (11, True), done.said


def test_a_first_mapping_is_guessed_and_can_be_loaded(embedded: Path, program: Program) -> None:
    program.well("areas", "new", "forces", "--kind", "force area", cwd=embedded)
    (embedded / "inbox" / "f.csv").write_text(
        "Force code,Force name,Year,Homicides,Population\nF1,Here,2022/23,12,100\nF1,Here,2023/24,14,100\n",
        encoding="utf-8",
    )
    said = program.well(
        "areas", "add", "homicides", "--from", "inbox/f.csv", "--areas", "forces", cwd=embedded
    ).out
    assert "areas check homicides --file" in said
    path = embedded / "areas" / "homicides.toml"
    text = path.read_text(encoding="utf-8")
    assert all(
        line in text
        for line in ('form = "yyyy/yy"', 'name = "Force name"', "lists = true", 'kind = "denominator"')
    )
    assert program("areas", "check", "homicides", "--file", "inbox/f.csv", cwd=embedded).code == 0
    program.well("areas", "load", "homicides", "inbox/f.csv", cwd=embedded)
    assert program("areas", "show", "forces", "--json", cwd=embedded).payload["areas"] == 1


def test_a_changed_layout_stops_the_load_and_the_check_says_so(embedded: Path, program: Program) -> None:
    text = police_file(rows((2024,))).replace("Knife", "Blades")
    assert load(program, embedded, text) == 11
    done = program("areas", "check", "police", "--file", "inbox/now.csv", cwd=embedded)
    assert done.code == 11
    assert "LC810" in done.err
    assert "LC811" in done.err
    assert load(program, embedded, police_file(["E00,13/2024,1,1"])) == 11
    found = program("areas", "check", "police", "--file", "inbox/now.csv", "--json", cwd=embedded)
    assert found.code == 1
    assert [p["code"] for p in found.payload["file"]["problems"]] == ["LC583"]


def test_agreements_hold_loads_and_looks(embedded: Path, program: Program) -> None:
    path = embedded / "areas" / "police.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('areas = "boroughs"', 'areas = "boroughs"\nagreement = "police"'), encoding="utf-8"
    )
    missing = program("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    assert (missing.code, "LC873" in missing.err) == (4, True)
    agreement = embedded / "agreements" / "police.toml"
    agreement.write_text(AGREEMENT.replace('"violence", "knife"', '"violence"'), encoding="utf-8")
    beyond = program("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    assert (beyond.code, "LC875" in beyond.err, "'knife'" in beyond.err) == (4, True, True)
    assert "LC875" in program("agreement", "check", "police", cwd=embedded).out
    agreement.write_text(AGREEMENT, encoding="utf-8")
    program.well("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    shown = program("areas", "show", "boroughs", "--json", cwd=embedded).payload  # for linkage only
    assert [fault["code"] for fault in shown["left_out"]] == ["LC875"]
    assert all(row["total"] is None for m in shown["measures"] for row in m["periods"])
    agreement.write_text(AGREEMENT.replace('["linkage"]', '["evaluation"]'), encoding="utf-8")
    shown = program("areas", "show", "boroughs", "--json", cwd=embedded).payload
    violence = next(m for m in shown["measures"] if m["name"] == "violence")
    assert shown["left_out"] == []
    assert {row["total"] for row in violence["periods"]} == {None}  # the agreement's threshold is 600
    log = program("areas", "check", "police", "--json", cwd=embedded).payload["deliveries"]
    assert [d["agreement"] for d in log] == ["police 2"]
    agreement.write_text(AGREEMENT.replace("2040-01-31", "2025-12-31"), encoding="utf-8")
    lapsed = program("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    assert (lapsed.code, "LC874" in lapsed.err) == (4, True)


def test_what_was_done_and_looked_at_is_in_the_log(embedded: Path, program: Program) -> None:
    program.well("areas", "load", "police", "inbox/police.csv", cwd=embedded)
    program.well("areas", "show", "boroughs", cwd=embedded)
    actions = [
        entry["action"] for entry in program("audit", "log", "--json", cwd=embedded).payload["entries"]
    ]
    assert actions[-2:] == ["areas.load", "areas.show"]
    assert "areas.new" in actions
    assert "boroughs (12)" in program("status", cwd=embedded).out
