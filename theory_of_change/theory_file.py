"""theory.toml to a theory. Every fault in the file is gathered, with its line, before it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theory_of_change.errors import THEORY_KEYS, TheoryError
from theory_of_change.measure_file import read_measures, relocate
from theory_of_change.model import (
    BOX_KINDS,
    DIRECTIONS,
    FACTOR_SIGNS,
    TERMS,
    TIERS,
    Box,
    Link,
    Measure,
    Theory,
    structure_faults,
)
from theory_of_change.priorities import Priority
from workspace.errors import Fault
from workspace.toml_source import Section, TomlSource, parse_toml, read_toml, toml_text, top

LINK_TEXTS = ("because", "assumption", "expect", "worthwhile", "could_harm", "test")


def read_theory(path: Path, catalogue: Mapping[str, Measure], shown_name: str = "theory.toml") -> Theory:
    """Read and check a theory file. Raises one TheoryError with every fault in it."""
    return build_theory(read_toml(path, TheoryError, name=shown_name), catalogue)


def parse_theory(text: str, catalogue: Mapping[str, Measure], name: str = "theory.toml") -> Theory:
    """Read a theory from text."""
    return build_theory(parse_toml(text, name, TheoryError), catalogue)


def build_theory(source: TomlSource, catalogue: Mapping[str, Measure]) -> Theory:
    """Turn the values of a theory file into a theory, or raise all that is wrong with them."""
    faults: list[Fault] = []
    file = top(source, faults, THEORY_KEYS)
    head = file.table("theory", required=True)
    title = head.text("title", required=True) if head else ""
    owner = head.text("owner") if head else ""
    review_by = head.date("review_by") if head else None
    note = head.text("note") if head else ""
    if head:
        head.finish()
    priorities = tuple(_read_priority(table) for table in file.tables("priority"))
    boxes = [box for table in file.tables("box") if (box := _read_box(table))]
    links = [link for table in file.tables("link") if (link := _read_link(table))]
    own = read_measures(file, catalogue)
    file.finish()
    taken = {measure.id for measure in own}
    measures = (*own, *(measure for measure in catalogue.values() if measure.id not in taken))
    if faults:
        declared = _declared_ids(source)
        faults.extend(structure_faults(boxes, links, measures, source.name, declared))
        raise TheoryError.gather(sorted(faults, key=_line_of))
    line = source.line(("theory",))
    return Theory(
        title, owner, review_by, tuple(boxes), tuple(links), measures, source.name, line, note, priorities
    )


def _read_priority(section: Section) -> Priority:
    id_, name = section.text("id", required=True), section.text("name")
    formerly, since = section.texts("formerly"), section.date("since")
    section.finish()
    return Priority(id_, name, formerly, since, section.source.line(section.path))


def _read_box(section: Section) -> Box | None:
    id_ = section.text("id", required=True)
    kind = section.text("kind", required=True, one_of=BOX_KINDS)
    text = section.text("text", required=True)
    term = section.text("term", one_of=TERMS)
    tier = section.text("tier", one_of=TIERS)
    priority, place, age_band = section.texts("priority"), section.text("place"), section.text("age_band")
    sign = section.text("factor_sign", one_of=FACTOR_SIGNS)
    measures, review_by = section.texts("measures"), section.date("review_by")
    unmeasured = section.text("not_measurable")
    section.finish()
    if not (id_ and kind and text):
        return None
    line = section.source.line(section.path)
    where = (term, tier, priority, place, age_band, sign, measures, unmeasured, review_by, line)
    try:
        return Box(id_, kind, text, *where)
    except TheoryError as error:
        relocate(section, error)
        return None


def _read_link(section: Section) -> Link | None:
    start, end = section.text("from", required=True), section.text("to", required=True)
    values: dict[str, Any] = {key: section.text(key) for key in LINK_TEXTS}
    values["lag_months"] = section.integer("lag_months", low=0)
    values["direction"] = section.text("direction", one_of=DIRECTIONS)
    values["worthwhile_size"] = section.number("worthwhile_size", above=0)
    values["rivals"], values["evidence"] = section.texts("rivals"), section.texts("evidence")
    values["review_by"], values["feedback"] = section.date("review_by"), section.boolean("feedback")
    values["factors"] = section.texts("factors")
    section.finish()
    if not (start and end):
        return None
    try:
        return Link(start, end, **values, line=section.source.line(section.path))
    except TheoryError as error:
        relocate(section, error)
        return None


def _declared_ids(source: TomlSource) -> set[str]:
    """Ids the file declares, whether or not the box or measure could be made."""
    tables = [table for key in ("box", "measure") for table in _tables(source.data.get(key))]
    return {id_ for table in tables if isinstance(id_ := table.get("id"), str)}


def _tables(value: object) -> list[dict[str, object]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _line_of(fault: Fault) -> int:
    """Faults are told in the order of the file."""
    line = fault.where.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def starter_theory(title: str, owner: str = "") -> str:
    """The text of a small theory to start from: one chain from an activity to an outcome, with comments."""
    before, after = STARTER.split("@title@")
    middle, rest = after.split("@owner@")
    shown = toml_text(_one_line(title) or "Theory of change")
    return "".join((before, shown, middle, toml_text(_one_line(owner)), rest))


def _one_line(text: str) -> str:
    """One line without control characters, which TOML would refuse."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


STARTER = """\
# The theory of change: what we do, what we hope changes, and why. Keep this file in git.
# Check it with: lifecourse theory check

[theory]
title = @title@
owner = @owner@
# review_by = 2027-03-31         # the day by which the team looks at it again

# Boxes. kind is activity, output, outcome, impact or factor. Ids are never reused.
[[box]]
id = "A1"
kind = "activity"
text = "Mentors meet people before and after release from prison"
tier = "tertiary"                # primary: everyone; secondary: at risk; tertiary: already involved
priority = ["preventing-offending"]

[[box]]
id = "P1"
kind = "output"
text = "People meet their mentor every week for three months"

[[box]]
id = "O1"
kind = "outcome"
term = "medium"                  # short, medium or long
text = "Fewer people reoffend within a year"
measures = ["proven-reoffending-binary"]   # lifecourse measure list shows what there is

[[box]]
id = "I1"
kind = "impact"
text = "Fewer people are hurt by serious violence"

# Links. Each is a claim that can be tested: this leads to that, because ...
[[link]]
from = "A1"
to = "P1"
because = "A mentor met before release is easier to trust after it"
could_harm = "Weekly meetings get in the way of work"

[[link]]
from = "P1"
to = "O1"
because = "Someone to turn to helps at the moments when people slip back"
assumption = "Mentors stay for the whole three months"
expect = "fewer"
lag_months = 12
could_harm = "Meeting others on the scheme renews old ties"
# test = "PLAN-001"              # the analysis plan that tests this link
# evidence = ["EVD-001"]         # or outside evidence

[[link]]
from = "O1"
to = "I1"
because = "Much serious violence is done by people who were in prison before"
lag_months = 12
could_harm = "None that we can think of yet"

# A measure of your own, or a built-in one with some fields changed:
# [[measure]]
# id = "reoffending-here"
# based_on = "proven-reoffending-binary"
# minimum_important_difference = 0.04
# mid_source = "break-even: the cost of a place set against the cost of reoffending"
"""
