"""Bad sources, bad partner files and bad keys."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path

import xlsxwriter

from cohorts.identifiers import nhs_number, pnc_id, upn
from tests.commands.bad_row import (
    Bad,
    both,
    changes,
    folder_at,
    new_releases,
    removes,
    variable,
    with_cells,
    writes,
)
from tests.commands.small_project import CLINIC, HEADINGS, csv_text, prison_number, release_row

LOAD = "source load releases inbox/bad.csv"
CSV = "inbox/bad.csv"
SURNAME = "Vlimtroskareñz"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(range(256)) * 4
GOOD_TEXT = csv_text(HEADINGS, [["Z9001XX", *release_row(900)[1:]]])


def cells(name: str, code: str, column: str, *, line: str = "row 4", **changed: str) -> Bad:
    """A releases file whose third person has a bad cell."""
    row = with_cells(surname="Skevprael77", **changed)
    return Bad(name, LOAD, code, 11, f"column '{column}', {line}", new_releases(row), CSV)


def identifier(name: str, kind: str, value: str, code: str) -> Bad:
    """A clinic file with one good and one bad identifier."""
    good = {
        "nhs-number": nhs_number("999123457"),
        "upn": upn("999123456780"),
        "pnc-id": pnc_id(2001, 9_123_457),
    }
    text = f"Number,Seen\n{good.get(kind, 'Z9003XX')},1\n{value},0\n"
    source = CLINIC.replace("KIND", kind)
    arrange = both(writes("sources/clinic.toml", source), writes(CSV, text))
    return Bad(name, f"source load clinic {CSV}", code, 11, "column 'Number', row 3", arrange, CSV)


def workbook(sheet: str, *, bad_cell: bool = False) -> bytes:
    """An Excel file of releases."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet(sheet)
    rows = [HEADINGS, with_cells(), with_cells(number="Z9502XX", convictions="lots of" if bad_cell else "3")]
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def loop(root: Path) -> None:
    """A link to itself: no user, not even root, can read it."""
    (root / CSV).symlink_to(root / CSV)


def another_key(root: Path) -> None:
    """A well-formed key that belongs to another project."""
    key = next((root.parent.parent / "config").rglob("*.key"))
    text = key.read_text(encoding="utf-8")
    start = text.index('project_id = "') + 14
    key.write_text(text[:start] + "other-" + text[start:], encoding="utf-8")


def damaged_key(root: Path) -> None:
    """One letter of the secret is another."""
    key = next((root.parent.parent / "config").rglob("*.key"))
    text = key.read_text(encoding="utf-8")
    start = text.index('secret = "') + 10
    other = "A" if text[start] != "A" else "B"
    key.write_text(text[:start] + other + text[start + 1 :], encoding="utf-8")


def key_in_project(root: Path) -> None:
    """The key was copied into the project and is used from there."""
    key = next((root.parent.parent / "config").rglob("*.key"))
    (root / "data" / "mine.key").write_bytes(key.read_bytes())
    variable("LIFECOURSE_KEY_FILE", "{root}/data/mine.key")(root)


def mapping(name: str, old: str, new: str, code: str, place: str, *, hint: bool = True) -> Bad:
    """A fault in sources/releases.toml."""
    arrange = changes("sources/releases.toml", old, new)
    return Bad(
        name, "source inspect inbox/releases.csv --source releases", code, 11, place, arrange, hint=hint
    )


