"""The store of success measures: measures.toml, tables of figures as files, and the figures in the database."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from theory_of_change.errors import TheoryError
from theory_of_change.table_cells import sheet_cells, text_cells
from theory_of_change.tracking.figures_file import Sheet, sheet_of
from theory_of_change.tracking.measures_file import read_tracked, tracked_text
from theory_of_change.tracking.model import FigureRow, Stated, Tracked
from theory_of_change.tracking.periods import Period
from workspace.audit import actor
from workspace.clock import now
from workspace.errors import Fault
from workspace.files import reaching, write_atomically
from workspace.project import Project
from workspace.toml_source import read_toml

if TYPE_CHECKING:
    from sqlmodel import Session

    from theory_of_change.tracking.records import SuccessFigure

MEASURES_FILE = "measures.toml"
SHEET = "figures"
MOST_BYTES = 20_000_000
HEAD = """# Success measures: what is tracked over time, who owns it, and what its figures need.
# Keys: lifecourse explain LC301; figures come in by: lifecourse measure log, or lifecourse measure import FILE.

"""


def load_tracked(project: Project) -> dict[str, Tracked]:
    """The measures that measures.toml tracks.

    Raises
    ------
    TheoryError
        ``LC309`` where there is no such file; every fault in it, at its line.
    """
    path = project.root / MEASURES_FILE
    if not path.exists():
        raise TheoryError(
            "LC309", f"there is no {MEASURES_FILE} in this project", "lifecourse measure add ID --name NAME"
        )
    return read_tracked(read_toml(path, TheoryError, name=MEASURES_FILE))


def has_tracked(project: Project) -> bool:
    """Say whether the project tracks anything."""
    return (project.root / MEASURES_FILE).exists()


def with_tracked(project: Project, measure: Tracked) -> dict[Path, str]:
    """measures.toml with one more measure at its end, to be written; it is checked as a whole first."""
    path = project.root / MEASURES_FILE
    text = HEAD
    if path.exists():
        held = load_tracked(project)
        if measure.id in held:
            raise TheoryError(
                "LC205", f"the id '{measure.id}' is in {MEASURES_FILE} already", "Choose another id."
            )
        with reaching("the file", "read", MEASURES_FILE):
            text = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    text += tracked_text(measure)
    _refuse_unreadable(text)
    return {path: text}


def _refuse_unreadable(text: str) -> None:
    import tomllib

    from workspace.toml_source import TomlSource

    read_tracked(TomlSource(MEASURES_FILE, tomllib.loads(text), {}))


def read_sheet(path: Path, name: str = "", sheet: str = "") -> Sheet:
    """A table of figures from a workbook (XLSX, ODS) or CSV, all cells as text.

    Raises
    ------
    TheoryError
        ``LC306``: it is no table, or has no such sheet; ``LC107``: it cannot be read.
    """
    shown = name or path.name
    with reaching("the file", "read", shown, error=TheoryError):
        if path.stat().st_size > MOST_BYTES:
            raise TheoryError("LC306", "the file is too large for a table of figures", where=shown)
        data = path.read_bytes()
    if path.suffix.lower() in (".xlsx", ".ods", ".xlsm"):
        return _workbook(data, sheet, shown)
    return sheet_of(shown, text_cells(data, shown, "LC306", ",;\t"))


def _workbook(data: bytes, wanted: str, shown: str) -> Sheet:
    def chosen(names: list[str]) -> list[str]:
        known = {name.casefold(): name for name in names}
        first = names[:1] if not wanted else []
        found = known.get((wanted or SHEET).casefold())
        return [found] if found else first

    found = sheet_cells(data, chosen)
    if found is None:
        raise TheoryError("LC306", "it is not a workbook that can be read", "Save it again.", where=shown)
    if not found:
        raise TheoryError("LC306", "the workbook has no such sheet", "Name one with --sheet.", where=shown)
    (name, table), *_ = found.items()
    return sheet_of(f"{shown}, sheet {name}", [[_plain(cell) for cell in row] for row in table], letters=True)


def _plain(cell: str) -> str:
    """A number as it is meant: workbooks hold 309 as 309.0, and a date with its midnight."""
    cell = cell.removesuffix(" 00:00:00")
    return cell[:-2] if cell.endswith(".0") and cell[:-2].lstrip("-").isdigit() else cell


def read_logged(session: Session) -> list[FigureRow]:
    """The current figures: of each measure, area and period the newest that holds a number, else the newest."""
    return [_figure(row) for row in _current(session).values()]


def _current(session: Session) -> dict[tuple[str, str, str, str], SuccessFigure]:
    from sqlmodel import col, select

    from theory_of_change.tracking.records import SuccessFigure

    found: dict[tuple[str, str, str, str], SuccessFigure] = {}
    for row in session.exec(select(SuccessFigure).order_by(col(SuccessFigure.figure_id))).all():
        slot = (row.measure, row.area, row.period_from, row.period_to)
        held = found.get(slot)
        if held is None or row.value is not None or held.value is None:
            found[slot] = row
    return found


def read_entries(session: Session) -> list[tuple[str, FigureRow]]:
    """Every figure ever logged, oldest first, with the time at which it was: corrections follow what they correct."""
    from sqlmodel import col, select

    from theory_of_change.tracking.records import SuccessFigure

    rows = session.exec(select(SuccessFigure).order_by(col(SuccessFigure.figure_id))).all()
    return [(row.logged_at, _figure(row)) for row in rows]


def times_asked(session: Session) -> dict[tuple[str, str, Period], int]:
    """How often a figure was asked for."""
    from sqlmodel import select

    from theory_of_change.tracking.records import SuccessFigure

    counts: dict[tuple[str, str, Period], int] = {}
    for row in session.exec(select(SuccessFigure).where(SuccessFigure.status == "asked")).all():
        slot = _figure(row).slot
        counts[slot] = counts.get(slot, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Logged:
    """What was done with figures that came in."""

    new: int
    unchanged: int
    corrected: int
    asked: int


def add_figures(session: Session, rows: Sequence[FigureRow], *, replace: bool) -> Logged:
    """Add figures in the caller's transaction; what differs from a figure that is held is refused, or corrects it.

    Raises
    ------
    TheoryError
        ``LC308``: figures differ from those held and ``replace`` is off.
    """
    held = {row.slot: row for row in read_logged(session)}
    new, unchanged, corrected, asked = [], 0, [], []
    faults = []
    for row in rows:
        before = held.get(row.slot)
        if row.value is None:
            asked.append(row)
        elif before is None or before.value is None:
            new.append(row)
        elif before == row:
            unchanged += 1
        elif replace or before.value == row.value:
            corrected.append(row)
        else:
            where = f"{row.measure}, {row.period.text}" + (f", {row.area}" if row.area else "")
            faults.append(
                Fault("LC308", where, "another figure is held", "A correction is loaded with --replace.")
            )
    if faults:
        raise TheoryError.gather(faults)
    _insert(session, [*new, *corrected, *asked])
    return Logged(len(new), unchanged, len(corrected), len(asked))


def _insert(session: Session, rows: Sequence[FigureRow]) -> None:
    from sqlmodel import func, select

    from theory_of_change.tracking.records import SuccessFigure

    number = session.exec(select(func.max(SuccessFigure.figure_id))).first() or 0
    moment, who = now(), actor()
    for offset, row in enumerate(rows, start=1):
        stated = row.stated
        session.add(
            SuccessFigure(
                figure_id=number + offset,
                measure=row.measure,
                area=row.area,
                period_from=row.period.first.isoformat(),
                period_to=row.period.last.isoformat(),
                value=row.value,
                out_of=row.of,
                status=row.status,
                stated_percent=stated.percent,
                stated_difference=stated.difference,
                against_from=stated.against.first.isoformat() if stated.against else None,
                against_to=stated.against.last.isoformat() if stated.against else None,
                stated_base=stated.base,
                printed_under=row.printed_under,
                source=row.source,
                document=row.document,
                note=row.note,
                logged_at=moment,
                logged_by=who,
            )
        )
    session.flush()


def _figure(row: SuccessFigure) -> FigureRow:
    against = _period(row.against_from, row.against_to) if row.against_from and row.against_to else None
    return FigureRow(
        row.measure,
        _period(row.period_from, row.period_to),
        row.value,
        area=row.area,
        of=row.out_of,
        status=row.status,
        stated=Stated(row.stated_percent, row.stated_difference, against, row.stated_base),
        printed_under=row.printed_under,
        source=row.source,
        document=row.document,
        note=row.note,
    )


def _period(first: str, last: str) -> Period:
    return Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def save_template(path: Path, measures: Mapping[str, Tracked], lines: Sequence[tuple[str, str]]) -> None:
    """Write a workbook to fill in: a row for each figure that is due, ids to choose from, numbers that are checked."""
    write_atomically(path, template_of(measures, lines))


def template_of(measures: Mapping[str, Tracked], lines: Sequence[tuple[str, str]]) -> bytes:
    """The workbook's bytes; ``lines`` are the measures and periods that are due."""
    import xlsxwriter

    from theory_of_change.tracking.figures_file import COLUMNS

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "locked": True})
        text = book.add_format({"num_format": "@"})
        sheet, names = book.add_worksheet("Figures"), book.add_worksheet("Measures")
        for column, heading in enumerate(COLUMNS):
            sheet.write_string(0, column, heading, bold)
            sheet.set_column(column, column, 18 if column < 4 else 14, text if heading != "value" else None)
        for number, (measure, period) in enumerate(lines, start=1):
            sheet.write_string(number, 0, measure)
            sheet.write_string(number, 1, period)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(("id", "name", "unit", "source", "owner")):
            names.write_string(0, column, heading, bold)
            names.set_column(column, column, 16 if column != 1 else 60)
        for number, each in enumerate(measures.values(), start=1):
            for column, cell in enumerate((each.id, each.name, each.unit, each.source, each.owner)):
                names.write_string(number, column, cell)
        names.protect()
        last = max(len(lines) + 200, 200)
        if measures:
            sheet.data_validation(
                1, 0, last, 0, {"validate": "list", "source": f"=Measures!$A$2:$A${len(measures) + 1}"}
            )
        sheet.data_validation(
            1, COLUMNS.index("status"), last, COLUMNS.index("status"),
            {"validate": "list", "source": ["final", "provisional", "asked"]},
        )  # fmt: skip
    return buffer.getvalue()
