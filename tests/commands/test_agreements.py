"""The agreement commands, ``source check``, and runs over data whose agreement has lapsed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cohorts.attacks.store import quasi_frames
from tests.cohorts.agreements import keep, name_it
from tests.commands.program import Program
from tests.commands.small_project import prison_number, project_at
from workspace.clock import today as current_date
from workspace.database import reading

FIELDS = '["identifiers", "index_date", "age_at_release", "aid", "area", "convictions", "arrested"]'


def agreed(root: Path, *, days: int = 365, extra: str = "") -> None:
    """An agreement over both sources of the small project."""
    keep(project_at(root), days=days, extra=extra, sources='["releases", "arrests"]', fields=FIELDS)


def reload(program: Program, root: Path) -> None:
    """Let both sources name the agreement, and load them again under it."""
    for source in ("releases", "arrests"):
        name_it(project_at(root), source)
    program.well("source", "load", "releases", "inbox/releases.csv", cwd=root)
    program.well("source", "load", "arrests", "inbox/arrests.csv", "--sealed", cwd=root)


def test_an_agreement_is_added_checked_and_listed(program: Program, small: Path) -> None:
    assert program.well("agreement", "list", "--json", cwd=small).payload == {"agreements": []}
    said = program.well("agreement", "add", "police", "--title", "Police", "--source", "arrests", cwd=small)
    assert "agreements/police.toml" in said.out
    checked = program("agreement", "check", "--json", cwd=small)
    assert checked.code == 1
    assert [p["code"] for p in checked.payload["problems"]] == ["LC874", "LC877"]
    shown = program("agreement", "check", "police", cwd=small)
    assert (shown.code, len(shown.out.splitlines())) == (1, 2)
    (row,) = program.well("agreement", "list", "--json", cwd=small).payload["agreements"]
    assert (row["id"], row["in_force"], row["state"]) == ("police", False, "is not signed")
    agreed(small)
    assert "in force" in program.well("agreement", "list", cwd=small).out
    again = program("agreement", "add", "police", "--title", "P", "--source", "arrests", cwd=small)
    assert (again.code, again.err[:5]) == (11, "LC878")


def test_a_name_that_leads_out_of_the_folder_is_refused(program: Program, small: Path) -> None:
    outcome = program("agreement", "add", "../x", "--title", "P", "--source", "arrests", cwd=small)
    assert outcome.code == 11
    assert not (small.parent / "x.toml").exists()


def test_a_load_under_a_lapsed_agreement_ends_with_exit_four(program: Program, small: Path) -> None:
    agreed(small, days=-1)
    name_it(project_at(small), "releases")
    for words in ("source load releases", "source inspect --source releases"):
        outcome = program(*words.split(), "inbox/releases.csv", cwd=small)
        assert (outcome.code, outcome.err[:5]) == (4, "LC874")


def test_a_run_is_shown_under_the_strictest_profile_and_refused_when_an_agreement_lapses(
    program: Program, small: Path
) -> None:
    agreed(small, extra="threshold = 30\nrounding = 50")
    reload(program, small)
    payload = program.well("evaluate", "run", "locked", "--json", cwd=small).payload
    counts = [step["n"] for step in payload["flow"] if step["n"] is not None]
    assert counts
    assert all(n % 50 == 0 for n in counts)
    assert program.well("cohort", "show", "leavers", "--json", cwd=small).payload["enrolled"] == 100
    assert {"step": "enrolled", "n": 100} in program.well(
        "cohort", "flow", "leavers", "--json", cwd=small
    ).payload["steps"]
    before = program.well("audit", "verify", "--json", cwd=small).payload["entries"]
    agreed(small, days=-1)
    for extra in ([], ["--dry-run"]):
        outcome = program("evaluate", "run", "locked", *extra, cwd=small)
        assert (outcome.code, outcome.err[:5]) == (4, "LC874")
    assert program.well("audit", "verify", "--json", cwd=small).payload["entries"] == before


def test_status_and_doctor_mention_an_agreement_that_lapses_soon(program: Program, small: Path) -> None:
    agreed(small, days=30)
    assert "within 60 days lapses: shared" in program.well("status", cwd=small).out
    assert "lapses within 60 days: shared" in program("doctor", cwd=small).out


def test_source_check_shows_the_log_and_ends_with_one_when_the_layout_changed(
    program: Program, small: Path
) -> None:
    rows = program.well("source", "check", "--json", cwd=small).payload["deliveries"]
    assert [row["source"] for row in rows] == ["arrests", "releases"]
    assert rows[0]["rows"] == 80
    assert "releases" in program.well("source", "check", "releases", cwd=small).out
    program.well("source", "check", "releases", "--file", "inbox/releases.csv", cwd=small)
    text = (small / "inbox" / "releases.csv").read_text("utf-8").replace("Area", "Ward", 1)
    (small / "inbox" / "new.csv").write_text(text, encoding="utf-8")
    outcome = program("source", "check", "releases", "--file", "inbox/new.csv", cwd=small)
    assert outcome.code == 1
    assert "LC810 added column: Ward" in outcome.out
    assert "LC811 removed column: Area" in outcome.out
    changed = program("source", "check", "releases", "--file", "inbox/new.csv", "--json", cwd=small).payload
    assert changed["layout"] == {"added": ["Ward"], "removed": ["Area"], "changed": []}


READING = (
    "cohort flow leavers",
    "cohort follow-up leavers",
    "cohort quality leavers",
    "cohort derive leavers",
    "cohort synthesise leavers --out twin.csv",
    "evaluate run locked",
    "evaluate run weak --exploratory",
    "plan check aid",
    "plan lock aid",
)


def test_everything_that_reads_is_refused_with_which_and_when_once_the_agreement_has_lapsed(
    program: Program, small: Path
) -> None:
    agreed(small)
    reload(program, small)
    agreed(small, days=-1)
    yesterday = (current_date() - dt.timedelta(days=1)).isoformat()
    for words in READING:
        outcome = program(*words.split(), cwd=small)
        assert outcome.code == 4, words
        assert "LC874" in outcome.err, words
        assert "agreement 'shared'" in outcome.err, words
        assert f"its last day was {yesterday}" in outcome.err, words
    assert not list(small.glob("*twin*"))


def test_a_cohort_is_still_described_without_counts_and_says_why(program: Program, small: Path) -> None:
    shown = program.well("cohort", "show", "leavers", "--json", cwd=small).payload
    assert (shown["enrolled"], shown["left_out"]) == (80, [])
    agreed(small, days=-1)
    name_it(project_at(small), "releases")
    payload = program.well("cohort", "show", "leavers", "--json", cwd=small).payload
    assert payload["enrolled"] is None
    assert [why["code"] for why in payload["left_out"]] == ["LC874"]
    said = program.well("cohort", "show", "leavers", cwd=small).out
    assert "enrolled     not shown" in said
    assert "agreement 'shared' has lapsed" in said
    assert "age_at_release" in said


def test_a_plan_is_held_to_the_agreements_of_the_sources_it_reads_alone(
    program: Program, small: Path
) -> None:
    keep(project_at(small), days=-1, sources='["arrests"]', linkages='["releases"]')
    name_it(project_at(small), "arrests")
    assert program("plan", "check", "aid", cwd=small).code == 0  # the arms come from the releases
    assert program("evaluate", "run", "locked", cwd=small).code == 4
    late = (current_date() + dt.timedelta(days=1)).isoformat()
    keep(
        project_at(small), days=-1, sources='["arrests"]', linkages='["releases"]', use_until=late,
        fields='["identifiers", "arrested"]',
    )  # fmt: skip
    program.well("evaluate", "run", "locked", cwd=small)
    assert "its data may be used until" in program.well("agreement", "list", cwd=small).out


def test_rights_backups_and_the_log_work_whatever_has_lapsed(program: Program, small: Path) -> None:
    agreed(small)
    reload(program, small)
    agreed(small, days=-1)
    for words in (
        "status",
        "audit verify",
        "cohort list",
        "agreement list",
        "source list",
    ):
        assert program(*words.split(), cwd=small).code == 0, words
    assert program("doctor", cwd=small).err == ""
    for verb in ("withdraw", "erase"):
        (small / "who.csv").write_text(f"Prison number\n{prison_number(3)}\n", encoding="utf-8")
        asked = ["cohort", verb, "--source", "releases", "--file", "who.csv"]
        outcome = program(*asked, *(["--yes"] if verb == "erase" else []), cwd=small)
        assert outcome.code == 0, outcome.err


def test_an_attack_still_runs_and_reads_no_values_under_a_lapsed_agreement(
    program: Program, small: Path
) -> None:
    agreed(small)
    reload(program, small)
    with reading(project_at(small)) as session:
        assert len(quasi_frames(session, project_at(small))) == 1
        agreed(small, days=-1)
        assert quasi_frames(session, project_at(small)) == []
