"""What linkage error does to a difference in risk: the corrected effect, its band, and the check (pure).

Where no record means no event, a link that was missed hides an event, and a wrong link can bring in somebody else's.
In an arm with true risk ``t``, recall ``r``, share of people with a wrong link ``q`` and share of records with an
event ``h`` the observed risk is ``p = t r + q h``; so ``t = (p - q h) / r``. The corrected effect is the effect as
estimated plus what the correction changes in the difference of the arms' risks. Its band lets the recall of each
arm run over its interval, both together at 95 % (Bonferroni).

Assumed: in each arm recall is the same for those with and without an event, and for those with and without ids.
Source: the bias formula of outcome misclassification (Rogan and Gladen 1978), with linkage as the test.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from evaluation.inference import Distribution, critical
from evaluation.linked.facts import LinkageFacts, Share, match_rate, precision, recall
from evaluation.model import Check, Estimate
from evaluation.protection import LINKAGE

CORRECTED = "corrected for linkage error"
RECALL_APART, MATCH_APART = 0.02, 0.05
FEWEST_PAIRS = 30
LOWEST_RECALL = 0.5
JOINT = 0.95


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected estimate, and the same at the two ends of the band (with the error of sampling alone)."""

    estimate: Estimate
    low: Estimate
    high: Estimate
    recalls: tuple[Share, Share]
    precisions: tuple[Share, Share]


@dataclass(frozen=True, slots=True)
class _Arm:
    """One arm: observed risk, share of sampling variance, recall, precision, share of people with a link."""

    risk: float
    variance: float
    recall: Share
    precision: Share
    linked: float

    def true_risk(self, found: float, events: float) -> float:
        """``(p - q h) / r``."""
        return (self.risk - (1 - self.precision.value) * self.linked * events) / found


def correct(estimate: Estimate, facts: LinkageFacts) -> Correction | str:
    """Correct a risk difference, or say in words why that cannot be done."""
    why = _impossible(estimate, facts)
    if why:
        return why
    level = 1 - (1 - JOINT) / 2
    arms = _arms(estimate, facts, level)
    if isinstance(arms, str):
        return arms
    with_, without = arms
    events = facts.event_share or 0.0
    risks = [
        arm.true_risk(found, events)
        for arm in arms
        for found in (arm.recall.low, arm.recall.value, arm.recall.high)
    ]
    if not all(0 <= risk <= 1 for risk in risks):
        return "the corrected risks would lie outside 0 and 1: recall, or wrong links, cannot be what the ids suggest"
    ends = ((with_.recall.high, without.recall.low), (with_.recall.low, without.recall.high))
    low, high = (_corrected(estimate, arms, found, events, linkage=False) for found in ends)
    point = _corrected(estimate, arms, (with_.recall.value, without.recall.value), events, linkage=True)
    return Correction(point, low, high, (with_.recall, without.recall), (with_.precision, without.precision))


def _impossible(estimate: Estimate, facts: LinkageFacts) -> str:
    if estimate.effect != "risk-difference":
        return "only a difference in risks can be corrected"
    if estimate.value is None or estimate.std_error is None or estimate.treated_mean is None:
        return "there is no estimate to correct"
    if not facts.absence_is_none:
        return (
            "people without a record have no outcome here, so what was missed is missing and not a false no"
        )
    if facts.elsewhere:
        return "people without a record have events all the same, so the outcome does not come from this source alone"
    return ""


def _arms(estimate: Estimate, facts: LinkageFacts, level: float) -> tuple[_Arm, _Arm] | str:
    counted = (facts.treated, facts.comparison)
    found = [(recall(arm, level), precision(arm, level)) for arm in counted]
    known = [(r, p) for r, p in found if r is not None and p is not None and r.n >= FEWEST_PAIRS]
    if len(known) < 2:
        return f"ids show the records of fewer than {FEWEST_PAIRS} people in an arm"
    if min(r.low for r, _ in known) < LOWEST_RECALL:
        return f"as few as {100 * LOWEST_RECALL:.0f} % of an arm's records, or fewer, may have been found"
    risks = (estimate.treated_mean or 0.0, estimate.comparison_mean or 0.0)
    spread = [
        p * (1 - p) / max(n, 1)
        for p, n in zip(risks, (estimate.n_treated, estimate.n_comparison), strict=True)
    ]
    error, total = estimate.std_error or 0.0, sum(spread)
    parts = [error**2 * (s / total if total else 0.5) for s in spread]
    first, second = (
        _Arm(risk, part, r, p, match_rate(arm))
        for risk, part, (r, p), arm in zip(risks, parts, known, counted, strict=True)
    )
    return first, second


