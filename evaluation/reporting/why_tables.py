"""Why, as a report prints it: its links one by one, delivery, and what was explored of dose and mediators (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.explaining.facts import DeliveryPart, DoseResponse, LinkReading, Mediation
from evaluation.explaining.protection import shown_delivery, shown_dose, shown_links, shown_mediation
from evaluation.model import OutcomeResult, Result
from evaluation.reporting.numbers import TOO_FEW, decimals_for, mean_text, number, plain, span
from evaluation.reporting.signs import capital
from evaluation.reporting.tables import Table, shown
from workspace.settings import DisclosureProfile

RESULTS = {
    "met": "as planned",
    "not met": "less than planned",
    "green": "few: the comparison went without",
    "amber": "some: the comparison was not quite without",
    "red": "many: the comparison had much the same",
    "shown": "for information",
    "not known": "not known of enough people",
}
SEQUENTIAL = (
    "Explored only. It holds if, beside the arm and the covariates, nothing moves both the nearer and the further "
    "outcome. No trial makes that true, no data can show it, and no verdict hangs on it."
)

NO_RHO = "How strong something unmeasured would have to be to undo it is worked out for two scores only."


@dataclass(frozen=True, slots=True)
class ExploredWhy:
    """Something explored of why: a heading, what to know before reading it, its table and what to know after."""

    heading: str
    lines: tuple[str, ...]
    table: Table | None


def links_table(result: Result, profile: DisclosureProfile) -> Table | None:
    """Every link the plan tests: expected, seen, finding, and how far to trust that."""
    rows = tuple(_link_row(link) for link in shown_links(result, profile))
    head = ("Step", "Expected", "Seen", "Finding", "Trust, of 5")
    return Table("Steps of the theory", head, rows) if rows else None


def _link_row(link: LinkReading) -> tuple[str, ...]:
    worth = f" ({link.worthwhile} would be worth it)" if link.worthwhile else ""
    seen = f"{link.seen}. {link.evidence}" if link.evidence else link.seen
    finding = f"{link.finding}. {link.note}" if link.note else link.finding
    trust = "not rated" if link.security is None else str(link.security)
    return (
        f"{link.from_text} → {link.to_text} ({link.link})",
        f"{link.expected}{worth}",
        capital(seen),
        capital(finding),
        trust,
    )


def delivery_table(result: Result, profile: DisclosureProfile) -> Table | None:
    """What the plan asked of delivery, and what was found."""
    facts = shown_delivery(result.delivery, profile)
    if facts is None or not facts.parts:
        return None
    head = ("Delivery", "Known of", "Found", "Asked for", "Finding")
    return Table(
        "What was delivered, and to whom", head, tuple(_part_row(part, profile) for part in facts.parts)
    )


def _part_row(part: DeliveryPart, profile: DisclosureProfile) -> tuple[str, ...]:
    group = "with the programme" if part.arm == "with" else "in the comparison"
    few = f"fewer than {profile.threshold}"
    counts = [few if count is None else shown(count, profile) for count in (part.known, part.n)]
    known = f"{counts[0]} of {counts[1]} {group}"
    return (part.words, known, _found(part), _asked(part), RESULTS[part.result])


def _found(part: DeliveryPart) -> str:
    if part.mean is not None:
        return number(part.mean)
    if part.share is not None:
        return f"{_just(part)}{plain(100 * part.share, 0)} %"
    return "no records" if part.known == 0 else TOO_FEW


def _just(part: DeliveryPart) -> str:
    """A word where a rounded share looks like the limit it is not."""
    if part.limit is None or part.share is None or round(100 * part.share) != round(100 * part.limit):
        return ""
    return {"amber": "just over ", "not met": "just under "}.get(part.result, "")


def _asked(part: DeliveryPart) -> str:
    if part.limit is None:
        return "no limit"
    if part.name == "contrast":
        return f"{plain(100 * part.limit, 0)} % at most"
    if part.name in ("dose", "fidelity"):
        return f"{number(part.limit)}{' planned' if part.name == 'dose' else ' at least'}"
    return f"{plain(100 * part.limit, 0)} % at least"


def explored_why(result: Result, profile: DisclosureProfile) -> tuple[ExploredWhy, ...]:
    """Dose among the treated, and effects split by a mediator, as far as there are any."""
    found = [
        _dose(outcome, dose, profile)
        for outcome in result.outcomes
        if (dose := shown_dose(outcome, profile)) is not None
    ]
    return (*found, *(_mediation(result, one, profile) for one in shown_mediation(result, profile)))


def _dose(outcome: OutcomeResult, dose: DoseResponse, profile: DisclosureProfile) -> ExploredWhy:
    unit = "per 100 people" if outcome.kind == "binary" else outcome.unit
    factor = 100 if outcome.kind == "binary" else 1
    ends = _ends(factor * dose.slope, factor * dose.conf_low, factor * dose.conf_high, unit)
    line = f"For each unit more of '{dose.dose}' the outcome differs by {ends}, at equal covariates."
    decimals = decimals_for(*(third.outcome for third in dose.thirds))
    rows = tuple(
        (
            f"with the {third.name} of it",
            shown(third.n, profile),
            number(third.dose),
            mean_text(outcome, third.outcome)
            if outcome.kind == "binary"
            else f"{plain(third.outcome, decimals)} {outcome.unit}".rstrip(),
        )
        for third in dose.thirds
    )
    head = ("People with the programme", "People", f"Average {dose.dose}", outcome.name)
    table = Table(f"Explored: {outcome.name} by dose", head, rows) if rows else None
    lines = (
        (dose.note, line)
        if table
        else (dose.note, line, "Thirds by dose are withheld: too few people to show.")
    )
    return ExploredWhy(f"Dose: {outcome.name}", lines, table)


def _mediation(result: Result, one: Mediation, profile: DisclosureProfile) -> ExploredWhy:
    heading = f"By way of {one.mediator} to {one.outcome} ({one.link})"
    if not one.parts:
        return ExploredWhy(heading, (one.note,), None)
    far = next(outcome for outcome in result.outcomes if outcome.measure == one.measures[1])
    factor, unit = (100, "per 100 people") if far.kind == "binary" else (1, far.unit)
    rows = tuple(
        (part.name, _ends(factor * part.value, factor * part.conf_low, factor * part.conf_high, unit))
        for part in one.parts
    )
    sensitivity = NO_RHO
    if one.rho_at_zero is not None:
        sensitivity = (
            f"The way by the mediator would be nought if something unmeasured made what is left of the two outcomes "
            f"correlate by {plain(one.rho_at_zero, 2)} (−1 to 1): the nearer to 0, the less it takes."
        )
    people = f"People with both outcomes: {shown(one.n, profile)}."
    table = Table(f"Explored: {heading}", ("Part of the effect", "Value (interval)"), rows)
    return ExploredWhy(heading, (SEQUENTIAL, people, sensitivity), table)


def _ends(value: float, low: float, high: float, unit: str) -> str:
    decimals = decimals_for(value, low, high)
    text = f"{plain(value, decimals)} ({span(low, high, decimals)})"
    return f"{text} {unit}".rstrip()