SOURCES = [
    mapping("unknown key", "enrols = true", "enrolls = true", "LC801", "sources/releases.toml:5"),
    mapping("wrong type", "enrols = true", 'enrols = "yes"', "LC803", "sources/releases.toml:5"),
    mapping("no cohort", 'cohort = "leavers"\n', "", "LC802", "sources/releases.toml:1"),
    mapping(
        "unknown kind", 'kind = "age"', 'kind = "years"', "LC803", "sources/releases.toml:22", hint=False
    ),
    mapping(
        "unknown date form", '"dd/mm/yyyy"', '"mm/dd/yyyy"', "LC803", "sources/releases.toml:6", hint=False
    ),
    mapping(
        "range upside down", "minimum = 0", "minimum = 101", "LC803", "sources/releases.toml:39", hint=False
    ),
    mapping("broken", 'title = "Releases"', 'title = "Releases', "LC103", "sources/releases.toml:3"),
    Bad(
        "a wave the cohort does not have",
        LOAD,
        "LC853",
        11,
        "wave 'relaese'",
        both(changes("sources/releases.toml", 'wave = "release"', 'wave = "relaese"'), new_releases()),
        CSV,
    ),
    Bad(
        "a cohort that is not there",
        LOAD,
        "LC850",
        11,
        "'leaver'",
        both(changes("sources/releases.toml", '"leavers"', '"leaver"'), new_releases()),
        CSV,
    ),
    Bad("a source that is not there", "source load relases inbox/releases.csv", "LC854", 11, "'relases'"),
    Bad(
        "a source with a name like a path",
        "source add ../evil --from inbox/releases.csv --cohort leavers",
        "LC803",
        11,
        "small letters",
    ),
    Bad(
        "a source twice",
        "source add releases --from inbox/releases.csv --cohort leavers",
        "LC855",
        11,
        "'releases'",
    ),
    Bad(
        "another kind than before",
        LOAD,
        "LC860",
        11,
        "'convictions'",
        both(
            changes(
                "sources/releases.toml", 'kind = "number"\nminimum = 0\nmaximum = 100', 'kind = "binary"'
            ),
            writes(CSV, csv_text(HEADINGS, [with_cells(convictions="1")])),
        ),
        CSV,
    ),
]

FILES = [
    Bad("file missing", "source load releases inbox/nothing.csv", "LC107", 11, "nothing.csv"),
    Bad("file unreadable", LOAD, "LC107", 11, "bad.csv", loop),
    Bad("folder named .csv", LOAD, "LC107", 11, "bad.csv", folder_at(CSV)),
    Bad("empty file", LOAD, "LC812", 11, "bad.csv", writes(CSV, "")),
    Bad("header only", LOAD, "LC812", 11, "bad.csv", writes(CSV, csv_text(HEADINGS, []))),
    Bad("binary named .csv", LOAD, "LC813", 11, "bad.csv", writes(CSV, bytes(range(256)) * 8)),
    Bad("workbook named .csv", LOAD, "LC813", 11, "workbook", writes(CSV, workbook("Children"))),
    Bad(
        "PNG named .xlsx",
        "source load releases inbox/bad.xlsx",
        "LC813",
        11,
        "bad.xlsx",
        writes("inbox/bad.xlsx", PNG),
    ),
    Bad(
        "truncated gzip",
        "source load releases inbox/bad.csv.gz",
        "LC813",
        11,
        "bad.csv.gz",
        writes("inbox/bad.csv.gz", gzip.compress(GOOD_TEXT.encode())[:60]),
    ),
    Bad(
        "text named .parquet",
        "source load releases inbox/bad.parquet",
        "LC813",
        11,
        "bad.parquet",
        writes("inbox/bad.parquet", GOOD_TEXT),
        "inbox/bad.parquet",
    ),
    Bad(
        "text named .dta",
        "source load releases inbox/bad.dta",
        "LC813",
        11,
        "bad.dta",
        writes("inbox/bad.dta", GOOD_TEXT),
        "inbox/bad.dta",
    ),
    Bad(
        "text named .sav",
        "source load releases inbox/bad.sav",
        "LC813",
        11,
        "bad.sav",
        writes("inbox/bad.sav", GOOD_TEXT),
        "inbox/bad.sav",
    ),
    Bad(
        "a Word file", "source load releases inbox/a.docx", "LC817", 11, "a.docx", writes("inbox/a.docx", "x")
    ),
    Bad(
        "no such sheet",
        "source load releases inbox/bad.xlsx",
        "LC816",
        11,
        "Page one",
        both(
            changes("sources/releases.toml", "enrols = true", 'enrols = true\nsheet = "Children"'),
            writes("inbox/bad.xlsx", workbook("Page one")),
        ),
        secret=("Z9501XX", "Z9502XX", "Quilbrax500"),
    ),
    Bad(
        "bad cell in a workbook",
        "source load releases inbox/bad.xlsx",
        "LC826",
        11,
        "Page one, cell F3",
        writes("inbox/bad.xlsx", workbook("Page one", bad_cell=True)),
        secret=("Z9502XX", "lots of"),
    ),
    Bad("ragged row", LOAD, "LC814", 11, "line 4", new_releases([*with_cells(), "Extracell"]), CSV),
    Bad("short row", LOAD, "LC814", 11, "line 4", new_releases(with_cells()[:5]), CSV),
    Bad(
        "unclosed quotation mark",
        LOAD,
        "LC814",
        11,
        "bad.csv",
        new_releases(with_cells(surname='"Trosk')),
        CSV,
    ),
    Bad(
        "heading twice",
        LOAD,
        "LC815",
        11,
        "columns 4, 5",
        new_releases(
            headings=("Prison number", "Date of birth", "Release date", "Aid", "Aid", "Convictions", "X")
        ),
        CSV,
    ),
    Bad(
        "blank heading",
        LOAD,
        "LC815",
        11,
        "column 7",
        new_releases(headings=(*HEADINGS[:6], "")),
        CSV,
    ),
    Bad(
        "no heading row",
        LOAD,
        "LC811",
        11,
        "none of the source's columns",
        writes(CSV, csv_text(with_cells(surname=SURNAME), [with_cells(number="Z9503XX")])),
        CSV,
        secret=("Z9501XX", SURNAME, "North", "03/2021"),
    ),
    Bad(
        "unknown column",
        LOAD,
        "LC810",
        11,
        "'Notes'",
        new_releases(headings=(*HEADINGS[:6], "Notes")),
        CSV,
    ),
    Bad(
        "missing column",
        LOAD,
        "LC811",
        11,
        "'Release date'",
        new_releases(headings=("Prison number", "Date of birth", "Released", *HEADINGS[3:])),
        CSV,
    ),
    Bad(
        "cp1252 called utf-8",
        LOAD,
        "LC813",
        11,
        "not text in utf-8",
        both(
            changes("sources/releases.toml", "enrols = true", 'enrols = true\nencoding = "utf-8"'),
            writes(CSV, csv_text(HEADINGS, [with_cells(surname=SURNAME)]).encode("cp1252")),
        ),
        secret=("Vlimtrosk", "Z9501XX"),
    ),
    Bad(
        "blank rows only", LOAD, "LC812", 11, "bad.csv", writes(CSV, csv_text(HEADINGS, [[""] * 7, [""] * 7]))
    ),
]

