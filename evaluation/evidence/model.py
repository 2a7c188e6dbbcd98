"""The values of outside evidence: studies with every version that was published, and claims. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.model import Answer, Better, Check

Scale = Literal[
    "odds-ratio",
    "risk-ratio",
    "rate-ratio",
    "hazard-ratio",
    "smd",
    "risk-difference",
    "difference",
    "unclear",
]
Comparison = Literal["not-named", "none", "before", "other-places", "other-people", "expected", "randomised"]
Chosen = Literal["not-said", "worst-first", "all", "by-lot", "volunteers", "by-judgement"]
Change = Literal["not-said", "relative", "absolute"]

SCALES: tuple[Scale, ...] = (
    "odds-ratio", "risk-ratio", "rate-ratio", "hazard-ratio", "smd", "risk-difference", "difference", "unclear",
)  # fmt: skip
RATIO_SCALES = frozenset({"odds-ratio", "risk-ratio", "rate-ratio", "hazard-ratio"})
COMPARISONS: tuple[Comparison, ...] = (
    "not-named", "none", "before", "other-places", "other-people", "expected", "randomised",
)  # fmt: skip
CHOSEN: tuple[Chosen, ...] = ("not-said", "worst-first", "all", "by-lot", "volunteers", "by-judgement")
CHANGES: tuple[Change, ...] = ("not-said", "relative", "absolute")

Moderators = tuple[tuple[str, float | str], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """A two-by-two table as published: people with the event and people, treated first."""

    events_treated: int
    n_treated: int
    events_comparison: int
    n_comparison: int


@dataclass(frozen=True, slots=True)
class Version:
    """The figures of a study as one source gave them at one time.

    ``part`` names which of several effects of the study it is: versions of one part replace one another, parts stand
    beside one another. A ratio is given as a ratio; its ``std_error`` is of its log.
    """

    date: str
    source: str
    scale: Scale
    effect: float | None = None
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float = 0.95
    p_value: float | None = None
    n: int | None = None
    counts: Counts | None = None
    part: str = ""
    reported_by: str = ""
    population: str = ""
    note: str = ""
    moderators: Moderators = ()


@dataclass(frozen=True, slots=True)
class Study:
    """A study somebody else made, with every version of its figures, oldest first."""

    id: str
    citation: str
    outcome: str
    better: Better
    design: str
    versions: tuple[Version, ...]
    place: str = ""
    year: int | None = None
    programme: str = ""
    population: str = ""
    measure: str = ""
    unit: str = ""
    activity: str = ""
    stage: str = ""
    minimum_important_difference: float | None = None
    mid_source: str = ""
    moderators: Moderators = ()

    def newest(self) -> tuple[Version, ...]:
        """The newest version of each part, in the order of the parts' first mention."""
        parts: dict[str, Version] = {}
        for version in self.versions:
            held = parts.get(version.part)
            if held is None or version.date >= held.date:
                parts[version.part] = version
        return tuple(parts.values())


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody said works; a claim until an evaluation (``tested_by``) tests it; who logs it gives the facts."""

    id: str
    text: str
    said_by: str
    date: str
    source: str = ""
    outcome: str = ""
    better: Better = "lower"
    comparison: Comparison = "not-named"
    chosen: Chosen = "not-said"
    change: Change = "not-said"
    period: str = ""
    place: str = ""
    activity: str = ""
    stage: str = ""
    tested_by: str = ""
    note: str = ""


Record = Study | Claim


@dataclass(frozen=True, slots=True)
class Reading:
    """How we would read an effect: the verdict table's row, the sentence, and what was doubted."""

    answer: Answer
    detail: str
    sentence: str
    checks: tuple[Check, ...] = ()
