"""Where a running study is heading: people by its end, what it will show, attrition, security in reach (pure).

People arrive as they have till now: with n of them over t months, m months more bring n m / t, a gamma-Poisson
prediction of variance n m / t (1 + m / t), here with a normal 90 % range. Those followed up stay the share they are.
Everything is worked out from numbers as they may be told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.assumed import Assumed
from evaluation.power_analysis.promise import Promise, margin_of, promise
from evaluation.power_analysis.report import margin_words
from evaluation.power_analysis.sizes import Size
from evaluation.security import ATTRITION_BANDS, MDES_BANDS

MONTH = 30.44
RANGE = 1.645  # of the normal: 90 % in the middle
FEWEST_MONTHS = 1.0
EVEN = 0.5
BOUNDARY = {
    "low": "within the cautious boundary",
    "optimistic": "beyond the cautious boundary, within the optimistic one",
    "high": "beyond either boundary",
}
WITHHELD = "Too few people so far in an arm to say more."


@dataclass(frozen=True, slots=True)
class Recruited:
    """People of each arm so far (rounded; ``None``: too few to tell), months since the first, months that are left."""

    treated: int | None
    comparison: int | None
    months: float
    left: float


@dataclass(frozen=True, slots=True)
class Arm:
    """People by the end: expected, and the ends of a 90 % range."""

    expected: float
    low: float
    high: float


def arriving(so_far: int, months: float, left: float) -> Arm:
    """How many there will be, if people go on arriving as till now."""
    if left <= 0 or months < FEWEST_MONTHS:
        return Arm(so_far, so_far, so_far)
    more = so_far * left / months
    half = RANGE * math.sqrt(more * (1 + left / months))
    return Arm(so_far + more, max(so_far + more - half, so_far), so_far + more + half)


@dataclass(frozen=True, slots=True)
class Course:
    """A study in course: people by the end, share followed up, what it will show (and with fewer or more people)."""

    treated: Arm
    comparison: Arm
    followed_up: float | None
    expected: Promise
    fewest: Promise
    most: Promise
    planned: Promise | None


def course_of(
    plan: AnalysisPlan, recruited: Recruited, seen_share: float | None, clusters: Size
) -> Course | None:
    """Project the primary outcome; ``None`` where too few people are there to tell."""
    if not recruited.treated or not recruited.comparison:
        return None
    arms = [arriving(n, recruited.months, recruited.left) for n in (recruited.treated, recruited.comparison)]
    planned = plan.assumed or Assumed()
    share = seen_share if seen_share else planned.followed_up
    going = replace(plan, assumed=replace(planned, followed_up=share))
    grown = arms[0].expected / recruited.treated

    def at(which: str) -> Promise:
        people = [max(1, round(float(getattr(arm, which)))) for arm in arms]
        held = (clusters.clusters_treated, clusters.clusters_comparison)
        groups = [None if k is None else max(1, round(k * grown)) for k in held]
        size = Size(people[0], people[1], groups[0], groups[1], clusters.before, clusters.after)
        return promise(going, plan.primaries[0], size)

    hoped = None
    if planned.treated and planned.comparison:
        said = clusters.filled(Size())
        hoped = promise(
            plan, plan.primaries[0], replace(said, treated=planned.treated, comparison=planned.comparison)
        )
    return Course(arms[0], arms[1], share, at("expected"), at("low"), at("high"), hoped)


def security_in_reach(
    design_level: int, found: Promise, attrition: float | None
) -> tuple[int, tuple[str, ...]]:
    """The highest grade the design, the size and the share lost allow, and what sets it."""
    levels = {"design": design_level}
    if found.in_sd is not None:
        levels["size"] = (
            5 if found.in_sd <= 0.20 else next((g for limit, g in MDES_BANDS if found.in_sd < limit), 0)
        )
    if attrition is not None:
        levels["people lost"] = next((g for limit, g in ATTRITION_BANDS if attrition <= limit), 0)
    level = min(levels.values())
    return level, tuple(name for name, grade in levels.items() if grade == level)


def sentences(
    plan: AnalysisPlan,
    course: Course | None,
    attrition: Mapping[str, Any],
    facts: Mapping[str, Any],
    level: int,
) -> list[str]:
    """The state of a study in a few sentences for those who run it."""
    if course is None:
        return [WITHHELD]
    said = [_people(plan, course, facts), *_following(facts), *_showing(plan, course)]
    boundary = attrition.get("boundary")
    if boundary:
        shares = ""
        if attrition.get("overall") is not None:
            overall, apart = 100 * attrition["overall"], 100 * attrition["differential"]
            shares = f": {overall:.0f} % of those due lost, the arms {apart:.0f} points apart"
        said.append(f"Attrition is {BOUNDARY[boundary]}{shares}.")
    said.append(f"Security in reach: {level} of 5, set by {' and '.join(facts['set_by'])}.")
    return said


def _people(plan: AnalysisPlan, course: Course, facts: Mapping[str, Any]) -> str:
    planned = plan.assumed or Assumed()
    total = (planned.treated or 0) + (planned.comparison or 0)
    of = f" of {total:,}" if planned.treated and planned.comparison else ""
    arms = (course.treated, course.comparison)
    low, middle, high = (sum(getattr(arm, end) for arm in arms) for end in ("low", "expected", "high"))
    if facts["recruit_until"] is None:
        return f"So far {_near(middle)}{of} people; [power] names no recruit_until, so no more are reckoned with."
    if high - low < 1:
        return f"{_near(middle).capitalize()}{of} people have been recruited; recruitment is over."
    return (
        f"At this rate {_near(middle)}{of} people will have been recruited by {facts['recruit_until']} "
        f"(between {_near(low)} and {_near(high)}, nine times in ten)."
    )


def _near(n: float) -> str:
    """To the nearest five: what is projected is no more exact."""
    return f"about {5 * round(n / 5):,}"


def _following(facts: Mapping[str, Any]) -> list[str]:
    share, overdue = facts["seen_share"], facts["overdue"]
    if share is None:
        return ["Nobody's outcome is due yet, or too few are to say how many came in."]
    late = f"; {overdue} are overdue" if overdue else ""
    return [f"Of those whose outcome was due it is in for {100 * share:.0f} %{late}."]


def _showing(plan: AnalysisPlan, course: Course) -> list[str]:
    outcome, found = plan.primaries[0], course.expected
    if found.reason:
        return [f"What it will show is not worked out: {found.reason}."]
    ends = [effect_words(course.most), effect_words(course.fewest)]
    between = f" (between {ends[0]} and {ends[1]})" if ends[0] != ends[1] else ""
    lines = [f"It will then find {effect_words(found)} four times in five{between}; {margin_words(outcome)}."]
    if course.planned and course.planned.effect is not None:
        lines.append(f"Planned was {effect_words(course.planned)}.")
    if found.equivalence is not None:
        lines.append(
            f"The chance of ruling out what matters, if there is no effect, is {100 * found.equivalence:.0f} %."
        )
    if (
        margin_of(outcome)
        and found.effect
        and found.effect > (margin_of(outcome) or 0.0)
        and (found.equivalence or 0) < 0.5
    ):
        lines.append("As things stand it can neither find what matters nor rule it out.")
    return lines


def effect_words(found: Promise) -> str:
    """The smallest effect found, in the outcome's own words."""
    if found.effect is None:
        return "nothing"
    outcome = found.outcome
    if outcome.effect == "risk-difference" and found.per_hundred is not None:
        return f"{found.per_hundred:.1f} in every 100"
    if found.detectable is None:
        return f"{found.in_sd:.2f} SD" if found.in_sd is not None else "nothing"
    own = f"{found.detectable:.3g}"
    return f"a ratio of {own}" if outcome.is_ratio else f"{own} {outcome.unit}".rstrip()