ROWS = [
    cells("impossible date", "LC824", "Release date", released="31/06/2021"),
    cells("US date", "LC824", "Date of birth", born="12/31/1985"),
    cells("year 0021", "LC825", "Release date", released="01/09/1821"),
    cells("no index date", "LC831", "Release date", released=""),
    cells("born after release", "LC836", "Date of birth", born="01/01/2022"),
    cells("unknown category", "LC829", "Area", area="Westmoor"),
    cells("number with text", "LC826", "Convictions", convictions="about seven"),
    cells("number too large", "LC827", "Convictions", convictions="7777"),
    cells("treatment maybe", "LC828", "Aid", aid="perhaps"),
    cells("no identifier", "LC820", "Prison number", number=""),
    cells("malformed prison number", "LC821", "Prison number", number="ZZ42424"),
    cells("placeholder prison number", "LC823", "Prison number", number="A0000AA"),
    identifier("NHS number check digit", "nhs-number", "9991234561", "LC822"),
    identifier("NHS number too short", "nhs-number", "999123456", "LC821"),
    identifier("NHS number placeholder", "nhs-number", "9999999999", "LC823"),
    identifier("UPN check letter", "upn", "A999123456789", "LC822"),
    identifier("UPN shape", "upn", "I99912345678", "LC821"),
    identifier("UPN placeholder", "upn", "A000000000000", "LC823"),
    identifier("PNC check letter", "pnc-id", "2001/9123456A", "LC822"),
    identifier("PNC shape", "pnc-id", "2001-ABC", "LC821"),
    identifier("PNC placeholder", "pnc-id", "2001/0000000Z", "LC823"),
    Bad(
        "conflicting duplicates",
        LOAD,
        "LC833",
        11,
        "column 'Convictions', rows 4, 5",
        new_releases(with_cells(convictions="3"), with_cells(convictions="4")),
        CSV,
    ),
    Bad(
        "two index dates",
        LOAD,
        "LC835",
        11,
        "column 'Release date', rows 4, 5",
        new_releases(with_cells(), with_cells(released="02/04/2021")),
        CSV,
    ),
    Bad(
        "an index date that differs from the one held",
        LOAD,
        "LC835",
        11,
        "differs from the one already held",
        new_releases(with_cells(number=prison_number(3), released="02/04/2021")),
        CSV,
    ),
    Bad(
        "values that differ from those held",
        LOAD,
        "LC858",
        11,
        "differ from those already held",
        writes(CSV, csv_text(HEADINGS, [[*release_row(3)[:5], "99", "Xantwexl"]])),
        CSV,
    ),
    Bad(
        "unknown wave code",
        f"source load arrests {CSV} --sealed",
        "LC830",
        11,
        "column 'Visit', row 3",
        writes(CSV, f"Prison number,Visit,Arrested\n{prison_number(1)},24,1\n{prison_number(2)},1236,1\n"),
        CSV,
    ),
]

