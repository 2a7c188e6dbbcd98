"""What of a result may leave: numbers that stand for a few people are withheld, with the words that repeat them (pure).

A mean of a yes-or-no outcome is a count in disguise, and the effect gives one mean away when the other is
known, so they go together. Shares of people in checks and reasons are masked by the same rule.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cohorts.disclosure import is_small, share_is_safe
from evaluation.model import Check, Estimate, FlowStep, Kind, OutcomeResult, Result, SecurityFact, Verdict
from workspace.settings import DisclosureProfile

WITHHELD = "The figures behind this are withheld: too few people to show."
SHARE_READINGS = frozenset(
    {"missing outcomes", "attrition", "maturity", "range", "common support", "weight on few"}
)
LINKAGE = "linkage error"
TAKE_UP = "take-up"
PEOPLE_READINGS = frozenset({"people", "identification", "events"})
_PERCENT = re.compile(r"\d+(?:\.\d+)?(?= %| points)")


def may_show(kind: Kind, estimate: Estimate, profile: DisclosureProfile) -> bool:
    """Whether the means, and the effect they could be worked back from, may be shown.

    Not when an arm is small, nor when a share (or a total of events) stands for a few people, or for all but
    a few; the adjusted share counts like an observed one.
    """
    arms = ((estimate.treated_mean, estimate.n_treated), (estimate.comparison_mean, estimate.n_comparison))
    if any(is_small(n, profile) for _, n in arms):
        return False
    if kind == "count":
        return not any(mean is not None and is_small(round(mean * n), profile) for mean, n in arms)
    if kind != "binary":
        return True
    shares = (*arms, (with_share(estimate), estimate.n_treated))
    return all(share_is_safe(mean, n, profile) for mean, n in shares if mean is not None and n)


def with_share(estimate: Estimate) -> float | None:
    """The share with the programme: the comparison's plus the estimated effect, kept within 0 and 1."""
    if estimate.effect != "risk-difference" or estimate.comparison_mean is None or estimate.value is None:
        return estimate.treated_mean
    return min(1.0, max(0.0, estimate.comparison_mean + estimate.value))


def stands_for_few(
    share: float, estimate: Estimate, profile: DisclosureProfile, flow: tuple[FlowStep, ...] = ()
) -> bool:
    """Say whether a share of those analysed, of an arm or of those at a step of the flow is a few or all but a few."""
    sizes = (estimate.n, estimate.n_treated, estimate.n_comparison, *(step.n for step in flow))
    return any(n > 0 and not share_is_safe(share, n, profile) for n in sizes)


def linkage_may_show(outcome: OutcomeResult, profile: DisclosureProfile) -> bool:
    """Whether the outcome's own figures may be shown, and no share of records found or of right links is of few."""
    pairs = [
        (part, whole)
        for arm in outcome.linkage
        for part, whole in (
            (arm.linked, arm.n),
            (arm.own_found, arm.own_found + arm.own_missed),
            (arm.own_found, arm.own_found + arm.wrong),
        )
        if whole
    ]
    return may_show(outcome.kind, outcome.estimate, profile) and all(
        share_is_safe(part / whole, whole, profile) for part, whole in pairs
    )


def without_figures(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Lines that hold no figure stay; one line stands for the others."""
    kept = [line for line in lines if not any(character.isdigit() for character in line)]
    return tuple(kept) if len(kept) == len(lines) else (*kept, WITHHELD)


def masked(result: Result, profile: DisclosureProfile) -> Result:
    """The result with every share of few people taken out of its checks, reasons and security facts."""
    return replace(result, outcomes=tuple(_masked(outcome, profile) for outcome in result.outcomes))


def _masked(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    checks = tuple(_check(check, outcome, profile) for check in outcome.checks)
    renewed = {old.note: new.note for old, new in zip(outcome.checks, checks, strict=True)}
    lost = next((c.reading for c in outcome.checks if c.name == "missing outcomes"), None)
    few = lost is not None and lost > 0 and stands_for_few(lost, outcome.estimate, profile, outcome.flow)
    verdict = replace(
        outcome.verdict,
        why=tuple(
            replace(reason, text=renewed.get(reason.text, reason.text)) for reason in outcome.verdict.why
        ),
        security_facts=tuple(_fact(fact, few=few) for fact in outcome.verdict.security_facts),
    )
    return replace(outcome, checks=checks, verdict=verdict)


def _check(check: Check, outcome: OutcomeResult, profile: DisclosureProfile) -> Check:
    if check.name in PEOPLE_READINGS and check.reading is not None:
        return replace(check, reading=None) if is_small(round(check.reading), profile) else check
    if check.name == LINKAGE and not linkage_may_show(outcome, profile):
        return replace(check, reading=None, note=WITHHELD)
    if check.name not in (*SHARE_READINGS, TAKE_UP):
        return check
    shares = [float(found) / 100 for found in _PERCENT.findall(check.note)]
    if check.reading is not None and check.name != TAKE_UP:  # that one reads the strength of the first stage
        shares.append(check.reading)
    if not any(share and stands_for_few(share, outcome.estimate, profile, outcome.flow) for share in shares):
        return check
    return replace(check, reading=None, note=_PERCENT.sub("(withheld)", check.note))


def _fact(fact: SecurityFact, *, few: bool) -> SecurityFact:
    if fact.part != "attrition" or not few:
        return fact
    return replace(fact, fact=_PERCENT.sub("(withheld)", fact.fact))


def withheld(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    """The outcome as it may be kept: unchanged, or without its numbers and with a check that says why."""
    if may_show(outcome.kind, outcome.estimate, profile):
        ways = [way for way in outcome.sensitivity if may_show(outcome.kind, way.estimate, profile)]
        return replace(outcome, sensitivity=tuple(ways))
    note = "Withheld: the numbers would give away something about fewer people than the threshold."
    check = Check("disclosure", "info", None, float(profile.threshold), "none", note)
    return replace(
        outcome,
        estimate=_empty(outcome.estimate),
        checks=(*outcome.checks, check),
        sensitivity=tuple(replace(way, estimate=_empty(way.estimate)) for way in outcome.sensitivity),
        verdict=_wordless(outcome.verdict),
        path=(),
    )


def _empty(estimate: Estimate) -> Estimate:
    return Estimate(
        estimand=estimate.estimand, effect=estimate.effect, value=None, std_error=None, conf_low=None, conf_high=None,
        conf_level=estimate.conf_level, p_value=None, df=None, n_treated=estimate.n_treated,
        n_comparison=estimate.n_comparison, n_clusters=None, treated_mean=None, comparison_mean=None,
    )  # fmt: skip


def _wordless(verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        sentence=without_figures((verdict.sentence,))[0],
        can_say=without_figures(verdict.can_say),
        next=without_figures(verdict.next),
        probability_benefit=None,
        probability_harm=None,
    )
