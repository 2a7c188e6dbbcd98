"""Versions of one study that say different things, side by side (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from evaluation.evidence.figures import measured
from evaluation.evidence.model import Study, Version
from evaluation.evidence.readings import read_version


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two versions of one part of a study, in what they differ, and what to ask whom."""

    study: str
    part: str
    earlier: Version
    later: Version
    differs: tuple[str, ...]
    question: str


def conflicts_of(study: Study) -> tuple[Conflict, ...]:
    """Every pair of versions of one part that differ in sign, verdict, scale, people or, beyond rounding, in size."""
    found = []
    for earlier, later in combinations(study.versions, 2):
        if earlier.part != later.part:
            continue
        differs = _differs(study, earlier, later)
        if differs:
            found.append(Conflict(study.id, earlier.part, earlier, later, differs, _question(differs)))
    return tuple(found)


def _differs(study: Study, one: Version, other: Version) -> tuple[str, ...]:
    found = []
    if one.scale != other.scale:
        found.append("scale")
    elif one.effect is not None and other.effect is not None:
        if abs(one.effect - other.effect) > _rounding(one.effect) + _rounding(other.effect):
            found.append("size")
    elif one.counts != other.counts:
        found.append("size")
    signs = [_sign(version) for version in (one, other)]
    if 0 not in signs and signs[0] != signs[1]:
        found.append("sign")
    answers = [read_version(study, version).answer for version in (one, other)]
    if "not-assessable" not in answers and answers[0] != answers[1]:
        found.append("verdict")
    if one.n is not None and other.n is not None and one.n != other.n:
        found.append("number of people")
    if one.population and other.population and one.population != other.population:
        found.append("population")
    return tuple(found)


def _rounding(value: float) -> float:
    """Half a unit of the last digit that was printed."""
    digits = repr(value).partition("e")[0].partition(".")[2]
    return 0.5 * 10.0 ** -(len(digits) if digits != "0" else 0) * (1 + 1e-9)


def _sign(version: Version) -> int:
    """The direction of an effect; 0 where it has none or its scale is not known to have one."""
    found = measured(version)
    value = version.effect if found is None else found.value
    if value is None or (found is None and version.scale != "unclear"):
        return 0
    return (value > 0) - (value < 0)


def _question(differs: tuple[str, ...]) -> str:
    if "population" in differs or "number of people" in differs:
        return "Which population is each about: all who were allocated, or some of them?"
    if "scale" in differs:
        return "Which scale is each on: points, per cent of the comparison, or a ratio?"
    return "Why do they differ: a correction, another analysis, or a slip?"
