"""Projects, actions and voices as they stand. Frozen; each is what its events add up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from theory_of_change.errors import TheoryError
from theory_of_change.model import TIERS
from workspace.errors import Fault, did_you_mean

GATES = {
    "sustainability-model": "a sustainability model",
    "terms-of-reference": "terms of reference",
    "equality-review": "an equality review",
    "vawg-review": "a review of violence against women and girls, and domestic abuse",
}
PROGRESS = ("on-track", "off-track", "done", "dropped")
PROJECT_STATES = ("bid", "awarded", "closed")
CONSENT = ("none", "team", "partners", "public")
TITLE = 80  # signs of the title that stands for a story
ANSWER_DAYS = 90  # days after which what was heard and not answered is an exception

T = TypeVar("T", "Project", "Action", "Voice", "Return")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a project, an action or a voice: what changed, when, by whom. Never undone."""

    subject: str
    kind: str
    at: str
    by: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Project:
    """A project that asks for money, or got it. ``gates`` are what it handed in: a date and where it lies.

    ``quarters`` hold what it returned: money spent, planned and delivered; ``exit_plan`` what becomes of it when the
    money ends; ``told`` who heard of what was learned, and when.
    """

    id: str
    name: str
    tier: str = ""
    partner: str = ""
    priority: str = ""
    place: str = ""
    age_band: str = ""
    outcomes: tuple[str, ...] = ()
    starts: str = ""
    ends: str = ""
    gates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    state: str = "bid"
    awarded: float = 0.0
    spent: float = 0.0
    learned: str = ""
    awarded_on: str = ""
    quarters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exit_plan: str = ""
    exit_on: str = ""
    told: tuple[Mapping[str, str], ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The gates that are not met."""
        return tuple(said for gate, said in GATES.items() if gate not in self.gates)


@dataclass(frozen=True, slots=True)
class Action:
    """Something somebody promised to do by a day."""

    id: str
    text: str
    owner: str = ""
    due: str = ""
    project: str = ""
    box: str = ""
    progress: str = "on-track"
    note: str = ""

    @property
    def open(self) -> bool:
        """Say whether it is still to be done."""
        return self.progress not in ("done", "dropped")

    def exception(self, today: dt.date) -> str:
        """Why it needs a look: nobody's, late, or off track; empty where it does not."""
        if not self.open:
            return ""
        reasons = [] if self.owner else ["nobody owns it"]
        if self.due and dt.date.fromisoformat(self.due) < today:
            reasons.append(f"due {self.due}")
        if self.progress == "off-track":
            reasons.append("off track")
        if not self.due:
            reasons.append("no day set")
        return ", ".join(reasons)


@dataclass(frozen=True, slots=True)
class Voice:
    """What young people or communities said, and what was done about it. No person is named.

    ``consent`` says who may read a story, until ``consent_until``; what was said at a meeting needs none. Of a story
    the store holds a title and where it lies (``file``), never its words: entries stay, and consent may be taken back.
    """

    id: str
    theme: str
    who: str
    text: str
    heard: str
    story: bool = False
    file: str = ""
    consent: str = "none"
    consent_until: str = ""
    answer: str = ""
    answered: str = ""
    codes: tuple[str, ...] = ()
    box: str = ""

    def exception(self, today: dt.date) -> str:
        """Unanswered for longer than ninety days."""
        waited = (today - dt.date.fromisoformat(self.heard)).days
        return f"heard {self.heard}, not answered" if not self.answer and waited > ANSWER_DAYS else ""

    def may_be_shown(self, to: str, today: dt.date) -> bool:
        """Say whether a story may be shown to ``team``, ``partners`` or the ``public`` today."""
        if not self.story:
            return True
        live = not self.consent_until or dt.date.fromisoformat(self.consent_until) >= today
        return live and CONSENT.index(self.consent) >= CONSENT.index(to)


@dataclass(frozen=True, slots=True)
class Return:
    """What a partner said in words about a quarter; its numbers stand with its projects."""

    id: str
    partner: str
    quarter: str
    by: str = ""
    went_well: str = ""
    did_not: str = ""
    needs: str = ""


Thing = Project | Action | Voice | Return
KINDS: dict[str, type[Thing]] = {"PRJ": Project, "ACT": Action, "VOI": Voice, "RET": Return}


def standing(events: Iterable[Event]) -> dict[str, Thing]:
    """Everything as it stands after its events, in the order of its first ones."""
    found: dict[str, Thing] = {}
    for event in events:
        if event.kind == "added":
            made = KINDS[event.subject.partition("-")[0]]
            known = {one.name for one in fields(made)}
            said = {key: _plain(value) for key, value in event.said.items() if key in known}
            found[event.subject] = made(id=event.subject, **said)
        else:
            found[event.subject] = _after(found[event.subject], event)
    return found


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _after(one: Any, event: Event) -> Any:
    if event.kind == "gate":
        return replace(
            one, gates={**one.gates, str(event.said["gate"]): (event.said["date"], event.said["file"])}
        )
    if event.kind == "spent":
        return replace(one, spent=one.spent + float(event.said["amount"]))
    if event.kind == "returned":
        return _returned(one, event.said)
    if event.kind == "told":
        return replace(one, told=(*one.told, {key: str(event.said[key]) for key in ("who", "date")}))
    if event.kind == "coded":
        new = tuple(code for code in event.said["codes"] if code not in one.codes)
        return replace(one, codes=one.codes + new, box=event.said.get("box") or one.box)
    if event.kind == "awarded":
        one = replace(one, awarded_on=event.at[:10])
    return replace(one, **{key: _plain(value) for key, value in event.said.items() if hasattr(one, key)})


def _returned(one: Project, said: Mapping[str, Any]) -> Project:
    """A quarter as returned; a correction takes the place of what was returned of that quarter before."""
    quarter = str(said["quarter"])
    before = float(one.quarters.get(quarter, {}).get("spent", 0.0))
    now = {key: value for key, value in said.items() if key != "quarter"}
    return replace(
        one, spent=one.spent + float(said["spent"]) - before, quarters={**one.quarters, quarter: now}
    )


def of_kind(everything: Mapping[str, Thing], kind: type[T]) -> list[T]:
    """Those of one kind, in order."""
    return [one for one in everything.values() if isinstance(one, kind)]


def refuse_fields(said: Mapping[str, Any]) -> None:
    """Refuse words that are not on their list and days that are none; every fault at once.

    Raises
    ------
    TheoryError
        ``LC350``.
    """
    faults = []
    lists = {"tier": TIERS, "progress": PROGRESS, "consent": CONSENT, "gate": tuple(GATES)}
    for key, allowed in lists.items():
        value = str(said.get(key) or "")
        if value and value not in allowed:
            near = did_you_mean(value, allowed)
            faults.append(Fault("LC350", key, f"'{key}' must be one of {', '.join(allowed)}.{near}"))
    for key in ("due", "starts", "ends", "heard", "consent_until", "date", "exit_on"):
        text = str(said.get(key) or "")
        if text and not _is_day(text):
            faults.append(Fault("LC350", key, f"'{key}' must be a day, written 2026-03-31"))
    needed = ("text", "name", "who", "theme")
    faults += [
        Fault("LC350", key, f"'{key}' is empty") for key in needed if not str(said.get(key, "x")).strip()
    ]
    if faults:
        raise TheoryError.gather(faults)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
