"""The values of checking claims: passages of a document, rules, findings, and what a result lets one say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.model import Answer, Better, Effect, Kind, Role

Severity = Literal["error", "warning"]
Part = Literal["heading", "text", "cell"]
NO_COMPARISON = "no-comparison"


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, heading or cell: its text, where it stands (``line 12``), and the nearest heading above it."""

    text: str
    where: str
    heading: str = ""
    part: Part = "text"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage. ``open`` is the same text with quotations blanked out, of the same length."""

    text: str
    open: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Rule:
    """What a text must not say: why, what to write instead, and examples of both kinds."""

    id: str
    severity: Severity
    title: str
    why: str
    instead: str
    faulty: tuple[str, ...]
    fine: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule met by a phrase; ``instead``, ``why`` and ``severity`` where they differ from the rule's own."""

    rule: str
    phrase: str
    instead: str = ""
    why: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class ClaimFinding:
    """One thing found in a document."""

    rule: str
    severity: Severity
    where: str
    heading: str
    phrase: str
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class Subject:
    """An outcome of a saved result: what may be said of it.

    ``low``/``high`` are the interval in the measure's own sign (a ratio is a ratio); ``said`` are the sentences the
    program itself wrote of it, whose numbers are right by definition.
    """

    evaluation: str
    measure: str
    name: str
    role: Role
    kind: Kind
    better: Better
    unit: str
    effect: Effect
    answer: Answer
    detail: str
    security: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    treated_mean: float | None = None
    comparison_mean: float | None = None
    exploratory: bool = False
    compared: bool = True
    said: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Say whether a difference was shown, in whichever direction."""
        return self.answer in ("works", "harms", "too-small-to-matter")


@dataclass(frozen=True, slots=True)
class Wording:
    """A word that puts people into a box, what to write instead, and whose advice that is."""

    words: str
    instead: str
    source: str = "own"


@dataclass(frozen=True, slots=True)
class Language:
    """The words to point at, and those allowed all the same."""

    avoid: tuple[Wording, ...]
    allow: tuple[str, ...]
