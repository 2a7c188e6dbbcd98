"""The commands of a theory that is alive, in a temporary project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.theory_of_change.theories import example
from theory_of_change.asking import prompts
from theory_of_change.commands import app
from theory_of_change.drawing import commands as drawing
from theory_of_change.errors import TheoryError
from theory_of_change.model import Link
from theory_of_change.spreadsheets.layout import cell_name, columns_of
from theory_of_change.spreadsheets.template import workbook_bytes
from workspace import console
from workspace.audit import read_log
from workspace.database import create_database
from workspace.errors import EXPLANATIONS
from workspace.project import Project, create_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = create_project(tmp_path / "mersey", "Mersey", practice=True)
    create_database(made)
    monkeypatch.chdir(made.root)
    before = console.current()
    console.configure(console.RunSettings())
    run("new", "--example")
    yield made
    console.configure(before)


def run(*words: str, exit_code: int = 0, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


def refused(*words: str, **options: Any) -> TheoryError:
    console.configure(console.RunSettings(**options))
    with pytest.raises(TheoryError) as error:
        CliRunner().invoke(app, list(words), catch_exceptions=False)
    return error.value


def test_the_check_of_the_example_lists_every_link_with_no_test_and_no_evidence(project: Project) -> None:
    payload = json.loads(run("check", json=True))
    assert payload["errors"] == 0
    listed = {gap["subject"] for gap in payload["gaps"] if gap["code"] == "LC220"}
    assert listed == {link.id for link in example().links if not link.is_backed}
    assert (len(example().boxes), len(example().links), len(listed)) == (40, 54, 43)
    text = project.theory_file.read_text()
    project.theory_file.write_text(text.replace('because = "A visitor met', 'expect = "A visitor met', 1))
    assert "LC211  link A1>P1" in run("check", exit_code=1)


def test_the_title_of_the_example_says_whose_reading_it_is() -> None:
    assert "our reading" in example().title
    assert "Not the partnership's own theory" in example().note


def test_a_workbook_goes_out_and_comes_back_and_only_what_changed_is_changed(project: Project) -> None:
    assert (
        run("template", "--to", "model.xlsx")
        == "Wrote model.xlsx. Fill it in, then: lifecourse theory import model.xlsx\n"
    )
    before = project.theory_file.read_text()
    assert "nothing changed. 40 boxes, 54 links" in run("import", "model.xlsx")
    assert project.theory_file.read_text() == before
    theory = example()
    boxes = (replace(theory.boxes[0], text="Rent and food cost more"), *theory.boxes[1:])
    Path("new.xlsx").write_bytes(workbook_bytes(replace(theory, boxes=boxes), theory.measures))
    assert run("import", "new.xlsx", dry_run=True).startswith(
        "box F1 (Rent and food cost more): reworded, from"
    )
    assert project.theory_file.read_text() == before
    assert "The old one is kept as " in run("import", "new.xlsx")
    after = project.theory_file.read_text()
    assert after == before.replace("The cost of living: families short of money", "Rent and food cost more")
    assert run("diff").splitlines()[-1] == "1 changed"
    assert [entry.action for entry in read_log(project)][-2:] == ["theory.import", "theory.import"]
    assert len(run("versions").splitlines()) == 1


def test_a_workbook_with_faults_changes_nothing(project: Project) -> None:
    theory = example()
    data = workbook_bytes(replace(theory, links=theory.links[:-1]), theory.measures)
    Path("bad.xlsx").write_bytes(data[:-200])
    before = project.theory_file.read_text()
    assert refused("import", "bad.xlsx").code == "LC233"
    assert (project.theory_file.read_text(), (project.root / "theory").exists()) == (before, False)


def test_the_check_of_a_workbook_names_its_cells(project: Project) -> None:
    run("template", "--to", "model.xlsx")
    assert run("check", "model.xlsx").splitlines()[-1] == run("check").splitlines()[-1]
    theory = replace(example(), boxes=tuple(replace(box, measures=()) for box in example().boxes))
    Path("plain.xlsx").write_bytes(workbook_bytes(theory, ()))
    lines = run("check", "plain.xlsx").splitlines()
    cell = cell_name([column.key for column in columns_of(Link)].index("test"), 2)
    assert f"plain.xlsx, sheet Links, cell {cell}  LC220  link F1>P1 (" in "\n".join(lines)
    assert "sheet Boxes, cell J41  LC221  box I1" in "\n".join(lines)


def test_a_file_is_not_written_over_and_a_wrong_ending_is_refused(project: Project) -> None:
    Path("model.xlsx").write_text("mine")
    assert refused("template", "--to", "model.xlsx").code == "LC238"
    for words in (
        ("template", "--to", "m.xls"),
        ("draw", "--to", "m.pdf"),
        ("review", "--minutes", "m.docx"),
    ):
        assert refused(*words).code == "LC230"


def test_the_theory_is_drawn_with_verdicts_whole_or_by_priority(project: Project) -> None:
    Path("v.json").write_text('{"links": [{"link": "P3>S2", "answer": "works"}]}')
    assert run("draw", "--to", "pic.svg", "--verdicts", "v.json") == "Wrote pic.svg: 40 boxes, 54 links\n"
    assert "P3&gt;S2: tested: works" in Path("pic.svg").read_text()
    run("draw", "--to", "part.svg", "--priority", "reducing-reoffending")
    assert "Priority: Preventing Offending" in Path("part.svg").read_text()
    payload = json.loads(run("draw", "--to", "not.svg", json=True, dry_run=True))
    assert (payload["written"], payload["links"]["A9>P6"], Path("not.svg").exists()) == (
        False,
        "planned",
        False,
    )


def test_more_boxes_than_can_be_read_are_drawn_one_priority_a_page(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_BOXES", 39)
    said = run("draw", "--to", "pic.svg").splitlines()
    assert said[0] == "40 boxes cannot be read on one page. One page for each priority:"
    assert [line.split(":")[0] for line in said[1:]] == [
        "Wrote pic-early-years.svg", "Wrote pic-education.svg", "Wrote pic-health.svg", "Wrote pic-whole-family.svg",
        "Wrote pic-preventing-offending.svg",
    ]  # fmt: skip


def test_an_empty_theory_is_not_drawn(project: Project) -> None:
    project.theory_file.write_text('[theory]\ntitle = "Nothing yet"\n')
    assert refused("draw", "--to", "pic.svg").code == "LC231"


def test_the_theory_is_exported_to_the_terminal_or_a_file(project: Project) -> None:
    assert run("export", "--format", "dagitty").startswith("dag {\n")
    said = run("export", "--format", "dagitty", "--to", "model.txt")
    assert said == "Wrote model.txt. Left out, for a DAG has no way back: L3>A6.\n"


def test_a_partners_model_is_joined_checked_and_clashes_are_errors(project: Project) -> None:
    assert run("new", "--partner", "fire-service").startswith("Wrote theory/partners/fire-service.toml.")
    assert "S1 (Parents talk, play and respond more) in theory, fire-service" in run("partners")
    run("draw", "--to", "pic.svg")
    assert "fire-service:A1" in Path("pic.svg").read_text()
    file = project.root / "theory/partners/fire-service.toml"
    file.write_text(file.read_text().replace("Parents talk", "Parents sing"))
    assert "LC228  box S1 has another text than in theory.toml" in run("check", exit_code=1)
    assert "theory/partners/fire-service.toml:" in run("check", exit_code=1)
    run("template", "--to", "fire.xlsx", "--partner", "fire-service")
    assert "fire-service.toml: nothing changed" in run("import", "fire.xlsx", "--partner", "fire-service")
    assert refused("new", "--partner", "fire-service").code == "LC207"
    assert refused("new", "--partner", "Fire Service").code == "LC229"


def test_a_review_is_held_decided_and_minuted(project: Project) -> None:
    assert "Nothing is due." in run("review", "--within", "0")
    words = ("review", "P2>M4", "--decide", "drop", "--because", "It did not hold", "--by", "Steering group")
    assert run(*words).startswith("Recorded: drop link P2>M4 (")
    assert "LC237  link P2>M4" in run("check")
    run("review", "theory", "--decide", "keep", "--because", "x", "--by", "y", "--next", "2030-01-01")
    assert "The theory is kept as " in run("review", "--minutes", "minutes.md")
    assert "- Drop: link P2\\>M4 (" in Path("minutes.md").read_text()
    assert refused("review", "P2>M4", "--decide", "drop").code == "LC236"
    assert (
        refused("review", "P2>M4", "--decide", "keep", "--because", "x", "--by", "y", "--next", "soon").code
        == "LC236"
    )
    assert refused("diff", "2019").code == "LC235"


def test_the_balance_counts_activities_by_priority_and_tier(project: Project) -> None:
    rows = json.loads(run("balance", json=True))["balance"]
    assert rows["Education"] == {"primary": 1, "secondary": 2, "tertiary": 0}
    assert rows["all"] == {"primary": 4, "secondary": 5, "tertiary": 2}


def test_new_asks_where_somebody_sits(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.theory_file.unlink()
    monkeypatch.setattr(prompts, "can_ask", lambda: True)
    answers = iter(
        ["T", "", "Mentoring", "secondary", "A talk", "trust", "", "Fewer offend", "long", "habit", "", "24", "no",
         "Calm", "sum", "", "12"]
    )  # fmt: skip
    monkeypatch.setattr(prompts, "ask", lambda question: next(answers))
    run("new")
    assert "4 boxes, 3 links" in run("show")
    assert "0 errors" in run("check")


def test_every_code_of_working_with_a_theory_is_raised_somewhere() -> None:
    source = Path(__file__).parents[2] / "theory_of_change"
    raised = "".join(path.read_text() for path in source.rglob("*.py") if path.parent.name != "codes")
    codes = [code for code in EXPLANATIONS if "LC226" <= code <= "LC239"]
    assert len(codes) == 14
    assert [code for code in codes if f'"{code}"' not in raised] == []
