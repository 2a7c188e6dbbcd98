"""Checklists chosen by design and filled with where a report answers each item (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.checklists.model import Checked, Checklist, Item
from evaluation.checklists.others import EMMIE, TIDIER, TREND
from evaluation.checklists.places import PLACES, Report
from evaluation.checklists.trials import CLUSTERS, CONSORT_2010, CONSORT_2025
from evaluation.ladders import NOT_STUDIED

NOT_COVERED = "not covered: write it yourself"
SEEN = {"seen": "checked", "memory": "from memory"}
EMMIE_TITLE = "EMMIE"


def checklists_for(method: str) -> tuple[Checklist, ...]:
    """The checklists of a design: CONSORT for trials of people and of clusters, TREND for all else; TIDieR always."""
    if method == "randomised":
        return CONSORT_2025, TIDIER
    if method == "cluster-randomised":
        return CONSORT_2010, CLUSTERS, TIDIER
    return TREND, TIDIER


def filled(report: Report) -> tuple[Checked, ...]:
    """Each checklist of the design with its places, and EMMIE's five slots where they were worked out."""
    lists = tuple(_filled(checklist, report) for checklist in checklists_for(report.result.method))
    return (*lists, *_emmie(report))


def _filled(checklist: Checklist, report: Report) -> Checked:
    rows = tuple(
        (item.number, item.topic, item.asks, where_of(item, report), SEEN[item.source])
        for item in checklist.items
    )
    answered = sum(not row[3].startswith(NOT_COVERED) for row in rows)
    return Checked(checklist.name, checklist.title, _note(checklist), rows, answered)


def where_of(item: Item, report: Report) -> str:
    """Where an item is answered; what is still to be written by a person."""
    place = PLACES[item.finds](report) if item.finds else ""
    if not place:
        return f"{NOT_COVERED} ({item.lacks})" if item.lacks else NOT_COVERED
    return f"in part: {place}; write yourself: {item.lacks}" if item.lacks else place


def _note(checklist: Checklist) -> str:
    remembered = [item.number for item in checklist.items if item.source == "memory"]
    said = f"Items in our own words, after {checklist.reference}."
    if not remembered:
        return f"{said} Numbers and topics were held against a public copy."
    return (
        f"{said} Numbers and topics from memory, not held against the text: {spans(remembered, checklist)}."
    )


def spans(numbers: Sequence[str], checklist: Checklist) -> str:
    """Numbers that follow one another as spans: "12b to 30"."""
    order = [item.number for item in checklist.items]
    runs: list[list[str]] = []
    for number in numbers:
        follows = runs and order.index(number) == order.index(runs[-1][-1]) + 1
        if follows:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _emmie(report: Report) -> tuple[Checked, ...]:
    rung = next((one for one in report.result.rungs if one.ladder == "emmie" and one.grade), None)
    if rung is None:
        return ()
    slots = dict(part.partition(": ")[::2] for part in str(rung.grade).split("; "))
    place = report.named("section 6", report.rest.ladders)
    rows = []
    for i, (key, topic, asks) in enumerate(EMMIE, 1):
        said = slots.get(key, NOT_STUDIED)
        where = f"{NOT_COVERED} ({said})" if said == NOT_STUDIED else f"{said}; {place}"
        rows.append((str(i), topic, asks, where, SEEN["memory"]))
    answered = sum(not row[3].startswith(NOT_COVERED) for row in rows)
    note = "Five slots of what should be known of a programme; quality levels of the effect are from memory."
    return (Checked("emmie", EMMIE_TITLE, note, tuple(rows), answered),)
