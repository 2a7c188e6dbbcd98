"""Success measures of the tests: a reader of the strategy's tables, and short builders."""

from __future__ import annotations

from pathlib import Path

from theory_of_change.errors import TheoryError
from theory_of_change.tracking.figures_file import read_figures
from theory_of_change.tracking.measures_file import read_tracked
from theory_of_change.tracking.model import FigureRow, Stated, Tracked
from theory_of_change.tracking.periods import Period, read_period
from theory_of_change.tracking.store import read_sheet
from workspace.toml_source import read_toml

STRATEGY = Path(__file__).parent / "strategy"


def strategy() -> tuple[dict[str, Tracked], list[FigureRow]]:
    """The strategy's printed tables: what they track and every figure."""
    measures = read_tracked(read_toml(STRATEGY / "measures.toml", TheoryError))
    return measures, read_figures(read_sheet(STRATEGY / "figures.csv"), measures)


def period(text: str, year: str = "calendar") -> Period:
    """A period that is surely one."""
    found = read_period(text, year)
    assert found is not None, text
    return found


def figure(
    when: str,
    value: float | None,
    measure: str = "M",
    *,
    percent: float | None = None,
    against: str = "",
    of: float | None = None,
) -> FigureRow:
    """One figure."""
    stated = Stated(percent, None, period(against) if against else None)
    status = "asked" if value is None else "final"
    return FigureRow(measure, period(when), value, of=of, status=status, stated=stated)


def measures(*several: Tracked) -> dict[str, Tracked]:
    """Measures by id."""
    return {each.id: each for each in several}
