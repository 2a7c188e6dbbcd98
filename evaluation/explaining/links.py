"""A verdict of its own for every link of the theory that a plan tests, and the first that did not hold (pure).

From an activity to an output that nobody measures the link is whether it was delivered. Any other link is read at both
ends: it can hold, or fail, only where its near end moved. One whose near end did not move was not put to the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluation.explaining.attribution import BROKEN, MOVED
from evaluation.explaining.facts import DeliveryFacts
from evaluation.model import Check, Estimate, LinkReading, Reason
from evaluation.plan import PlannedOutcome
from evaluation.reporting.numbers import effect_text
from evaluation.verdict import NO_COMPARISON, Ruling, orient, rule
from evaluation.wording import ANSWER_WORDS, amount
from theory_of_change.model import Box, Link, Theory

FINDINGS = {
    "works": "held",
    "too-small-to-matter": "held, weakly",
    "no-meaningful-effect": "did not hold",
    "harms": "went the other way",
    "inconclusive": "not known",
    "changed": "not known",
    "not-assessable": "not known",
}
NEAR = {
    "held": "moved",
    "held, weakly": "moved, too little to matter",
    "did not hold": "did not move",
    "went the other way": "moved the other way",
    "not known": "not known",
}
OPEN = ("offered", "delivered", *MOVED)
# Why a step from what was done was not put to the test, by what is known of its near end.
UNTESTED = {
    "not delivered": "Too little was delivered",
    "delivered to other people": "Too many of those reached were not whom it was meant for",
    "delivered to the comparison too": "The comparison got much the same",
}
SHUT = ("did not move", "moved the other way")


@dataclass(frozen=True, slots=True)
class Seen:
    """One outcome with its ruling, for the walk along the links; ``follow_up`` in months, where it is known."""

    outcome: PlannedOutcome
    ruling: Ruling
    estimate: Estimate | None = None
    checks: tuple[Check, ...] = ()
    security: int | None = None
    follow_up: float | None = None
    column: str = ""


def read_links(
    theory: Theory | None, links: Sequence[str], seen: Sequence[Seen], delivery: DeliveryFacts | None = None
) -> tuple[LinkReading, ...]:
    """One reading a link the plan tests, from the start of the theory's path to its end."""
    if theory is None:
        return ()
    named = [link for name in links if (link := theory.link(name)) is not None]
    return tuple(_read(theory, link, seen, delivery) for link in along_the_path(named))


def along_the_path(links: Sequence[Link]) -> list[Link]:
    """Links after those that lead to them; in the plan's order where the theory leaves it open."""
    left, found = list(links), []
    while left:
        free = [x for x in left if not any(y.to_box == x.from_box for y in left if y is not x)] or left[:1]
        found.append(free[0])
        left.remove(free[0])
    return found


def _read(theory: Theory, link: Link, seen: Sequence[Seen], delivery: DeliveryFacts | None) -> LinkReading:
    start, end = theory.box(link.from_box), theory.box(link.to_box)
    far = _item(end, seen)
    reading = LinkReading(
        link.id,
        start.text if start else "",
        end.text if end else "",
        link.because,
        link.expect or (f"{link.direction} is better here" if link.direction else "a change for the better"),
        "not measured in this plan",
        "not tested",
        near=_near(start, link, seen, delivery),
        worthwhile=_worthwhile(link, far),
    )
    if far is None:
        return _by_delivery(reading, start, end, delivery)
    return _by_outcome(reading, link, far)


def _item(box: Box | None, seen: Sequence[Seen]) -> Seen | None:
    """The outcome that stands for a box: the primary one first."""
    hits = [item for item in seen if box and item.outcome.measure in box.measures]
    return min(hits, key=lambda item: item.outcome.role != "primary") if hits else None


def _near(start: Box | None, link: Link, seen: Sequence[Seen], delivery: DeliveryFacts | None) -> str:
    """What is known of a link's near end."""
    item = _item(start, seen)
    if item is not None:
        return NEAR[FINDINGS[item.ruling.answer]]
    kind = start.kind if start else ""
    if kind not in ("activity", "output"):
        return "not measured in this plan"
    return _done(delivery) or ("offered" if kind == "activity" else "not looked at")


def _done(delivery: DeliveryFacts | None) -> str:
    """What is known of what was done; nothing where nobody looked."""
    if delivery is None:
        return ""
    if delivery.delivered is False:
        return "not delivered"
    if delivery.right_people is False:
        return "delivered to other people"
    if delivery.contrast == "red":
        return "delivered to the comparison too"
    return "delivered" if delivery.delivered else ""


