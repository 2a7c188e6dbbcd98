"""Valid files to begin with: the examples and the demo, and small ones made by the program's own writers.

No real person is in them. Canaries (an NHS-like number, a name) stand among the cells of every file about people.
"""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

from benchmarks.fuzz.texts import NAME, NUMBER

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "workspace" / "demo"


def demo(*patterns: str) -> list[bytes]:
    """Files of the demo and of the built-in rooms."""
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def encoded(*texts: str) -> list[bytes]:
    """Texts as UTF-8."""
    return [text.encode() for text in texts]


HEADINGS = ("NHS", "Born", "Out", "Aid", "Area", "Convictions", "Surname")


def people_rows() -> list[list[str]]:
    """Made-up people; every one of them bears the canaries."""
    from tests.cohorts.loading import nhs

    numbers = [NUMBER, *map(nhs, range(5))]
    return [
        [
            number,
            f"0{i}/02/1990",
            f"1{i}/03/2022",
            str(i % 2),
            ("North", "South")[i % 2],
            str(i),
            f"{NAME}{i}",
        ]
        for i, number in enumerate(numbers, 1)
    ]


def people_csv() -> list[bytes]:
    """Files of people: plain, with semicolons, in another encoding, with quotation marks, without headings."""
    rows = [list(HEADINGS), *people_rows()]
    text = "\n".join(",".join(row) for row in rows) + "\n"
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    return [
        *encoded(text, text.replace(",", ";"), quoted, text.partition("\n")[2]),
        text.encode("utf-16"),
        text.replace("North", "Nörth").encode("cp1252"),
    ]


@cache
def _book(sheets: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]) -> bytes:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_numbers": True}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    sheet.write(i, j, cell)
    return made.getvalue()


def book_of(**sheets: list[list[str]]) -> bytes:
    """A workbook of these sheets."""
    return _book(tuple((name, tuple(tuple(row) for row in rows)) for name, rows in sheets.items()))


def people_books() -> list[bytes]:
    """Workbooks of people."""
    return [book_of(People=[list(HEADINGS), *people_rows()])]


def people_ods() -> list[bytes]:
    """An OpenDocument sheet of people, written as LibreOffice does."""
    import tempfile

    from tests.cohorts.opendocument import day, number, row, text, write_ods

    rows = [row(*map(text, HEADINGS))]
    rows += [
        row(number(c[0]), day("1990-02-01", "01/02/1990"), text(c[2]), *map(text, c[3:]))
        for c in people_rows()
    ]
    with tempfile.TemporaryDirectory() as place:
        return [write_ods(Path(place) / "x.ods", People=rows).read_bytes()]


def written(ending: str) -> list[bytes]:
    """People as a Parquet, Stata, SPSS or packed file."""
    import gzip
    import tempfile

    import polars as pl

    frame = pl.DataFrame({name: [row[i] for row in people_rows()] for i, name in enumerate(HEADINGS)})
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"x{ending}"
        if ending == ".parquet":
            frame.write_parquet(path)
        elif ending == ".csv.gz":
            path.write_bytes(gzip.compress(people_csv()[0]))
        else:
            import pyreadstat

            write = pyreadstat.write_dta if ending == ".dta" else pyreadstat.write_sav
            write(frame, str(path))
        return [path.read_bytes()]


def word_files() -> list[bytes]:
    """A Word file with a heading, a table, a text box, notes."""
    from tests.evaluation.claims.word_files import paragraph, table, text_box, word_file

    body = (
        paragraph("Found", "Heading1"),
        paragraph("Reoffending fell by 12 %, it works."),
        table(("Outcome", "After"), ("Arrests", "90")),
        text_box("A significant trend"),
    )
    return [word_file(*body)]


@cache
def result_texts() -> tuple[bytes, ...]:
    """Saved results of made-up evaluations, as their JSON is kept."""
    from evaluation.result import as_payload
    from tests.evaluation.report_samples import SAMPLES
    from workspace.settings import DisclosureProfile

    made = [SAMPLES[name]() for name in list(SAMPLES)[:3]]
    return tuple(json.dumps(as_payload(one, DisclosureProfile()), default=str).encode() for one in made)


def theory_books() -> list[bytes]:
    """The workbook of the example theory."""
    from theory_of_change.spreadsheets.template import workbook_bytes
    from theory_of_change.store import example_text, load_catalogue
    from theory_of_change.theory_file import parse_theory

    known = load_catalogue()
    theory = parse_theory(example_text(), known)
    return [workbook_bytes(theory, theory.measures)]


def return_books() -> list[bytes]:
    """The workbook of a quarterly return, with something typed in."""
    import tempfile

    from tests.theory_of_change.filled import fill_in
    from theory_of_change.returns.workbook import blank_return, return_bytes

    with tempfile.TemporaryDirectory() as place:
        blank, filled = Path(place) / "blank.xlsx", Path(place) / "filled.xlsx"
        blank.write_bytes(return_bytes(blank_return({}, "HMP North", "2026-Q3")))
        fill_in(
            blank,
            filled,
            {
                "Words": {"B2": "Much"},
                "Voices": {"B2": "safety", "C2": "Parents", "D2": "It helped", "E2": "2026-08-01"},
            },
        )
        return [filled.read_bytes()]


def packs() -> dict[str, bytes]:
    """A pack of each format."""
    from tests.cohorts import test_link_packs, test_names_pack, test_pack_format

    return {
        "data": bytes(test_pack_format.GOOD),
        "link": bytes(test_link_packs.GOOD),
        "names": bytes(test_names_pack.GOOD),
    }


def redcap(what: str) -> list[bytes]:
    """The dictionary of a REDCap project, or rows of it."""
    from tests.cohorts import redcap_project

    if what == "dictionary":
        return encoded(redcap_project.dictionary_text())
    return encoded(redcap_project.export_text(redcap_project.people()))


def tracked_figures() -> list[bytes]:
    """Figures of success measures as CSV, made with the program's own headings."""
    from theory_of_change.tracking.figures_file import COLUMNS

    rows = [
        {"measure": "MEA-001", "period": "2024-Q1", "value": "309"},
        {"measure": "MEA-002", "period": "2024-Q2", "value": "0.31", "note": NAME, "area": "North"},
    ]
    body = [",".join(str(row.get(name, "")) for name in COLUMNS) for row in rows]
    return encoded("\n".join([",".join(COLUMNS), *body]) + "\n")


def figure_books() -> list[bytes]:
    """The same as a workbook."""
    rows = [line.split(",") for line in tracked_figures()[0].decode().splitlines()]
    return [book_of(figures=rows)]


def pdfs() -> list[bytes]:
    """A small PDF drawn by matplotlib, with text in it."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    made = io.BytesIO()
    figure = Figure((2, 1))
    figure.text(0.1, 0.5, f"Arrests {NAME}")
    figure.savefig(made, format="pdf")
    return [made.getvalue()]
