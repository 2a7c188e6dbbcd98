"""The one door: what it refuses, that all is written or nothing, and what it enters; on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cohorts.gate.errors import Kept
from cohorts.gate.ledger import Behind, Entry
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.outputs import Cell, Chart, Dimension, Rows, Table, predicate
from cohorts.gate.store import add_approval, cells_kept, keep_cells, releases, sketched
from cohorts.gate.subjects import Subject
from cohorts.gate.writing import write_outgoing
from workspace import console
from workspace.database import reading, writing
from workspace.errors import GateNotMet, WorkspaceError
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.statements import run

PAGE = Outgoing("page.html", b"<p>All is well.</p>")
SMALL = Table("areas", "COH-001", (Cell(predicate({"area": "N"}), 4, 5), Cell(predicate(), 40, 40)))


def counted(n: int, shown: int | None, **terms: str) -> Cell:
    return Cell(predicate(terms), n, shown, "withheld" if shown is None else "shown")


def told(total: int, shown: int) -> Table:
    """Three people withheld beside 48: of 51 in all, shown as 50, they would be four at most."""
    ways = (Dimension("area", ("N", "S")),)
    return Table(
        "areas",
        "COH-001",
        (counted(48, 50, area="N"), counted(3, None, area="S"), counted(total, shown)),
        ways,
    )


def public(project: Project, *files: Outgoing) -> tuple[str, ...]:
    return write_outgoing(project, project.root / "public", files, verb="test", public=True)


def draft(project: Project, *files: Outgoing) -> tuple[str, ...]:
    return write_outgoing(project, project.reports, files, verb="test")


def code(error: pytest.ExceptionInfo[Kept]) -> str:
    return error.value.code


def test_a_draft_is_written_and_enters_nothing(in_file: Project) -> None:
    assert draft(in_file, PAGE, Outgoing("deep/er.md", b"words")) == (
        "reports/page.html",
        "reports/deep/er.md",
    )
    assert (in_file.reports / "deep" / "er.md").read_bytes() == b"words"
    with reading(in_file) as session:
        assert releases(session) == []


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (Outgoing("a.html", b"<p>Ask at L1 8JQ</p>"), "LC902"),
        (Outgoing("a.html", b"<p>x</p>", outputs=(SMALL,)), "LC903"),
        (Outgoing("a.html", b"<p>x</p>", outputs=(Rows("people", ("age",)),)), "LC903"),
        (Outgoing("a.html", b"<p>x</p>", outputs=(Chart("scatter", "points"),)), "LC903"),
        (Outgoing("a.html", b"<p>x</p>", outputs=(told(51, 50),)), "LC904"),
        (Outgoing("../a.html", b"<p>x</p>"), "LC909"),
        (Outgoing("/tmp/a.html", b"<p>x</p>"), "LC909"),
        (Outgoing("page.html", b"<p>x</p>"), "LC909"),
    ],
)
def test_what_a_rule_keeps_in_keeps_every_file_of_the_verb_in(
    in_file: Project, file: Outgoing, expected: str
) -> None:
    with pytest.raises(Kept) as refused:
        draft(in_file, PAGE, file)
    assert code(refused) == expected
    assert refused.value.exit_code == 3
    assert not list(in_file.reports.rglob("*.html"))
    assert "8JQ" not in str(refused.value)


def test_every_fault_of_every_file_is_said_at_once(in_file: Project) -> None:
    with pytest.raises(Kept) as refused:
        draft(in_file, Outgoing("a.md", b"L1 8JQ"), Outgoing("b.md", b"A1234BC"))
    assert [fault.where for fault in refused.value.faults] == ["a.md", "b.md"]


def test_where_one_file_cannot_be_written_the_others_are_as_they_were(in_file: Project) -> None:
    draft(in_file, PAGE)
    (in_file.reports / "b.html").mkdir()
    with pytest.raises(WorkspaceError):
        draft(in_file, Outgoing("page.html", b"<p>New.</p>"), Outgoing("b.html", b"<p>x</p>"))
    assert (in_file.reports / "page.html").read_bytes() == PAGE.data


def test_a_pseudonym_of_the_store_does_not_leave(in_file: Project) -> None:
    with reading(in_file) as session:
        token = bytes(run(session, "SELECT token FROM pseudonym LIMIT 1").scalar()).hex()
    with pytest.raises(Kept) as refused:
        draft(in_file, Outgoing("a.md", f"See {token}.".encode()))
    assert code(refused) == "LC902"
    assert token not in str(refused.value)
    draft(in_file, Outgoing("a.md", f"See {'0' * 32}.".encode()))


def test_a_dry_run_checks_and_writes_nothing(in_file: Project) -> None:
    with console.borrowed(dry_run=True):
        assert public(in_file, PAGE) == ("public/page.html",)
        with pytest.raises(Kept):
            public(in_file, Outgoing("a.md", b"L1 8JQ"))
    assert not list((in_file.root / "public").rglob("*.html"))


def test_what_becomes_public_is_entered_with_its_cells_and_stays(project: Project) -> None:
    table = Table("areas", "COH-001", (Cell(predicate(), 41, 40),))
    public(project, Outgoing("a.html", b"<p>40</p>", outputs=(table,)))
    with reading(project) as session:
        (left,) = releases(session)
        (entry,) = cells_kept(session)
    assert (left.release_id, left.verb, entry.cell.n, entry.cell.shown) == ("OUT-001", "test", 41, 40)
    manifest = json.loads(
        (project.root / "public" / "manifests" / "OUT-001.json").read_text(encoding="utf-8")
    )
    assert manifest["files"][0]["name"] == "a.html"
    assert "41" not in json.dumps(manifest["about"])
    for table_name in ("gate_cell", "gate_release"):
        with pytest.raises(WorkspaceError), writing(project) as session:
            run(session, f"DELETE FROM {table_name}")
    near = Table("areas", "COH-001", (Cell(predicate(), 44, 45),))
    with pytest.raises(Kept) as refused:
        public(project, Outgoing("b.html", b"<p>45</p>", outputs=(near,)))
    assert code(refused) == "LC905"
    with reading(project) as session:
        assert len(releases(session)) == 1


def test_a_later_total_may_not_tell_what_an_earlier_table_withheld(in_file: Project) -> None:
    first = Table("areas", "COH-001", (counted(48, 50, area="N"), counted(3, None, area="S")))
    public(in_file, Outgoing("a.html", b"<p>x</p>", outputs=(first,)))
    total = Table("all", "COH-001", (counted(51, 50),))
    with pytest.raises(Kept) as refused:
        public(in_file, Outgoing("b.html", b"<p>x</p>", outputs=(total,)))
    assert "LC904" in {fault.code for fault in refused.value.faults}


def test_cells_of_a_run_come_back_with_their_sketches(project: Project) -> None:
    entry = Entry("", "effect", "COH-001", "p", "arrested", Cell(predicate({"arm": "1"}), 30, 30))
    with writing(project) as session:
        keep_cells(session, "EVAL-001", sketched(session, [Behind(entry, [1, 2, 3]), Behind(entry)]))
    with reading(project) as session:
        first, second = cells_kept(session, ("EVAL-001",))
        assert cells_kept(session) == []
    assert first.sketch
    assert second.sketch is None
    assert first.cell == entry.cell


def test_an_evaluation_without_cells_needs_a_second_person_for_the_public(
    in_file: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cohorts.gate.subjects.FINDERS", [])
    page = Outgoing("a.html", b"<p>x</p>", ("EVAL-001",))
    with pytest.raises(GateNotMet) as refused:
        public(in_file, page)
    assert refused.value.code == "LC906"
    with writing(in_file) as session:
        add_approval(session, "EVAL-001", "", "A. Second", "")
    assert public(in_file, page) == ("public/a.html",)


def test_a_lapsed_agreement_keeps_the_public_out(in_file: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = in_file.root / "lifecourse.toml"
    text = settings.read_text(encoding="utf-8").replace('agreements = "optional"', 'agreements = "required"')
    settings.write_text(text, encoding="utf-8")
    from tests.commands.small_project import project_at

    project = project_at(in_file.root)
    with reading(project) as session:
        cohort = str(run(session, "SELECT cohort_id FROM cohort").scalar())

    def finder(_: Project, name: str) -> Subject | None:
        return Subject(name, cohort, DisclosureProfile())

    monkeypatch.setattr("cohorts.gate.subjects.FINDERS", [finder])
    with pytest.raises(GateNotMet) as refused:
        public(project, Outgoing("a.html", b"<p>x</p>", ("COH-001",)))
    assert refused.value.code == "LC877"
    assert not Path(project.root / "public" / "a.html").exists()
