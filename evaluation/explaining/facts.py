"""What is known of why: delivery, dose, mediators, the fall to be expected of those chosen, and the class of failure.

Frozen values; counts in them are of people and pass :mod:`evaluation.explaining.protection` before they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PartResult = Literal["met", "not met", "green", "amber", "red", "shown", "not known"]
FailureClass = Literal[
    "as-expected", "harm", "implementation", "wrong-people", "contrast", "measurement", "evaluation",
    "harm-offsets-benefit", "moderated", "too-soon", "theory-first-link", "theory-later-link",
    "implementation-or-theory", "not-known",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeliveryPart:
    """One thing asked of delivery: of ``n`` people ``known`` are known, of whom ``part`` had it, or a ``mean``.

    ``limit`` is what it is held against, if anything; ``arm`` whose delivery it is. A count withheld is ``None``.
    """

    name: str
    words: str
    arm: Literal["with", "without"]
    n: int | None
    known: int | None
    part: int | None
    share: float | None
    mean: float | None
    limit: float | None
    result: PartResult


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """What was delivered to whom. ``delivered`` and ``right_people`` are ``None`` where that cannot be told.

    ``contrast`` is green, amber or red; empty where nobody looked. ``not_looked`` names what was not looked at.
    """

    parts: tuple[DeliveryPart, ...]
    delivered: bool | None
    right_people: bool | None
    contrast: str
    not_looked: tuple[str, ...]

    @property
    def untested(self) -> bool:
        """Say whether nothing that did not move can be held against the theory."""
        return self.delivered is False or self.right_people is False or self.contrast == "red"


@dataclass(frozen=True, slots=True)
class DoseThird:
    """People of the treated with the least, middling or most of it: how many, their mean dose and mean outcome."""

    name: str
    n: int
    dose: float
    outcome: float


@dataclass(frozen=True, slots=True)
class DoseResponse:
    """Among the treated: how the outcome differs with the dose. A difference, not an effect; no verdict hangs on it.

    ``slope`` is per unit of dose, in the outcome's unit, at equal covariates.
    """

    dose: str
    n: int
    slope: float
    std_error: float
    conf_low: float
    conf_high: float
    thirds: tuple[DoseThird, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an effect, with its interval, in the outcome's unit."""

    name: str
    value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class Mediation:
    """How much of an effect on ``outcome`` went by way of ``mediator``, if nothing unmeasured moves both.

    ``rho_at_zero`` is the correlation of what is left unexplained of the two at which the indirect effect would be
    nought; ``note`` says why there are no numbers, where there are none.
    """

    link: str
    mediator: str
    outcome: str
    n: int
    parts: tuple[Part, ...]
    rho_at_zero: float | None
    rho_path: tuple[tuple[float, float], ...]
    note: str
    measures: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class LinkReading:
    """One theory link the plan tests: what was expected, what was seen.

    ``near`` is what is known of its near end; ``evidence`` the interval behind the far end in words, which belongs to
    ``outcome``; ``security`` how far to trust it; ``worthwhile`` the size it was held against; ``note`` why the finding
    is not simply that of the far end; ``rests_on`` whether an outcome or delivery was read.
    """

    link: str
    from_text: str
    to_text: str
    because: str
    expected: str
    seen: str
    finding: str
    near: str = ""
    evidence: str = ""
    security: int | None = None
    worthwhile: str = ""
    note: str = ""
    rests_on: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why in one word: the class, the first link that did not hold, every code that applies, one sentence.

    ``not_looked`` names what nobody looked at, and only that.
    """

    kind: FailureClass
    first_broken: str
    codes: tuple[str, ...]
    sentence: str
    not_looked: tuple[str, ...] = ()
