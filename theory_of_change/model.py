"""A theory of change: boxes, the links between them, and the measures that would show a change.

Every value checks itself when made. In a fault of a single value, ``where`` is the key at fault, as
theory.toml spells it; whoever knows the file turns that into a line.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import string
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from theory_of_change.errors import TheoryError
from theory_of_change.priorities import Priority, current_name
from theory_of_change.scales import BandSet, Break, Cutoff, Scoring
from workspace.errors import Fault, did_you_mean

BOX_KINDS = ("activity", "output", "outcome", "impact", "factor")
TERMS = ("short", "medium", "long")
TIERS = ("primary", "secondary", "tertiary")
FACTOR_SIGNS = ("risk", "protective")
MEASURE_KINDS = ("continuous", "binary", "count", "time-to-event", "ordinal")
DIRECTIONS = ("lower", "higher")
EFFECTS = ("difference", "risk-difference", "risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio")
RATIO_EFFECTS = ("risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio")
EFFECTS_OF_KIND = {
    "continuous": ("difference",),
    "ordinal": ("difference",),
    "binary": ("risk-difference", "risk-ratio", "odds-ratio"),
    "count": ("rate-ratio", "difference"),
    "time-to-event": ("hazard-ratio",),
}
BOX_ID = re.compile(
    r"(?:[a-z][a-z0-9-]{0,30}:)?[A-Za-z]{1,4}[0-9]{1,4}"
)  # a partner's own boxes carry its name
MEASURE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise TheoryError.gather(faults)


def _listed(key: str, value: str, allowed: Sequence[str], code: str) -> Iterable[Fault]:
    if value and value not in allowed:
        near = did_you_mean(value, allowed)
        yield Fault(code, key, f"'{key}' is '{value}', which is not one of {', '.join(allowed)}.{near}")


def _one_line_each(key: str, items: Sequence[str]) -> Iterable[Fault]:
    if any(not item.strip() or len(item.splitlines()) > 1 for item in items):
        hint = "Take the empty entry out, or write it on one line."
        yield Fault("LC203", key, f"'{key}' holds an entry that is empty or runs over several lines", hint)


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the theory: an activity, an output, an outcome, an impact, or a factor outside our hands.

    ``not_measurable`` says why an outcome has no measure yet: silence about it is a gap, a reason is not.
    """

    id: str
    kind: str
    text: str
    term: str = ""
    tier: str = ""
    priority: tuple[str, ...] = ()
    place: str = ""
    age_band: str = ""
    factor_sign: str = ""
    measures: tuple[str, ...] = ()
    not_measurable: str = ""
    review_by: dt.date | None = None
    line: int = 0

    def __post_init__(self) -> None:
        _refuse([*self._form_faults(), *self._kind_faults()])

    def _form_faults(self) -> Iterable[Fault]:
        if not BOX_ID.fullmatch(self.id):
            hint = "Use letters and a number, such as A4."
            yield Fault("LC206", "id", f"'{self.id}' is not a box id", hint)
        if not self.text.strip():
            yield Fault("LC202", "text", f"box {self.id} has no text", "Say in a few words what the box is.")
        if self.kind not in BOX_KINDS:
            near = did_you_mean(self.kind, BOX_KINDS)
            yield Fault("LC203", "kind", f"'kind' must be one of {', '.join(BOX_KINDS)}.{near}")
        yield from _listed("term", self.term, TERMS, "LC203")
        yield from _listed("tier", self.tier, TIERS, "LC203")
        yield from _listed("factor_sign", self.factor_sign, FACTOR_SIGNS, "LC203")
        yield from _one_line_each("priority", self.priority)
        yield from _one_line_each("measures", self.measures)

    def _kind_faults(self) -> Iterable[Fault]:
        if self.kind == "activity" and not self.tier:
            hint = 'Add tier = "primary", "secondary" or "tertiary".'
            yield Fault("LC204", "tier", f"activity {self.id} has no tier", hint)
        for key, value, kind in (
            ("tier", self.tier, "activity"),
            ("term", self.term, "outcome"),
            ("factor_sign", self.factor_sign, "factor"),
        ):
            if value and self.kind in BOX_KINDS and self.kind != kind:
                problem = f"box {self.id} is of kind '{self.kind}'; only kind '{kind}' has a {key}"
                yield Fault("LC203", key, problem, f"Remove {key}, or change the kind.")


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the theory: this leads to that, because ...

    ``direction`` is the way the far end's measure should move where that is not the way its ``better`` says;
    ``worthwhile_size`` the smallest move that would be worth it, unsigned and on the effect's scale.
    """

    from_box: str
    to_box: str
    because: str = ""
    assumption: str = ""
    expect: str = ""
    worthwhile: str = ""
    lag_months: int | None = None
    could_harm: str = ""
    direction: str = ""
    worthwhile_size: float | None = None
    rivals: tuple[str, ...] = ()
    test: str = ""
    evidence: tuple[str, ...] = ()
    review_by: dt.date | None = None
    feedback: bool = False
    factors: tuple[str, ...] = ()
    line: int = 0

    def __post_init__(self) -> None:
        faults = []
        if self.from_box == self.to_box:
            problem = f"the link goes from '{self.from_box}' to itself"
            faults.append(Fault("LC215", "to", problem, "Correct 'from' or 'to'."))
        if self.lag_months is not None and self.lag_months < 0:
            faults.append(Fault("LC203", "lag_months", "'lag_months' must be a whole number of at least 0"))
        for key, items in (("rivals", self.rivals), ("evidence", self.evidence), ("factors", self.factors)):
            faults.extend(_one_line_each(key, items))
        _refuse(faults)

    @property
    def id(self) -> str:
        """``A4>O3``."""
        return f"{self.from_box}>{self.to_box}"

    @property
    def is_backed(self) -> bool:
        """True when a test is planned or evidence named."""
        return bool(self.test.strip() or self.evidence)


@dataclass(frozen=True, slots=True)
class Measure:
    """How an outcome would show: kind, direction, unit, range, and the smallest difference that matters.

    ``minimum_important_difference`` is unsigned and on the scale ``mid_effect`` (a ratio such as 0.85 on
    ratio scales); which way is good is said once, by ``better``. ``verified`` and ``mid_verified`` say
    whether somebody held the entry against its source.
    """

    id: str
    name: str
    kind: str
    better: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    minimum_important_difference: float | None = None
    mid_effect: str = ""
    mid_source: str = ""
    mid_verified: bool = False
    informant: str = ""
    variable: str = ""
    follow_up_months: int | None = None
    waiting_months: int | None = None
    definition: str = ""
    missing: str = ""
    norm_mean: float | None = None
    norm_sd: float | None = None
    reliability: float | None = None
    scoring: Scoring | None = None
    bands: tuple[BandSet, ...] = ()
    cutoffs: tuple[Cutoff, ...] = ()
    breaks: tuple[Break, ...] = ()
    source: str = ""
    licence: str = ""
    version: str = ""
    verified: bool = False
    catalogue: bool = False
    based_on: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        if not self.mid_effect and self.kind in EFFECTS_OF_KIND:
            object.__setattr__(self, "mid_effect", EFFECTS_OF_KIND[self.kind][0])
        _refuse([*self._form_faults(), *self._range_faults(), *self._mid_faults()])

    def _form_faults(self) -> Iterable[Fault]:
        if not MEASURE_ID.fullmatch(self.id):
            yield Fault("LC206", "id", f"'{self.id}' is not a measure id", "Use letters, digits and hyphens.")
        if not self.name.strip():
            yield Fault("LC302", "name", f"measure '{self.id}' has no name", "Add name = ….")
        for key, value, allowed in (
            ("kind", self.kind, MEASURE_KINDS),
            ("better", self.better, DIRECTIONS),
            ("mid_effect", self.mid_effect, EFFECTS),
        ):
            if value not in allowed and (value or key != "mid_effect"):
                problem = f"'{key}' must be one of {', '.join(allowed)}.{did_you_mean(value, allowed)}"
                yield Fault("LC303", key, problem)
        suited = EFFECTS_OF_KIND.get(self.kind, EFFECTS)
        if self.mid_effect in EFFECTS and self.mid_effect not in suited:
            problem = f"a {self.kind} measure has no {self.mid_effect}; use {' or '.join(suited)}"
            yield Fault("LC334", "mid_effect", problem, "Correct mid_effect or kind.")

    def _range_faults(self) -> Iterable[Fault]:
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            problem = f"the range runs from {self.minimum} to {self.maximum}, which is upside down or empty"
            yield Fault("LC331", "minimum", problem, "Correct minimum or maximum.")
        for key, months in (
            ("follow_up_months", self.follow_up_months),
            ("waiting_months", self.waiting_months),
        ):
            if months is not None and months < 0:
                yield Fault("LC303", key, f"'{key}' must be a whole number of at least 0")

    def _mid_faults(self) -> Iterable[Fault]:
        mid, key = self.minimum_important_difference, "minimum_important_difference"
        if mid is None:
            return
        if not self.mid_source.strip():
            problem = f"the minimum important difference of '{self.id}' has no source"
            yield Fault(
                "LC332", key, problem, 'Add mid_source = "…": a guide, a threshold, a break-even sum.'
            )
        if not 0 < mid < float("inf"):
            yield Fault("LC333", key, f"'{key}' must be above 0, without a sign; it is {mid}")
        elif self.mid_effect in RATIO_EFFECTS:
            if mid == 1:
                problem = f"'{key}' is 1, which on a {self.mid_effect} scale means no difference"
                yield Fault("LC333", key, problem, "Give a ratio such as 0.85.")
        elif mid > self._span():
            problem = f"'{key}' is {mid}, wider than the whole range of the measure"
            yield Fault("LC335", key, problem, "Check the unit: a share runs from 0 to 1.")

    def _span(self) -> float:
        """The widest difference the measure allows."""
        low, high = (0.0, 1.0) if self.kind == "binary" else (self.minimum, self.maximum)
        if low is None or high is None or low >= high:
            return float("inf")
        return high - low


@dataclass(frozen=True, slots=True)
class Theory:
    """A whole theory. ``measures`` holds the theory's own and the built-in ones it may name."""

    title: str
    owner: str = ""
    review_by: dt.date | None = None
    boxes: tuple[Box, ...] = ()
    links: tuple[Link, ...] = ()
    measures: tuple[Measure, ...] = ()
    source: str = "theory.toml"
    line: int = 1
    note: str = ""
    priorities: tuple[Priority, ...] = ()

    def __post_init__(self) -> None:
        faults = list(structure_faults(self.boxes, self.links, self.measures, self.source))
        if not self.title.strip():
            where = f"{self.source}:{self.line}"
            faults.insert(0, Fault("LC202", where, "the theory has no title", 'Add title = "…" to [theory].'))
        _refuse(faults)

    def box(self, id: str) -> Box | None:  # noqa: A002 - it is the id of a box
        """The box with this id."""
        return next((box for box in self.boxes if box.id == id), None)

    def link(self, id: str) -> Link | None:  # noqa: A002
        """The link with this id, written ``A1>O1``."""
        wanted = "".join(id.split())
        return next((link for link in self.links if link.id == wanted), None)

    def measure(self, id: str) -> Measure | None:  # noqa: A002
        """The measure with this id: the theory's own, or one of the catalogue."""
        return next((measure for measure in self.measures if measure.id == id), None)

    def priorities_of(self, box: Box) -> tuple[str, ...]:
        """The priorities of a box under their names of today; a former name still resolves."""
        return tuple(dict.fromkeys(current_name(self.priorities, name) for name in box.priority))

    def measures_of(self, box_id: str) -> tuple[Measure, ...]:
        """The measures a box names, in its order."""
        box = self.box(box_id)
        named = [self.measure(name) for name in box.measures] if box else []
        return tuple(measure for measure in named if measure is not None)


