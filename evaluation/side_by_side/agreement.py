"""Whether two results on one outcome agree: the way they point, the answers, the intervals (pure; R8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.errors import EvaluationError
from evaluation.side_by_side.saved import SavedOutcome, SavedResult
from evaluation.wording import ANSWER_WORDS
from workspace.errors import did_you_mean

Way = Literal["same", "opposite", "not known"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two results on one outcome. ``sensitive``: they point opposite ways, so it hangs on whom one compares with."""

    one: SavedOutcome
    other: SavedOutcome
    ways: Way
    same_answer: bool
    held: bool | None

    @property
    def sensitive(self) -> bool:
        """Say whether the direction hangs on what sets the two results apart."""
        return self.ways == "opposite"

    @property
    def sentence(self) -> str:
        """What follows, in one sentence."""
        if self.ways == "not known":
            return "One of the two gives no estimate, or one without direction: nothing can be said of agreement."
        if self.sensitive:
            return (
                "Comparator-sensitive: the two point opposite ways, so the direction hangs on what sets them apart. "
                "Neither can be told without the other."
            )
        answers = f"both say '{ANSWER_WORDS.get(self.one.answer, self.one.answer)}'"
        if self.same_answer:
            return f"They agree: both point the same way, and {answers}."
        tail = "" if self.held is None else _held(held=self.held)
        return f"They point the same way and answer differently{tail}."


def _held(*, held: bool) -> str:
    if held:
        return ", but each interval holds the other's estimate: they do not contradict one another"
    return ", and an interval leaves out the other's estimate: the size hangs on what sets them apart"


def compared(one: SavedResult, other: SavedResult, measure: str = "") -> Agreement:
    """Hold two results on one outcome side by side: the one named, else the first one's primary outcome."""
    own = _pick(one, measure or _primary(one))
    beside = _pick(other, own.measure)
    for what, left, right in (
        ("scale", own.effect.effect, beside.effect.effect),
        ("better way", own.better, beside.better),
    ):
        if left != right:
            said = (
                f"'{own.measure}' has another {what} in each: {left} in {one.name}, {right} in {other.name}"
            )
            raise EvaluationError("LC522", said, "Plan both on the same scale, and run them again.")
    signs = own.effect.sign, beside.effect.sign
    ways: Way = "not known" if 0 in signs else "same" if signs[0] == signs[1] else "opposite"
    holds = own.effect.holds(beside.effect.value), beside.effect.holds(own.effect.value)
    held = None if None in holds else all(holds)
    return Agreement(own, beside, ways, own.answer == beside.answer, held)


def _primary(result: SavedResult) -> str:
    found = next((outcome.measure for outcome in result.outcomes if outcome.role == "primary"), "")
    if not found:
        said = f"{result.name} has no primary outcome"
        raise EvaluationError("LC522", said, "Name the outcome, or hold another result beside it.")
    return found


def _pick(result: SavedResult, measure: str) -> SavedOutcome:
    known = [outcome.measure for outcome in result.outcomes]
    found = next((outcome for outcome in result.outcomes if outcome.measure == measure), None)
    if found is None:
        said = f"{result.name} has no outcome '{measure}'.{did_you_mean(measure, known)}"
        raise EvaluationError("LC522", said, f"It has: {', '.join(known)}.")
    return found
