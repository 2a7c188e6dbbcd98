"""What an evaluation found, as a report for the team says it: the words of its own page one (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaluation.model import Result
from evaluation.protection import profile_for
from evaluation.reporting.groups import group_readings
from evaluation.reporting.money import money_reading
from evaluation.reporting.page_one import page_one
from evaluation.reporting.signs import Mark
from workspace.settings import DisclosureProfile

DEPRIVATION = re.compile(
    r"depriv|\bimd|_imd|idaci|povert|free.?school|\bfsm|_fsm|pupil.?premium|low.?income", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """One run in the words of its report; ``groups`` say by what its effect was compared, and what came of it."""

    evaluation: str
    plan_id: str
    title: str
    outcome: str
    mark: Mark
    sentence: str
    security: str
    others: tuple[tuple[str, Mark], ...] = ()
    groups: tuple[tuple[str, str], ...] = ()
    covariates: tuple[str, ...] = ()
    worth: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


def found_in(result: Result, profile: DisclosureProfile, covariates: tuple[str, ...] = ()) -> Found:
    """Read a kept result; every word of it is one that its own report shows."""
    profile = profile_for(result.primary.units, profile)
    first = page_one(result, profile)
    money = money_reading(result, profile)
    return Found(
        evaluation=result.evaluation,
        plan_id=result.plan.id,
        title=result.plan.title,
        outcome=first.name,
        mark=first.mark,
        sentence=first.sentence,
        security=f"{first.security_words} ({first.security} of 5)",
        others=first.others,
        groups=tuple(
            (one.by, ("" if one.registered else "Exploratory: ") + f"{one.name}: {one.sentence}")
            for one in group_readings(result, profile)
        ),
        covariates=covariates,
        worth=money.sentences if money else (),
        next=first.steps,
    )


def by_deprivation(found: Found) -> tuple[str, str]:
    """How a finding says whether it differs by deprivation: a word, and what it says or why it does not."""
    said = [sentence for by, sentence in found.groups if DEPRIVATION.search(by)]
    if said:
        return "reported", " ".join(said)
    held = [name for name in found.covariates if DEPRIVATION.search(name)]
    if held:
        return (
            "not reported",
            f"LC729: adjusted for {', '.join(held)}, but no subgroup was planned: whether the effect differs is not "
            "known",
        )
    return "not reported", "LC729: the plan names no subgroup and no covariate of deprivation"
