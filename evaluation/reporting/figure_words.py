"""A figure in words and as tables of the same numbers (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from evaluation.figures import Figure, Line
from evaluation.panels.axis import NotATime, canonical_period
from evaluation.reporting.axes import spoken
from evaluation.reporting.numbers import MOST_DECIMALS, number, plain
from evaluation.reporting.signs import capital
from evaluation.reporting.strokes import known, pieces_of, strands
from evaluation.reporting.tables import Table

FIGURES = 4
MOST_CELLS = 6_000
FULL_COLUMNS = 9
LARGE = 10_000
NONE, NO_LIMIT = "none", "no limit"


def is_sideways(figure: Figure) -> bool:
    """Say whether x are names of things rather than of periods, one row each."""
    if not figure.labels or any(line.kind not in ("effect", "points", "placebo") for line in figure.lines):
        return False
    return not all(_is_period(label) for label in figure.labels)


def _is_period(label: str) -> bool:
    try:
        canonical_period(label)
    except NotATime:
        return False
    return True


def x_words(figure: Figure, x: float) -> str:
    """A place on the x axis in words."""
    if figure.labels and x == int(x) and 0 <= int(x) < len(figure.labels):
        return figure.labels[int(x)]
    return str(int(x)) if x == int(x) and 0 <= x < LARGE else number(x)


def described(figure: Figure) -> str:
    """The figure in a few sentences, for readers who cannot see it."""
    parts = [f"{capital(figure.y_name)} by {figure.x_name}."]
    for strand in strands(figure):
        if strand.outer:
            continue
        seen = [(x, y) for line in strand.lines for x, y in zip(line.x, line.y, strict=True) if known(y)]
        if not seen:
            continue
        values = [float(y) for _, y in seen if y is not None]
        digits = _decimals(values)
        ends = f"from {_number(min(values), digits)} to {_number(max(values), digits)}"
        if len(strand.lines) == 1 and not is_sideways(figure):
            (a, first), (b, last) = seen[0], seen[-1]
            at = (
                _number(first, digits),
                spoken(x_words(figure, a)),
                _number(last, digits),
                spoken(x_words(figure, b)),
            )
            parts.append(f"{strand.name}: {at[0]} at {at[1]}, {at[2]} at {at[3]}; {ends}.")
        else:
            parts.append(f"{strand.name}: {ends}.")
    parts += [f"Marked at {spoken(x_words(figure, x))}: {words}." for x, words in figure.marks]
    return " ".join((*parts, "The numbers are in the table below."))


def how_to_read(figure: Figure, *, cut: bool) -> str:
    """What bars, bands and grey lines are, in a sentence or two."""
    found = strands(figure)
    banded = [s for s in found if any(line.low for line in s.lines)]
    said = []
    if any(s.form == "line" and not s.outer for s in banded):
        said.append("Shaded: the interval.")
    if any(s.form in ("bars", "dots") and not s.outer for s in banded):
        said.append("Bar: the interval.")
    if any(s.outer for s in found):
        said.append("Thin bar or pale band: the interval that holds for all points at once.")
    if any(s.kind == "placebo" for s in found):
        said.append("Grey: what the method finds where, or when, there was no programme.")
    if any(len(list(pieces_of(line))) > 1 for s in found if s.form == "line" for line in s.lines):
        said.append("A gap in a line: nothing was seen.")
    if cut:
        said.append("Something goes on beyond the drawing; the table has it.")
    return " ".join(said)


def figure_tables(figure: Figure) -> tuple[Table, ...]:
    """The numbers of a figure: a row a place on the x axis, a column a line and a column its interval."""
    grouped: dict[tuple[float, ...], list[Line]] = {}
    for line in figure.lines:
        grouped.setdefault(() if figure.labels else line.x, []).append(line)
    tables = []
    for lines in grouped.values():
        main = [line for line in lines if line.kind != "placebo"]
        grey = [line for line in lines if line.kind == "placebo"]
        if len(main) + len(grey) <= FULL_COLUMNS:
            main, grey = [*main, *grey], []
        tables += [_table(figure, figure.title, main)] if main else []
        tables += [_table(figure, f"{figure.title}: placebos, one by one", grey)] if grey else []
    return tuple(_named_apart(tables))


def _named_apart(tables: Sequence[Table]) -> Iterator[Table]:
    """Tables whose captions are all different."""
    for i, table in enumerate(tables):
        again = sum(other.caption == table.caption for other in tables[:i])
        yield Table(f"{table.caption} ({again + 1})", table.head, table.rows) if again else table


def _table(figure: Figure, caption: str, lines: Sequence[Line]) -> Table:
    places = sorted({x for line in lines for x in line.x})
    head = [capital(figure.x_name) or "Place"]
    columns: list[list[str]] = []
    for line in lines:
        head.append(line.name or capital(figure.y_name))
        columns.append(_cells(line, places))
        if line.low:
            head.append(f"{line.name}: interval".removeprefix(": "))
            columns.append(_spans(line, places))
    rows = zip((x_words(figure, x) for x in places), *columns, strict=True)
    return Table(caption, tuple(head), tuple(rows))


def too_long(tables: Iterable[Table]) -> bool:
    """Say whether tables hold more numbers than a page should carry."""
    return sum(len(table.rows) * len(table.head) for table in tables) > MOST_CELLS


def _cells(line: Line, places: Sequence[float]) -> list[str]:
    digits = _decimals([y for y in line.y if known(y)])
    found = {x: _number(y, digits) for x, y in zip(line.x, line.y, strict=True)}
    return [found.get(x, NONE) for x in places]


def _spans(line: Line, places: Sequence[float]) -> list[str]:
    digits = _decimals([y for y in (*line.low, *line.high, *line.y) if known(y)])
    ends = zip(line.x, line.low, line.high, strict=True)
    found = {
        x: f"{_number(a, digits)} to {_number(b, digits)}"
        for x, a, b in ends
        if not _none(a) and not _none(b)
    }
    return [found.get(x, NONE) for x in places]


def _none(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _decimals(values: Sequence[float | None]) -> int:
    """Decimals that give the largest number four figures."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if largest == 0:
        return 0
    whole = all(value is None or value == int(value) for value in values) and largest < 1e9
    return 0 if whole else max(0, min(MOST_DECIMALS, FIGURES - 1 - math.floor(math.log10(largest))))


def _number(value: float | None, decimals: int) -> str:
    if value is None or math.isnan(value):
        return NONE
    return plain(value, decimals) if math.isfinite(value) else NO_LIMIT
