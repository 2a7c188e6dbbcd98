"""The Word report says what the page says, and can be read aloud."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from evaluation.reporting.html import render_report
from evaluation.reporting.page_tree import read_whole_drawings
from evaluation.word.blocks import Grid, Paragraph, Picture, Run
from evaluation.word.report import lying, word_report
from tests.evaluation import report_builders as made
from tests.evaluation.word_reader import MADE, WP, W, WordFile, page_of, word_file, words_on_page
from workspace.settings import DisclosureProfile

DOTS_ACROSS, EMU = 200, 914400
SOFFICE = shutil.which("soffice")


@pytest.mark.parametrize("name", MADE)
def test_the_word_file_has_every_word_and_number_of_the_page_in_the_same_order(name: str) -> None:
    assert re.sub(r"\s", "", word_file(name).text()) == words_on_page(page_of(name))


def test_the_numbers_of_page_one_stand_in_page_and_word_file_alike() -> None:
    result, page = MADE["works"](), page_of("works")
    verdict = result.primary.verdict
    said = " ".join((verdict.sentence, *verdict.can_say, *verdict.cannot_say, *verdict.next))
    numbers = re.findall(r"\d+(?:\.\d+)?", said)
    assert {"2.9", "15.9", "380"} <= set(numbers)
    for text in (words_on_page(page), word_file("works").text()):
        assert all(number in text for number in numbers)


@pytest.mark.parametrize("name", ["works", "difference-in-differences", "small-counts"])
def test_the_same_page_gives_the_same_bytes_without_author_or_time(name: str) -> None:
    page = page_of(name)
    data = word_report(page)
    assert data == word_report(page)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.namelist()[0] == "[Content_Types].xml"
    found = WordFile.of(data)
    core = found.parts["docProps/core.xml"].decode()
    assert "python-docx" not in core
    assert "dcterms" not in re.sub(r"xmlns:\w+=", "", core)
    assert not any("thumbnail" in part or "customXml" in part for part in found.parts)
    assert found.parts["docProps/app.xml"].count(b"<Application>Lifecourse<") == 1


def test_language_and_title_are_set() -> None:
    found = word_file("works")
    languages = {element.get(f"{W}val") for element in found.xml("word/styles.xml").iter(f"{W}lang")}
    assert languages == {"en-GB"}
    core = found.parts["docProps/core.xml"].decode()
    assert "<dc:language>en-GB</dc:language>" in core
    assert f"<dc:title>{made.PLAN.title}</dc:title>" in core


@pytest.mark.parametrize("name", MADE)
def test_headings_are_real_one_leads_and_none_is_skipped(name: str) -> None:
    headings = word_file(name).headings()
    assert [level for level, _ in headings].count(1) == 1
    assert headings[0] == (1, MADE[name]().plan.title)
    for (before, _), (after, words) in pairwise(headings):
        assert after <= before + 1, words


@pytest.mark.parametrize("name", ["works", "synthetic-control", "groups", "many-ways"])
def test_every_table_repeats_its_heading_and_is_described(name: str) -> None:
    page = page_of(name)
    tables = list(word_file(name).body.iter(f"{W}tbl"))
    assert len(tables) == page.count("<table") > 5
    for table in tables:
        rows = table.findall(f"{W}tr")
        assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        for part in ("tblCaption", "tblDescription"):
            said = table.find(f"{W}tblPr/{W}{part}")
            assert said is not None
            assert said.get(f"{W}val", "").startswith("Table ")
        look = table.find(f"{W}tblPr/{W}tblLook")
        assert look is not None
        assert (look.get(f"{W}firstRow"), look.get(f"{W}firstColumn")) == ("1", "1")


@pytest.mark.parametrize("name", ["works", "synthetic-control", "regression-discontinuity"])
def test_every_picture_is_sharp_and_said_in_words(name: str) -> None:
    page, found = page_of(name), word_file(name)
    inlines = list(found.body.iter(f"{WP}inline"))
    assert len(inlines) == page.count("<svg") > 2
    numbers = set()
    for inline in inlines:
        extent, said = inline.find(f"{WP}extent"), inline.find(f"{WP}docPr")
        assert extent is not None
        assert said is not None
        assert len(said.get("descr", "")) > 15
        numbers.add(said.get("id"))
        across = struct.unpack(">I", found.picture(inline)[16:20])[0]
        assert across / (int(extent.get("cx", "0")) / EMU) >= DOTS_ACROSS
    assert len(numbers) == len(inlines)


@pytest.mark.parametrize("name", ["synthetic-control", "interrupted-time-series"])
def test_every_numbered_chart_is_followed_by_the_table_of_its_numbers(name: str) -> None:
    kinds = []
    for element in word_file(name).body:
        text = "".join(t.text or "" for t in element.iter(f"{W}t"))
        if text.startswith("Figure "):
            kinds.append("figure")
        elif element.tag == f"{W}tbl":
            kinds.append("table")
        elif next(element.iter(f"{WP}inline"), None) is not None:
            kinds.append("picture")
    places = [i for i, kind in enumerate(kinds) if kind == "figure"]
    assert places
    assert all(kinds[i : i + 3] == ["figure", "picture", "table"] for i in places)


def test_captions_are_counted_by_fields_and_contents_lead_to_headings() -> None:
    body = word_file("synthetic-control").body
    fields = [field.get(f"{W}instr", "").split()[1] for field in body.iter(f"{W}fldSimple")]
    assert fields.count("Table") > 5
    assert fields.count("Figure") == 2
    names = {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    led = {link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink")}
    assert len(led) == 10
    assert led <= names


def test_each_numbered_list_starts_at_one() -> None:
    found = word_file("works")
    used = {n.get(f"{W}val") for n in found.body.iter(f"{W}numId")} - {"1"}
    starts = {n.get(f"{W}numId"): n for n in found.xml("word/numbering.xml").iter(f"{W}num")}
    assert len(used) == page_of("works").count("<ol")
    for number in used:
        override = starts[number].find(f"{W}lvlOverride/{W}startOverride")
        assert override is not None
        assert override.get(f"{W}val") == "1"


def test_a_wide_table_lies_on_its_side_and_page_one_stands_upright() -> None:
    sections = [section.find(f"{W}pgSz") for section in word_file("works").body.iter(f"{W}sectPr")]
    turned = [size.get(f"{W}orient") for size in sections if size is not None]
    assert len(turned) == len(sections)
    assert turned[0] is None
    assert "landscape" in turned


def grid(columns: int, rows: int) -> Grid:
    cells = tuple((Run(str(i)),) for i in range(columns))
    return Grid("Table 1. Numbers", cells, (cells,) * rows)


def test_a_heading_goes_with_its_wide_table_and_little_between_two_stays_there() -> None:
    heading, text = Paragraph((Run("Head"),), "heading", 3), Paragraph((Run("Words"),))
    wide, narrow = grid(9, 5), grid(3, 5)
    assert lying([text, heading, wide]) == [False, True, True]
    assert lying([wide, narrow, text, wide, text]) == [True] * 5
    assert lying([wide, *[text] * 8]) == [True] + [False] * 8
    assert lying([grid(9, 2), text]) == [False, False]
    assert lying([wide, Picture("", "", ""), wide]) == [True, False, True]


def test_what_is_withheld_on_the_page_is_not_in_the_word_file() -> None:
    few = replace(made.binary_estimate(), n_treated=7, n_comparison=8)
    result = made.result(made.outcome(estimate=few), flow=())
    page = render_report(result, DisclosureProfile())
    data = word_report(page)
    found = WordFile.of(data)
    everything = b"".join(found.parts[name] for name in sorted(found.parts) if name.endswith(".xml")).decode()
    assert "too few people to show" in found.text()
    for value in (few.value, few.std_error, few.treated_mean, few.comparison_mean):
        assert value is not None
        assert f"{100 * value:.1f}" not in found.text()
    assert re.search(r"\b[78] (with|without|people)\b", everything) is None
    assert "per 100 people" not in found.text().split("Table")[0]


def test_whatever_a_team_writes_is_shown_as_it_is_and_breaks_nothing() -> None:
    nasty = '<w:p>&amp; "quoted" \' \x07 ]]> Ünïcode ✓'
    page = render_report(
        made.result(made.outcome(name=nasty, unit=nasty), plan=replace(made.PLAN, title=nasty)),
        DisclosureProfile(),
    )
    found = WordFile.of(word_report(page))
    shown = " ".join(nasty.replace("\x07", "").split())
    assert found.headings()[0][1] == shown
    assert shown in found.text()


PLAIN = """<html lang="en-GB"><head><title>x</title></head><body><main><h1>Quarter</h1><p>Words.</p><table><tr>
<th>Name</th><th>Number</th></tr><tr><th>Row</th></tr></table><ul><li>One<ul><li>Two</li></ul></li></ul></main></body>"""


def test_another_page_of_ours_with_no_page_one_of_its_own_becomes_a_word_file_too() -> None:
    found = WordFile.of(word_report(PLAIN + "</html>"))
    assert found.headings() == [(1, "Quarter")]
    assert found.text() == "QuarterWords.NameNumberRowOneTwo"
    levels = [level.get(f"{W}val") for level in found.body.iter(f"{W}ilvl")]
    assert levels == ["0", "1"]
    assert len(list(found.body.iter(f"{W}tc"))) == 4
    assert b'w:val="15"' in found.parts["word/settings.xml"]
    assert b"rsid" not in found.parts["word/settings.xml"]


def test_a_page_that_is_not_closed_in_order_is_refused() -> None:
    for page in ("<p><strong>words</p></strong>", "<div><p>words</p>"):
        with pytest.raises(ValueError, match="closed"):
            read_whole_drawings(page)


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not on this machine")
def test_page_one_stands_alone_on_page_one_in_libreoffice(tmp_path: Path) -> None:
    names = [name for name in MADE if name in ("works", "many-ways", "interrupted-time-series")]
    for name in names:
        (tmp_path / f"{name}.docx").write_bytes(word_report(page_of(name)))
    command = [str(SOFFICE), "--headless", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"]
    files = [str(tmp_path / f"{name}.docx") for name in names]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(tmp_path), *files], capture_output=True, check=True
    )
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine")
    for name in names:
        pages = (
            subprocess.run(["pdftotext", str(tmp_path / f"{name}.pdf"), "-"], capture_output=True, check=True)
            .stdout.decode()
            .split("\f")
        )
        assert pages[1].strip().startswith("The full account")
