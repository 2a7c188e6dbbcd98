"""From facts to a class of failure: one pure function over the rows of section 5.3 of the field standards.

Several rows may apply. All their codes are told; the class is the first of them in this order, and the order is the
argument: a harm is never explained away; what was not delivered, went to other people or was had by the comparison too
leaves the effect untested; what the measure or the study could not see condemns no theory; an effect that differs
between groups is no missing effect; and only then is a link of the theory what failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.explaining.facts import Failure, FailureClass
from evaluation.model import Answer, LinkReading

ORDER: tuple[FailureClass, ...] = (
    "harm", "implementation", "wrong-people", "contrast", "measurement", "evaluation", "harm-offsets-benefit",
    "moderated", "too-soon", "theory-later-link", "theory-first-link", "implementation-or-theory",
)  # fmt: skip
CODES: dict[FailureClass, str] = {
    "as-expected": "W0", "harm": "W8", "implementation": "W1", "wrong-people": "W2", "contrast": "W5",
    "measurement": "W6", "evaluation": "W7", "harm-offsets-benefit": "W8", "moderated": "W9", "too-soon": "W7",
    "theory-first-link": "W3", "theory-later-link": "W4", "implementation-or-theory": "W3", "not-known": "W7",
}  # fmt: skip
WORDS: dict[FailureClass, str] = {
    "as-expected": "As expected",
    "harm": "Harm",
    "implementation": "Implementation failure",
    "wrong-people": "It reached other people than it was meant for",
    "contrast": "Contrast failure",
    "measurement": "Measurement failure",
    "evaluation": "Evaluation failure",
    "harm-offsets-benefit": "Harm offsets benefit",
    "moderated": "It depends on for whom",
    "too-soon": "Too soon",
    "theory-first-link": "Theory failure, first link",
    "theory-later-link": "Theory failure, later link",
    "implementation-or-theory": "Implementation or theory: cannot be told apart",
    "not-known": "Not known",
}
WORKED: tuple[Answer, ...] = ("works", "too-small-to-matter")
BROKEN = ("did not hold", "went the other way")
MOVED = ("moved", "moved, too little to matter")
UNTESTED = "the effect of the programme as it was meant stays untested"


@dataclass(frozen=True, slots=True)
class Facts:
    """All the attribution looks at. ``measurement``, ``evaluation`` and ``opposed`` hold what was found, in words.

    ``moderators`` are registered subgroups between which the effect differs; ``too_soon`` says that a follow-up was
    shorter than the theory's lag.
    """

    answer: Answer
    delivered: bool | None = None
    right_people: bool | None = None
    contrast: str = ""
    links: tuple[LinkReading, ...] = ()
    measurement: tuple[str, ...] = ()
    evaluation: tuple[str, ...] = ()
    opposed: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()
    too_soon: bool = False
    not_looked: tuple[str, ...] = ()


def attribute(facts: Facts) -> Failure:
    """The class of failure, the first broken link, every code that applies, and a sentence.

    Source: field standards 5.3 (failure attribution along the logic model), R49.
    """
    broken = next((link for link in facts.links if link.finding in BROKEN), None)
    rows = _rows(facts, broken)
    if facts.answer in WORKED:
        codes = ("W0", *(CODES[row] for row in rows))
        kind: FailureClass = "as-expected"
    else:
        kind = rows[0] if rows else "not-known"
        codes = tuple(CODES[row] for row in rows) or (CODES[kind],)
    name = broken.link if broken else ""
    return Failure(
        kind, name, tuple(dict.fromkeys(codes)), _sentence(kind, rows, facts, broken), facts.not_looked
    )


def _rows(facts: Facts, broken: LinkReading | None) -> list[FailureClass]:
    """Every row that applies, in the order in which they decide."""
    theory = _theory_row(facts, broken)
    applies: dict[FailureClass, bool] = {
        "harm": facts.answer == "harms",
        "implementation": facts.delivered is False,
        "wrong-people": facts.right_people is False,
        "contrast": facts.contrast == "red",
        "measurement": bool(facts.measurement),
        "evaluation": bool(facts.evaluation) or facts.answer in ("not-assessable", "changed"),
        "harm-offsets-benefit": bool(facts.opposed) and facts.answer != "harms",
        "moderated": bool(facts.moderators),
        "too-soon": facts.too_soon,
    }
    return [row for row in ORDER if applies.get(row) or row == theory]


def _theory_row(facts: Facts, broken: LinkReading | None) -> FailureClass | None:
    """Which link of the theory failed. It takes a study that could see: one that cannot tell blames no link."""
    held = [link for link in facts.links if link.finding.startswith("held") and link.rests_on == "outcome"]
    if broken is not None and broken.rests_on == "outcome":
        if held or broken.near in MOVED:
            return "theory-later-link"
    elif facts.answer != "no-meaningful-effect":
        return None
    if facts.delivered is False or facts.right_people is False or facts.contrast == "red":
        return None
    return "theory-first-link" if facts.delivered else "implementation-or-theory"


def _sentence(
    kind: FailureClass, rows: Sequence[FailureClass], facts: Facts, broken: LinkReading | None
) -> str:
    """The class in a sentence, and what else applies."""
    others = [WORDS[row].lower() for row in rows if row != kind and row in ORDER]
    tail = f" Also seen: {'; '.join(others)}." if others else ""
    return f"{WORDS[kind]}: {_said(kind, facts, broken)}.{tail}"


def _said(kind: FailureClass, facts: Facts, broken: LinkReading | None) -> str:
    step = f"{broken.from_text} to {broken.to_text} ({broken.link})" if broken else "the step this plan tests"
    words: dict[FailureClass, str] = {
        "as-expected": "the outcome moved the way the theory expected",
        "harm": "the outcome moved against what the theory expected, however much was delivered",
        "implementation": f"less was delivered than planned, so {UNTESTED}",
        "wrong-people": f"too many of those reached were not whom it was meant for, so {UNTESTED}",
        "contrast": f"too many in the comparison got the same or similar help, so {UNTESTED}",
        "measurement": _listed(facts.measurement),
        "evaluation": _listed(facts.evaluation) or "the study cannot answer what it asked",
        "harm-offsets-benefit": _listed(facts.opposed),
        "moderated": f"the effect differs by {_listed(facts.moderators)}, as the plan asked",
        "too-soon": "people were followed up for less time than the theory gives the step",
        "theory-first-link": f"it was delivered, and the first step did not follow: {step}",
        "theory-later-link": f"earlier steps held and a later one did not: {step}",
        "implementation-or-theory": (
            f"this did not follow: {step}; and whether the programme was delivered is not known, so either may be why"
        ),
        "not-known": "nothing that was looked at explains it",
    }
    return words[kind]


def _listed(found: Sequence[str]) -> str:
    return "; ".join(found)
