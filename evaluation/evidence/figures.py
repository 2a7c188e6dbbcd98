"""Figures of a version: whether they agree with themselves, and the effect they come to on a scale (pure).

On the scale of analysis a ratio is its natural log; its standard error is of that log.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.evidence.model import RATIO_SCALES, Scale, Version
from evaluation.inference import COX, critical
from evaluation.synthesis.effects import effects_of_counts

LOOSE = 0.5  # how far an interval's half-width may be from its standard error's before they contradict one another
FROM_COUNTS: dict[str, str] = {
    "odds-ratio": "log-odds-ratio", "risk-ratio": "log-risk-ratio", "risk-difference": "risk-difference",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """An effect and its standard error on the scale of analysis, and where the error was taken from."""

    value: float
    std_error: float | None
    source: str


def analysed(value: float, scale: str) -> float:
    """A value as printed, on the scale of analysis."""
    return math.log(value) if scale in RATIO_SCALES else value


def printed(value: float, scale: str) -> float:
    """A value on the scale of analysis, as it is printed."""
    return math.exp(value) if scale in RATIO_SCALES else value


def measured(version: Version, scale: Scale | None = None) -> Measured | None:
    """The effect of a version on a scale (by default its own); ``None`` where it cannot validly be brought there.

    Valid: its own scale; of counts, the ratio of odds, the ratio or the difference of risks; and an odds ratio as a
    standardised difference (its log over 1.65, as the Cox index of the WWC), which only ``smd`` asks for.
    """
    wanted = scale or version.scale
    if version.counts is not None and wanted in FROM_COUNTS:
        return _of_counts(version, wanted)
    if version.effect is None or version.scale == "unclear":
        return None
    if wanted == version.scale:
        return _as_given(version)
    if wanted == "smd" and version.scale == "odds-ratio":
        own = _as_given(version)
        error = own.std_error / COX if own.std_error is not None else None
        return Measured(own.value / COX, error, f"odds ratio as a standardised difference; {own.source}")
    return None


def _of_counts(version: Version, scale: str) -> Measured | None:
    c = version.counts
    if c is None or not (c.n_treated and c.n_comparison):
        return None
    had = (np.array([float(c.events_treated)]), np.array([float(c.events_comparison)]))
    not_had = (
        np.array([float(c.n_treated - c.events_treated)]),
        np.array([float(c.n_comparison - c.events_comparison)]),
    )
    value, variance = effects_of_counts(had, not_had, FROM_COUNTS[scale])  # type: ignore[arg-type]
    error = math.sqrt(float(variance[0])) if variance[0] > 0 else None
    return Measured(float(value[0]), error, "from the counts")


def _as_given(version: Version) -> Measured:
    value = analysed(version.effect or 0.0, version.scale)
    if version.std_error is not None:
        return Measured(value, version.std_error, "standard error as given")
    if version.conf_low is not None and version.conf_high is not None:
        return Measured(value, _half(version) / _times(version), "standard error from the interval")
    return Measured(value, None, "no interval and no standard error were given")


def _times(version: Version) -> float:
    return critical(version.conf_level, None, "normal")


def _half(version: Version) -> float:
    low, high = (analysed(float(end or 0.0), version.scale) for end in (version.conf_low, version.conf_high))
    return (high - low) / 2


def contradictions(version: Version) -> Iterator[tuple[str, str]]:
    """What in the figures cannot be so, with the key it stands at."""
    if version.effect is None and version.counts is None:
        yield "", "the version has neither an effect nor counts"
    yield from _counted_twice(version)
    ends = (version.conf_low, version.conf_high)
    if (ends[0] is None) != (ends[1] is None):
        yield "conf_low" if ends[0] is not None else "conf_high", "an interval has two ends; one is given"
        return
    given = [value for value in (version.effect, *ends) if value is not None]
    if version.scale in RATIO_SCALES and any(value <= 0 for value in given):
        yield "effect", f"a ratio is above 0 (scale '{version.scale}'); write a ratio, not its log"
        return
    if version.scale == "risk-difference" and any(abs(value) > 1 for value in given):
        yield "effect", "a difference of risks lies between -1 and 1: ten points are 0.10"
    if ends[0] is not None and ends[1] is not None:
        yield from _bad_interval(version, ends[0], ends[1])


def _counted_twice(version: Version) -> Iterator[tuple[str, str]]:
    c = version.counts
    if c is None:
        return
    if c.events_treated > c.n_treated or c.events_comparison > c.n_comparison:
        yield "events_treated", "more people had it than there were"
    if version.scale not in FROM_COUNTS:
        yield "scale", f"counts give {', '.join(FROM_COUNTS)}; the scale is '{version.scale}'"


def _bad_interval(version: Version, low: float, high: float) -> Iterator[tuple[str, str]]:
    if low >= high:
        yield "conf_low", "the lower end of the interval is not below the upper"
    elif version.effect is not None and not low <= version.effect <= high:
        yield "effect", "the effect lies outside its own interval"
    elif version.std_error is not None and version.scale != "unclear":
        wide = _times(version) * version.std_error
        if abs(_half(version) - wide) > LOOSE * wide:
            said = (
                "a ratio's standard error is of its log" if version.scale in RATIO_SCALES else "look both up"
            )
            yield "std_error", f"the standard error and the interval are of different sizes ({said})"
