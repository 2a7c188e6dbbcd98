"""How an answer is shown: a sign and words, and a colour that only repeats them (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.lock_states import EXPLORED
from evaluation.model import Answer, OutcomeResult, PlanFacts
from evaluation.wording import ANSWER_WORDS

Tone = Literal["works", "unsure", "none", "worse", "open"]

LOCKED_BEFORE = "locked before outcomes"
LOW_SECURITY = 1
INK, PAPER, QUIET = "#0b0c0c", "#ffffff", "#505a5f"
COLOURS: dict[Tone, str] = {
    "works": "#00703c",
    "unsure": "#8a5a00",
    "none": "#484949",
    "worse": "#b10e1e",
    "open": QUIET,
}
SIGNS: dict[Tone, str] = {"works": "✓", "unsure": "~", "none": "0", "worse": "!", "open": "?"}
TONES: dict[Answer, Tone] = {
    "works": "works",
    "too-small-to-matter": "none",
    "no-meaningful-effect": "none",
    "inconclusive": "unsure",
    "harms": "worse",
    "not-assessable": "open",
    "changed": "open",
}
ASSOCIATED: dict[Answer, str] = {
    "works": "associated with a better result",
    "too-small-to-matter": "associated with a better result, too small to matter",
    "harms": "associated with a worse result",
}
KEY: tuple[tuple[Tone, str], ...] = (
    ("works", "works"),
    ("unsure", "cannot tell yet"),
    ("none", "no worthwhile difference, or one too small to matter"),
    ("worse", "made things worse"),
    ("open", "cannot be assessed, exploratory, or only associated with a better result"),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """An answer ready to be shown."""

    sign: str
    words: str
    tone: Tone

    @property
    def colour(self) -> str:
        """The colour that repeats the sign."""
        return COLOURS[self.tone]


def capital(text: str) -> str:
    """The text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


def is_exploratory(plan: PlanFacts) -> bool:
    """Only a plan locked before outcomes could be seen carries more than an exploratory finding."""
    return plan.state != LOCKED_BEFORE


def why_exploratory(plan: PlanFacts) -> str:
    """What an exploratory result says of itself."""
    if plan.state == EXPLORED:
        return "It was run outside the lock of its plan: a question, not an answer."
    return "The plan was not locked before outcomes could be seen: a question, not an answer."


def mark_of(outcome: OutcomeResult, *, exploratory: bool) -> Mark:
    """Sign and words of an outcome's answer.

    An exploratory one always carries the question mark, and so does a better result at the lowest security: a tick
    would flatter what is only associated. A worse one keeps its warning.
    """
    answer = outcome.verdict.answer
    words = ANSWER_WORDS[answer]
    tone = TONES[answer]
    if outcome.verdict.security <= LOW_SECURITY:
        words = ASSOCIATED.get(answer, words)
        tone = "open" if tone == "works" else tone
    if exploratory or not outcome.planned or outcome.role == "exploratory":
        return Mark(SIGNS["open"], f"Exploratory: {words}", "open")
    return Mark(SIGNS[tone], capital(words), tone)


def key_marks() -> tuple[Mark, ...]:
    """The key to the signs."""
    return tuple(Mark(SIGNS[tone], words, tone) for tone, words in KEY)
