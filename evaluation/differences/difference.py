"""How a re-run differs from an earlier run since somebody left, and whether it may be shown (pure).

Two results that differ by one person give that person's outcome away, and an erasure is the surest way to get
two such results. So a re-run that rests on a few people fewer or more than an earlier run, with a withdrawal, a
restriction or an erasure between them, is held: the earlier result stands until enough people have come or gone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cohorts.disclosure import shown_count
from evaluation.plan import AnalysisPlan, canonical
from workspace.settings import DisclosureProfile

_STATEMENT = re.compile(
    r"(?P<old>\d+) → (?P<new>\d+) people: (?P<events>\d+ [^;]+) since (?P<earlier>EVAL-\d+)(?P<effect>; effect .*)?"
)
_SINGLE = {"person taken back": "lift"}
NOT_COMPARED = ("id", "title", "reason", "links", "reported_by", "subgroups", "delivery", "selection")


@dataclass(frozen=True, slots=True)
class Footing:
    """What one outcome of a run rested on: people analysed and effect, and how far rights had changed by then."""

    evaluation: str
    measure: str
    analysed: int
    effect: float | None
    last_change: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome of a re-run against an earlier run, in words for inside the store only."""

    earlier: str
    measure: str
    statement: str
    held: bool


def signature(plan: AnalysisPlan) -> str:
    """What a plan computes, whatever it is called: a copy under another name must not be a way round."""
    content = {name: part for name, part in json.loads(canonical(plan)).items() if name not in NOT_COMPARED}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()


def differences(
    earlier: Sequence[Footing],
    now: Sequence[Footing],
    changes: dict[str, list[tuple[str, int]]],
    threshold: int,
) -> list[Difference]:
    """Each outcome of a re-run against every earlier run since which rights have changed.

    Parameters
    ----------
    earlier, now : sequence of Footing
        What earlier runs of the same signature rested on, and this one.
    changes : dict
        For each earlier run, how many people each kind of change concerned since.
    threshold : int
        Fewer people than this are too few to differ by.
    """
    found = []
    for new in now:
        for old in earlier:
            if old.measure != new.measure or old.last_change >= new.last_change:
                continue
            moved = abs(new.analysed - old.analysed)
            same = moved == 0 and new.effect == old.effect
            held = moved < threshold and not same
            found.append(
                Difference(old.evaluation, new.measure, _said(old, new, changes[old.evaluation]), held)
            )
    return found


def _said(old: Footing, new: Footing, changes: list[tuple[str, int]]) -> str:
    events = ", ".join(f"{n} {_counted(kind, n)}" for kind, n in changes)
    effect = ""
    if old.effect is not None and new.effect is not None:
        effect = f"; effect {old.effect:.3f} → {new.effect:.3f}"
    return f"{old.analysed} → {new.analysed} people: {events} since {old.evaluation}{effect}"


def shown_statement(text: str, profile: DisclosureProfile) -> str:
    """A statement as it may be read: two runs beside one another are the differencing attack itself.

    Where fewer people than the threshold lie between them neither the difference nor the effects are said, and numbers
    of changes are counts of people like any other.
    """
    found = _STATEMENT.fullmatch(text)
    if found is None:  # of a version that worded it otherwise
        return "it cannot be said how"
    old, new = int(found["old"]), int(found["new"])
    events = ", ".join(_shown_event(event, profile) for event in found["events"].split(", "))
    if abs(old - new) < profile.threshold:
        return f"fewer than {profile.threshold} people apart, effects not said: {events} since {found['earlier']}"
    counts = f"{shown_count(old, profile)} → {shown_count(new, profile)} people"
    return f"{counts}: {events} since {found['earlier']}{found['effect'] or ''}"


def _shown_event(event: str, profile: DisclosureProfile) -> str:
    n, _, kind = event.partition(" ")
    return f"{shown_count(int(n), profile)} {kind if n != '1' else _counted(_SINGLE.get(kind, kind), 2)}"


def _counted(kind: str, n: int) -> str:
    word = "person taken back" if kind == "lift" else kind
    return word if n == 1 else {"person taken back": "people taken back"}.get(word, f"{word}s")
