"""What a return changes: each cell held against what is there, as entries to be made all at once (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from theory_of_change.delivery.model import Action, Project, Return, Thing, Voice, of_kind
from theory_of_change.errors import TheoryError
from theory_of_change.returns.cells import Filled, Returned
from theory_of_change.returns.layout import ACTIONS, PROJECTS, VOICES
from theory_of_change.tracking.periods import read_period
from workspace.errors import Fault, did_you_mean

Entry = tuple[str, str, Mapping[str, Any]]
MONEY = ("spent", "planned", "delivered", "unit", "note")
ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a return comes to: entries to be made, and how many rows say what is held already."""

    entries: tuple[Entry, ...]
    unchanged: int

    def count(self, prefix: str) -> int:
        """Entries about projects (PRJ), actions (ACT), voices (VOI) or words (RET)."""
        return sum(subject.startswith(prefix) for subject, _, _ in self.entries)


def taken(returned: Returned, things: Mapping[str, Thing], today: str, *, replace: bool) -> Taken:
    """The entries of a return.

    Raises
    ------
    TheoryError
        With every fault of the workbook: ``LC358`` cells and ids, ``LC359`` what differs from a return that is held.
    """
    faults = list(returned.faults)
    reader = _Reader(returned, things, faults, today, replace)
    read = [*reader.projects(), *reader.actions(), *reader.voices(), *reader.words()]
    if not faults and not read:
        faults.append(Fault("LC358", "", "the return says nothing", "Fill in the white cells."))
    if faults:
        raise TheoryError.gather(faults)
    entries = tuple(entry for entry in read if entry[2])
    return Taken(entries, len(read) - len(entries))


@dataclass(frozen=True, slots=True)
class _Reader:
    returned: Returned
    things: Mapping[str, Thing]
    faults: list[Fault]
    today: str
    replace: bool

    def _fault(self, row: Filled, key: str, said: str, hint: str = "", code: str = "LC358") -> None:
        if not any(fault.where == row.where(key) for fault in self.faults):  # a cell is named once
            self.faults.append(Fault(code, row.where(key), said, hint))

    def _held(self, row: Filled, kind: type[Any]) -> Any:
        """The thing a row is about; a fault where its id names none."""
        name = row.values["id"].upper()
        one = self.things.get(name)
        if isinstance(one, kind):
            return one
        known = [key for key, thing in self.things.items() if isinstance(thing, kind)]
        hint = "Use a fresh template; ids are locked in it."
        self._fault(
            row, "id", f"there is no {kind.__name__.lower()} of this id.{did_you_mean(name, known)}", hint
        )
        return None

    def projects(self) -> Iterator[Entry]:
        """Money, planned and delivered of each project that says anything."""
        quarter = _canonical(self.returned.head.get("quarter", ""))
        seen: set[str] = set()
        for row in self.returned.rows.get(PROJECTS, ()):
            said = {key: value for key in MONEY if (value := row.values.get(key)) not in (None, "")}
            one = self._held(row, Project) if row.values["id"] else None
            if not said:
                continue
            if not row.values["id"]:
                self._fault(
                    row, "id", "a row without an id: projects are entered by project add", "Leave it blank."
                )
            if one is None or not self._project_fits(row, one, said, seen):
                continue
            held = one.quarters.get(quarter)
            if held == said:
                yield one.id, "returned", {}
            elif held is not None and not self.replace:
                hint = "A correction is loaded with --replace; the earlier return stays in its history."
                self._fault(row, "spent", f"another return of {quarter} is held of it", hint, "LC359")
            else:
                yield one.id, "returned", {"quarter": quarter, **said}

    def _project_fits(self, row: Filled, one: Project, said: Mapping[str, Any], seen: set[str]) -> bool:
        before = len(self.faults)
        if one.id in seen:
            self._fault(
                row, "id", "the same project stands in an earlier row already", "Keep one of the two."
            )
        seen.add(one.id)
        if one.state == "bid":
            self._fault(row, "id", "it was not awarded, so there is nothing to return")
        if "spent" not in said:
            self._fault(row, "spent", "the money spent is not there", "Write 0 where nothing was spent.")
        if ("planned" in said) != ("delivered" in said):
            lacking = "delivered" if "planned" in said else "planned"
            self._fault(row, lacking, "planned and delivered go together", "Fill in both, or neither.")
        return len(self.faults) == before

    def actions(self) -> Iterator[Entry]:
        """What changed in actions that are there, and new ones."""
        keys = ("text", "owner", "due", "progress", "note")
        known = {(one.text, one.owner, one.due) for one in of_kind(self.things, Action)}
        for row in self.returned.rows.get(ACTIONS, ()):
            said = {key: value for key in keys if (value := row.values.get(key))}
            one = self._held(row, Action) if row.values["id"] else None
            if row.values["id"] and one is None:
                continue
            if one is not None and not one.open and said.get("progress") != one.progress and not self.replace:
                hint = "A fresh template leaves it out; with --replace it is opened again."
                self._fault(row, "progress", f"the action is {one.progress} already", hint, "LC359")
            if said.get("progress") == "dropped" and not said.get("note"):
                self._fault(row, "note", "to drop an action, say why")
            if not said.get("text"):
                self._fault(row, "text", "what is to be done is not there")
            elif one is not None:
                yield (
                    one.id,
                    "updated",
                    {key: value for key, value in said.items() if getattr(one, key) != value},
                )
            else:
                new = (said["text"], said.get("owner", ""), said.get("due", "")) not in known
                yield "ACT", "added", said if new else {}

    def voices(self) -> Iterator[Entry]:
        """Answers to what was heard, and what was heard since."""
        known = {(one.theme, one.who, one.text, one.heard) for one in of_kind(self.things, Voice)}
        for row in self.returned.rows.get(VOICES, ()):
            answer = row.values.get("answer")
            if row.values["id"]:
                one = self._held(row, Voice)
                if one is not None:
                    new = bool(answer) and one.answer != answer
                    yield one.id, ANSWERED, {"answer": answer, "answered": self.today} if new else {}
                continue
            said = {key: row.values.get(key) or "" for key in ("theme", "who", "text", "heard")}
            for key, value in said.items():
                if not value:
                    self._fault(row, key, "a new voice needs a theme, a group, its words and the day")
            if answer:
                said |= {"answer": answer, "answered": self.today}
            same = tuple(said[key] for key in ("theme", "who", "text", "heard")) in known
            yield "VOI", "added", {} if same else said

    def words(self) -> Iterator[Entry]:
        """The partner's words about the quarter."""
        said = {key: value for key, value in self.returned.words.items() if value}
        partner, quarter = (
            self.returned.head.get("partner", ""),
            _canonical(self.returned.head.get("quarter", "")),
        )
        if not said or not partner:
            return
        said["by"] = self.returned.head.get("by", "")
        held = [
            each
            for each in of_kind(self.things, Return)
            if (each.partner, each.quarter) == (partner, quarter)
        ]
        if not held:
            yield "RET", "added", {"partner": partner, "quarter": quarter, **said}
        elif all(getattr(held[-1], key) == value for key, value in said.items()):
            yield held[-1].id, "corrected", {}
        elif self.replace:
            yield held[-1].id, "corrected", said
        else:
            where = self.returned.head_places.get("quarter", "")
            hint = "A correction is loaded with --replace."
            self.faults.append(
                Fault("LC359", where, f"other words of this partner about {quarter} are held", hint)
            )


def _canonical(quarter: str) -> str:
    found = read_period(quarter)
    return found.text if found else quarter
