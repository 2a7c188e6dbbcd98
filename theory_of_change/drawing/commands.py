"""``lifecourse theory draw`` and ``theory export``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change import store
from theory_of_change.drawing.paper import LEAST_LETTERS, PAPERS, WORD_PAGE, Paper
from theory_of_change.drawing.parts import MOST_BOXES, of_priority, priorities_in_use
from theory_of_change.drawing.picture import draw_theory
from theory_of_change.drawing.sheet_files import sheet_files
from theory_of_change.drawing.sheets import sheets_of
from theory_of_change.drawing.signs import state_key
from theory_of_change.drawing.verdict_file import join_verdicts, read_verdicts
from theory_of_change.errors import TheoryError
from theory_of_change.exchange.formats import FORMATS, written_as
from theory_of_change.model import Theory
from theory_of_change.priorities import current_name, spoken_name
from theory_of_change.spreadsheets.loose import loose_theory
from theory_of_change.submodels.partner_store import load_merged
from workspace import console
from workspace.console import present, say, whisper
from workspace.files import reaching, write_atomically
from workspace.project import find_project

KINDS = (".svg", ".png", ".docx")
WORD = "word"


def draw(
    to: Annotated[
        Path, typer.Option(help="What to write: FILE.svg, FILE.png or FILE.docx; 'word' is theory.docx.")
    ],
    file: Annotated[
        Path | None, typer.Argument(help="A theory file or workbook; default: the project's.")
    ] = None,
    priority: Annotated[
        str, typer.Option(help="Only the boxes of one priority, and what they lead to.")
    ] = "",
    verdicts: Annotated[
        list[Path] | None,
        typer.Option(help="JSON with answers on links, or an evaluation's result; may be repeated."),
    ] = None,
    partners: Annotated[bool, typer.Option(help="Join the models of partners.")] = True,
    paper: Annotated[
        str, typer.Option(help="On sheets of a4 or a3 with letters of 8 points and more; Word is a4.")
    ] = "",
) -> None:
    """Draw the theory: stages as columns, a sign and a line of its own on every tested link."""
    to = Path("theory.docx") if str(to) == WORD else to
    if to.suffix.lower() not in KINDS:
        problem = "a drawing is written as .svg, .png or .docx"
        raise TheoryError("LC230", problem, "End the name with .svg, .png or .docx; or --to word.")
    sheet_paper = _paper(paper, to)
    theory = _theory(file, partners)
    if not theory.boxes:
        raise TheoryError("LC231", "the theory has no box to draw", "Add boxes first.")
    answers = _answers(verdicts or (), theory)
    if sheet_paper is not None:
        _on_sheets(theory, answers, priority, to, sheet_paper)
        return
    pages = _pages(theory, priority, to)
    if not console.current().dry_run:
        for path, (part, subtitle) in pages.items():
            _write(path, part, answers, subtitle)
    payload = {
        "files": [path.as_posix() for path in pages],
        "written": not console.current().dry_run,
        "boxes": len(theory.boxes),
        "links": {link.id: state_key(link, answers) for link in theory.links},
    }
    present(payload, lambda: _told(theory, pages, priority))


def _paper(name: str, to: Path) -> Paper | None:
    """The paper asked for; a Word file has one of its own."""
    wanted = name.strip().lower()
    if wanted and wanted not in PAPERS:
        raise TheoryError("LC230", f"'{name}' is no paper to draw on", f"--paper {' or '.join(PAPERS)}")
    if to.suffix.lower() == ".docx":
        if wanted == "a3":
            raise TheoryError("LC230", "a Word file is drawn on A4", "Leave --paper out, or write .svg.")
        return WORD_PAGE
    return PAPERS.get(wanted)


def _on_sheets(theory: Theory, answers: Mapping[str, str], priority: str, to: Path, paper: Paper) -> None:
    """Draw the theory, or a priority of it, on as many sheets as can be read."""
    part = of_priority(theory, priority) if priority else theory
    sheets = sheets_of(part, paper, answers, _subtitle(theory, priority) if priority else "")
    files = sheet_files(part, sheets, to, paper)
    written = not console.current().dry_run
    if written:
        for path, data in files.items():
            write_atomically(path, data)
    letters = [round(paper.letters(sheet.drawing.scene), 1) for sheet in sheets]
    payload = {
        "files": [path.as_posix() for path in files],
        "written": written,
        "paper": paper.name,
        "sheets": [
            {
                "number": sheet.number,
                "heading": sheet.heading,
                "letters_points": size,
                "links": len(sheet.theory.links),
            }
            for sheet, size in zip(sheets, letters, strict=True)
        ],
        "links": {link.id: state_key(link, answers) for link in part.links},
    }

    def told() -> None:
        said = "Wrote" if written else "Would write"
        say(
            f"{said} {', '.join(path.name for path in files)}: {len(part.boxes)} boxes, {len(part.links)} links"
        )
        count = "1 sheet" if len(sheets) == 1 else f"{len(sheets)} sheets"
        say(f"{count} of {paper.name}, letters of {min(letters):g} points and more.")
        if min(letters) < LEAST_LETTERS:
            say(
                f"Smaller than {LEAST_LETTERS:g} points where one link takes a whole sheet: shorten its boxes."
            )

    present(payload, told)


def _theory(file: Path | None, partners: bool) -> Theory:
    if file is not None:
        return loose_theory(file, store.load_catalogue())
    return load_merged(find_project()) if partners else store.load_theory(find_project())


def _answers(paths: Sequence[Path], theory: Theory) -> dict[str, str]:
    found = {}
    for path in paths:
        with reaching("the file", "read", path.name, "Check the path.", TheoryError):
            text = path.read_bytes().decode("utf-8", "replace")
        found[path.name] = read_verdicts(text, theory, path.name)
    return join_verdicts(found)


def _pages(theory: Theory, priority: str, to: Path) -> dict[Path, tuple[Theory, str]]:
    """What goes on which page: the whole, one priority, or one page for each priority of a large theory."""
    if priority:
        return {to: (of_priority(theory, priority), _subtitle(theory, priority))}
    names = priorities_in_use(theory)
    if len(theory.boxes) <= MOST_BOXES or not names:
        return {to: (theory, "")}
    return {
        to.with_name(f"{to.stem}-{name}{to.suffix}"): (of_priority(theory, name), _subtitle(theory, name))
        for name in names
    }


def _subtitle(theory: Theory, name: str) -> str:
    return f"Priority: {spoken_name(theory.priorities, current_name(theory.priorities, name))}"


def _write(path: Path, theory: Theory, answers: Mapping[str, str], subtitle: str) -> None:
    scene = draw_theory(theory, answers, subtitle).scene
    if path.suffix.lower() == ".svg":
        from theory_of_change.drawing.svg import svg_text

        write_atomically(path, svg_text(scene))
    else:
        from theory_of_change.drawing.png import png_bytes

        write_atomically(path, png_bytes(scene))


def _told(theory: Theory, pages: Mapping[Path, tuple[Theory, str]], priority: str) -> None:
    said = "Would write" if console.current().dry_run else "Wrote"
    if len(theory.boxes) > MOST_BOXES and not priority:
        one = "" if len(pages) > 1 else " Give the boxes priorities to have one page for each."
        each = " One page for each priority:" if len(pages) > 1 else ""
        say(f"{len(theory.boxes)} boxes cannot be read on one page.{each}{one}")
    for path, (part, _) in pages.items():
        say(f"{said} {path.name}: {len(part.boxes)} boxes, {len(part.links)} links")


def export(
    format_: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")],
    file: Annotated[
        Path | None, typer.Argument(help="A theory file or workbook; default: the project's.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="The file to write; without it, the text is shown.")] = None,
    partners: Annotated[bool, typer.Option(help="Join the models of partners.")] = True,
) -> None:
    """Write the theory for other programs: Mermaid, Graphviz (dot), DAGitty."""
    theory = _theory(file, partners)
    text = written_as(theory, format_)
    left_out = [link.id for link in theory.links if link.feedback] if format_ == "dagitty" else []
    note = f" Left out, for a DAG has no way back: {', '.join(left_out)}." if left_out else ""
    if to is None:
        if note:
            whisper(note.strip())
        present({"format": format_, "text": text, "left_out": left_out}, lambda: say(text.rstrip("\n")))
        return
    if not console.current().dry_run:
        write_atomically(to, text)
    said = "Would write" if console.current().dry_run else "Wrote"
    payload = {"format": format_, "file": to.as_posix(), "written": said == "Wrote", "left_out": left_out}
    present(payload, lambda: say(f"{said} {to.name}.{note}"))
