"""Plans on stored area series, end to end: check, lock, run, what was known before, what may be shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cohorts.areas.store import find_areas
from evaluation.errors import EvaluationError
from evaluation.panels.from_areas import area_access
from evaluation.plan_file import read_plan
from tests.commands.area_project import (
    AREAS,
    PLAN,
    POLICE,
    add_plain_method,
    make_area_project,
    police_file,
    rows,
)
from tests.commands.program import Outcome, Program
from tests.commands.small_project import project_at
from workspace.database import reading
from workspace.toml_source import read_toml


@pytest.fixture
def root(program: Program, place: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with boroughs and a plan on them, on both stores."""
    return _made(program, place, monkeypatch)


@pytest.fixture
def embedded(program: Program, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same on the embedded store only."""
    return _made(program, place, monkeypatch)


def _made(program: Program, place: Path, patch: pytest.MonkeyPatch) -> Path:
    add_plain_method(patch)
    make_area_project(program, place / "p")
    return place / "p"


def state(program: Program, root: Path) -> str:
    return str(program("plan", "check", "boroughs", "--json", cwd=root).payload["data_state"])


def police(program: Program, root: Path, lines: list[str], *options: str) -> Outcome:
    (root / "inbox" / "now.csv").write_text(police_file(lines), encoding="utf-8")
    return program.well("areas", "load", "police", "inbox/now.csv", *options, cwd=root)


def plan(root: Path, *changes: tuple[str, str]) -> None:
    text = PLAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (root / "plans" / "boroughs.toml").write_text(text, encoding="utf-8")


def test_a_locked_plan_runs_on_sealed_series_and_finds_what_was_put_in(root: Path, program: Program) -> None:
    police(program, root, rows(), "--sealed")
    assert state(program, root) == "baseline seen"
    early = program("evaluate", "run", "boroughs", "--exploratory", cwd=root)
    assert (early.code, "LC589" in early.err) == (4, True)
    assert program("evaluate", "run", "boroughs", cwd=root).code == 4
    locked = program.well("plan", "lock", "boroughs", "--json", cwd=root).payload
    assert locked["data_state"] == "baseline seen"
    done = program.well("evaluate", "run", "boroughs", "--json", cwd=root).payload
    assert done["plan"]["state"] == "locked before outcomes"
    assert done["data"]["cohort"] == "boroughs"
    assert done["data"]["rows"] == 36 * AREAS
    outcome = done["outcomes"][0]
    checks = {check["name"]: check["result"] for check in outcome["checks"]}
    assert (checks["definition"], checks["whole periods"], checks["missing cells"]) == (
        "pass",
        "pass",
        "pass",
    )
    # Eight fewer with the programme, and noise of at most one either way that repeats itself.
    assert outcome["estimate"]["value"] == pytest.approx(-8, abs=0.5)
    assert outcome["verdict"]["answer"] == "works"
    assert state(program, root) == "outcomes seen"  # what was run was seen
    again = program.well("evaluate", "run", "boroughs", "--json", cwd=root).payload
    assert again["data"]["sha256"] == done["data"]["sha256"]
    assert again["outcomes"][0]["estimate"]["value"] == outcome["estimate"]["value"]


def test_what_was_known_is_worked_out_from_the_store(embedded: Path, program: Program) -> None:
    plan(embedded, ('treatment = "treated"', 'treatment = "treated"\nweights = "population"'))
    assert state(program, embedded) == "baseline seen"  # which boroughs have the programme is in the list
    police(program, embedded, rows((2022, 2023)))
    assert state(program, embedded) == "baseline seen"
    police(program, embedded, ["E00,01/2024,45,12"])
    assert state(program, embedded) == "outcomes seen"
    plan(embedded, ('start = "2024-01"', 'start = "2024-02"'))
    assert state(program, embedded) == "baseline seen"
    police(program, embedded, ["E00,02/2024,45,12"], "--sealed")
    assert state(program, embedded) == "baseline seen"
    police(program, embedded, ["E00,02/2024,46,12"], "--replace")
    assert state(program, embedded) == "outcomes seen"
    police(program, embedded, ["E00,02/2024,47,12"], "--sealed", "--replace")
    assert state(program, embedded) == "outcomes seen"  # sealed now, but it was open once


def test_a_start_within_a_period_counts_that_period_as_an_outcome(embedded: Path, program: Program) -> None:
    police(program, embedded, ["E00,01/2024,45,12"])
    plan(embedded, ('start = "2024-01"', "start = 2024-01-20"))
    assert state(program, embedded) == "outcomes seen"
    plan(embedded, ('start = "2024-01"', "start = 2024-02-01"))
    assert state(program, embedded) == "baseline seen"


def test_a_plan_locked_after_outcomes_says_so(embedded: Path, program: Program) -> None:
    police(program, embedded, rows())
    program.well("plan", "lock", "boroughs", cwd=embedded)
    done = program.well("evaluate", "run", "boroughs", "--json", cwd=embedded).payload
    assert done["plan"]["state"] == "locked after outcomes"


def test_an_unlocked_plan_on_open_series_is_stamped(embedded: Path, program: Program) -> None:
    police(program, embedded, rows())
    done = program.well("evaluate", "run", "boroughs", "--exploratory", "--json", cwd=embedded).payload
    assert done["plan"]["state"] == "unlocked"
    assert program("evaluate", "run", "boroughs", "--dry-run", "--exploratory", cwd=embedded).code == 0


def test_a_plan_that_cannot_be_decided_is_not_locked(embedded: Path, program: Program) -> None:
    cases = {
        "unknown-variable": (('exposure = "population"', 'exposure = "residents"'),),
        "ripe-too-late": (("reported_by = 2030-12-31", "reported_by = 2023-12-31"),),
        "nobody-to-compare": (('treatment = "treated"', 'treatment = "everywhere"'),),
    }
    text = (embedded / "areas" / "list.toml").read_text(encoding="utf-8")
    more = text + '[[attribute]]\ncolumn = "All"\nname = "everywhere"\n'
    (embedded / "areas" / "list.toml").write_text(more, encoding="utf-8")
    listed = (embedded / "inbox" / "list.csv").read_text(encoding="utf-8").splitlines()
    everywhere = [f"{listed[0]},All", *(f"{line},1" for line in listed[1:])]
    (embedded / "inbox" / "list2.csv").write_text("\n".join(everywhere) + "\n", encoding="utf-8")
    program.well("areas", "load", "list", "inbox/list2.csv", cwd=embedded)
    for code, changes in cases.items():
        plan(embedded, *changes)
        found = program("plan", "check", "boroughs", "--json", cwd=embedded)
        assert found.code == 1
        assert [doubt["code"] for doubt in found.payload["doubts"]] == [code]
        assert program("plan", "lock", "boroughs", cwd=embedded).code == 4
    plan(embedded, ('areas = "boroughs"', 'areas = "burroughs"'))
    wrong = program("plan", "check", "boroughs", cwd=embedded)
    assert (wrong.code, "LC580" in wrong.err, "boroughs" in wrong.err) == (11, True, True)


def test_a_break_inside_the_window_is_found_without_being_asked_for(embedded: Path, program: Program) -> None:
    broken = POLICE + '[[break]]\nmeasure = "violence"\nperiod = "2024-01"\nwhy = "coding"\n'
    (embedded / "areas" / "police.toml").write_text(broken, encoding="utf-8")
    police(program, embedded, rows(), "--sealed")
    program.well("plan", "lock", "boroughs", cwd=embedded)
    done = program.well("evaluate", "run", "boroughs", "--json", cwd=embedded).payload
    check = next(c for c in done["outcomes"][0]["checks"] if c["name"] == "definition")
    assert (check["result"], check["consequence"], "2024-01" in check["note"]) == ("warn", "downgrade", True)


def test_two_sources_with_their_own_rules_are_a_change_of_definition(
    embedded: Path, program: Program
) -> None:
    police(program, embedded, rows((2022, 2023)))
    other = POLICE.replace('id = "police"', 'id = "other"').replace(
        "counting-rules-2019", "counting-rules-2024"
    )
    (embedded / "areas" / "other.toml").write_text(other, encoding="utf-8")
    later = police_file([row for row in rows((2024,)) if row[:3] in ("E00", "E01")])
    (embedded / "inbox" / "other.csv").write_text(later, encoding="utf-8")
    program.well("areas", "load", "other", "inbox/other.csv", cwd=embedded)
    rest = [row for row in rows((2024,)) if row[:3] not in ("E00", "E01")]
    police(program, embedded, rest)
    done = program.well("evaluate", "run", "boroughs", "--exploratory", "--json", cwd=embedded).payload
    check = next(c for c in done["outcomes"][0]["checks"] if c["name"] == "definition")
    assert (check["result"], check["consequence"]) == ("fail", "block")
    assert done["outcomes"][0]["verdict"]["answer"] == "not-assessable"


def test_a_period_that_is_not_over_when_the_data_end_is_not_whole(embedded: Path, program: Program) -> None:
    cut = POLICE.replace("data_until = 2024-12-31", "data_until = 2024-12-15")
    (embedded / "areas" / "police.toml").write_text(cut, encoding="utf-8")
    police(program, embedded, rows(), "--sealed")
    program.well("plan", "lock", "boroughs", cwd=embedded)
    done = program.well("evaluate", "run", "boroughs", "--json", cwd=embedded).payload
    check = next(c for c in done["outcomes"][0]["checks"] if c["name"] == "whole periods")
    assert (check["consequence"], "2024-12" in check["note"]) == ("downgrade", True)


def test_small_counts_in_a_period_take_the_series_and_not_the_finding(
    embedded: Path, program: Program
) -> None:
    plan(
        embedded,
        ('measure = "violence"', 'measure = "knife"'),
        ("minimum_important_difference = 5", "minimum_important_difference = 0.5"),
    )
    police(program, embedded, rows(knife=0), "--sealed")
    program.well("plan", "lock", "boroughs", cwd=embedded)
    done = program.well("evaluate", "run", "boroughs", "--json", cwd=embedded)
    outcome = done.payload["outcomes"][0]
    # Six boroughs with 0, 1 or 2 a month: six in a group and month, fewer than ten.
    note = next(c["note"] for c in outcome["checks"] if c["name"] == "small counts")
    assert "Series and tables are withheld" in note
    assert outcome["estimate"]["value"] is not None
    assert (outcome["figures"], outcome["tables"]) == ([], [])
    finding = json.loads((embedded / done.payload["files"]["finding"]).read_text(encoding="utf-8"))
    assert finding["outcomes"][0]["path"] == []


def test_agreements_hold_plans_and_runs(embedded: Path, program: Program) -> None:
    from tests.commands.test_areas import AGREEMENT

    path = embedded / "areas" / "police.toml"
    path.write_text(
        POLICE.replace('areas = "boroughs"', 'areas = "boroughs"\nagreement = "police"'), encoding="utf-8"
    )
    agreement = embedded / "agreements" / "police.toml"
    open_ = AGREEMENT.replace('["linkage"]', '["evaluation"]').replace("threshold = 600\n", "")
    agreement.write_text(open_, encoding="utf-8")
    police(program, embedded, rows(), "--sealed")
    program.well("plan", "lock", "boroughs", cwd=embedded)
    for changed, code in (
        (open_.replace('["evaluation"]', '["operational"]'), "LC875"),
        (open_.replace('linkages = ["list", "people"]', "linkages = []"), "LC876"),
        (open_.replace("2040-01-31", "2025-12-31"), "LC874"),
    ):
        agreement.write_text(changed, encoding="utf-8")
        done = program("evaluate", "run", "boroughs", cwd=embedded)
        assert (done.code, code in done.err) == (4, True), done.err
    agreement.write_text(open_, encoding="utf-8")
    program.well("evaluate", "run", "boroughs", cwd=embedded)


def test_a_plan_on_areas_is_shown_and_releases_no_rows(embedded: Path, program: Program) -> None:
    assert "areas       boroughs" in program.well("plan", "show", "boroughs", cwd=embedded).out
    plan(embedded, ('areas = "boroughs"', 'areas = "boroughs"\ncohort = "leavers"'))
    both = program("plan", "check", "boroughs", cwd=embedded)
    assert (both.code, "LC406" in both.err) == (12, True)


def test_numbers_of_areas_are_no_small_counts_to_an_attacker_and_printed_totals_hold(
    embedded: Path, program: Program
) -> None:
    program.well("key", "create", cwd=embedded)
    police(program, embedded, [*rows(), "E00,01/2025,1,30", "E01,02/2025,40,30"])
    program.well("evaluate", "run", "boroughs", "--exploratory", cwd=embedded)
    done = program(
        "attack", "--quick", "--authority", "Lead, custodian, today", "--json", cwd=embedded
    ).payload
    found = {trial["name"]: trial for trial in done["attacks"]}
    assert found["reconstruction"]["verdict"] == "not-applicable"
    assert found["margins"]["verdict"] == "pass"
    assert "hidden cells in 1 outputs" in found["margins"]["tried"]  # areas show; the result is about places


def test_wards_are_added_up_to_their_boroughs(embedded: Path, program: Program) -> None:
    program.well("areas", "new", "wards", "--kind", "ward", "--parents", "boroughs", cwd=embedded)
    wards = POLICE.replace('id = "police"', 'id = "wards"').replace(
        'areas = "boroughs"', 'areas = "wards"\nlists = true'
    )
    wards = wards.replace('column = "Code"', 'column = "Code"\nparent = "In"').replace(
        'denominator = "population"\n', ""
    )
    (embedded / "areas" / "wards.toml").write_text(wards, encoding="utf-8")
    lines = [f"{code}-{part},{code},{month},{int(n) // 2 + part * (int(n) % 2)},{k}" for code, month, n, k in (
        row.split(",") for row in rows()) for part in (0, 1)]  # fmt: skip
    text = "Code,In,Month,Violence,Knife\n" + "\n".join(lines) + "\n"
    (embedded / "inbox" / "wards.csv").write_text(text, encoding="utf-8")
    program.well("areas", "load", "wards", "inbox/wards.csv", cwd=embedded)
    plan(
        embedded, ('areas = "boroughs"', 'areas = "wards"\nroll_up = true'), ('exposure = "population"\n', "")
    )
    rolled = program.well("evaluate", "run", "boroughs", "--exploratory", "--json", cwd=embedded).payload
    police(program, embedded, rows())
    plan(embedded, ('exposure = "population"\n', ""))
    direct = program.well("evaluate", "run", "boroughs", "--exploratory", "--json", cwd=embedded).payload
    estimates = [run["outcomes"][0]["estimate"] for run in (rolled, direct)]
    assert estimates[0]["value"] == pytest.approx(estimates[1]["value"], abs=1e-9)
    assert estimates[0]["n_treated"] == AREAS // 2
    plan(embedded, ('areas = "boroughs"', 'areas = "boroughs"\nroll_up = true'))
    nowhere = program("plan", "check", "boroughs", cwd=embedded)
    assert (nowhere.code, "LC406" in nowhere.err) == (12, True)


def test_the_four_states_of_data_without_a_group_marker(embedded: Path, program: Program) -> None:
    plan(embedded, ('exposure = "population"\n', ""))
    path = embedded / "plans" / "boroughs.toml"
    found = read_plan(read_toml(path, EvaluationError))
    found = replace(found, design=replace(found.design, treatment=""))

    def known() -> str:
        with reading(project_at(embedded)) as session:
            return area_access(session, find_areas(session, "boroughs"), found, {}, set())

    assert known() == "nothing collected"
    police(program, embedded, ["E00,01/2024,45,12"], "--sealed")
    assert known() == "collected, unseen"
    police(program, embedded, ["E00,12/2023,45,12"], "--sealed")  # open_before leaves it open
    assert known() == "baseline seen"
    police(program, embedded, ["E01,01/2024,45,12"])
    assert known() == "outcomes seen"


def test_groups_that_the_plan_does_not_name_cannot_be_asked_for(embedded: Path, program: Program) -> None:
    police(program, embedded, rows())
    done = program("evaluate", "run", "boroughs", "--exploratory", "--by", "region", cwd=embedded)
    assert (done.code, "LC406" in done.err) == (12, True)


def test_a_later_start_does_not_make_an_amendment_of_a_plan_whose_outcomes_were_seen(
    root: Path, program: Program
) -> None:
    police(program, root, rows(), "--sealed")
    program.well("plan", "lock", "boroughs", cwd=root)
    plan(root, ('start = "2024-01"', 'start = "2024-02"'))
    amended = program.well(
        "plan", "amend", "boroughs", "--reason", "It began late", "--json", cwd=root
    ).payload
    assert (amended["kind"], amended["version"]) == ("amendment", 2)
    (change,) = amended["changes"]
    assert change["text"].endswith(".start from 2024-01 to 2024-02")
    police(
        program, root, ["E00,01/2024,45,12"], "--replace"
    )  # an outcome of the first text, not of the second
    plan(root, ('start = "2024-01"', 'start = "2024-03"'))
    later = program.well("plan", "amend", "boroughs", "--reason", "Later still", "--json", cwd=root).payload
    assert (later["kind"], later["data_state"]) == ("deviation", "outcomes seen")
    done = program.well("evaluate", "run", "boroughs", "--version", "2", "--json", cwd=root).payload
    assert done["plan"]["state"] == "locked before outcomes"
    assert [one["followed"] for one in done["plan"]["deviations"]] == [True, False]
    audited = program("plan", "audit", "boroughs", "--json", cwd=root)
    assert audited.code == 1
    assert [one["version"] for one in audited.payload["evaluations"]] == [2]
