"""What is known of links, of what the theory says is unrelated, and of links nobody tested. Frozen; aggregate only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Ground = Literal[
    "evaluation of the link", "evaluation of an end", "outside evidence", "association", "no test"
]
GROUNDS: tuple[Ground, ...] = (
    "evaluation of the link", "evaluation of an end", "outside evidence", "association", "no test",
)  # fmt: skip
GROUND_WORDS: dict[Ground, str] = {
    "evaluation of the link": "evaluation of this link",
    "evaluation of an end": "evaluation of one end, not of this link",
    "outside evidence": "outside evidence",
    "association": "association, not cause",
    "no test": "no test",
}
Standing = Literal["agrees", "against", "small", "cannot tell", "not testable"]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that was said of a link: by which evaluation or study, in what words, how secure."""

    name: str
    said: str
    answer: str = ""
    security: int | None = None
    on: str = ""


@dataclass(frozen=True, slots=True)
class Moving:
    """An adjusted association as it may be shown: figures of two digits, people rounded.

    ``adjusted`` are the boxes that were adjusted for; ``open`` those the theory names as common causes and nobody
    measured, so that the association may be theirs. ``why_not`` says why there is no figure.
    """

    cohort: str
    near: str
    far: str
    adjusted: tuple[str, ...]
    closes: bool
    value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    n: int | None = None
    as_expected: Literal["as the theory says", "the other way", "cannot tell", ""] = ""
    note: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class LinkEvidence:
    """The best evidence there is of one link, and whatever speaks against it."""

    link: str
    from_text: str
    to_text: str
    because: str
    ground: Ground
    answer: str
    said: str
    security: int | None = None
    sources: tuple[Source, ...] = ()
    conflicts: tuple[str, ...] = ()
    association: Moving | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Independence:
    """Two boxes that no link joins, and what must be known for the theory to call them unrelated."""

    one: str
    other: str
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """An implied independence held against data; or ``why_not``. p-values are adjusted by Holm over all tested."""

    independence: Independence
    cohort: str
    standing: Standing
    said: str
    value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    n: int | None = None
    p_related: float | None = None
    p_related_bh: float | None = None
    p_negligible: float | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """What the theory says is unrelated, as far as data go."""

    judged: tuple[Judged, ...]
    pairs: int
    measured: int
    left_out: tuple[str, ...]
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untested:
    """A link without a test of its own: since when it stands in the theory, whose it is, and what would test it."""

    link: str
    from_text: str
    to_text: str
    since: dt.date | None
    owner: str
    review_by: dt.date | None
    overdue: bool
    has: Ground
    would_test: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TheoryTest:
    """The whole: every link, what should be unrelated, and the register of what nobody tested."""

    title: str
    made_on: str
    links: tuple[LinkEvidence, ...]
    missing: Missing
    untested: tuple[Untested, ...]
    refused: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
