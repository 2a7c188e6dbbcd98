"""The agreement commands, ``source check``, and runs over data whose agreement has lapsed."""

from __future__ import annotations

from pathlib import Path

from tests.cohorts.agreements import keep, name_it
from tests.commands.program import Program
from workspace.project import Project
from workspace.settings import read_settings

FIELDS = '["identifiers", "index_date", "age_at_release", "aid", "area", "convictions", "arrested"]'


def project_at(root: Path) -> Project:
    return Project(root, read_settings(root / "lifecourse.toml"))


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
