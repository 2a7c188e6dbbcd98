"""The files of an annex: CSV, JSON and a workbook, made of the same tables (pure)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from cohorts.gate.outgoing import Outgoing
from evaluation.annexes.model import SHORTHAND, AnnexTable, cell_text, safe_text
from evaluation.annexes.ods import Sheet, sheet_of, workbook
from evaluation.annexes.tables import annex_tables
from evaluation.checklists.model import Checked
from evaluation.edits.model import Shown
from evaluation.model import Result
from evaluation.protection import profile_for
from evaluation.reporting.html import status_of
from evaluation.result import as_payload
from evaluation.saved.model import Whole
from workspace import console
from workspace.settings import DisclosureProfile


def annex_files(whole: Whole, checked: Sequence[Checked], shown: Sequence[Shown]) -> tuple[Outgoing, ...]:
    """Every file of the annex of one evaluation; the JSON is byte for byte the saved finding."""
    result, name = whole.result, whole.result.evaluation
    tables = (
        *annex_tables(result, whole.profile),
        *sentence_table(shown),
        *(checklist_table(one) for one in checked),
    )
    json = console.to_json(as_payload(result, whole.profile)) + "\n"
    files = [(f"{name}.json", json.encode("utf-8")), (f"{name}.ods", _workbook(whole, tables))]
    files += [(f"{i:02d}-{table.name}.csv", csv_bytes(table)) for i, table in enumerate(tables, 1)]
    return tuple(Outgoing(path, data, (name,)) for path, data in files)


def csv_bytes(table: AnnexTable) -> bytes:
    """One table as CSV after RFC 4180, in UTF-8 without a mark of byte order (R reads that into the first heading)."""
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow([safe_text(name) for name in table.columns])
    writer.writerows([cell_text(cell) for cell in row] for row in table.rows)
    return page.getvalue().encode("utf-8")


def sentence_table(shown: Sequence[Shown]) -> tuple[AnnexTable, ...]:
    """Each sentence of page one as the program wrote it, beside how it is shown."""
    columns = ("id", "under", "as the program wrote it", "as it is shown", "edited by the team")
    rows = tuple(
        (
            one.id,
            one.heading,
            one.generated or "none: added by the team",
            one.text,
            "yes" if one.edited else "no",
        )
        for one in shown
    )
    return (
        (AnnexTable("sentences", "What can and cannot be said, and what to do next", columns, rows),)
        if rows
        else ()
    )


def checklist_table(checked: Checked) -> AnnexTable:
    """A reporting checklist with where each item is answered."""
    columns = ("item", "topic", "what it asks", "where it is", "numbers and topic checked")
    return AnnexTable(f"checklist-{checked.name}", checked.title, columns, checked.rows, checked.note)


def _workbook(whole: Whole, tables: Sequence[AnnexTable]) -> bytes:
    result = whole.result
    title = f"{result.evaluation}: {result.plan.title}"
    sheets = [sheet_of(table, i) for i, table in enumerate(tables, 1)]
    listed = tuple((sheet.name, table.title) for sheet, table in zip(sheets, tables, strict=True))
    contents = Sheet(
        "Contents",
        ("Contents", "This worksheet contains one table."),
        ("Worksheet", "What is in it"),
        (("Cover", "Cover"), ("Notes", "Notes"), *listed),
        links=True,
    )
    return workbook(title, (_cover(whole, title), contents, _notes(result, whole.profile), *sheets))


def _cover(whole: Whole, title: str) -> Sheet:
    result = whole.result
    status = "; ".join(f"{word}. {words}" for word, words in status_of(result, practice=whole.practice))
    lines = (
        title,
        f"Annex of tables to the evaluation report {result.evaluation}, every number as in the result.",
        f"Status: {status}",
        f"Method: {result.method}",
        f"Plan {result.plan.id}, fingerprint {result.plan.sha256 or 'not recorded'}, {result.plan.state}.",
        f"Run: {result.provenance.get('started') or 'not recorded'}, with Lifecourse "
        f"{result.provenance.get('lifecourse') or 'of a version that was not recorded'}.",
        "The report of the same name says in words what the numbers bear and what they do not.",
    )
    return Sheet("Cover", lines)


def _notes(result: Result, profile: DisclosureProfile) -> Sheet:
    used = profile_for(result.primary.units, profile)
    counts = f"Counts below {used.threshold} are withheld and others rounded to the nearest {used.rounding}."
    if result.primary.units == "areas":
        counts = "What is counted are areas, not people: numbers of areas are given as they are."
    rows = (
        *SHORTHAND,
        ("counts", counts),
        ("effects", "On their own scale and in the measure's own sign: shares from 0 to 1, ratios as ratios."),
        ("intervals", "conf_low and conf_high at conf_level; narrow_low and narrow_high are those of the "
                      "equivalence test."),
        ("texts", "An apostrophe before = + - or @ keeps a spreadsheet from running a text."),
    )  # fmt: skip
    return Sheet("Notes", ("Notes", "This worksheet contains one table."), ("Mark or word", "Meaning"), rows)
