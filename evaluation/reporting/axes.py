"""Axes of a drawing: round ticks, and names of periods thinned until they do not touch (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from evaluation.reporting.numbers import plain

LETTER = 6.6  # width of a letter at the size the drawings are set in, on average and a little more
GAP = 14.0
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
EVERY = (2, 4, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
Keep = Callable[[int], bool]
Say = Callable[[str], str]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis with its words."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to its place on the page, between two ends."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value, also of one beyond the ends."""
        return self.start + (value - self.low) / ((self.high - self.low) or 1.0) * (self.end - self.start)

    def kept(self, value: float) -> float:
        """The place of a value; one beyond the ends is put on the end."""
        return self.at(min(max(value, self.low), self.high))


def text_width(words: str) -> float:
    """About how wide words are on the page."""
    return LETTER * len(words)


def round_ticks(low: float, high: float, most: int = 6) -> tuple[Tick, ...]:
    """Round numbers between two ends, at most about ``most`` of them."""
    if not high > low:
        return (Tick(low, _figure(low, 0)),)
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(nice for nice in NICE if nice * power >= rough * (1 - 1e-9))
    decimals = next((d for d in range(10) if abs(round(step, d) - step) < 1e-9 * step), 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(Tick(i * step, _figure(i * step, decimals)) for i in range(first, last + 1))


def _figure(value: float, decimals: int) -> str:
    """A tick's number; four figures stand together, so that a year reads as one."""
    text = plain(value, decimals)
    return text.replace(",", "") if abs(value) < 10_000 else text


def period_ticks(labels: Sequence[str], first: int, last: int, room: float) -> tuple[Tick, ...]:
    """Names of periods, thinned: years where there is no room for months, each tenth year where there is none for each.

    Months that begin a year stand as that year; the first name of an axis of months says month and year.
    """
    if all(re.fullmatch(r"\d{4}-\d{2}-01", label) for label in labels):
        labels = [label[:7] for label in labels]  # months named by their first day
    places = range(max(first, 0), min(last + 1, len(labels)))
    if not places:
        return ()
    for keep, said in _ways(labels):
        kept = [i for i in places if keep(i)]
        names = [said(labels[i]) for i in kept]
        if len(kept) >= min(2, len(places)) and _fits(kept, names, first, last, room):
            return tuple(Tick(float(i), name) for i, name in zip(kept, names, strict=True))
    ends = dict.fromkeys((places[0], places[-1]))
    return tuple(Tick(float(i), spoken(labels[i])) for i in ends)


def _ways(labels: Sequence[str]) -> Iterator[tuple[Keep, Say]]:
    """Ways of thinning, from all names to few."""
    yield (lambda _: True), spoken
    parts = [part for part in map(_parts, labels) if part]
    if len(parts) == len(labels):
        if all(map(_DAY.match, labels)):
            for days in (7, 14):
                yield partial(_each, range(len(labels)), days), spoken
        for months in (3, 6, 12):
            yield partial(_begins, parts, months), _short
        for years in (2, 5, 10, 20, 50):
            yield partial(_begins_years, parts, years), _short
        return
    numbers = [int(label) if re.fullmatch(r"\d{4}", label) else i for i, label in enumerate(labels)]
    for step in EVERY:
        yield partial(_each, numbers, step), spoken


def _parts(label: str) -> tuple[int, int] | None:
    """Year and month (from 1) of a name; nothing where it is no month, quarter or day."""
    if found := (_MONTH.match(label) or _DAY.match(label)):
        return int(found[1]), int(found[2])
    if found := _QUARTER.match(label):
        return int(found[1]), 3 * int(found[2]) - 2
    return None


def _begins(parts: Sequence[tuple[int, int]], months: int, i: int) -> bool:
    """Say whether a period is the first of its span of so many months."""
    if not i:
        return (parts[0][1] - 1) % months == 0
    return _span(parts[i], months) != _span(parts[i - 1], months)


def _span(part: tuple[int, int], months: int) -> int:
    return (part[0] * 12 + part[1] - 1) // months


def _begins_years(parts: Sequence[tuple[int, int]], years: int, i: int) -> bool:
    return _begins(parts, 12, i) and parts[i][0] % years == 0


def _each(numbers: Sequence[int], step: int, i: int) -> bool:
    return numbers[i] % step == 0


def _short(label: str) -> str:
    """A period by its month, or by its year where it begins one."""
    found = _parts(label)
    if found is None:
        return label
    return str(found[0]) if found[1] == 1 else f"{MONTHS[found[1] - 1]} {found[0]}"


def spoken(label: str) -> str:
    """A period as people write it: "Mar 2014", "1 Mar 2014", "Q1 2014"."""
    if found := _DAY.match(label):
        return f"{int(found[3])} {MONTHS[int(found[2]) - 1]} {found[1]}"
    if found := _MONTH.match(label):
        return f"{MONTHS[int(found[2]) - 1]} {found[1]}"
    if found := _QUARTER.match(label):
        return f"Q{found[2]} {found[1]}"
    return label


def _fits(kept: Sequence[int], names: Sequence[str], first: int, last: int, room: float) -> bool:
    """Whether no two names touch."""
    step = room / max(last - first, 1)
    return all(
        (b - a) * step >= (text_width(x) + text_width(y)) / 2 + GAP
        for a, b, x, y in zip(kept, kept[1:], names, names[1:], strict=False)
    )
