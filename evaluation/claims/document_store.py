"""Documents, results and the project's list of words, read from disk."""

from __future__ import annotations

import json
from pathlib import Path

from evaluation.claims.documents import from_html, from_markdown
from evaluation.claims.language import built_in, with_project_words
from evaluation.claims.model import Language, Passage, Subject
from evaluation.claims.subjects import subjects_of
from evaluation.claims.word import from_word
from evaluation.errors import EvaluationError
from workspace import console
from workspace.errors import Fault, WorkspaceError, did_you_mean
from workspace.files import reaching
from workspace.project import Project, find_project
from workspace.toml_source import read_toml

MARKDOWN = (".md", ".markdown", ".qmd", ".rmd")
PLAIN = (".txt", ".text")
PAGES = (".html", ".htm")
WORD = (".docx",)
LANGUAGE_FILE = "language.toml"


def project_here() -> Project | None:
    """The project, where there is one: a text is checked without one too."""
    try:
        return find_project()
    except WorkspaceError as problem:
        if problem.code != "LC101" or console.current().project is not None:
            raise
        return None


def read_document(path: Path) -> tuple[Passage, ...]:
    """The passages of a document, by the ending of its name."""
    ending = path.suffix.lower()
    if ending not in (*MARKDOWN, *PLAIN, *PAGES, *WORD):
        raise EvaluationError(
            "LC536",
            f"files ending in '{ending}' are not checked" if ending else "the file's name has no ending",
            "Give Markdown (.md), plain text (.txt), Word (.docx) or HTML (.html).",
            where=path.name,
        )
    with reaching("the document", "read", path.name, "Check the path.", EvaluationError):
        raw = path.read_bytes()
    passages = from_word(raw, path.name) if ending in WORD else _from_text(raw, path.name, ending)
    if not any(passage.text.strip() for passage in passages):
        raise EvaluationError(
            "LC539",
            "there is no text in the document, so nothing was checked",
            "If its text stands in pictures, check the file it was written in.",
            where=path.name,
        )
    return passages


def _from_text(raw: bytes, name: str, ending: str) -> tuple[Passage, ...]:
    text = _decoded(raw)
    if text is None:
        raise EvaluationError(
            "LC535",
            "the file is not text in UTF-8 or UTF-16",
            "Save it as UTF-8 and check that copy.",
            where=name,
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if ending in PAGES:
        return from_html(text)
    return from_markdown(text, plain=ending in PLAIN)


def _decoded(raw: bytes) -> str | None:
    """Text in UTF-8, UTF-16 (with its mark) or what Windows saves by default; None where it is no text."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            return None
    if b"\x00" in raw:
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError:
            return None


def load_subjects(project: Project | None, named: str) -> tuple[Subject, ...]:
    """The outcomes of a saved result: an evaluation of the project, or a result's JSON."""
    path = Path(named)
    hint = "lifecourse status names the evaluations; or give the path of a result's JSON."
    if path.suffix != ".json":
        if project is None:
            raise EvaluationError(
                "LC426", f"'{named}' is looked for in a project, and there is none here", hint
            )
        path = project.evidence / f"{named}.json"
        if not path.is_file():
            known = sorted(file.stem for file in project.evidence.glob("EVAL-*.json"))
            raise EvaluationError(
                "LC426", f"there is no evaluation '{named}'.{did_you_mean(named, known)}", hint
            )
    with reaching("the result", "read", path.name, hint, EvaluationError):
        raw = path.read_bytes()
    try:
        return subjects_of(json.loads(raw))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise EvaluationError(
            "LC427",
            "the file is no result of this version: its outcomes cannot be read",
            "Run the plan again: lifecourse evaluate run PLAN",
            where=path.name,
        ) from None


def load_language(project: Project | None) -> Language:
    """The words to point at: the built-in list, and definitions/language.toml where the project has one."""
    path = project.root / "definitions" / LANGUAGE_FILE if project else None
    if path is None or not path.is_file():
        return built_in()
    faults: list[Fault] = []
    found = with_project_words(
        built_in(), read_toml(path, EvaluationError, name=f"definitions/{LANGUAGE_FILE}"), faults
    )
    if faults:
        raise EvaluationError.gather(faults)
    return found
