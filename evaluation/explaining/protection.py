"""What of the reasons why may leave: counts rounded or withheld, shares from those, intervals as their outcomes (pure).

A share of few people, or of all but a few, is withheld with its count; whether it met the plan's limit stays, which is
one bit. An interval in words goes where the outcome it belongs to may not be shown.
"""

from __future__ import annotations

from dataclasses import replace

from cohorts.disclosure import is_small, publish_count, publish_share, share_is_safe
from evaluation.explaining.facts import (
    DeliveryFacts,
    DeliveryPart,
    DoseResponse,
    LinkReading,
    Mediation,
)
from evaluation.model import OutcomeResult, Result
from evaluation.protection import WITHHELD, may_show, profile_for, released_mean
from workspace.settings import DisclosureProfile


def shown_delivery(facts: DeliveryFacts | None, profile: DisclosureProfile | None) -> DeliveryFacts | None:
    """Delivery as it may be read; whole without a profile."""
    if facts is None or profile is None:
        return facts
    return replace(facts, parts=tuple(_part(part, profile) for part in facts.parts))


def _part(part: DeliveryPart, profile: DisclosureProfile) -> DeliveryPart:
    """Shares and means from released counts alone. Doing it twice changes nothing."""
    n, known = publish_count(part.n, profile), publish_count(part.known, profile)
    shown = replace(part, n=n, known=known)
    if not known or part.known is None:
        return replace(shown, part=None, share=None, mean=None)
    if part.mean is not None:
        return replace(shown, mean=released_mean("continuous", part.mean, part.known, profile))
    share = publish_share(part.part or 0, part.known, profile) if part.part is not None else None
    count = publish_count(part.part, profile) if share is not None else None
    return replace(shown, part=count, share=share)


def shown_dose(outcome: OutcomeResult, profile: DisclosureProfile | None) -> DoseResponse | None:
    """The dose among the treated as it may be read: thirds only where each holds enough people."""
    found = outcome.dose_response
    if found is None or profile is None:
        return found
    if not may_show(outcome.kind, outcome.estimate, profile) or is_small(found.n, profile):
        return None
    few = any(is_small(third.n, profile) for third in found.thirds)
    if outcome.kind == "binary":
        few = few or not all(share_is_safe(third.outcome, third.n, profile) for third in found.thirds)
    thirds = () if few else tuple(
        replace(
            third,
            n=publish_count(third.n, profile) or 0,
            dose=released_mean("continuous", third.dose, third.n, profile) or 0.0,
            outcome=released_mean(outcome.kind, third.outcome, third.n, profile) or 0.0,
        )
        for third in found.thirds
    )  # fmt: skip
    return replace(found, n=publish_count(found.n, profile) or 0, thirds=thirds)


def shown_links(result: Result, profile: DisclosureProfile | None) -> tuple[LinkReading, ...]:
    """Links without the intervals of outcomes that may not be shown."""
    if profile is None:
        return result.links
    return tuple(
        replace(link, evidence=WITHHELD)
        if link.evidence and not _may_show(result, link.outcome, profile)
        else link
        for link in result.links
    )


def _may_show(result: Result, measure: str, profile: DisclosureProfile) -> bool:
    found = [outcome for outcome in result.outcomes if outcome.measure == measure]
    return bool(found) and all(
        may_show(outcome.kind, outcome.estimate, profile_for(outcome.units, profile)) for outcome in found
    )


def shown_mediation(result: Result, profile: DisclosureProfile | None) -> tuple[Mediation, ...]:
    """Mediators without figures where one of the two outcomes may not be shown."""
    if profile is None:
        return result.mediation
    return tuple(
        replace(one, n=publish_count(one.n, profile) or 0)
        if all(_may_show(result, measure, profile) for measure in one.measures)
        and not is_small(one.n, profile)
        else replace(one, n=0, parts=(), rho_at_zero=None, rho_path=(), note=WITHHELD)
        for one in result.mediation
    )
