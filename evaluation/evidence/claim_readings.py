"""What a claim comes to before anybody has tested it, and the design that would (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.claims.reading import ClaimReading, read_claim
from evaluation.evidence.model import Claim, Reading
from evaluation.model import Check
from evaluation.wording import ANSWER_WORDS

TESTED = ("other-places", "other-people", "randomised")


@dataclass(frozen=True, slots=True)
class Assessed:
    """A claim, how it reads, and what would answer it."""

    claim: Claim
    reading: Reading
    design: str
    questions: tuple[str, ...]


def assess(claim: Claim, answer: str = "") -> Assessed:
    """A claim is never a finding: it cannot be told yet, for the reasons named, until ``answer`` of its test is there.

    What the person who logged it answered goes before what its words give away.
    """
    facts = read_claim(claim.text)
    checks = _checks(claim, facts)
    if claim.tested_by and answer:
        words = ANSWER_WORDS[answer]
        said = f"tested by {claim.tested_by}: {words}"
        return Assessed(claim, Reading(answer, "tested", said, checks), "", ())  # type: ignore[arg-type]
    reasons = ", ".join(check.note for check in checks) or "nobody here has tested it"
    said = f"{ANSWER_WORDS['inconclusive']}: {reasons}"
    return Assessed(
        claim, Reading("inconclusive", "claim", said, checks), _design(claim, facts), _open(claim, facts)
    )


def _checks(claim: Claim, facts: ClaimReading) -> tuple[Check, ...]:
    found = []
    if _worst_first(claim, facts):
        found.append(_doubt("chosen because worst", "worst areas chosen"))
    if claim.comparison in ("none", "before"):
        found.append(_doubt("comparison", "nothing but the time before to compare with"))
    elif claim.comparison == "not-named" and not facts.names_comparison:
        found.append(_doubt("comparison", "no comparison named"))
    if claim.chosen == "volunteers":
        found.append(_doubt("who was chosen", "those who came forward may differ from those who did not"))
    if claim.change == "relative":
        found.append(_doubt("change", "a change in per cent without the numbers behind it"))
    return tuple(found)


def _doubt(name: str, note: str) -> Check:
    return Check(name, "warn", None, None, "block", note)


def _worst_first(claim: Claim, facts: ClaimReading) -> bool:
    return claim.chosen == "worst-first" or (claim.chosen == "not-said" and facts.names_worst)


def _design(claim: Claim, facts: ClaimReading) -> str:
    if _worst_first(claim, facts):
        return (
            "Name comparison areas by the same rule (as bad, at the same time) that did not get it, follow both with "
            "difference-in-differences, better by lot which area gets it, and count the buffer zones around them "
            "(displacement-difference): the worst areas fall back by themselves."
        )
    if claim.comparison == "randomised":
        return "Register the trial as a plan with its comparison and difference that matters: randomised."
    if claim.place or claim.comparison == "other-places":
        return "Follow places with and without it, before and after: difference-in-differences or synthetic-control."
    return "Find people like them who did not get it, by lot where there are more than places: randomised, or matching."


def _open(claim: Claim, facts: ClaimReading) -> tuple[str, ...]:
    """What is still to be asked of whoever said it."""
    asks = [
        (claim.comparison == "not-named" and not facts.names_comparison, "Compared with whom or what?"),
        (claim.chosen == "not-said", "How were the places or people chosen?"),
        (not claim.period, "Over which period, and why that one?"),
        (
            claim.change == "not-said" and facts.relative_change,
            "Per cent of what number: how many before and after?",
        ),
    ]
    return tuple(words for asked, words in asks if asked)
