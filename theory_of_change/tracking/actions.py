"""What the commands of success measures do, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from theory_of_change.errors import TheoryError
from theory_of_change.tracking import store
from theory_of_change.tracking.checks import check_figures
from theory_of_change.tracking.due import Due, due_figures
from theory_of_change.tracking.figures_file import read_figures
from theory_of_change.tracking.measure_reviews.decisions import MeasureDecision, gone, retired
from theory_of_change.tracking.measure_reviews.store import load_decisions
from theory_of_change.tracking.model import Concern, FigureRow, Tracked
from theory_of_change.tracking.moves import Move, Series, moves_of
from theory_of_change.tracking.store import Logged
from workspace import console
from workspace.audit import record
from workspace.clock import today
from workspace.database import reading, writing
from workspace.errors import did_you_mean
from workspace.project import Project


@dataclass(frozen=True, slots=True)
class Kept:
    """What is tracked, the current figures, how they moved, and which are due."""

    measures: dict[str, Tracked]
    rows: list[FigureRow]
    series: Series
    moves: list[Move]
    due: list[Due]
    decisions: tuple[MeasureDecision, ...] = ()

    @property
    def concerns(self) -> list[Concern]:
        """What is wrong, doubtful or missing, retired measures that are gone included."""
        return [*check_figures(self.measures, self.rows), *gone(self.measures, self.decisions)]


def kept(project: Project) -> Kept:
    """Everything that the project holds of success measures."""
    measures = store.load_tracked(project)
    with reading(project) as session:
        rows, asked = store.read_logged(session), store.times_asked(session)
    series = Series(rows)
    decisions = load_decisions(project)
    live = {name: each for name, each in measures.items() if name not in retired(decisions)}
    due = due_figures(live, series, today(), asked)
    return Kept(measures, rows, series, moves_of(measures, series), due, decisions)


def log_figures(project: Project, rows: Sequence[FigureRow], *, replace: bool, subject: str) -> Logged:
    """Write figures into the store: all of them or none."""
    with writing(project, keep=not console.current().dry_run) as session:
        done = store.add_figures(session, rows, replace=replace)
        details = {
            "new": done.new,
            "unchanged": done.unchanged,
            "corrected": done.corrected,
            "asked": done.asked,
        }
        record(session, "measure.log", subject, details)
    return done


def import_figures(project: Project, path: Path, *, sheet: str, replace: bool) -> Logged:
    """Read a table of figures and write it into the store."""
    measures = store.load_tracked(project)
    found = read_figures(store.read_sheet(path, path.name, sheet), measures)
    return log_figures(project, found, replace=replace, subject=path.name)


def tracked_measure(measures: dict[str, Tracked], name: str) -> Tracked:
    """One measure by its id.

    Raises
    ------
    TheoryError
        ``LC304``: it is not tracked.
    """
    if name not in measures:
        raise TheoryError(
            "LC304",
            f"no measure '{name}' is tracked.{did_you_mean(name, measures)}",
            "lifecourse measure trend",
        )
    return measures[name]


def of_owner(measures: dict[str, Tracked], owner: str) -> list[Tracked]:
    """The measures of one owner; of every owner for ``all``.

    Raises
    ------
    TheoryError
        ``LC304``: nobody of that name owns a measure.
    """
    owners = {each.owner for each in measures.values() if each.owner}
    if owner != "all" and owner not in owners:
        said = f"no tracked measure is owned by '{owner}'.{did_you_mean(owner, owners)}"
        raise TheoryError("LC304", said, "lifecourse measure list --owner all")
    return [each for each in measures.values() if owner in ("all", each.owner)]


def one_area(measure: Tracked, series: Series, area: str) -> str:
    """The area that is meant: the one named, else the only one there is.

    Raises
    ------
    TheoryError
        ``LC324``: there are several, or none of that name.
    """
    areas = [place for name, place in series.keys if name == measure.id]
    if area in areas or not areas:
        return area
    if area or len(areas) > 1:
        near = did_you_mean(area, areas) if area else ""
        said = f"{measure.id} has figures of {len(areas)} areas, and not of '{area}'.{near}"
        said = said if area else f"{measure.id} has figures of {len(areas)} areas"
        raise TheoryError("LC324", said, "Name one with --area.")
    return areas[0]


def template_lines(held: Kept) -> list[tuple[str, str]]:
    """A line for each figure that is due; for measures without any figure a line to fill in."""
    lines = [(each.measure.id, each.period.text) for each in held.due]
    seen = {name for name, _ in held.series.keys}
    return lines + [(name, "") for name in held.measures if name not in seen]
