"""What an appraisal reads of a result: the effect, its verdict, and whether its sign would hold (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.model import CACE, RATIOS, Better, Effect, Estimate, OutcomeResult
from evaluation.nouns import OVER_TIME
from evaluation.protection import may_show
from evaluation.verdict import Oriented, orient
from workspace.settings import DisclosureProfile

COMPETING = "competing events"
_NUMBERS = (
    "value", "std_error", "conf_low", "conf_high", "p_value", "df", "n_clusters", "treated_mean", "comparison_mean",
    "narrow_low", "narrow_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One primary outcome as an appraisal sees it. ``fragile``: under a setting that turns the answer the sign goes."""

    name: str
    unit: str
    kind: str
    effect: Effect
    better: Better
    answer: str
    detail: str
    security: int
    view: Oriented | None
    df: float | None
    base: float | None
    fragile: bool
    competing: bool
    per: str
    withheld: bool = False

    @property
    def unit_words(self) -> str:
        """One unit of the outcome, as a cost is said to be for it."""
        done = "averted" if self.better == "lower" else "gained"
        if self.effect in ("risk-difference", "risk-ratio", "odds-ratio", "hazard-ratio"):
            return f"case {done}"
        if self.kind == "count" or self.effect == "rate-ratio":
            return f"event {done}"
        return f"unit {done} ({self.unit})" if self.unit else f"unit {done}"


def per_of(units: str, method: str) -> str:
    """What an effect, and so a cost, is for."""
    over_time = method in OVER_TIME
    if units == "areas":
        return "area and period"
    return "person and period" if over_time else "person"


def found_in(outcome: OutcomeResult, method: str, profile: DisclosureProfile | None) -> Found:
    """Read an outcome. With a profile, what may not be shown is not read either."""
    e, verdict = outcome.estimate, outcome.verdict
    hidden = profile is not None and not may_show(outcome.kind, e, profile)
    return Found(
        name=outcome.name,
        unit=outcome.unit,
        kind=outcome.kind,
        effect=e.effect,
        better=outcome.better,
        answer=verdict.answer,
        detail=verdict.detail,
        security=verdict.security,
        view=None if hidden else orient(e, outcome.better, None, is_ratio=e.effect in RATIOS),
        df=e.df,
        base=None if hidden else e.comparison_mean,
        fragile=_loses_sign(
            ((way.estimate, way.flips_verdict) for way in outcome.sensitivity), e.effect, outcome.better
        ),
        competing=any(check.name == COMPETING for check in outcome.checks),
        per=per_of(outcome.units, method),
        withheld=hidden,
    )


def found_in_json(payload: Mapping[str, Any], outcome: Mapping[str, Any]) -> Found:
    """Read a primary outcome of a saved result. Raises KeyError, TypeError or ValueError where it is none."""
    e, verdict = estimate_in(outcome["estimate"]), outcome["verdict"]
    better: Better = "lower" if outcome["better"] == "lower" else "higher"
    ways = [(estimate_in(way["estimate"]), bool(way["flips_verdict"])) for way in outcome["sensitivity"]]
    withheld = any(check["name"] == "disclosure" for check in outcome["checks"])
    hidden = set(verdict["flipped_by"]) - {way["name"] for way in outcome["sensitivity"]}
    return Found(
        name=str(outcome["name"]),
        unit=str(outcome["unit"]),
        kind=str(outcome["kind"]),
        effect=e.effect,
        better=better,
        answer=str(verdict["answer"]),
        detail=str(verdict["detail"]),
        security=int(verdict["security"]),
        view=orient(e, better, None, is_ratio=e.effect in RATIOS),
        df=e.df,
        base=e.comparison_mean,
        fragile=bool(hidden)
        or _loses_sign(ways, e.effect, better),  # a setting that is withheld may lose the sign
        competing=any(check["name"] == COMPETING for check in outcome["checks"]),
        per=per_of(str(outcome["units"]), str(payload["method"])),
        withheld=withheld,
    )


def estimate_in(payload: Mapping[str, Any]) -> Estimate:
    """An estimate out of a saved one; counts of people are not read."""
    numbers: dict[str, Any] = {
        name: None if payload[name] is None else float(payload[name]) for name in _NUMBERS
    }
    return Estimate(
        estimand=str(payload["estimand"]),
        effect=payload["effect"],
        conf_level=float(payload["conf_level"]),
        n_treated=0,
        n_comparison=0,
        **numbers,
    )


def _loses_sign(ways: Iterable[tuple[Estimate, bool]], effect: Effect, better: Better) -> bool:
    """Say whether under a setting that turns the answer the interval holds neither side of nought.

    A setting on another scale, and one that bears no interval, counts as one that loses it.
    """
    for estimate, flips in ways:
        if not flips or estimate.estimand == CACE:
            continue
        view = (
            orient(estimate, better, None, is_ratio=effect in RATIOS) if estimate.effect == effect else None
        )
        if view is None or view.low <= 0 <= view.high:
            return True
    return False
