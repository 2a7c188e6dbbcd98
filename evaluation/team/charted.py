"""A success measure's figures as its chart may show them: rounded, steady, and without those of few people (pure)."""

from __future__ import annotations

from dataclasses import replace

from cohorts.gate.errors import Kept as KeptIn
from cohorts.gate.outputs import Chart as ChartOutput
from cohorts.gate.outputs import Output
from evaluation.site.measures import withheld_slots
from evaluation.site.own_figures import Editions, told_figures
from evaluation.success_figures import Slot, counts_behind, is_own
from evaluation.team.held_back import held_back
from theory_of_change.errors import TheoryError
from theory_of_change.tracking.actions import Kept
from theory_of_change.tracking.chart import FEWEST_SHOWN, Chart, chart_of
from theory_of_change.tracking.model import FigureRow, Tracked
from theory_of_change.tracking.moves import Series
from workspace.settings import DisclosureProfile

LONGER = "Log figures of longer periods or of larger places: more people stand behind each."


def charted(
    kept: Kept, measure: Tracked, area: str, editions: Editions, profile: DisclosureProfile
) -> tuple[Chart, tuple[Output, ...]]:
    """The chart of a measure as a file may show it, and what it says about people, for the gate.

    Own counts are those of the newest edition of the site until as many people as the threshold came or went since.
    What a report for the team or the site would withhold is withheld; nothing is worked out of anything else.

    Raises
    ------
    TheoryError
        ``LC324``: there are too few figures.
    Kept
        ``LC903``: there would be enough, but too many of them are withheld.
    """
    hidden = withheld_slots(kept, profile) | held_back(kept.measures, kept.rows, profile)
    told, hidden, outputs = told_figures(kept, hidden, editions, profile)
    series = Series(_bare(row, hidden) for row in told.rows)
    try:
        chart = chart_of(measure, series, area, hidden)
    except TheoryError:
        chart_of(measure, kept.series, area)  # too few were logged: that is said in its place
        said = f"{measure.id}: too many of its figures are withheld; a chart needs at least {FEWEST_SHOWN}"
        raise KeptIn("LC903", said, LONGER) from None
    rounded = any(is_own(row, measure) and counts_behind(row, measure) for row in series.of(measure.id, area))
    said_of = (*outputs[measure.id], *outputs.get(measure.population, ()))
    drawn = ChartOutput(f"{measure.id}, chart", "lines", tuple(output.name for output in said_of))
    return replace(chart, rounded=profile.rounding if rounded else 0), (*said_of, drawn)


def _bare(row: FigureRow, hidden: frozenset[Slot]) -> FigureRow:
    """A row that is withheld keeps its place and nothing else."""
    return FigureRow(row.measure, row.period, None, row.area) if row.slot in hidden else row
