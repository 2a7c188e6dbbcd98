"""A programme that watches people finds more of what only watching finds: recalls, breaches (pure).

It is read off words, for nothing else says it: the plan's title, id and treatment against the outcome's measure and
name. A programme that watches and does not say so is not recognised.
"""

from __future__ import annotations

import re

from evaluation.model import Check
from evaluation.plan import AnalysisPlan, PlannedOutcome

FOUND_BY_WATCHING = re.compile(
    r"\b(recall(s|ed)?|breach(es|ed)?|revocations?|revoked|technical violations?|non ?compliance|curfew violations?)\b"
)
WATCHES = re.compile(
    r"\b(tag(s|ged|ging)?|gps|electronic(ally)? monitor\w*|monitor(ed|ing)|supervis\w+|curfews?|surveillance)\b"
)


def watching_check(plan: AnalysisPlan, outcome: PlannedOutcome) -> tuple[Check, ...]:
    """A doubt where a programme of tags or supervision is judged by recalls or breaches; nothing elsewhere."""
    watches = _any(WATCHES, plan.title, plan.id, plan.design.treatment)
    if not (watches and _any(FOUND_BY_WATCHING, outcome.measure, outcome.label)):
        return ()
    note = (
        "Closer watching finds more breaches: whoever is tagged or supervised is found out more often, whatever they "
        "do. This is no reoffending by itself; read it beside an outcome that is found in both arms alike."
    )
    return (Check("closer watching", "warn", None, None, "downgrade", note),)


def _any(words: re.Pattern[str], *texts: str) -> bool:
    plain = re.sub(r"[_\-@]+", " ", " ".join(texts).lower())
    return words.search(plain) is not None
