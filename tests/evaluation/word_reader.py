"""A Word file read as its readers do: words in order, headings, tables, pictures, sections."""

from __future__ import annotations

import functools
import io
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

from evaluation.reporting.html import render_report
from evaluation.word.report import word_report
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import Element, read
from tests.evaluation.report_samples import SAMPLES
from workspace.settings import DisclosureProfile

MADE = SAMPLES | PANEL_SAMPLES
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SCREEN_ONLY = ("skip", "on-paper")


@functools.cache
def page_of(name: str) -> str:
    return render_report(MADE[name](), DisclosureProfile(), audit_head="c0ffee" * 8, practice=name == "works")


@dataclass(frozen=True)
class WordFile:
    parts: dict[str, bytes]

    @classmethod
    def of(cls, data: bytes) -> WordFile:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return cls({name: package.read(name) for name in package.namelist()})

    def xml(self, part: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.parts[part])

    @property
    def body(self) -> ElementTree.Element:
        found = self.xml("word/document.xml").find(f"{W}body")
        assert found is not None
        return found

    def text(self) -> str:
        return "".join(element.text or "" for element in self.body.iter(f"{W}t"))

    def headings(self) -> list[tuple[int, str]]:
        found = []
        for paragraph in self.body.iter(f"{W}p"):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            if style is not None and (level := re.fullmatch(r"Heading(\d)", style.get(f"{W}val", ""))):
                found.append((int(level[1]), "".join(t.text or "" for t in paragraph.iter(f"{W}t"))))
        return found

    def picture(self, inline: ElementTree.Element) -> bytes:
        blip = next(inline.iter(f"{A}blip"))
        relations = self.xml("word/_rels/document.xml.rels")
        target = next(r.get("Target", "") for r in relations if r.get("Id") == blip.get(f"{R}embed"))
        return self.parts[f"word/{target}"]


@functools.cache
def word_file(name: str) -> WordFile:
    return WordFile.of(word_report(page_of(name)))


def words_on_page(page: str) -> str:
    """All words of a page that a reader on paper or in Word should find, in order, without white space."""
    return re.sub(r"\s", "", "".join(_words(read(page))))


def _words(element: Element) -> list[str]:
    found: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            found.append(child)
        elif child.tag not in ("head", "style", "summary", "svg") and not any(
            name in child.attributes.get("class", "").split() for name in SCREEN_ONLY
        ):
            found += _words(child)
    return found
