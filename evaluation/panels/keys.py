"""Keys of a plan that name a period."""

from __future__ import annotations

import contextlib
import datetime as dt

from evaluation.panels.axis import NotATime, canonical_period
from workspace.toml_source import Section

HINT = 'Write it as the time column does: start = 2005, start = 2014-03-01, start = "2014-03" or "2014-Q1".'


def read_period(section: Section, key: str, *, required: bool = False) -> str:
    """A period as canonical text; empty where it is not named. Numbers, dates and texts are taken."""
    if not section.has(key):
        if required:
            section.fault(
                section.codes.missing, "", f"{section.title} has no '{key}'", f"Add {key} = … to it."
            )
        return ""
    return _period(section, key, section.values[key])


def read_periods(section: Section, key: str) -> tuple[str, ...]:
    """A list of periods as canonical texts."""
    if not section.has(key):
        return ()
    value = section.values[key]
    found = [_period(section, key, item) for item in (value if isinstance(value, list) else [value])]
    return tuple(item for item in found if item)


def read_windows(section: Section, key: str) -> tuple[tuple[str, str], ...]:
    """A list of windows, each the first and the last period of it: ``[["2020-03", "2021-06"]]``."""
    if not section.has(key):
        return ()
    value = section.values[key]
    pairs = value if isinstance(value, list) else []
    if not pairs or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        section.fault(
            section.codes.wrong,
            key,
            f"'{key}' must be a list of windows",
            f'{key} = [["2020-03", "2021-06"]]',
        )
        return ()
    return tuple((_period(section, key, first), _period(section, key, last)) for first, last in pairs)


def _period(section: Section, key: str, value: object) -> str:
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    if not isinstance(value, bool) and isinstance(value, str | int | float | dt.date):
        with contextlib.suppress(NotATime):
            return canonical_period(text)
    section.fault(section.codes.wrong, key, f"'{key}' must name a period", HINT)
    return ""
