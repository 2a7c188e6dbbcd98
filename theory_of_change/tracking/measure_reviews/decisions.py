"""Decisions about measures: keep, change or retire, with the day, the reason and who decided (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from theory_of_change.errors import MEASURE_KEYS, TheoryError
from theory_of_change.reviews.decisions import decision_table, tables_of_decisions
from theory_of_change.tracking.model import Concern, Tracked
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Section

CHOICES = ("keep", "change", "retire")


@dataclass(frozen=True, slots=True)
class MeasureDecision:
    """One decision; ``name`` is how the measure was called that day."""

    date: dt.date
    measure: str
    decision: str
    because: str
    by: str
    next_review: dt.date | None = None
    name: str = ""

    def __post_init__(self) -> None:
        faults = []
        if self.decision not in CHOICES:
            near = did_you_mean(self.decision, CHOICES)
            said = f"a decision is one of {', '.join(CHOICES)}.{near}"
            faults.append(Fault("LC326", "", said, "--decide keep, change or retire"))
        for key, said in (("because", "the decision has no reason"), ("by", "nobody is named who decided")):
            if not str(getattr(self, key)).strip():
                faults.append(Fault("LC326", "", said, f'Add --{key} "...".'))
        if self.next_review and self.next_review <= self.date:
            faults.append(
                Fault("LC326", "", "the next review is not after the decision", "Give a later day.")
            )
        if faults:
            raise TheoryError.gather(faults)


def read_decisions(text: str, name: str) -> tuple[MeasureDecision, ...]:
    """The decisions of a file, oldest first as they were written."""
    return tables_of_decisions(text, name, MEASURE_KEYS, _read)


def _read(section: Section) -> MeasureDecision | None:
    date = section.date("date", required=True)
    measure, decision, because, by = (
        section.text(key, required=True) for key in ("measure", "decision", "because", "by")
    )
    following, name = section.date("next_review"), section.text("name")
    section.finish()
    if not (date and measure and decision and because and by):
        return None
    try:
        return MeasureDecision(date, measure, decision, because, by, following, name)
    except TheoryError as error:
        section.faults.extend(Fault(f.code, section.where(), f.problem, f.hint) for f in error.faults)
        return None


def decision_text(decision: MeasureDecision) -> str:
    """One decision as it stands in the file."""
    texts = ("measure", "name", "decision", "because", "by")
    return decision_table(decision.date, {key: getattr(decision, key) for key in texts}, decision.next_review)


def latest(decisions: Iterable[MeasureDecision]) -> dict[str, MeasureDecision]:
    """The last decision about each measure."""
    return {decision.measure: decision for decision in decisions}


def retired(decisions: Iterable[MeasureDecision]) -> dict[str, dt.date]:
    """Measures whose last decision was to retire them, with its day."""
    return {name: each.date for name, each in latest(decisions).items() if each.decision == "retire"}


def gone(measures: Mapping[str, Tracked], decisions: Iterable[MeasureDecision]) -> Iterator[Concern]:
    """LC325: retired measures that measures.toml no longer lists."""
    for name, each in latest(decisions).items():
        if each.decision == "retire" and name not in measures:
            said = f"it was retired on {each.date} and is no longer in measures.toml"
            yield Concern("LC325", "warning", name, "", said, "Put it back: a retired measure stays listed.")
