"""Which wave of the cohort an event of a REDCap project is: a guess from its name, then from its day (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cohorts.definition import Wave
from cohorts.redcap.export import Event
from cohorts.redcap.keys import LEFT_OUT

_SPAN = re.compile(r"(\d+(?:\.\d+)?)[ _-]*(months?|mths?|mo|m|weeks?|wks?|years?|yrs?|y)(?![a-z])")
_START = re.compile(r"baseline|enrol|intake|referral|release|start|screen|admission|birth|registration")
_MONTHS = {"m": 1.0, "w": 12 / 52, "y": 12.0}
_FIRST_REAL_DAY = 14  # REDCap numbers events 1, 2, 3 … where nobody gave a day
DAYS_A_MONTH = 30.4375


def place_events(events: Sequence[Event], waves: Sequence[Wave]) -> dict[str, str]:
    """Event to wave; an event for which no wave is found, or whose wave is taken in its arm, is left out."""
    placed: dict[str, str] = {}
    taken: set[tuple[str, str]] = set()
    for event in events:
        wave = _named(event, waves) or _spanned(event, waves) or _started(event, waves) or _due(event, waves)
        if wave is None or (event.arm, wave.name) in taken:
            placed[event.name] = LEFT_OUT
            continue
        taken.add((event.arm, wave.name))
        placed[event.name] = wave.name
    return placed


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _texts(event: Event) -> tuple[str, str]:
    return event.title.lower(), event.name.rpartition("_arm_")[0]


def _named(event: Event, waves: Sequence[Wave]) -> Wave | None:
    said = {_slug(text) for text in _texts(event)} - {""}
    return next((wave for wave in waves if {wave.name, _slug(wave.title)} & said), None)


def _spanned(event: Event, waves: Sequence[Wave]) -> Wave | None:
    for text in _texts(event):
        span = _SPAN.search(text)
        if span:
            months = float(span[1]) * _MONTHS[span[2][0]]
            return next((wave for wave in waves if wave.months and abs(wave.months - months) <= 0.5), None)
    return None


def _started(event: Event, waves: Sequence[Wave]) -> Wave | None:
    if any(_START.search(text) for text in _texts(event)):
        return min(waves, key=lambda wave: abs(wave.months))
    return None


def _due(event: Event, waves: Sequence[Wave]) -> Wave | None:
    """The wave nearest to the day, if it is within half a month or a tenth of the time."""
    if event.day is None or abs(event.day) < _FIRST_REAL_DAY:
        return None
    months = event.day / DAYS_A_MONTH
    nearest = min(waves, key=lambda wave: abs(wave.months - months))
    return nearest if abs(nearest.months - months) <= max(0.5, 0.1 * abs(months)) else None
