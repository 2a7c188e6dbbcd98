"""``lifecourse theory template`` and ``theory import``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change import store
from theory_of_change.errors import TheoryError
from theory_of_change.model import Measure, Theory
from theory_of_change.submodels.merging import refuse_colons
from theory_of_change.submodels.partner_store import partner_file
from theory_of_change.theory_file import parse_theory, read_theory, starter_theory
from theory_of_change.theory_text import changed_text, theory_text
from theory_of_change.versions.differences import Change, compare, count_words
from theory_of_change.versions.version_store import with_version
from workspace import console
from workspace.audit import record
from workspace.console import present, say
from workspace.entering import entering
from workspace.files import reaching, write_atomically
from workspace.project import Project, find_project


def template(
    to: Annotated[Path, typer.Option(help="The workbook to write: FILE.xlsx.")],
    partner: Annotated[str, typer.Option(help="The model of a partner, in place of the theory.")] = "",
) -> None:
    """Write the theory as an Excel workbook to fill in: drop-downs, locked ids, a page of help."""
    from theory_of_change.spreadsheets.template import workbook_bytes

    if to.suffix.lower() != ".xlsx":
        raise TheoryError("LC230", "the template is an Excel workbook", "End the name with .xlsx.")
    if to.exists():
        raise TheoryError("LC238", f"{to.name} exists; it is not written over", "Name another file.")
    project = find_project()
    target = partner_file(project, partner) if partner else project.theory_file
    measures = _known(project, target)
    theory = _there(project, target, measures) or parse_theory(starter_theory("Theory of change"), measures)
    if not console.current().dry_run:
        write_atomically(to, workbook_bytes(theory, theory.measures))
    said = "Would write" if console.current().dry_run else "Wrote"
    payload = {"file": to.as_posix(), "written": said == "Wrote", "boxes": len(theory.boxes)}
    present(payload, lambda: say(f"{said} {to.name}. Fill it in, then: lifecourse theory import {to.name}"))


def import_(
    file: Annotated[Path, typer.Argument(help="A filled-in workbook (.xlsx), or a theory file (.toml).")],
    partner: Annotated[str, typer.Option(help="Take it over as the model of this partner.")] = "",
) -> None:
    """Take over a theory from a workbook or a file: the whole of it, or nothing. The old one is kept."""
    project = find_project()
    target = partner_file(project, partner) if partner else project.theory_file
    measures = _known(project, target)
    old = _there(project, target, measures)
    new, text = _read(file, target, old, measures)
    if partner:
        refuse_colons(new)
    changes = compare(old, new) if old else ()
    version = (
        "" if console.current().dry_run else _save(project, target, text, keep=bool(old) and not partner)
    )
    said = "Would write" if console.current().dry_run else "Wrote"
    payload = {
        "file": project.shown(target),
        "written": said == "Wrote",
        "boxes": len(new.boxes),
        "links": len(new.links),
        "kept": version,
        "changes": [change.sentence for change in changes],
    }
    present(payload, lambda: _told(f"{said} {project.shown(target)}", new, old, changes, version))


def _known(project: Project, target: Path) -> Mapping[str, Measure]:
    """The measures a file may name without saying what they are; a partner's model knows those of the theory."""
    return store.load_catalogue() if target == project.theory_file else store.load_measures(project)


def _there(project: Project, target: Path, known: Mapping[str, Measure]) -> Theory | None:
    return read_theory(target, known, project.shown(target)) if target.exists() else None


def _read(file: Path, target: Path, old: Theory | None, known: Mapping[str, Measure]) -> tuple[Theory, str]:
    """The new theory and the text of its file."""
    with reaching("the file", "read", file.name, "Check the path.", TheoryError):
        data = file.read_bytes()
    if file.suffix.lower() == ".toml":
        return read_theory(file, known, file.name), data.decode("utf-8-sig")
    from theory_of_change.spreadsheets.cells import read_sheets
    from theory_of_change.spreadsheets.workbook import sheets_of

    named = {measure.id: measure for measure in old.measures} if old else known
    theory = read_sheets(sheets_of(data, file.name), named, file.name)
    if old is None:
        return theory, theory_text(theory)
    theory = replace(theory, priorities=old.priorities)
    return theory, changed_text(target.read_bytes().decode("utf-8-sig"), theory, known, target.name)


def _save(project: Project, target: Path, text: str, keep: bool) -> str:
    with entering(project) as (session, leave):
        record(session, "theory.import", project.shown(target), {})
        version, copy = with_version(project) if keep else ("", {})
        leave({**copy, target: text})
    return version


def _told(head: str, new: Theory, old: Theory | None, changes: tuple[Change, ...], version: str) -> None:
    for change in changes:
        say(change.sentence)
    counted = f"{count_words(changes)}. " if old else ""
    kept = f" The old one is kept as {version}." if version else ""
    say(
        f"{head}: {counted}{len(new.boxes)} boxes, {len(new.links)} links.{kept} Next: lifecourse theory check"
    )
