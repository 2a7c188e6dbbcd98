"""Where in a report a thing is told: by section, and by table where the table is known by number (pure)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluation.model import Result
from evaluation.reporting.page_one import PageOne
from evaluation.reporting.sections import Sections
from evaluation.reporting.tables import Table

_CAPTION = re.compile(r"<caption><span>Table (\d+)\. (?:Exploratory\. )?(.*?)</span></caption>", re.DOTALL)
FLOWED, SIZED = "meets the plan's rule", "size"


@dataclass(frozen=True, slots=True)
class Report:
    """A report to look things up in; ``numbers`` are those of its tables, by caption."""

    result: Result
    first: PageOne
    rest: Sections
    numbers: Mapping[str, int]

    def named(self, section: str, *tables: Table | str | None) -> str:
        """A section with those of the tables that are in it."""
        captions = [t if isinstance(t, str) else t.caption for t in tables if t]
        found = [self.numbers[caption] for caption in captions if caption in self.numbers]
        return ", ".join((section, *(f"table {number}" for number in found)))


def numbers_in(page: str) -> dict[str, int]:
    """The numbers of the tables of a page, by caption; of two with one caption the first."""
    found: dict[str, int] = {}
    for number, caption in _CAPTION.findall(page):
        found.setdefault(html.unescape(caption), int(number))
    return found


def section_numbers(rest: Sections) -> dict[str, int]:
    """The numbers of the sections that only some reports have, and of what follows them."""
    there = (
        ("groups", bool(rest.groups)),
        ("explored", bool(rest.explored)),
        ("money", rest.money is not None),
        ("explored why", bool(rest.explored_why)),
    )
    found, number = {}, 10
    for name, is_there in there:
        if is_there:
            found[name] = number
            number += 1
    return found | {"checklists": number}


def _outcomes(report: Report) -> str:
    return report.named("section 1", report.rest.outcomes)


def _flow(report: Report) -> str:
    if not report.rest.flow:
        return ""
    return report.named("section 4", report.rest.flow, *report.rest.outcome_flows)


def _eligibility(report: Report) -> str:
    there = any(step.step == FLOWED for step in report.result.flow)
    return report.named("section 4", report.rest.flow) if there else ""


def _checks(report: Report, *names: str) -> str:
    primary = report.result.primary
    there = any(check.name in names for check in primary.checks)
    return report.named("section 5", f"Checks: {primary.name}") if there else ""


def _losses(report: Report) -> str:
    found = [place for place in (_flow(report), _checks(report, "attrition", "missing outcomes")) if place]
    return "; ".join(found)


def _missing(report: Report) -> str:
    found = _checks(report, "missing outcomes", "missing cells")
    return f"{found}; section 8" if found else ""


def _balance(report: Report) -> str:
    primary = report.result.primary
    return report.named("section 5", f"Balance: {primary.name}") if primary.balance else ""


def _other_ways(report: Report) -> str:
    primary, numbers = report.result.primary, section_numbers(report.rest)
    ways = f"Other ways of asking: {primary.name}"
    found = [report.named("section 5", ways)] if primary.sensitivity else []
    found += [f"section {numbers[name]}" for name in ("groups", "explored") if name in numbers]
    return "; ".join(found)


def _size(report: Report) -> str:
    there = any(fact.part == SIZED for fact in report.result.primary.verdict.security_facts)
    return report.named("section 6", report.rest.security) if there else ""


def _changes(report: Report) -> str:
    return report.named("section 7", report.rest.planned)


def _links(report: Report) -> str:
    return report.named("page one, Why", report.first.links) if report.first.links else ""


def _delivery(report: Report) -> str:
    return report.named("page one, Why", report.first.delivery) if report.first.delivery else ""


def _dose(report: Report) -> str:
    there = any(outcome.dose_response for outcome in report.result.outcomes)
    return (
        f"section {section_numbers(report.rest)['explored why']}"
        if there and report.rest.explored_why
        else ""
    )


def _clusters(report: Report) -> str:
    there = any(o.estimate.n_clusters is not None for o in report.result.outcomes)
    return report.named("section 9", report.rest.analysts) if there else ""


PLACES: dict[str, Callable[[Report], str]] = {
    "title": lambda _: "the title",
    "page one": lambda _: "page one",
    "outcomes": _outcomes,
    "harms": lambda _: "section 3",
    "limits": lambda _: "page one, What you cannot say; sections 5 and 6",
    "flow": _flow,
    "eligibility": _eligibility,
    "losses": _losses,
    "missing": _missing,
    "balance": _balance,
    "other ways": _other_ways,
    "size": _size,
    "plan": lambda _: "section 7",
    "changes": _changes,
    "method": lambda _: "section 8",
    "links": _links,
    "delivery": _delivery,
    "dose": _dose,
    "clusters": _clusters,
}
