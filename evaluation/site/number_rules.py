"""One number is one number: site, full report and data file of each finding held against one another (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from evaluation.model import EffectSize, Estimate
from evaluation.reporting.numbers import NOT_ESTIMATED, TOO_FEW, effect_text, in_100, number
from evaluation.reporting.page_tree import Element, table_rows
from evaluation.site.findings import data_path, report_path
from evaluation.site.words import finding_path
from workspace.errors import Fault

HOME = "index.html"
DIFFERENCE, WITH, WITHOUT = 4, 2, 3
SIZE = 3
SAME = ("answer", "sentence", "trust", "pictures")


def number_faults(name: str, payload: Mapping[str, Any], pages: Mapping[str, Element]) -> Iterator[Fault]:
    """Everything told in two ways about one evaluation."""
    site, report = pages.get(finding_path(name)), pages.get(report_path(name))
    if site is None or report is None:
        lost = report_path(name) if site else finding_path(name)
        yield Fault("LC747", lost, f"{name} has data and not this page")
        return
    yield from _same_words(name, site, report)
    rows = _outcome_rows(site)
    reported = {row for table in report.all("table") for row in table_rows(table)}
    for row in rows.values():
        if row not in reported:
            yield Fault("LC747", finding_path(name), f"the row of '{row[0]}' is not that of the full report")
    for outcome in payload["outcomes"]:
        if outcome["planned"]:
            yield from _against_data(name, outcome, rows.get(outcome["name"]))
    yield from _against_home(name, payload, rows, pages.get(HOME))


def _same_words(name: str, site: Element, report: Element) -> Iterator[Fault]:
    """Page one: the same words, to the last sign."""
    for part in SAME:
        said = [[one.text for one in page.classed(part)][:1] for page in (site, report)]
        if part == "pictures":
            said = [[caption.text for caption in _captions(page)] for page in (site, report)]
        if said[0] != said[1]:
            problem = f"its {part} is not that of {report_path(name)}"
            yield Fault("LC747", finding_path(name), problem)


def _captions(page: Element) -> list[Element]:
    """What stands over the pictures of page one; the headline is the number."""
    return [bold for one in page.classed("pictures") for bold in one.all("strong")]


def _outcome_rows(site: Element) -> dict[str, tuple[str, ...]]:
    for table in site.all("table"):
        rows = table_rows(table)
        if rows and rows[0][:2] == ("Outcome", "Role"):
            return {row[0]: row for row in rows[1:]}
    return {}


def _against_data(name: str, outcome: Mapping[str, Any], row: tuple[str, ...] | None) -> Iterator[Fault]:
    where = finding_path(name)
    if row is None:
        yield Fault(
            "LC747", where, f"the outcome '{outcome['name']}' is in {data_path(name)} and not on the page"
        )
        return
    estimate = estimate_of(outcome["estimate"])
    if estimate.value is None:
        if row[DIFFERENCE] not in (TOO_FEW, NOT_ESTIMATED):
            yield Fault(
                "LC747", where, f"a number of '{row[0]}' is withheld in {data_path(name)} and told here"
            )
        return
    wanted = {
        DIFFERENCE: effect_text(estimate, outcome["unit"]),
        WITH: _mean(outcome, estimate.treated_mean),
        WITHOUT: _mean(outcome, estimate.comparison_mean),
    }
    for place, text in wanted.items():
        if row[place] not in (text, TOO_FEW):
            yield Fault("LC747", where, f"'{row[0]}' has another number than {data_path(name)}")


def _mean(outcome: Mapping[str, Any], mean: float | None) -> str:
    if mean is None:
        return NOT_ESTIMATED
    return in_100(mean) if outcome["kind"] in ("binary", "time-to-event") else number(mean, outcome["unit"])


def estimate_of(found: Mapping[str, Any]) -> Estimate:
    """An estimate out of a data file."""
    known = {one.name: found.get(one.name) for one in fields(Estimate) if one.name in found}
    size = found.get("standardised")
    return Estimate(**{**known, "standardised": EffectSize(**size) if size else None})  # type: ignore[arg-type]


def _against_home(
    name: str, payload: Mapping[str, Any], rows: Mapping[str, tuple[str, ...]], home: Element | None
) -> Iterator[Fault]:
    """The first page's row, where this finding is the newest of its plan."""
    primary = next(one for one in payload["outcomes"] if one["role"] == "primary")
    for line in home.all("tr") if home else ():
        if any(link.get("href") == finding_path(name) for link in line.all("a")):
            cells = [cell.text for cell in line.all("th", "td")]
            row = rows.get(primary["name"])
            trust = f"({primary['verdict']['security']} of 5)"
            if row is None or cells[SIZE] != row[DIFFERENCE] or trust not in cells[SIZE + 1]:
                yield Fault("LC747", HOME, f"the row of {name} has other numbers than its page")
