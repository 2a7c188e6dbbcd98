"""A Word file (.docx) as passages: paragraphs, tables, headings, notes, text boxes, headers and footers (pure).

A .docx is a zip of XML. It is read with the standard library alone: no entities are expanded, no link is followed,
what unpacks to more than a report holds is refused. Deleted text of tracked changes, and comments, are left out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

from evaluation.claims.model import Passage
from evaluation.errors import EvaluationError
from workspace.zip_files import BROKEN_ZIP

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MOST_BYTES = 64_000_000
UNREADABLE: tuple[type[Exception], ...] = (ElementTree.ParseError, *BROKEN_ZIP)
DEEPEST = 200
_NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"))
_ASIDE = re.compile(r"word/(header|footer)\d*\.xml")
_LEVEL = re.compile(
    r"^(heading|überschrift|titre|título|titolo|rubrik|kop)\s*\d$|^(title|subtitle)$", re.IGNORECASE
)
_GONE = frozenset({"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr", "txbxContent"})


def from_word(raw: bytes, name: str) -> tuple[Passage, ...]:
    """The passages of a Word file: its body in order, then text boxes, notes, headers and footers."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as parts:
            return tuple(_passages(parts, name))
    except UNREADABLE:
        raise EvaluationError(
            "LC535",
            "the file cannot be read as a Word document (.docx): it is damaged, locked, or something else",
            "Open it in Word, save it as .docx without a password, and check that copy. An old .doc has to "
            "be saved anew.",
            where=name,
        ) from None


def _passages(parts: zipfile.ZipFile, name: str) -> Iterator[Passage]:
    sizes = sum(part.file_size for part in parts.infolist() if part.filename.endswith(".xml"))
    if sizes > MOST_BYTES:
        raise EvaluationError(
            "LC538",
            f"the document unpacks to more than {MOST_BYTES // 1_000_000} million bytes of text",
            "Split it, or take the tables of data out.",
            where=name,
        )
    names = set(parts.namelist())
    body = _tree(parts, "word/document.xml").find(f"{W}body")
    if body is None:
        raise KeyError("body")
    headings = _heading_styles(parts) if "word/styles.xml" in names else frozenset()
    yield from _Body(headings).read(body)
    for file, tag in _NOTES:
        if f"word/{file}.xml" in names:
            yield from _notes(_tree(parts, f"word/{file}.xml"), tag)
    for file in sorted(part for part in names if _ASIDE.fullmatch(part)):
        text = " ".join(_text(p) for p in _tree(parts, file).iter(f"{W}p"))
        if text.strip():
            yield Passage(text, "page header" if "header" in file else "page footer")


def _tree(parts: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """One part as XML, in the usual namespace. A document type, where entities could hide, is refused."""
    raw = parts.read(name)
    if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("a document type has no place in a Word file")
    return ElementTree.fromstring(raw.replace(STRICT[1:-1].encode(), W[1:-1].encode()))  # noqa: S314 - no entities


def _heading_styles(parts: zipfile.ZipFile) -> frozenset[str]:
    """Ids of the styles that are headings, by their name or their outline level, whatever language Word speaks."""
    found = set()
    for style in _tree(parts, "word/styles.xml").iter(f"{W}style"):
        title = style.find(f"{W}name")
        named = title is not None and _LEVEL.match(title.get(f"{W}val", "")) is not None
        if named or style.find(f"{W}pPr/{W}outlineLvl") is not None:
            found.add(style.get(f"{W}styleId", ""))
    return frozenset(found)


class _Body:
    """The body in order. Paragraphs with text are counted as a reader counts them: those in tables apart."""

    def __init__(self, headings: frozenset[str]) -> None:
        self.headings = headings
        self.heading = ""
        self.paragraphs = self.tables = self.boxes = 0

    def read(self, parent: ElementTree.Element, depth: int = 0) -> Iterator[Passage]:
        """Paragraphs and tables, also inside content controls and inserted text."""
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        for child in parent:
            if child.tag == f"{W}p":
                yield from self.paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self.table(child)
            elif child.tag.startswith(W) and child.tag.removeprefix(W) not in _GONE:
                yield from self.read(child, depth + 1)

    def paragraph(self, p: ElementTree.Element) -> Iterator[Passage]:
        """A paragraph, then what stands in text boxes anchored to it."""
        text = _text(p)
        if text.strip():
            self.paragraphs += 1
            is_heading = self._is_heading(p)
            where = f"paragraph {self.paragraphs}"
            yield Passage(text, where, self.heading, "heading" if is_heading else "text")
            self.heading = text.strip() if is_heading else self.heading
        for box in _boxes(p):
            words = " ".join(_text(inner) for inner in box.iter(f"{W}p"))
            if words.strip():
                self.boxes += 1
                yield Passage(words, f"text box {self.boxes}", self.heading)

    def table(self, table: ElementTree.Element) -> Iterator[Passage]:
        """The cells of a table, by row and column."""
        self.tables += 1
        number = self.tables
        for i, row in enumerate(_children(table, "tr"), 1):
            for j, cell in enumerate(_children(row, "tc"), 1):
                where = f"table {number}, row {i}, column {j}"
                text = " ".join(_text(p) for p in _children(cell, "p"))
                if text.strip():
                    yield Passage(text, where, self.heading, "cell")
                for inner in _children(cell, "tbl"):
                    yield from self.table(inner)

    def _is_heading(self, p: ElementTree.Element) -> bool:
        style = p.find(f"{W}pPr/{W}pStyle")
        own = p.find(f"{W}pPr/{W}outlineLvl")
        named = style.get(f"{W}val", "") if style is not None else ""
        return own is not None or named in self.headings or _LEVEL.match(named) is not None


def _children(parent: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    """Children of one kind, also where a content control or an insertion stands around them."""
    for child in parent:
        if child.tag == f"{W}{tag}":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _children(child, tag)


def _boxes(p: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Text boxes of a paragraph; the copy kept for old programs is left out."""
    for child in p:
        if child.tag == FALLBACK:
            continue
        if child.tag == f"{W}txbxContent":
            yield child
        else:
            yield from _boxes(child)


def _text(p: ElementTree.Element) -> str:
    """The words of a paragraph as they are read: without deletions, field codes and text boxes."""
    return "".join(_pieces(p, 0))


def _pieces(element: ElementTree.Element, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    for child in element:
        name = child.tag.removeprefix(W)
        if name in _GONE or child.tag == FALLBACK:
            continue
        if name == "t":
            yield child.text or ""
        elif name in ("tab", "br", "cr"):
            yield " "
        elif name == "noBreakHyphen":
            yield "-"
        else:
            yield from _pieces(child, depth + 1)


def _notes(tree: ElementTree.Element, tag: str) -> Iterator[Passage]:
    number = 0
    for note in tree.iter(f"{W}{tag}"):
        if note.get(f"{W}type") in ("separator", "continuationSeparator", "continuationNotice"):
            continue
        number += 1
        text = " ".join(_text(p) for p in note.iter(f"{W}p"))
        if text.strip():
            yield Passage(text, f"{tag} {number}")
