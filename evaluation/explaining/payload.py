"""What a result's JSON says of why: keys that are there only where a plan asks for them (pure)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluation.explaining.protection import shown_delivery, shown_dose, shown_mediation
from evaluation.model import OutcomeResult, Result
from workspace.settings import DisclosureProfile


def why_payload(result: Result, profile: DisclosureProfile | None) -> dict[str, Any]:
    """``why`` (class, first broken link, codes, sentence), ``delivery`` and ``mediation``, as far as there are any."""
    found: dict[str, Any] = {}
    if result.failure is not None:
        failure = asdict(result.failure)
        found["why"] = {"class": failure.pop("kind"), **failure}
    delivery = shown_delivery(result.delivery, profile)
    if delivery is not None:
        found["delivery"] = asdict(delivery)
    if result.mediation:
        found["mediation"] = [asdict(one) | {"exploratory": True} for one in shown_mediation(result, profile)]
    return found


def dose_payload(outcome: OutcomeResult, profile: DisclosureProfile | None) -> dict[str, Any]:
    """``dose_response`` of an outcome, stamped exploratory; nothing where there is none."""
    found = shown_dose(outcome, profile)
    return {} if found is None else {"dose_response": asdict(found) | {"exploratory": True}}
