"""The last look at the bytes: what is found in every format, and what raises no alarm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from cohorts.gate.scan import scan
from cohorts.gate.stripping import stripped
from cohorts.identifiers import nhs_number, pnc_id, upn

NUMBER = nhs_number("999123457")
IDENTIFIERS = {
    "an NHS number": (
        NUMBER,
        f"{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}",
        f"{NUMBER[:3]}-{NUMBER[3:6]}-{NUMBER[6:]}",
    ),
    "a unique pupil number": (upn("999123456789"),),
    "a PNC number": (pnc_id(2001, 9_123_456), pnc_id(2001, 9_123_456)[2:]),
    "a CRO number": ("123456/99" + "ZABCDEFGHJKLMNPQRTUVWXY"[99123456 % 23],),
    "a prison number": ("A1234BC",),
    "a probation case number": ("X123456",),
    "a full postcode": ("L1 8JQ", "M13 9PL", "SW1A 1AA", "CH411AB"),
    "a folder of somebody's computer": ("/home/someone/x.csv", "C:\\Users\\someone"),
}


def said(name: str, data: bytes) -> list[str]:
    return [found.said for found in scan(name, data)]


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def pdf(text: str, author: str = "") -> bytes:
    stream = zlib.compress(f"BT /F1 12 Tf ({text}) Tj ET".encode())
    head = (
        f"%PDF-1.4\n1 0 obj << /Author ({author}) /Title (Report) >> endobj\n2 0 obj << >> stream\n".encode()
    )
    return head + stream + b"\nendstream endobj\n"


def png(remark: str) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    picture = chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    return start + chunk(b"tEXt", b"Comment\x00" + remark.encode()) + picture + chunk(b"IEND", b"")


def files_with(text: str) -> dict[str, bytes]:
    """The same words in every format that leaves."""
    cut = f"{text[:4]}</w:t></w:r><w:r><w:t>{text[4:]}"
    return {
        "a.html": f"<p>Of <b>{text}</b></p>".encode(),
        "b.html": f'<img alt="of {text}" src="x.png">'.encode(),
        "c.html": f"<!-- {text} -->".encode(),
        "d.csv": f"who,n\nsomebody {text},20\n".encode(),
        "e.json": f'{{"a": [{{"note": "of {text}"}}]}}'.replace("\\", "\\\\").encode(),
        "f.svg": f"<svg><title>{text}</title><desc>a</desc></svg>".encode(),
        "g.md": f"Of {text}.".encode(),
        "h.docx": zipped({"word/document.xml": f"<w:p><w:r><w:t>{cut}</w:t></w:r></w:p>"}),
        "i.xlsx": zipped({"xl/sharedStrings.xml": f"<sst><si><t>{text}</t></si></sst>"}),
        "j.ods": zipped({"content.xml": f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"}),
        "k.zip": zipped({"inner/notes.txt": text}),
        "l.pdf": pdf(text.replace("\\", "\\\\")),
        "m.png": png(text),
    }


@pytest.mark.parametrize(("rule", "texts"), IDENTIFIERS.items(), ids=list(IDENTIFIERS))
def test_an_identifier_is_found_in_every_format_and_never_said(rule: str, texts: tuple[str, ...]) -> None:
    for text in texts:
        for name, data in files_with(text).items():
            found = said(name, data)
            assert f"holds what reads as {rule}" in found, (name, rule)
            assert not any(text in one for one in found)


def test_the_name_of_a_file_is_looked_at_too() -> None:
    assert said(f"{NUMBER}.html", b"<p>x</p>") == ["holds what reads as an NHS number"]


@pytest.mark.parametrize(
    "text",
    [
        "9434765918",  # its check digit does not fit
        "4444444444",
        "0.9434765919 and 1,943,476,591",
        "sha256 943476591943476591943476591943476591943476591943476591943476591a",
        "EVAL-001, COH-002, LC902, E08000012, W3C, A4>O3, 2026-11-22",
        "between 100 and 400 of 1000 pupils, KS2, Year 10",
        "1.25 (0.80 to 1.95); 12/05/2026; 20/25B",
    ],
)
def test_figures_dates_and_codes_raise_no_alarm(text: str) -> None:
    for name, data in files_with(text).items():
        assert said(name, data) == [], name


def test_coordinates_of_drawings_raise_no_alarm() -> None:
    path = (
        f'<svg><path d="M{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}" x="{NUMBER}"/><title>a chart</title></svg>'
    )
    assert said("chart.svg", path.encode()) == []


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tabc", '"=HYPERLINK(1)"'])
def test_cells_that_a_spreadsheet_would_run_are_found(cell: str) -> None:
    assert said("a.csv", f"name,n\n{cell},20\n".encode()) == ["holds a cell that a spreadsheet would run"]


def test_formulas_of_workbooks_are_found_and_negative_numbers_are_none() -> None:
    formula = zipped({"xl/worksheets/sheet1.xml": "<c><f>SUM(A1)</f><v>1</v></c>"})
    assert said("a.xlsx", formula) == ["holds a cell that a spreadsheet would run"]
    table = zipped(
        {"content.xml": '<table:table-cell table:formula="of:=1"><text:p>1</text:p></table:table-cell>'}
    )
    assert said("a.ods", table) == ["holds a cell that a spreadsheet would run"]
    assert said("a.csv", b"measure,effect\narrests,-0.05\nschool,-3 %\n") == []


def test_columns_of_names_are_refused_and_rows_of_people_are_for_a_second_person() -> None:
    found = scan("a.csv", b"Surname,n\nsomebody,20\n")
    assert [(one.said, one.refused) for one in found] == [
        ("has a column headed like an identifier, a name, an address or free text", True)
    ]
    assert [one.refused for one in scan("a.csv", b"participant,outcome\n1,0\n")] == [False]


def test_a_pseudonym_of_the_store_is_found_by_asking_the_store() -> None:
    token = "0f" * 16
    asked: list[set[str]] = []

    def known(words: set[str]) -> bool:
        asked.append(words)
        return token in words

    assert [f.said for f in scan("a.md", token.upper().encode(), known)] == ["holds a pseudonym of the store"]
    assert scan("a.md", b"nothing here", known) == ()
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["a.parquet", "b.zip", "c.pdf"])
def test_what_cannot_be_looked_into_is_for_a_second_person(name: str) -> None:
    data = {"a.parquet": b"PAR1", "b.zip": b"no archive", "c.pdf": pdf("x") + b"/EmbeddedFiles"}[name]
    assert [found.refused for found in scan(name, data)] == [False]


def test_who_made_a_file_is_taken_out_of_it() -> None:
    core = "<dc:creator>A Person</dc:creator><cp:lastModifiedBy>Another</cp:lastModifiedBy><dc:title>R</dc:title>"
    data, changed = stripped("a.docx", zipped({"docProps/core.xml": core, "word/document.xml": "<w:p/>"}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        said_by = archive.read("docProps/core.xml")
    assert changed
    assert b"Person" not in said_by
    assert b"Another" not in said_by
    assert b"<dc:title>R</dc:title>" in said_by
    bare, _ = stripped("a.pdf", pdf("x", "A Person"))
    assert b"A Person" not in bare
    assert len(bare) == len(pdf("x", "A Person"))
    picture, _ = stripped("a.png", png("made by A Person"))
    assert b"A Person" not in picture
    assert picture.endswith(png("x")[-12:])
    assert stripped("a.svg", b"<svg><metadata>A Person</metadata><g/></svg>")[0] == b"<svg><g/></svg>"


def test_a_file_that_names_nobody_stays_byte_for_byte() -> None:
    for name, data in {"a.html": b"<p>x</p>", "b.docx": zipped({"word/document.xml": "<w:p/>"})}.items():
        assert stripped(name, data) == (data, False)


def test_every_page_of_the_documentation_but_those_about_identifiers_passes() -> None:
    about = {"make-a-synthetic-twin.md", "prepare-at-the-partner.md", "pseudonym-scheme.md"}
    pages = sorted((Path(__file__).parents[2] / "docs").rglob("*.md"))
    assert len(pages) > 40
    loud = [page.name for page in pages if page.name not in about and scan(page.name, page.read_bytes())]
    assert loud == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", "<p>943&nbsp;476&nbsp;5919</p>"),
        ("a.html", "<p>943\u2011476\u20115919</p>"),
        ("a.html", "<p>\uff19\uff14\uff13\uff14\uff17\uff16\uff15\uff19\uff11\uff19</p>"),
        ("a.html", "<p>943\u200b476\u00ad5919</p>"),
        ("a.html", "<option value='9434765919'>x</option>"),
        ("a.html", "<script>const x = 9434765919</script>"),
        ("a.html", '<style>p::after {content: "943 476 5919"}</style>'),
        ("a.html", '<a href="data:text/csv;base64,OTQzNDc2NTkxOQ==">x</a>'),
        ("a.svg", '<image href="data:image/svg+xml,%3Ctext%3E9434765919%3C/text%3E"/>'),
        ("a.csv", "n\n9434765919.0\n"),
        ("a.json", '{"n": 9434765919.0}'),
        ("a.md", "She lives at ls1 4dy."),
    ],
)
def test_an_identifier_is_seen_however_it_was_set(name: str, data: str) -> None:
    (found,) = scan(name, data.encode("utf-8"))
    assert found.refused
    assert "94347" not in found.said


def test_numbers_of_a_workbook_do_not_run_into_one_another() -> None:
    sheet = "<sheetData><row><c><v>5</v></c><c><v>9434765919</v></c></row></sheetData>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    assert [one.said for one in scan("a.xlsx", made.getvalue())] == ["holds what reads as an NHS number"]


def test_what_is_packed_into_a_page_and_cannot_be_read_is_for_a_second_person() -> None:
    (found,) = scan("a.html", b'<a href="data:application/octet-stream;base64,AAECAw==">x</a>')
    assert not found.refused


@pytest.mark.parametrize(
    "text", ["in m1 2nd wave", "the e1 9th week", "ward e2 and ls1 4 days", 'style="width: 943 476 5919px"']
)
def test_what_only_looks_a_little_like_one_raises_no_alarm(text: str) -> None:
    assert (
        scan("a.html", f"<p {text if '=' in text else ''}>{text if '=' not in text else ''}</p>".encode())
        == ()
    )
