"""Where too few people have the main outcome: commoner ones that stand nearer to the programme (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation.plan import AnalysisPlan, PlannedOutcome
from theory_of_change.model import Measure, Theory


@dataclass(frozen=True, slots=True)
class Instead:
    """Another main outcome to think about, and why."""

    measure: str
    name: str
    why: str


# What is rare, by its words, and what of the catalogue is commoner and comes before it.
COMMONER = (
    (
        re.compile(r"exclu"),
        ("suspensions", "absence-rate", "persistent-absence"),
        "permanent exclusions are few in any one school; suspensions and absence come before them and are common",
    ),
    (
        re.compile(r"homicide|murder|killed"),
        ("sharp-object-admissions", "violence-admissions", "recorded-violence"),
        "killings are too few to show a change; injuries and recorded violence come before them",
    ),
    (
        re.compile(r"reoffend|reconvict|rearrest"),
        ("proven-reoffending-frequency", "time-to-first-arrest"),
        "how often, and how soon, says more of each person than whether at all",
    ),
)


def other_outcomes(
    plan: AnalysisPlan, theory: Theory | None, measures: Mapping[str, Measure]
) -> tuple[Instead, ...]:
    """Commoner outcomes from the boxes that hold the primary one, then from the catalogue; none that is primary."""
    primary = plan.primaries[0]
    taken = {outcome.measure.partition("@")[0] for outcome in plan.primaries}
    found = {one.measure: one for one in (*_catalogued(primary, measures), *_of_its_boxes(primary, theory))}
    return tuple(one for name, one in found.items() if name not in taken)


def _catalogued(primary: PlannedOutcome, measures: Mapping[str, Measure]) -> Iterator[Instead]:
    words = f"{primary.measure} {primary.label}".lower().replace("_", " ").replace("-", " ")
    for rare, names, why in COMMONER:
        if rare.search(words):
            for name in names:
                if name in measures:
                    yield Instead(name, measures[name].name, why)


def _of_its_boxes(primary: PlannedOutcome, theory: Theory | None) -> Iterator[Instead]:
    measure = primary.measure.partition("@")[0]
    for box in theory.boxes if theory else ():
        if theory and measure in box.measures:
            for other in theory.measures_of(box.id):
                yield Instead(other.id, other.name, f"the theory's box {box.id} is measured by it too")
