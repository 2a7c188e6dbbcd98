"""What is written can be read again, dry runs write nothing, and every write is in the log."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.commands.bad_row import new_releases, with_cells
from tests.commands.program import Program, snapshot

AWKWARD = ['He said "hi"', "back\\slash", "Zoë's", "two\nlines", "tab\t", "\x07", "# no comment", '"""']
WRITES = [
    "init ../other",
    "demo ../practice",
    "cohort new more --template school",
    "source add more --from inbox/releases.csv --cohort leavers",
    "source load releases inbox/bad.csv",
    "cohort derive leavers",
    "agreement add shared --title Shared --source releases",
    "plan new more",
    "plan lock aid",
    "evaluate run locked",
    "cohort synthesise leavers --out twin.csv",
    "plan export locked --as osf --to plan.md",
    "obligation add Review --source Act --due 2027-01-31",
]


READS = [
    "status", "doctor", "theory show", "measure list", "cohort list", "source list", "plan show aid", "plan list",
    "plan diff locked", "plan audit locked",
    "evaluate methods", "audit log", "audit verify", "key status",
    "agreement list", "agreement check", "source check", "finding list", "evidence list", "evidence map",
    "obligation list", "project returns",
]  # fmt: skip


@pytest.mark.parametrize("words", WRITES)
def test_a_dry_run_of_a_write_says_what_it_would_do_and_writes_nothing(
    words: str, program: Program, small: Path
) -> None:
    new_releases(with_cells())(small)
    watched = (small.parent, small.parent.parent / "temporary")
    before = snapshot(*watched)
    assert program.well(*words.split(), "--dry-run", cwd=small).out
    assert program.well(*words.split(), "--dry-run", "--json", cwd=small).payload
    assert snapshot(*watched) == before


def test_a_dry_run_of_a_key_writes_none(program: Program, place: Path) -> None:
    program.well("init", "p")
    said = program.well("key", "create", "--dry-run", "--json", cwd=place / "p").payload
    assert said["written"] is False
    assert not Path(said["file"]).exists()


@pytest.mark.parametrize("words", [words for words in WRITES if not words.startswith(("init", "demo"))])
def test_every_write_in_a_project_adds_one_entry_to_the_log(
    words: str, program: Program, small: Path
) -> None:
    new_releases(with_cells())(small)
    before = program.well("audit", "verify", "--json", cwd=small).payload["entries"]
    program.well(*words.split(), cwd=small)
    after = program.well("audit", "verify", "--json", cwd=small).payload
    assert (after["entries"], after["first_bad"]) == (before + 1, None)


@pytest.mark.parametrize("title", AWKWARD)
def test_a_title_with_awkward_characters_makes_files_that_can_be_read(
    title: str, program: Program, place: Path
) -> None:
    program.well("init", "p", "--name", title)
    root = place / "p"
    program.well("plan", "new", "a", "--title", title, "--cohort", title, cwd=root)
    plan = tomllib.loads((root / "plans" / "a.toml").read_text("utf-8"))
    assert (plan["plan"]["title"], plan["population"]["cohort"]) == (title, title)
    assert program.well("plan", "show", "a", "--json", cwd=root).payload["plan"]["title"] == title
    program.well("theory", "new", "--title", title, cwd=root)
    program.well("theory", "check", cwd=root)
    assert program.well("status", "--json", cwd=root).payload["project"] == title


@pytest.mark.parametrize("command", READS)
def test_a_command_that_reads_changes_not_a_byte(command: str, program: Program, small: Path) -> None:
    before = snapshot(small.parent)
    for extra in ([], ["--json"], ["--plain"]):
        outcome = program.well(*command.split(), *extra, cwd=small)
        assert outcome.out
        assert outcome.err == ""
    program.well(*command.split(), "--json", cwd=small).payload  # noqa: B018 - it must be JSON
    assert snapshot(small.parent) == before


def test_a_sealed_eligibility_variable_is_not_read_for_a_plan_that_is_not_locked(
    program: Program, small: Path
) -> None:
    """Whom a sealed outcome makes eligible would give the outcome away."""
    rule = "arrested == 1"
    program.well("cohort", "new", "arrested", "--template", "prison-leavers", "--eligible", rule, cwd=small)
    for source in ("releases", "arrests"):
        path = small / "sources" / f"{source}.toml"
        text = path.read_text("utf-8").replace('cohort = "leavers"', 'cohort = "arrested"')
        path.write_text(text, encoding="utf-8")
    program.well("source", "load", "releases", "inbox/releases.csv", cwd=small)
    program.well("source", "load", "arrests", "inbox/arrests.csv", "--sealed", cwd=small)
    plan = (
        (small / "plans" / "aid.toml").read_text("utf-8").replace('cohort = "leavers"', 'cohort = "arrested"')
    )
    plan = plan.replace('id = "aid"', 'id = "peek"').replace(
        'measure = "arrested"\nwave = "12-months"', 'measure = "convictions"'
    )
    plan = (
        plan.replace('"binary"', '"continuous"')
        .replace('["convictions"]', "[]")
        .replace("expected_rate = 0.4\n", "")
    )
    (small / "plans" / "peek.toml").write_text(plan, encoding="utf-8")
    outcome = program("evaluate", "run", "peek", "--exploratory", cwd=small)
    assert outcome.code == 4, outcome.said
    assert outcome.err.startswith("LC859 ")
    assert program("cohort", "flow", "arrested", cwd=small).code == 4