def _corrected(
    estimate: Estimate, arms: tuple[_Arm, _Arm], found: tuple[float, float], events: float, *, linkage: bool
) -> Estimate:
    """The estimate moved by what the correction changes; its error grows by 1 / r, and by that of the linkage shares.

    Delta method: Var(t) = Var(p) / r^2 + (t / r)^2 Var(r) + (h linked / r)^2 Var(precision).
    """
    risks = [arm.true_risk(r, events) for arm, r in zip(arms, found, strict=True)]
    moved = (risks[0] - risks[1]) - (arms[0].risk - arms[1].risk)
    variance = sum(arm.variance / r**2 for arm, r in zip(arms, found, strict=True))
    if linkage:
        variance += sum(_of_linkage(arm, t, r, events) for arm, t, r in zip(arms, risks, found, strict=True))
    value, error = (estimate.value or 0.0) + moved, math.sqrt(variance)
    distribution: Distribution = "normal" if estimate.df is None else "t"
    wide = critical(estimate.conf_level, estimate.df, distribution) * error
    narrow = critical(2 * estimate.conf_level - 1, estimate.df, distribution) * error
    return replace(
        estimate,
        value=value,
        std_error=error,
        conf_low=value - wide,
        conf_high=value + wide,
        narrow_low=value - narrow,
        narrow_high=value + narrow,
        p_value=None,
        p_value_adjusted=None,
        treated_mean=risks[0],
        comparison_mean=risks[1],
        standardised=None,
    )


def _of_linkage(arm: _Arm, risk: float, found: float, events: float) -> float:
    wrong = events * arm.linked / found
    return (risk / found * arm.recall.std_error) ** 2 + (wrong * arm.precision.std_error) ** 2


def linkage_check(facts: LinkageFacts, found: Correction | str, changes: Callable[[Estimate], bool]) -> Check:
    """The check of one outcome; ``changes`` says whether an estimate would give another answer than the main one."""
    if isinstance(found, str):
        return _match_check(facts, found)
    first, second = found.recalls
    apart = abs(first.value - second.value)
    turned = changes(found.low) or changes(found.high)
    said = (
        f"Of the records that ids show, {_percent(first)} were found for those with the programme and "
        f"{_percent(second)} for the others; of the links, {_percent(found.precisions[0])} and "
        f"{_percent(found.precisions[1])} are right. Corrected, the difference in every 100 people lies between "
        f"{_hundredth(found.low)} and {_hundredth(found.high)}"
    )
    last = (
        ", and the answer is not the same over that band."
        if turned
        else "; the answer is the same over that band."
    )
    bad = turned or apart > RECALL_APART
    return Check(
        LINKAGE, "warn" if bad else "pass", apart, RECALL_APART, "downgrade" if bad else "none", said + last
    )


def _match_check(facts: LinkageFacts, why: str) -> Check:
    """Without a correction: the match rates alone, and why there is no more."""
    bad = facts.apart > MATCH_APART
    rates = [f"{100 * match_rate(arm):.1f} %" for arm in (facts.treated, facts.comparison)]
    note = (
        f"Records were found for {rates[0]} of those with the programme and {rates[1]} of the others. "
        f"What this does to the difference was not worked out: {why}."
    )
    return Check(
        LINKAGE, "warn" if bad else "info", facts.apart, MATCH_APART, "downgrade" if bad else "none", note
    )


def _percent(share: Share) -> str:
    return f"{100 * share.value:.1f} % ({100 * share.low:.0f} % to {100 * share.high:.0f} %)"


def _hundredth(estimate: Estimate) -> str:
    return f"{100 * (estimate.value or 0.0):.1f}"