def structure_faults(
    boxes: Sequence[Box],
    links: Sequence[Link],
    measures: Sequence[Measure],
    source: str,
    also_known: Collection[str] = (),
) -> Iterable[Fault]:
    """Faults between values: ids given twice, links to no box, measures that are not there.

    ``also_known`` holds ids that were declared but could not be made, so that they are not missed twice.
    """
    yield from _repeated(boxes, "box", source)
    yield from _repeated(measures, "measure", source)
    known_boxes = {box.id for box in boxes} | set(also_known)
    known_measures = {measure.id for measure in measures} | set(also_known)
    seen: dict[str, int] = {}
    for link in links:
        where = f"{source}:{link.line}"
        for word, end in (("starts from", link.from_box), ("points to", link.to_box)):
            if end not in known_boxes:
                problem = f"link {word} '{end}', which is not a box.{_near_box(end, known_boxes)}"
                yield Fault("LC210", where, problem, "Correct the id, or add the box.")
        yield from _unknown_factors(link, boxes, known_boxes, where)
        if link.id in seen:
            problem = f"link {link.id} is already there, on line {seen[link.id]}"
            yield Fault("LC214", where, problem, "Join the two into one link.")
        seen.setdefault(link.id, link.line)
    for box in boxes:
        yield from _unknown_measures(box, known_measures, source)