COHORTS = [
    Bad("unknown template", "cohort new more --template prison-leaver", "LC852", 11, "'prison-leaver'"),
    Bad("cohort twice", "cohort new leavers --template prison-leavers", "LC851", 11, "'leavers'"),
    Bad("bad cohort name", "cohort new Leavers! --template school", "LC803", 11, "small letters"),
    Bad("template file missing", "cohort new more --template none.toml", "LC107", 11, "none.toml"),
    Bad(
        "template with an unknown key",
        "cohort new more --template mine.toml",
        "LC801",
        11,
        "mine.toml:5",
        writes(
            "mine.toml",
            '[template]\nid = "m"\nversion = "1"\ntitle = "M"\ntitel = "M"\n[index]\nevent = "release"\n',
        ),
    ),
    Bad(
        "template with a wave twice",
        "cohort new more --template mine.toml",
        "LC803",
        11,
        "mine.toml:11",
        writes(
            "mine.toml",
            '[template]\nid = "m"\nversion = "1"\ntitle = "M"\n[index]\nevent = "release"\n'
            '[[wave]]\nname = "a"\n[[wave]]\nname = "a"\n'.replace(
                'name = "a"\n', 'name = "a"\nmonths = 1\n'
            ),
        ),
    ),
    Bad(
        "rule with code in it",
        "cohort new more --template school --eligible __import__('os').system('id')",
        "LC803",
        11,
        "--eligible",
        hint=False,
    ),
    Bad("no such cohort", "cohort show leaver", "LC850", 11, "'leaver'"),
    Bad("no cohort in the flow", "cohort flow COH-999", "LC850", 11, "'COH-999'"),
]

KEYS = [
    Bad(
        "no key",
        LOAD,
        "LC840",
        4,
        "none.key",
        both(new_releases(), variable("LIFECOURSE_KEY_FILE", "/nowhere/none.key")),
        CSV,
    ),
    Bad("key in the project", LOAD, "LC841", 11, "mine.key", both(new_releases(), key_in_project), CSV),
    Bad(
        "key made in the project",
        "key create",
        "LC841",
        11,
        "new.key",
        variable("LIFECOURSE_KEY_FILE", "{root}/new.key"),
    ),
    Bad("another project's key", LOAD, "LC842", 11, ".key", both(new_releases(), another_key), CSV),
    Bad("damaged key", LOAD, "LC843", 11, "does not fit its key id", both(new_releases(), damaged_key), CSV),
    Bad(
        "key path is a folder",
        LOAD,
        "LC843",
        11,
        "folder",
        both(new_releases(), variable("LIFECOURSE_KEY_FILE", "/usr")),
        CSV,
    ),
    Bad("key twice", "key create", "LC844", 11, ".key"),
    Bad(
        "key without a database to log it",
        "key create",
        "LC110",
        2,
        "cohort.sqlite",
        both(
            removes("data/cohort.sqlite"), variable("LIFECOURSE_KEY_FILE", "{root}/../../config/second.key")
        ),
    ),
]
