"""Reports, site, release, packs, amendments, evidence and figures killed half-way: nothing is half-saved.

What gets out is entered first: a killed release is in the ledger and not in ``public/``, never the other way round. The
same command finishes the job. ``LIFECOURSE_KILLS=100`` takes every verb, and kills it at more moments.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.amended_project import HARMLESS, REASON, edit, with_two_outcomes
from tests.commands.program import Program
from tests.commands.small_project import prison_number
from tests.commands.test_evidence import TRIALS
from tests.evaluation.team_project import fill
from tests.faults.forked import Forked
from tests.faults.site import Site
from tests.theory_of_change.filled import fill_in
from workspace.database import reading
from workspace.statements import run

KILLED = -9
MORE = int(os.environ.get("LIFECOURSE_KILLS", "6")) > 6
PEOPLE_OF = ("Quilbrax", prison_number(3), prison_number(40))
FIGURES = "measure,area,period,value\nknife,,2026-Q2,101\nknife25,,2026-Q2,51\n"


@pytest.fixture(scope="module")
def filled_once(small_site_once: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small project with a finding, measures, projects, a changed plan, and files to take in."""
    site = small_site_once.copy(tmp_path_factory.mktemp("filled") / "filled")
    with pytest.MonkeyPatch.context() as patch:
        site.enter(patch)
        program = Program(patch)
        fill(program, site.root)
        with_two_outcomes(program, site.root)
        program.well("evaluate", "run", "locked", cwd=site.root)
        edit(site.root, HARMLESS)
        program.well("project", "add", "Drop-in", "--tier", "primary", "--partner", "hub", cwd=site.root)
        program.well(
            "project",
            "template",
            "--partner",
            "hub",
            "--quarter",
            "2026-Q3",
            "--to",
            "blank.xlsx",
            cwd=site.root,
        )
    words = {"Words": {"B2": "Much"}, "Return": {"B4": "lead"}}
    fill_in(site.root / "blank.xlsx", site.root / "return.xlsx", words)
    (site.root / "inbox" / "more.csv").write_text(FIGURES, encoding="utf-8")
    (site.root / "studies.toml").write_text(TRIALS, encoding="utf-8")
    return site


@pytest.fixture
def filled(filled_once: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Site]:
    """Copies of it."""
    made = 0

    def fresh() -> Site:
        nonlocal made
        made += 1
        site = filled_once.copy(tmp_path / f"filled-{made}")
        site.enter(monkeypatch)
        return site

    return fresh


def count(site: Site, table: str) -> int:
    """Rows of a table."""
    with reading(site.project) as session:
        return int(run(session, f"SELECT count(*) FROM {table}").scalar())


