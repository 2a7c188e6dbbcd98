"""A chart in sentences, and as a table of the same numbers (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from theory_of_change.tracking.chart import (
    FALSE_ALARMS,
    FALSE_ALARMS_WITH_SEASONS,
    NEWEST,
    Chart,
    Phase,
)
from theory_of_change.tracking.control import FEWEST_LIMITS
from theory_of_change.tracking.periods import Period
from theory_of_change.tracking.runs import RUN
from theory_of_change.tracking.seasons import FEWEST_YEARS

SPREAD_SAID = 1.2  # how many times as much as chance figures vary, from which it is said
CHARTS = {
    "c": "control chart of counts",
    "u": "control chart of rates",
    "p": "control chart of shares",
    "XmR": "control chart of single figures",
    "run": "run chart",
}
STATES = {"counted": "", "part": "not whole, not counted", "pandemic": "pandemic, not counted"}
WITHHELD = "withheld"
HEADINGS = ("Period", "Figure", "Of", "On the chart", "Middle", "Usual from", "Usual to", "Note")


def sentences(chart: Chart) -> tuple[str, ...]:
    """What may be read from a chart, the reading first."""
    return tuple(_said(chart))


def _said(chart: Chart) -> Iterator[str]:
    last = chart.phases[-1]
    yield f"{chart.reading[0].upper()}{chart.reading[1:]}" + (
        f", in the newest {min(NEWEST, last.counted)} figures." if last.readable else "."
    )
    yield from _why_not(last)
    if chart.withheld and not last.withheld:
        yield f"{_figures(len(chart.withheld))} withheld: few people stand behind."
    yield from (f"{_period(each)} lies outside the usual range." for each in last.outside_now)
    yield from (
        f"{length} figures running lie {_side(chart, a)} the middle, from {_period(a)} to {_period(b)}."
        for a, b, length in last.runs_now
    )
    earlier = len(last.outside) + len(last.runs) - len(last.outside_now) - len(last.runs_now)
    if last.readable and earlier:
        yield "Before them there were signs too; they stand in the table and do not decide the reading."
    if last.readable:
        yield _chance(last)
    if last.spread > SPREAD_SAID:
        yield f"Figures vary {last.spread:.1f} times as much as chance alone makes them; the range is widened by that."
    if last.years:
        yield f"The middle and the usual range follow the seasons, taken from {last.years} full years."
    if last.starts:
        yield f"A new baseline from {last.starts.starts} on: {last.starts.why}. Nothing is read across it."
    yield from _set_apart(chart)
    if chart.measure.cannot_isolate:
        yield f"The source cannot tell {chart.measure.cannot_isolate} from the rest: this is of all causes."


def _set_apart(chart: Chart) -> Iterator[str]:
    if any(point.state == "pandemic" for point in chart.points):
        yield "Figures of the pandemic (March 2020 to March 2021) are shown and not counted."
    if any(point.state == "part" for point in chart.points):
        yield "Hollow points are part years or provisional; they are not counted."
    if chart.rounded:
        yield f"Own counts are rounded to {chart.rounded}, and what is said is worked out from the rounded ones."


def _why_not(phase: Phase) -> Iterator[str]:
    if phase.withheld:
        yield (
            f"{_figures(phase.withheld)} withheld: few people stand behind. What is left is not all there is, so "
            "nothing is read from it."
        )
    elif phase.untold:
        yield (
            f"Fewer than {FEWEST_YEARS} full years of it: seasons cannot be told from change. Compare like months, "
            "as measure trend does."
        )
    elif phase.counted < FEWEST_LIMITS:
        yield f"{phase.counted} figures are counted; from {FEWEST_LIMITS} on a usual range is drawn."
    elif phase.kind == "run":
        yield "Counts are too small for a usual range; only runs are looked for."


def _figures(number: int) -> str:
    return "1 figure is" if number == 1 else f"{number} figures are"


def _chance(phase: Phase) -> str:
    most = FALSE_ALARMS_WITH_SEASONS if phase.years else FALSE_ALARMS
    rule = f"{RUN} figures running on one side of the middle"
    rule = f"A figure outside the usual range, or {rule}," if phase.kind != "run" else f"A run of {rule}"
    return f"{rule} is a sign; where nothing changed, at most about {most} of 100 such charts show one by chance."


def _side(chart: Chart, first: Period) -> str:
    point = next(each for each in chart.points if each.period == first)
    return "above" if point.shown > (point.middle or 0.0) else "below"


def _period(period: Period) -> str:
    return period.text


def rows_of(chart: Chart) -> list[tuple[str, ...]]:
    """The numbers of the chart as rows under ``HEADINGS``; a row without numbers for each period that is withheld."""
    rows = [
        (
            point.period,
            number(point.value),
            number(point.of),
            number(point.shown),
            number(point.middle),
            number(point.low),
            number(point.high),
            STATES[point.state] or ("outside" if point.outside else ""),
        )
        for point in chart.points
    ]
    rows += [(period, "", "", "", "", "", "", WITHHELD) for period in chart.withheld]
    return [(row[0].text, *row[1:]) for row in sorted(rows, key=lambda row: row[0])]


def number(value: float | None) -> str:
    """A number of a table: four digits, thousands apart; empty where there is none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.4g}"


def chart_payload(chart: Chart) -> dict[str, Any]:
    """The chart for machines: every number drawn, full precision."""
    return {
        "area": chart.area,
        "kind": chart.kind,
        "unit": chart.words,
        "reading": chart.reading,
        "sentences": list(sentences(chart)),
        "points": [
            {
                **{key: value for key, value in asdict(point).items() if key != "period"},
                "period": point.period.text,
                "outside": point.outside,
            }
            for point in chart.points
        ],
        "rounded_to": chart.rounded or None,
        "withheld": [period.text for period in chart.withheld],
        "baselines": [
            {
                "number": phase.number,
                "kind": phase.kind,
                "counted": phase.counted,
                "spread": phase.spread,
                "season_years": phase.years,
                "starts": phase.starts.starts if phase.starts else None,
                "why": phase.starts.why if phase.starts else "",
                "outside": [each.text for each in phase.outside],
                "runs": [{"from": a.text, "to": b.text, "figures": n} for a, b, n in phase.runs],
            }
            for phase in chart.phases
        ],
    }
