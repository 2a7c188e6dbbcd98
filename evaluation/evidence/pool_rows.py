"""What could go into a pool: effects of others and our own, on every scale they can be brought to (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from evaluation.errors import EvaluationError
from evaluation.evidence.figures import FROM_COUNTS, Measured, analysed, measured
from evaluation.evidence.model import RATIO_SCALES, SCALES, Moderators, Scale, Study, Version
from evaluation.evidence.readings import design_level, is_finite
from evaluation.inference import critical
from evaluation.lock_states import outside_lock
from evaluation.model import Better

Origin = Literal["own", "outside"]
OWN_SCALES: frozenset[str] = RATIO_SCALES | {"risk-difference", "difference"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One effect. ``effects`` holds it on each scale it can validly be brought to, its own first."""

    study: str
    part: str
    origin: Origin
    better: Better
    design: str
    unit: str
    date: str
    effects: tuple[tuple[Scale, Measured], ...]
    margin: float | None = None
    moderators: Moderators = ()
    disputed: bool = False

    @property
    def label(self) -> str:
        """The name it is shown under."""
        return f"{self.study}: {self.part}" if self.part else self.study

    def on(self, scale: Scale) -> Measured | None:
        """The effect on a scale."""
        return next((found for name, found in self.effects if name == scale), None)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not in the pool, and why."""

    label: str
    reason: str


def of_study(study: Study, *, every_version: bool = False) -> tuple[list[Candidate], list[LeftOut]]:
    """The effects of a study: the newest version of each part, or every version (which then depend on one another)."""
    versions = study.versions if every_version else study.newest()
    found, out = [], []
    for version in versions:
        named = version.part or (version.date if every_version else "")
        label = f"{study.id}: {named}" if named else study.id
        effects = _effects(version)
        if not effects:
            out.append(LeftOut(label, _why_not(version)))
        elif design_level(study.design) == 0:
            out.append(LeftOut(label, "nothing to compare with: it shows a change, no effect"))
        else:
            merged = tuple(sorted((dict(study.moderators) | dict(version.moderators)).items()))
            found.append(
                Candidate(
                    study.id,
                    named,
                    "outside",
                    study.better,
                    study.design,
                    study.unit,
                    version.date,
                    effects,
                    study.minimum_important_difference,
                    merged,
                )
            )
    return found, out


def _effects(version: Version) -> tuple[tuple[Scale, Measured], ...]:
    order = dict.fromkeys((version.scale, *(FROM_COUNTS if version.counts else ()), "smd"))
    found: list[tuple[Scale, Measured]] = []
    for scale in SCALES:
        if scale not in order:
            continue
        one = measured(version, scale)
        if one is not None and is_finite(one):
            found.append((scale, one))
    return tuple(sorted(found, key=lambda pair: pair[0] != version.scale))


def _why_not(version: Version) -> str:
    if version.scale == "unclear":
        return "its scale is not clear from the source"
    return "no standard error can be had: neither interval, standard error nor counts were given"


def of_finding(
    evaluation: str, finding: Mapping[str, Any], wanted: str, *, disputed: bool
) -> tuple[list[Candidate], list[LeftOut]]:
    """The effects of one of our findings on an outcome: its measure, its name, or the box that is linked to."""
    found, out = [], []
    for outcome in finding.get("outcomes", ()):
        if not _is_about(outcome, finding, wanted):
            continue
        label = f"{evaluation}: {outcome['measure']}"
        reason = _unfit(finding, outcome)
        effects = () if reason else _own_effects(outcome["estimate"])
        if reason or not effects:
            out.append(LeftOut(label, reason or "its figures are withheld, or it has no standard error"))
            continue
        found.append(
            Candidate(
                evaluation,
                outcome["measure"],
                "own",
                outcome["better"],
                finding["method"],
                outcome["unit"],
                str(finding["provenance"].get("started", ""))[:10],
                effects,
                outcome["minimum_important_difference"],
                (),
                disputed,
            )
        )
    alone = len(found) == 1
    return [replace(one, part="") if alone else one for one in found], out


def outcomes_of(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """The measures a finding is about."""
    return tuple(str(outcome["measure"]) for outcome in finding.get("outcomes", ()))


def _is_about(outcome: Mapping[str, Any], finding: Mapping[str, Any], wanted: str) -> bool:
    names = {str(outcome["measure"]).lower(), str(outcome["name"]).lower()}
    if outcome["role"] == "primary":
        names |= {str(link["link"]).partition(">")[2].lower() for link in finding.get("links", ())}
    return wanted.lower() in names


def _unfit(finding: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    if outside_lock(finding["plan"]["state"]) or outcome["role"] == "exploratory" or not outcome["planned"]:
        return "exploratory: not planned before it was seen"
    if outcome["verdict"]["answer"] == "not-assessable":
        return f"cannot be assessed ({outcome['verdict']['detail']})"
    if design_level(str(finding["method"])) == 0:
        return "nothing to compare with: it shows a change, no effect"
    return ""


def _own_effects(estimate: Mapping[str, Any]) -> tuple[tuple[Scale, Measured], ...]:
    found: list[tuple[Scale, Measured]] = []
    value, error, scale = estimate["value"], estimate["std_error"], estimate["effect"]
    if scale in OWN_SCALES and value is not None and error and (scale not in RATIO_SCALES or value > 0):
        found.append((scale, Measured(analysed(value, scale), error, "standard error as estimated")))
    size = estimate.get("standardised")
    if size and size["value"] is not None and size["conf_high"] is not None and size["conf_low"] is not None:
        half = (size["conf_high"] - size["conf_low"]) / 2
        level = estimate.get("conf_level") or 0.95
        if half > 0 and math.isfinite(half):
            one = Measured(
                size["value"], half / critical(level, None, "normal"), f"{size['kind']}, from its interval"
            )
            found.append(("smd", one))
    return tuple(found)


def choose_scale(candidates: Sequence[Candidate], wanted: Scale | None) -> Scale:
    """The scale that was asked for, else one that every effect is on, or comes to from its counts."""
    if wanted is not None:
        return wanted
    shared = [
        scale
        for scale in _by_use(candidates)
        if all(one.on(scale) and _plain(one, scale) for one in candidates)
    ]
    if shared:
        return shared[0]
    declared = _by_use(candidates)
    where = "; ".join(
        f"{scale}: {', '.join(one.label for one in candidates if one.effects[0][0] == scale)}"
        for scale in declared
    )
    raise EvaluationError(
        "LC556",
        f"the effects are on scales that are different quantities ({where})",
        f"Choose one: --scale {declared[0]}. What cannot be brought to it is left out, and named.",
    )


def _plain(one: Candidate, scale: Scale) -> bool:
    """A standardised difference stands in for another scale only when it is asked for."""
    return scale != "smd" or one.effects[0][0] == "smd"


def _by_use(candidates: Iterable[Candidate]) -> list[Scale]:
    own = [one.effects[0][0] for one in candidates]
    return sorted(dict.fromkeys(own), key=lambda scale: (-own.count(scale), SCALES.index(scale)))
