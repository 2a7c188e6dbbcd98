"""A small theory by question and answer. Who asks is handed in, so that the questions can be tested (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from theory_of_change.model import TERMS, TIERS, Box, Link, Theory


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Without choices any words do; an empty answer takes the default, and is refused where needed."""

    text: str
    choices: tuple[str, ...] = ()
    default: str = ""
    needed: bool = True


Ask = Callable[[Question], str]


@dataclass
class _Draft:
    """What has been said so far."""

    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def next_id(self, letter: str) -> str:
        return f"{letter}{sum(box.id[0] == letter for box in self.boxes) + 1}"

    def outcomes(self) -> list[Box]:
        return [box for box in self.boxes if box.kind == "outcome"]


def interview(ask: Ask, title: str = "") -> Theory:
    """Ask for activities, what people get, what should change and why; returns the theory that was told."""
    title = title or ask(Question("What is the theory about? (a title)"))
    owner = ask(Question("Who looks after it?", needed=False))
    draft = _Draft()
    while True:
        _chain(ask, draft)
        if ask(Question("Another activity?", ("yes", "no"), "no")) == "no":
            break
    _goal(ask, draft)
    return Theory(title, owner, boxes=tuple(draft.boxes), links=tuple(draft.links))


def _chain(ask: Ask, draft: _Draft) -> None:
    """One activity, what people get from it, and what should change by it."""
    text = ask(Question("What do you do? (an activity)"))
    tier = ask(Question("For whom? primary: everyone; secondary: at risk; tertiary: already involved", TIERS))
    activity = Box(draft.next_id("A"), "activity", text, tier=tier)
    draft.boxes.append(activity)
    output = Box(draft.next_id("P"), "output", ask(Question("What do people get from it, if all goes well?")))
    draft.boxes.append(output)
    draft.links.append(_link(ask, activity, output))
    outcome = _outcome(ask, draft)
    draft.links.append(_link(ask, output, outcome, lag=True))


def _outcome(ask: Ask, draft: _Draft) -> Box:
    """An outcome told before, by its id, or a new one."""
    known = {box.id: box for box in draft.outcomes()}
    before = f" (or one of before: {', '.join(known)})" if known else ""
    text = ask(Question(f"What should change by that?{before}"))
    if text.upper() in known:
        return known[text.upper()]
    term = ask(
        Question("How soon? short: within a year; medium: one to three years; long: later", TERMS, "short")
    )
    outcome = Box(draft.next_id("O"), "outcome", text, term=term)
    draft.boxes.append(outcome)
    return outcome


def _goal(ask: Ask, draft: _Draft) -> None:
    text = ask(Question("What is it all for, in the end?"))
    goal = Box("I1", "impact", text)
    draft.boxes.append(goal)
    draft.links.extend(_link(ask, outcome, goal, lag=True) for outcome in draft.outcomes())


def _link(ask: Ask, start: Box, end: Box, lag: bool = False) -> Link:
    """Why the one should lead to the other, and what could go wrong on the way."""
    because = ask(Question(f'Why should "{start.text}" lead to "{end.text}"?'))
    harm = ask(
        Question("How could that do harm? (leave empty if nobody has thought of it yet)", needed=False)
    )
    months = ask(Question("After how many months would it show?", needed=False)) if lag else ""
    count = int(months) if months.isdecimal() else None
    return Link(start.id, end.id, because, lag_months=count, could_harm=harm)
