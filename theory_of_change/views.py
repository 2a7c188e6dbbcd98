"""What people see of a theory: tables and short texts on the terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from theory_of_change.gaps import Found, Gap, box_name, link_name
from theory_of_change.model import TIERS, Box, Link, Measure, Theory
from theory_of_change.spreadsheets.cells import place_of
from workspace.console import say, table

# Where in a workbook a gap is mended, by its code.
GAP_KEYS = {
    "LC211": "because", "LC212": "feedback", "LC213": "lag_months", "LC220": "test", "LC221": "measures",
    "LC222": "could_harm", "LC223": "id", "LC224": "review_by", "LC225": "lag_months", "LC226": "lag_months",
    "LC227": "priority",
}  # fmt: skip


def counted(number: int, word: str, plural: str = "") -> str:
    """``1 box``, ``6 boxes``."""
    return f"{number} {word if number == 1 else plural or word + 's'}"


def summary(theory: Theory) -> str:
    """``6 boxes, 5 links, 2 not tested``."""
    untested = sum(1 for link in theory.links if not link.is_backed)
    boxes, links = counted(len(theory.boxes), "box", "boxes"), counted(len(theory.links), "link")
    return f"{boxes}, {links}, {untested} not tested"


def gap_lines(found: Found) -> None:
    """Show one line a gap, then the count: ``2 warnings, 0 errors``."""
    for source, gap in found.everywhere():
        say(f"{gap_place(source, gap)}  {gap.code}  {gap.problem}")
    for fault in found.clashes:
        say(f"{fault.where}  {fault.code}  {fault.problem}")
    say(f"{counted(found.count('warning'), 'warning')}, {counted(found.count('error'), 'error')}")


def gap_place(source: str, gap: Gap) -> str:
    """``theory.toml:12``; in a workbook, the sheet and the cell."""
    if source.lower().endswith(".xlsx"):
        return place_of(source, gap.line, GAP_KEYS.get(gap.code, ""))
    return f"{source}:{gap.line}"


def gap_payload(found: Found) -> dict[str, Any]:
    """The gaps for machines."""
    return {
        "file": found.source,
        "errors": found.count("error"),
        "warnings": found.count("warning"),
        "gaps": [asdict(gap) for gap in found.gaps],
        "partners": {source: [asdict(gap) for gap in gaps] for source, gaps in found.partners.items()},
        "clashes": [asdict(fault) for fault in found.clashes],
    }


def balance_view(rows: Mapping[str, Mapping[str, int]]) -> None:
    """Show how many activities of each priority reach whom."""
    headings = ("Priority", "primary: everyone", "secondary: at risk", "tertiary: already involved")
    table(headings, [(name, *(str(row[tier]) for tier in TIERS)) for name, row in rows.items()])


def theory_view(theory: Theory) -> None:
    """Show the whole theory: its head, its boxes by stage as written, and its links."""
    say(theory.title)
    if theory.note:
        say(theory.note)
    owner = f"owner {theory.owner}, " if theory.owner else ""
    review = f"review by {theory.review_by.isoformat()}" if theory.review_by else "no review day set"
    say(f"{owner}{review}")
    say()
    table(
        ("Box", "Kind", "What", "Measures"),
        [(box.id, _kind(box), box.text, ", ".join(box.measures)) for box in theory.boxes],
    )
    say()
    table(
        ("Link", "Because", "Lag", "Test or evidence"),
        [(link.id, link.because, _months(link.lag_months), _support(link)) for link in theory.links],
    )
    say()
    say(summary(theory))


def theory_payload(theory: Theory) -> dict[str, Any]:
    """The theory for machines: its boxes, its links, and the measures it names or defines."""
    named = {name for box in theory.boxes for name in box.measures}
    return {
        "title": theory.title,
        "owner": theory.owner,
        "review_by": theory.review_by,
        "note": theory.note,
        "priorities": [asdict(each) for each in theory.priorities],
        "boxes": [asdict(box) for box in theory.boxes],
        "links": [{"id": link.id, **asdict(link)} for link in theory.links],
        "measures": [
            asdict(measure) for measure in theory.measures if measure.id in named or not measure.catalogue
        ],
    }


def box_view(theory: Theory, box: Box) -> None:
    """Show one box, and the links at it."""
    say(box_name(box))
    _facts(
        [
            ("kind", _kind(box)),
            ("tier", box.tier),
            ("priority", ", ".join(box.priority)),
            ("place", box.place),
            ("ages", box.age_band),
            ("factor", box.factor_sign),
            ("measures", ", ".join(box.measures)),
            ("no measure yet", box.not_measurable),
            ("review by", _day(box.review_by)),
        ]
    )
    for link in theory.links:
        if box.id in (link.from_box, link.to_box):
            say(f"  {link_name(theory, link)}")


def link_view(theory: Theory, link: Link) -> None:
    """Show one link, with all it claims."""
    say(link_name(theory, link))
    _facts(
        [
            ("because", link.because),
            ("assumption", link.assumption),
            ("expect", link.expect),
            ("worthwhile", link.worthwhile),
            ("direction", link.direction),
            ("worthwhile size", "" if link.worthwhile_size is None else f"{link.worthwhile_size:g}"),
            ("lag", _months(link.lag_months)),
            ("could harm", link.could_harm),
            ("rivals", "; ".join(link.rivals)),
            ("outside factors", ", ".join(link.factors)),
            ("test", link.test),
            ("evidence", ", ".join(link.evidence)),
            ("feedback", "yes" if link.feedback else ""),
            ("review by", _day(link.review_by)),
        ]
    )


def measures_view(measures: Iterable[Measure]) -> None:
    """Show all measures, one a row."""
    headings = ("Measure", "What", "Kind", "Better", "Smallest that matters", "From", "Checked")
    table(headings, [_measure_row(measure) for measure in measures])


def _measure_row(measure: Measure) -> tuple[str, ...]:
    origin = "built in" if measure.catalogue else "theory.toml"
    checked = "yes" if measure.verified else "not yet"
    return measure.id, measure.name, measure.kind, measure.better, _mid(measure), origin, checked


def measure_view(measure: Measure) -> None:
    """Show one measure, with its sources and what has not been checked."""
    say(f"{measure.id}: {measure.name}")
    _facts(
        [
            ("definition", measure.definition),
            ("kind", measure.kind),
            ("better", measure.better),
            ("unit", measure.unit),
            ("range", _range(measure)),
            ("smallest that matters", _mid(measure)),
            ("that figure from", _checked(measure.mid_source, measure.mid_verified)),
            ("informant", measure.informant),
            ("variable", measure.variable),
            ("follow-up", _months(measure.follow_up_months)),
            ("then wait", _months(measure.waiting_months)),
            ("when missing", measure.missing),
            ("norm", _norm(measure)),
            *[(f"break at {item.at}", item.note) for item in measure.breaks],
            ("based on", measure.based_on),
            ("source", _checked(measure.source, measure.verified)),
            ("version", measure.version),
            ("licence", measure.licence),
        ]
    )
    _bands(measure)


def _bands(measure: Measure) -> None:
    for bands in measure.bands:
        row = ", ".join(f"{band.low:g}-{band.high:g} {band.name}" for band in bands.bands)
        note = "" if bands.verified else "  (not yet checked against its source)"
        say(f"  bands {bands.scale}, {bands.informant} {bands.ages}, {bands.version}: {row}{note}")
    for cutoff in measure.cutoffs:
        note = "" if cutoff.verified else "  (not yet checked against its source)"
        say(f"  cut-off {cutoff.scale}, {cutoff.age}: look closer below {cutoff.below:g}{note}")


def _facts(facts: Iterable[tuple[str, str]]) -> None:
    given = [(name, value) for name, value in facts if value]
    width = max((len(name) for name, _ in given), default=0)
    for name, value in given:
        say(f"  {name.ljust(width)}  {value}")


def _kind(box: Box) -> str:
    return f"{box.kind}, {box.term} term" if box.term else box.kind


def _months(months: int | None) -> str:
    return "" if months is None else counted(months, "month")


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _support(link: Link) -> str:
    named = [name for name in (link.test, *link.evidence) if name]
    return ", ".join(named) or "none"


def _mid(measure: Measure) -> str:
    mid = measure.minimum_important_difference
    if mid is None:
        return "not set"
    scale = "" if measure.mid_effect == "difference" else f" ({measure.mid_effect})"
    return f"{mid:g}{scale}"


def _checked(source: str, verified: bool) -> str:
    return source if verified or not source else f"{source} [not yet checked against its source]"


def _range(measure: Measure) -> str:
    ends = ["" if end is None else f"{end:g}" for end in (measure.minimum, measure.maximum)]
    return f"{ends[0] or 'no lower end'} to {ends[1] or 'no upper end'}" if any(ends) else ""


def _norm(measure: Measure) -> str:
    if measure.norm_mean is None or measure.norm_sd is None:
        return ""
    return f"mean {measure.norm_mean:g}, standard deviation {measure.norm_sd:g}"