def _unknown_factors(link: Link, boxes: Sequence[Box], known: Collection[str], where: str) -> Iterable[Fault]:
    kinds = {box.id: box.kind for box in boxes}
    for name in link.factors:
        if name not in known or kinds.get(name, "factor") != "factor":
            problem = f"link {link.id} names '{name}' as a factor, which is not a box of kind 'factor'"
            yield Fault("LC210", where, problem, "Correct the id, or add the factor as a box.")


def _unknown_measures(box: Box, known: Collection[str], source: str) -> Iterable[Fault]:
    for name in box.measures:
        if name not in known:
            problem = (
                f"box {box.id} names the measure '{name}', which is not there.{did_you_mean(name, known)}"
            )
            yield Fault("LC216", f"{source}:{box.line}", problem, "lifecourse measure list")


def _near_box(word: str, known: Collection[str]) -> str:
    """Return `` Did you mean 'L1'?``: an id with the same letters first, for short ids all look alike."""
    stem = word.rstrip(string.digits)
    family = sorted(box for box in known if stem and box.rstrip(string.digits).upper() == stem.upper())
    near = difflib.get_close_matches(word, family, n=1, cutoff=0.0)
    return f" Did you mean '{near[0]}'?" if near else did_you_mean(word, known)


def _repeated(values: Sequence[Box] | Sequence[Measure], word: str, source: str) -> Iterable[Fault]:
    seen: dict[str, int] = {}
    for value in values:
        if value.id in seen:
            problem = f"{word} '{value.id}' is already there, on line {seen[value.id]}"
            yield Fault("LC205", f"{source}:{value.line}", problem, "Give one of them a new id.")
        seen.setdefault(value.id, value.line)
