"""Versions of a plan, what changed between two of them, and what became of each planned outcome (values)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sort = Literal["lock", "amendment", "deviation"]
What = Literal["added", "dropped", "promoted", "demoted", "redefined", "changed", "assumption"]
Standing = Literal["kept", "added", "dropped", "promoted", "demoted", "redefined"]
SEEN = "outcomes seen"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered text of a plan: number 1 is the lock itself.

    ``kind`` was worked out by the program from the state of the data at that moment: an amendment before outcomes of
    the plan could be seen, a deviation afterwards.
    """

    plan_id: str
    number: int
    sha256: str
    canonical: str
    kind: Sort
    reason: str
    data_state: str
    waiver: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two texts of a plan; ``about`` is an outcome's name, or empty.

    ``assumption``: a figure the study was planned with, which the analysis does not use.
    """

    what: What
    about: str
    key: str
    before: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """A version as a result names it: what changed, why, and whether the run followed it."""

    version: int
    kind: Sort
    when: str
    who: str
    data_state: str
    reason: str
    changes: tuple[str, ...]
    followed: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of one outcome: as it was first locked, as it is reported, and what of it was changed."""

    measure: str
    name: str
    planned_role: str
    reported_role: str
    standing: Standing
    changes: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """Planned against reported: every outcome, and what of the analysis around them was changed."""

    outcomes: tuple[Planned, ...]
    analysis: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Say whether everything is reported as it was first locked."""
        return not self.analysis and all(one.standing == "kept" for one in self.outcomes)
