"""Decisions of reviews: keep, change or drop, with the day, the reason and who decided. Nothing is taken out (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from theory_of_change.errors import THEORY_KEYS, TheoryError
from theory_of_change.gaps import Gap, box_name, link_name
from theory_of_change.model import Theory
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import KeyCodes, Section, parse_toml, toml_text, top

CHOICES = ("keep", "change", "drop")
WHOLE = "theory"
Taken = TypeVar("Taken")  # a decision of any kind


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; ``wording`` is how the box or link read on that day, for the time when it is gone."""

    date: dt.date
    about: str
    decision: str
    because: str
    by: str
    next_review: dt.date | None = None
    wording: str = ""

    def __post_init__(self) -> None:
        faults = []
        if self.decision not in CHOICES:
            problem = (
                f"'{self.decision}' is not one of {', '.join(CHOICES)}.{did_you_mean(self.decision, CHOICES)}"
            )
            faults.append(Fault("LC236", "", problem, "--decide keep, change or drop"))
        if not self.because.strip():
            faults.append(Fault("LC236", "", "the decision has no reason", 'Add --because "...".'))
        if not self.by.strip():
            faults.append(Fault("LC236", "", "nobody is named who decided", 'Add --by "...".'))
        if self.next_review and self.next_review <= self.date:
            faults.append(
                Fault("LC236", "", "the next review is not after the decision", "Give a later day.")
            )
        if faults:
            raise TheoryError.gather(faults)


def subject_words(theory: Theory, about: str) -> str:
    """What a decision is about, in words; refuses what the theory does not hold."""
    box, link = theory.box(about), theory.link(about)
    if about == WHOLE:
        return theory.title
    if box or link:
        return box_name(box) if box else link_name(theory, link) if link else ""
    known = [WHOLE, *(box.id for box in theory.boxes), *(link.id for link in theory.links)]
    problem = f"nothing in the theory has the id '{about}'.{did_you_mean(about, known)}"
    raise TheoryError("LC236", problem, "Name a box (A4), a link (A4>O3), or 'theory'.")


def read_decisions(text: str, name: str) -> tuple[Decision, ...]:
    """The decisions of a file, oldest first as they were written."""
    return tables_of_decisions(text, name, THEORY_KEYS, _read)


def tables_of_decisions(
    text: str, name: str, keys: KeyCodes, read: Callable[[Section], Taken | None]
) -> tuple[Taken, ...]:
    """Every ``[[decision]]`` of a file, whatever is decided about in it; all that is wrong at once."""
    faults: list[Fault] = []
    file = top(parse_toml(text, name, TheoryError), faults, keys)
    found = [decision for table in file.tables("decision") if (decision := read(table))]
    file.finish()
    if faults:
        raise TheoryError.gather(faults)
    return tuple(found)


def _read(section: Section) -> Decision | None:
    date = section.date("date", required=True)
    about, decision, because, by = (
        section.text(key, required=True) for key in ("about", "decision", "because", "by")
    )
    following, wording = section.date("next_review"), section.text("wording")
    section.finish()
    if not (date and about and decision and because and by):
        return None
    try:
        return Decision(date, about, decision, because, by, following, wording)
    except TheoryError as error:
        section.faults.extend(Fault(f.code, section.where(), f.problem, f.hint) for f in error.faults)
        return None


def decision_text(decision: Decision) -> str:
    """One decision as it stands in the file."""
    texts = ("about", "wording", "decision", "because", "by")
    return decision_table(decision.date, {key: getattr(decision, key) for key in texts}, decision.next_review)


def decision_table(date: dt.date, texts: Mapping[str, str], next_review: dt.date | None) -> str:
    """A ``[[decision]]``: its day, what is said and not empty, and the day of the next review."""
    lines = ["[[decision]]", f"date = {date.isoformat()}"]
    lines += [f"{key} = {toml_text(said)}" for key, said in texts.items() if said]
    if next_review:
        lines.append(f"next_review = {next_review.isoformat()}")
    return "\n".join(lines) + "\n"


def latest(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The last decision about each thing."""
    return {decision.about: decision for decision in decisions}


def with_decisions(theory: Theory, decisions: Sequence[Decision]) -> Theory:
    """The theory with the review days that reviews have set since; a day a review set takes the place of the file's."""
    last = latest(decisions)

    def day(id_: str, own: dt.date | None) -> dt.date | None:
        found = last.get(id_)
        return found.next_review if found and found.next_review else own

    return replace(
        theory,
        review_by=day(WHOLE, theory.review_by),
        boxes=tuple(replace(box, review_by=day(box.id, box.review_by)) for box in theory.boxes),
        links=tuple(replace(link, review_by=day(link.id, link.review_by)) for link in theory.links),
    )


def still_there(theory: Theory, decisions: Sequence[Decision]) -> Iterator[Gap]:
    """Boxes and links that a review decided to drop and that the theory still holds."""
    for about, decision in latest(decisions).items():
        held = theory.box(about) or theory.link(about)
        if decision.decision == "drop" and held:
            name = subject_words(theory, about)
            problem = f"{name} was to be dropped (decided {decision.date.isoformat()}), and is still there"
            hint = "Take it out of theory.toml; the decision keeps its reason."
            yield Gap("LC237", "warning", held.line, about, problem, hint)