def _worthwhile(link: Link, far: Seen | None) -> str:
    """The size a link was held against: its own, else the plan's smallest difference that matters."""
    if far is None:
        return link.worthwhile
    margin = link.worthwhile_size or far.outcome.minimum_important_difference
    return amount(margin, far.outcome) if margin else link.worthwhile


def _by_delivery(
    reading: LinkReading, start: Box | None, end: Box | None, delivery: DeliveryFacts | None
) -> LinkReading:
    """From an activity to an output nobody measures: whether it was delivered, and the comparison went without."""
    steps = start is not None and end is not None and start.kind == "activity" and end.kind == "output"
    if not steps or delivery is None:
        return reading
    changed = {"rests_on": "delivery", "near": "offered"}
    if delivery.delivered is None:
        return _with(reading, "how much was delivered is not known", "not known", **changed)
    if not delivery.delivered:
        return _with(reading, "not delivered as planned", "did not hold", **changed)
    if delivery.contrast == "red":
        note = "The comparison got much the same."
        return _with(reading, "delivered as planned", "held, weakly", note=note, **changed)
    return _with(reading, "delivered as planned", "held", **changed)


def _by_outcome(reading: LinkReading, link: Link, far: Seen) -> LinkReading:
    """From both ends: what the far end's own estimate says, as far as the near end let the link be tested."""
    ruling = _own_ruling(link, far)
    plain, note = FINDINGS[ruling.answer], ""
    if _too_soon(link, far) and plain in ("did not hold", "not known"):
        plain = "not known"
        note = f"Too soon: followed up {far.follow_up:g} months, and the theory gives this step {link.lag_months}."
    finding, more = _as_far_as_tested(plain, reading.near)
    evidence = effect_text(far.estimate, far.outcome.unit) if far.estimate else ""
    return _with(
        reading,
        ANSWER_WORDS[ruling.answer],
        finding,
        note=" ".join(part for part in (note, more) if part),
        evidence=f"{far.outcome.label}: {evidence}" if evidence else "",
        security=far.security,
        rests_on="outcome",
        outcome=far.column,
    )


def _with(reading: LinkReading, seen: str, finding: str, **more: object) -> LinkReading:
    return replace(reading, seen=seen, finding=finding, **more)  # type: ignore[arg-type]


def _own_ruling(link: Link, far: Seen) -> Ruling:
    """The far end's ruling; held against the link's own direction and size where it has them."""
    own = link.direction or link.worthwhile_size
    ruling, estimate = far.ruling, far.estimate
    if not own or estimate is None or ruling.answer in ("not-assessable", "changed"):
        return ruling
    if ruling.detail == NO_COMPARISON:
        return ruling
    margin = link.worthwhile_size or far.outcome.minimum_important_difference
    better = link.direction or far.outcome.better
    view = orient(estimate, better, margin, is_ratio=far.outcome.is_ratio)  # type: ignore[arg-type]
    return rule(view, far.checks)


def _too_soon(link: Link, far: Seen) -> bool:
    return link.lag_months is not None and far.follow_up is not None and far.follow_up < link.lag_months


def _as_far_as_tested(plain: str, near: str) -> tuple[str, str]:
    """The finding of a link, and why it is not that of its far end alone."""
    moved = plain in ("held", "held, weakly")
    if near in OPEN:
        return plain, ""
    if near in UNTESTED:
        if moved or plain == "went the other way":
            return plain, f"{UNTESTED[near]}, and the far end moved all the same."
        return "not tested", f"{UNTESTED[near]}, so this step was not put to the test."
    if near in SHUT and not moved:
        return "not tested", f"The near end {near}, so this step was not put to the test."
    if near in SHUT:
        return "not known", f"The near end {near}; the far end moved all the same, by another way."
    return "not known", f"The near end is {near}, so this step cannot be told from those before it."


def first_broken(readings: Sequence[LinkReading]) -> Reason | None:
    """The first link along the plan's path that did not hold: W1 where it was not delivered, else W3 or W4."""
    for position, reading in enumerate(readings):
        if reading.finding in BROKEN:
            held = any(_held(before) for before in readings[:position]) or reading.near in MOVED
            code = "W1" if reading.rests_on == "delivery" else "W4" if held else "W3"
            return Reason(
                code,
                (
                    f"The first link that did not hold is {reading.link}: {reading.from_text} to "
                    f"{reading.to_text}."
                ),
            )
    return None


def _held(reading: LinkReading) -> bool:
    return reading.finding.startswith("held") and reading.rests_on != "delivery"