def files(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def whole_reports(site: Site) -> None:
    """What is in reports/ is whole; a set that has a list of its files has them all."""
    for path in (site.root / "reports").rglob("*.json"):
        json.loads(path.read_bytes())
    for path in (site.root / "reports").rglob("manifest.json"):
        assert all((path.parent / name).is_file() for name in json.loads(path.read_bytes())["sha256"])


def nothing_out_without_an_entry(site: Site) -> None:
    """Every file in public/ that got its name is in the register of what left, with its fingerprint."""
    with reading(site.project) as session:
        rows = run(session, "SELECT files FROM gate_release").fetchall()
    entered = {tuple(one) for row in rows for one in json.loads(row[0])}
    for path in (site.root / "public").rglob("*"):
        if path.is_file() and path.parent.name != "manifests" and not path.name.startswith("."):
            name = path.relative_to(site.root / "public").as_posix()
            assert (name, hashlib.sha256(path.read_bytes()).hexdigest()) in entered


@dataclass(frozen=True)
class Verb:
    """A command, the moment it is killed at, and a table of which it writes all rows or none."""

    words: tuple[str, ...]
    how: str
    table: str = "audit_entry"
    kept: bool = False  # the rows are there after the kill, and files wait to be written again
    done: str = ""  # how it answers when it had finished before the kill: it is not done twice


VERBS = {
    "report evaluation": Verb(("report", "evaluation", "EVAL-001", "--to", "word"), "name:1"),
    "report annex": Verb(("report", "annex", "EVAL-001"), "name:3"),
    "report quarterly": Verb(("report", "quarterly", "2026-Q3"), "name:2"),
    "report home-office": Verb(("report", "home-office", "2026-Q3"), "name:1"),
    "report edit": Verb(("report", "edit", "EVAL-001"), "name:1"),
    "report replication": Verb(
        ("report", "replication", "EVAL-001", "--out", "packs/one"), "name:2", kept=True
    ),
    "site build": Verb(("site", "build"), "name:2", "gate_release", kept=True),
    "release approve": Verb(
        ("release", "approve", "EVAL-001", "--by", "Ann", "--role", "officer"),
        "name:1",
        "gate_release",
        kept=True,
    ),
    "plan amend": Verb(("plan", "amend", "two", *REASON), "before-commit", "plan_version", done="LC500"),
    "evidence add": Verb(("evidence", "add", "studies.toml"), "name:2", kept=True),
    "measure import": Verb(("measure", "import", "inbox/more.csv"), "before-commit", "success_figure"),
    "measure log": Verb(
        ("measure", "log", "knife", "--period", "2026-Q2", "--value", "99"), "before-commit", "success_figure"
    ),
    "project import": Verb(("project", "import", "return.xlsx"), "before-commit", "delivery_event"),
}


def assert_told_and_finished(site: Site, forked: Forked, verb: Verb, *, finished: bool = False) -> None:
    """The store is sound, doctor finds no fault, the same command succeeds, and nobody's data lie about.

    Where it had ``finished`` it may say so in place of doing it again.
    """
    env = site.environment | {"TMPDIR": str(site.base)}
    site.assert_sound()
    health = json.loads(forked("none", "doctor", "--json", cwd=site.root, env=env).out)
    assert not [check for check in health["checks"] if check["result"] == "fail"]
    again = forked("none", *verb.words, cwd=site.root, env=env)
    assert again.code == 0 or (finished and verb.done and verb.done in again.err), again.said
    site.assert_sound()
    whole_reports(site)
    for path in (p for p in site.base.rglob("*") if p.is_file()):
        if path.parent.name not in ("inbox", "data") and path.suffix != ".sqlite":
            data = path.read_bytes()
            assert not [one for one in PEOPLE_OF if one.encode() in data], path.name


ALWAYS = ("report quarterly", "release approve", "plan amend", "project import")
LATER = ("name:1", "name:2", "name:3", "before-commit", "after-commit", "renaming")


@pytest.mark.parametrize("name", VERBS if MORE else ALWAYS)
def test_a_verb_killed_half_way_saves_nothing_by_half_and_the_next_finishes(
    name: str, filled: Callable[[], Site], forked: Forked
) -> None:
    verb = VERBS[name]
    for how in (verb.how, *(LATER if MORE else ())):
        site = filled()
        before = count(site, verb.table)
        env = site.environment | {"TMPDIR": str(site.base)}
        done = forked(f"kill:{how}", *verb.words, cwd=site.root, env=env)
        assert done.code == KILLED or how != verb.how, done.said
        after = count(site, verb.table)
        if how == verb.how:
            assert (after > before) == verb.kept
        nothing_out_without_an_entry(site)
        assert_told_and_finished(site, forked, verb, finished=done.code == 0 or after > before)


def test_a_site_that_lost_its_folder_between_two_names_comes_back_with_the_files_of_others(
    filled: Callable[[], Site], forked: Forked
) -> None:
    site = filled()
    public = site.root / "public"
    assert forked("none", "site", "build", cwd=site.root, env=site.environment).code == 0
    (public / "minutes.pdf").write_bytes(b"%PDF-1.4")
    assert forked("kill:folder:1", "site", "build", cwd=site.root, env=site.environment).code == KILLED
    assert not public.exists()
    said = forked("none", "doctor", cwd=site.root, env=site.environment).said
    assert "lifecourse site build brings back a site" in " ".join(said.split())
    dry = forked("none", "site", "build", "--dry-run", cwd=site.root, env=site.environment)
    assert dry.code == 0
    assert not public.exists()
    assert forked("none", "site", "build", cwd=site.root, env=site.environment).code == 0
    assert (public / "minutes.pdf").read_bytes() == b"%PDF-1.4"
    assert (public / "index.html").is_file()
    assert [path.name for path in site.root.iterdir() if path.name.startswith(".public")] == []
    assert forked("none", "site", "check", cwd=site.root, env=site.environment).code == 0


def test_evidence_that_was_entered_and_not_written_is_named_and_added_again(
    filled: Callable[[], Site], forked: Forked
) -> None:
    site = filled()
    add = ("evidence", "add", "studies.toml")
    assert forked("kill:name:2", *add, cwd=site.root, env=site.environment).code == KILLED
    listed = forked("none", "evidence", "list", cwd=site.root, env=site.environment)
    assert "trial-3" in listed.said
    assert "missing" in listed.said or "gone" in listed.said, listed.said
    again = forked("none", *add, cwd=site.root, env=site.environment)
    assert again.code == 0
    assert again.out.count("added") == 2
    assert "missing" not in forked("none", "evidence", "list", cwd=site.root, env=site.environment).said


LIMITED = {
    "report quarterly": (VERBS["report quarterly"].words, 3_000),
    "site build": (("site", "build"), 3_000),
    "evidence add": (VERBS["evidence add"].words, 200),
    "evaluate run": (("evaluate", "run", "locked"), 20_000),
    "report replication": (VERBS["report replication"].words, 1_000),
}


@pytest.mark.parametrize("name", LIMITED if MORE else ("report quarterly", "evidence add"))
def test_a_quota_that_is_reached_is_one_clear_error_and_leaves_nothing(
    name: str, filled: Callable[[], Site], forked: Forked
) -> None:
    words, size = LIMITED[name]
    site = filled()
    before, env = files(site.root), site.environment | {"TMPDIR": tempfile.gettempdir()}
    done = forked(f"limit:{size}", *words, cwd=site.root, env=env)
    assert done.code == 2, done.said
    assert "LC107" in done.err
    assert "Traceback" not in done.err
    assert files(site.root) - before <= {"data/cohort.sqlite-journal"}
    site.assert_sound()
    assert forked("none", *words, cwd=site.root, env=env).code == 0
