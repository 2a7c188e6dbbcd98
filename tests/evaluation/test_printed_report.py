"""A report as PDF: printed by a browser, tagged, with the numbers of the page, the same each time."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from evaluation.errors import EvaluationError
from evaluation.printed.browser import NAMES, find_browser, print_page
from evaluation.printed.forms import checked_form, in_forms
from evaluation.printed.pdf_bytes import is_tagged, settled
from tests.evaluation.report_reader import Element, read
from tests.evaluation.word_reader import page_of

HERE = shutil.which("chromium") or shutil.which("google-chrome")
UNPRINTED = ("skip", "unprinted", "contents")
LONG_LETTERS = 12
printing = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(HERE is None, reason="there is no Chromium on this machine"),
]
BARE = (
    b"%PDF-1.4\n<</Creator (Mozilla/5.0 \\(X11; Linux\\) Headless)\n/Producer (Skia/PDF m156)\n"
    b"/CreationDate (D:20261122162930+00'00')\n/ModDate (D:20261122162930+00'00')>>\n"
    b"<</MarkInfo <</Marked true>>/StructTreeRoot 5 0 R/Lang (en-GB)>>"
)


def test_times_and_the_machine_are_taken_out_and_every_byte_stays_in_its_place() -> None:
    other = BARE.replace(b"20261122", b"20270203").replace(b"Linux", b"MacOS")
    assert settled(BARE) == settled(other)
    assert len(settled(BARE)) == len(BARE)
    assert b"2026" not in settled(BARE)
    assert b"Linux" not in settled(BARE)
    assert settled(BARE).index(b"/StructTreeRoot") == BARE.index(b"/StructTreeRoot")


@pytest.mark.parametrize(
    "mark", [b"/MarkInfo", b"/Marked true", b"/StructTreeRoot", b"/Lang (en-GB)", b"%PDF-"]
)
def test_a_pdf_that_screen_readers_cannot_follow_is_not_called_tagged(mark: bytes) -> None:
    assert is_tagged(BARE)
    assert not is_tagged(BARE.replace(mark, b""))


def test_without_a_browser_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFECOURSE_BROWSER", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("evaluation.printed.browser._usual_places", lambda: ())
    with pytest.raises(EvaluationError) as none:
        find_browser()
    assert none.value.faults[0].code == "LC711"
    assert all(name in none.value.faults[0].hint for name in ("Chromium", "Chrome", "Edge", "--to word"))
    monkeypatch.setenv("LIFECOURSE_BROWSER", "/nowhere/else/opera")
    with pytest.raises(EvaluationError, match="opera") as named:
        find_browser()
    assert "/nowhere" not in str(named.value)


def test_a_browser_of_windows_is_found_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "Microsoft\\Edge\\Application\\msedge.exe"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("#!/bin/sh\n")
    place.chmod(0o755)
    monkeypatch.delenv("LIFECOURSE_BROWSER", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "platform", "win32-like")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert find_browser() == place
    assert "msedge" in NAMES


def test_a_browser_that_prints_nothing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    idle = tmp_path / "idle"
    idle.write_text("#!/bin/sh\nexit 0\n")
    idle.chmod(0o755)
    monkeypatch.setenv("LIFECOURSE_BROWSER", str(idle))
    with pytest.raises(EvaluationError, match="idle made no tagged PDF") as nothing:
        print_page("<p>words</p>")
    assert nothing.value.faults[0].code == "LC712"


def test_a_form_that_is_not_made_is_refused_and_all_make_three(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EvaluationError, match="Did you mean 'word'") as unknown:
        checked_form("wrd")
    assert unknown.value.faults[0].code == "LC710"
    assert checked_form("PDF") == "pdf"
    monkeypatch.setattr("evaluation.printed.browser.print_page", lambda page: b"%PDF" + page[:4].encode())
    made = in_forms("EVAL-001", page_of("works"), checked_form("all"), ("EVAL-001",))
    assert [file.name for file in made] == ["EVAL-001.html", "EVAL-001.docx", "EVAL-001.pdf"]
    assert {file.subjects for file in made} == {("EVAL-001",)}
    assert made[0].data.decode() == page_of("works")
    assert [file.name for file in in_forms("a", page_of("works"), "html", ())] == ["a.html"]


def printed_words(element: Element) -> str:
    """The words that stand on paper, those in drawings too."""
    found = []
    for child in element.children:
        if isinstance(child, str):
            found.append(child)
        elif child.tag not in ("head", "style", "summary", "title", "desc") and not any(
            name in child.attributes.get("class", "").split() for name in UNPRINTED
        ):
            found.append(printed_words(child))
    return " ".join(found)


def numbers(text: str) -> Counter[str]:
    found = re.findall(r"[−]?\d+(?:[.,]\d+)*", text)
    return Counter(number for number in found if len(number) < LONG_LETTERS)


def pages_of(pdf: bytes, folder: Path) -> list[str]:
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout
    return said.decode().split("\f")


@pytest.fixture(scope="module")
def prints() -> dict[str, bytes]:
    return {name: print_page(page_of(name)) for name in ("works", "synthetic-control")}


@pytest.mark.usefixtures("prints")
class TestPrinted:
    pytestmark = printing

    def test_the_pdf_is_tagged_and_the_same_each_time(self, prints: dict[str, bytes]) -> None:
        for name, pdf in prints.items():
            assert is_tagged(pdf), name
        assert print_page(page_of("works")) == prints["works"]

    @pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not on this machine")
    @pytest.mark.parametrize("name", ["works", "synthetic-control"])
    def test_every_number_of_the_page_is_on_paper_and_page_one_stands_alone(
        self, prints: dict[str, bytes], name: str, tmp_path: Path
    ) -> None:
        pages = pages_of(prints[name], tmp_path)
        assert pages[1].strip().startswith("1. Every outcome")
        wanted, seen = numbers(printed_words(read(page_of(name)))), numbers(" ".join(pages))
        assert sum(wanted.values()) > 100
        assert wanted - seen == Counter()
