"""obligations.toml in and out: ``[[obligation]]`` for each duty, ``[[done]]`` for each time it was met (pure)."""

from __future__ import annotations

from theory_of_change.errors import TheoryError
from theory_of_change.obligations.model import EVERY, Done, Obligation, Register
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import KeyCodes, Section, TomlSource, toml_text, top

KEYS = KeyCodes(unknown="LC353", missing="LC354", wrong="LC355")


def read_register(source: TomlSource) -> Register:
    """Every obligation and all that was done; every fault at its line."""
    faults: list[Fault] = []
    file = top(source, faults, KEYS)
    found = [each for table in file.tables("obligation") if (each := _obligation(table))]
    known = {each.id for each in found}
    done = [entry for table in file.tables("done") if (entry := _done(table, known))]
    file.finish()
    seen: set[str] = set()
    for each in found:
        if each.id in seen:
            faults.append(
                Fault("LC355", source.name, f"the id {each.id} stands twice", "Ids are never used again.")
            )
        seen.add(each.id)
    if faults:
        raise TheoryError.gather(faults)
    return Register(tuple(found), tuple(done))


def _obligation(section: Section) -> Obligation | None:
    texts = {key: section.text(key, required=True) for key in ("id", "duty", "source")}
    due = section.date("due", required=True)
    owner, note = section.text("owner"), section.text("note")
    every = section.text("every", "once", one_of=tuple(EVERY))
    section.finish()
    if not due or not all(texts.values()):
        return None
    try:
        return Obligation(**texts, due=due, owner=owner, every=every, note=note)
    except TheoryError as error:
        section.faults.extend(Fault(f.code, section.where(f.where), f.problem, f.hint) for f in error.faults)
        return None


def _done(section: Section, known: set[str]) -> Done | None:
    name, by = section.text("obligation", required=True), section.text("by", required=True)
    due, on = section.date("due", required=True), section.date("on", required=True)
    note = section.text("note")
    section.finish()
    if name and name not in known:
        section.fault("LC355", "obligation", f"there is no obligation of this id.{did_you_mean(name, known)}")
    return Done(name, due, on, by, note) if name and by and due and on else None


def obligation_text(each: Obligation) -> str:
    """One obligation as it stands in the file."""
    lines = ["[[obligation]]"]
    lines += [f"{key} = {toml_text(getattr(each, key))}" for key in ("id", "duty", "source")]
    lines.append(f"due = {each.due.isoformat()}")
    lines += [
        f"{key} = {toml_text(value)}"
        for key in ("owner", "every", "note")
        if (value := getattr(each, key)) and (key, value) != ("every", "once")
    ]
    return "\n".join(lines) + "\n"


def done_text(each: Done) -> str:
    """One entry of what was done as it stands in the file."""
    lines = ["[[done]]", f"obligation = {toml_text(each.obligation)}", f"due = {each.due}", f"on = {each.on}"]
    lines += [f"{key} = {toml_text(value)}" for key in ("by", "note") if (value := getattr(each, key))]
    return "\n".join(lines) + "\n"
