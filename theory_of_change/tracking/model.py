"""What is tracked and the figures that come in. Frozen; a value checks itself when made."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from theory_of_change.errors import TheoryError
from theory_of_change.tracking.periods import YEARS, Period
from workspace.errors import Fault, did_you_mean

AIMS = ("reduce", "increase", "watch")
KINDS = ("outcome", "activity", "context")
HORIZONS = ("short", "long")
COUNT, SHARE = "count", "per cent"
STATES = ("final", "provisional", "asked")
TRACKED_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,62}")


@dataclass(frozen=True, slots=True)
class Break:
    """From a day on, figures are not comparable with those before."""

    starts: dt.date
    why: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How a measure is called at one place: in a strategy's text, in its table, in a return."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """One success measure.

    ``unit``: ``count``, ``per cent`` or another; ``aim``: which way is better; ``year``: when its years begin;
    ``part_of``: the measure whose count it is part of, ``uncoded`` where it holds what was not coded;
    ``population``: the measure, or words, that says how many people there were; ``at_risk``: it counts people who did
    something, so needs to know out of how many (``of``); ``stands_for``: what it is used for although it does not
    measure it; ``due_months``: how long after a period its figure is due; ``cannot_isolate``: what its source cannot
    tell from the rest; ``target``: the figure wanted ``target_by`` a day, on the way from the first figure since
    ``target_from``; ``wordings``: how it is called elsewhere.
    """

    id: str
    name: str
    aim: str
    unit: str = COUNT
    plain_name: str = ""
    kind: str = "outcome"
    horizon: str = ""
    owner: str = ""
    obligation: str = ""
    source: str = ""
    definition: str = ""
    year: str = "calendar"
    due_months: int | None = None
    part_of: str = ""
    uncoded: bool = False
    population: str = ""
    at_risk: bool = False
    stands_for: str = ""
    box: str = ""
    breaks: tuple[Break, ...] = ()
    cannot_isolate: str = ""
    target: float | None = None
    target_by: dt.date | None = None
    target_from: dt.date | None = None
    wordings: tuple[Wording, ...] = ()
    line: int = 0

    def __post_init__(self) -> None:
        faults = list(self._target_faults())
        if not TRACKED_ID.fullmatch(self.id):
            faults.append(
                Fault("LC305", "id", f"'{self.id}' is not an id", "Letters, digits, '.', '-' and '_'.")
            )
        for key, allowed in (("aim", AIMS), ("kind", KINDS), ("year", tuple(YEARS))):
            value = str(getattr(self, key))
            if value not in allowed:
                near = did_you_mean(value, allowed)
                faults.append(Fault("LC303", key, f"'{key}' must be one of {', '.join(allowed)}.{near}"))
        if self.horizon and self.horizon not in HORIZONS:
            faults.append(Fault("LC303", "horizon", f"'horizon' must be one of {', '.join(HORIZONS)}."))
        if self.uncoded and not self.part_of:
            faults.append(
                Fault(
                    "LC303",
                    "uncoded",
                    "'uncoded' says what is not coded of a whole",
                    "Name the whole: part_of.",
                )
            )
        if faults:
            raise TheoryError.gather(faults)

    def _target_faults(self) -> Iterator[Fault]:
        if (self.target is None) != (self.target_by is None):
            yield Fault("LC303", "target", "'target' and 'target_by' go together", "Give both, or neither.")
        if self.target is not None and self.aim == "watch":
            hint = 'Say aim = "reduce" or "increase".'
            yield Fault("LC303", "target", "a measure that is only watched has no target", hint)
        if self.target_from and (self.target_by is None or self.target_from >= self.target_by):
            yield Fault("LC303", "target_from", "'target_from' must lie before 'target_by'")


@dataclass(frozen=True, slots=True)
class Stated:
    """What the source says of the change: per cent, a difference, and what it was compared with."""

    percent: float | None = None
    difference: float | None = None
    against: Period | None = None
    base: float | None = None

    @property
    def empty(self) -> bool:
        """Say whether nothing is stated."""
        return self.percent is None and self.difference is None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of one measure, area and period; ``value`` is ``None`` where it was only asked for."""

    measure: str
    period: Period
    value: float | None
    area: str = ""
    of: float | None = None
    status: str = "final"
    stated: Stated = Stated()
    printed_under: str = ""
    source: str = ""
    document: str = ""
    note: str = ""

    @property
    def slot(self) -> tuple[str, str, Period]:
        """What there is one current figure of."""
        return self.measure, self.area, self.period


@dataclass(frozen=True, slots=True)
class Concern:
    """Something wrong, doubtful or missing in the figures: its code, how grave, where, what, and what to do."""

    code: str
    severity: str
    measure: str
    period: str
    text: str
    hint: str = ""
    area: str = ""
