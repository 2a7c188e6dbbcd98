"""What of a result may leave: numbers that stand for a few people are withheld, with the words that repeat them (pure).

A mean of a yes-or-no outcome is a count in disguise, and the effect gives one mean away when the other is
known, so they go together. Shares of people in checks and reasons are masked by the same rule.

What may be shown is then brought to the counts that are released: a mean at full precision would give the exact
number of people back, whatever the rounding of the count beside it.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from cohorts.disclosure import is_small, publish_count, share_is_safe
from evaluation.emptied import emptied
from evaluation.figures import Figure, Line
from evaluation.missing.facts import Bound, MissingFacts
from evaluation.model import (
    Check,
    Estimate,
    FlowStep,
    Kind,
    OutcomeResult,
    Result,
    SecurityFact,
    Units,
    Verdict,
)
from evaluation.nearly_same import apart
from evaluation.per_hundred import within_rounding
from evaluation.released_losses import with_released_bias, without_bias
from workspace.settings import DisclosureProfile

WITHHELD = "The figures behind this are withheld: too few people to show."
SHARE_READINGS = frozenset(
    {
        "missing outcomes",
        "attrition",
        "maturity",
        "range",
        "common support",
        "weight on few",
        "follow-up lost",
        "competing events",
        "repeated events",
        "funnel",
    }
)
LINKAGE = "linkage error"
MEAN_DIGITS, SHARE_DECIMALS = 3, 3
TAKE_UP = "take-up"
DIFFERENCES = ("effect", "placebo")
PEOPLE_READINGS = frozenset(
    {
        "people",
        "people seen",
        "effective follow-up",
        "identification",
        "events",
        "events in all",
        "near the cut-off",
    }
)
_PERCENT = re.compile(r"\d+(?:\.\d+)?(?= %| points)")
_SHARE = re.compile(r"\d+(?:\.\d+)? (?:%|points)")
_WORTH = re.compile(r"(?<=worth )\d+(?= people)")
_AVERAGE = re.compile(r"\d+\.\d(?= people on average)")
GONE = "(withheld)"
UNITS_THAT_ARE_NO_PEOPLE = DisclosureProfile(threshold=0, rounding=1)


def profile_for(units: Units, profile: DisclosureProfile) -> DisclosureProfile:
    """The profile that numbers of units go by: areas are no people, so that one treated area may be told."""
    return UNITS_THAT_ARE_NO_PEOPLE if units == "areas" else profile


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
    if kind not in ("binary", "time-to-event"):
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
    """The result with every share of few people taken out of its checks, reasons and security facts.

    The figures of other ways of asking that would tell about a few people go too. Sizes must be exact still.
    """
    return replace(
        result,
        outcomes=tuple(_masked(outcome, profile_for(outcome.units, profile)) for outcome in result.outcomes),
    )


def _masked(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    outcome = apart(outcome, profile)
    few = _few_missing(outcome, profile)
    checks = tuple(_check(check, outcome, profile) for check in outcome.checks)
    checks = without_bias(checks, WITHHELD, few=few)
    renewed = {old.note: new.note for old, new in zip(outcome.checks, checks, strict=True)}
    verdict = replace(
        outcome.verdict,
        why=tuple(
            replace(reason, text=renewed.get(reason.text, reason.text)) for reason in outcome.verdict.why
        ),
        security_facts=tuple(_fact(fact, few=few) for fact in outcome.verdict.security_facts),
        can_say=within_rounding(outcome.verdict.can_say, profile.rounding),
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
    return replace(check, reading=None, note=_SHARE.sub(GONE, check.note))


def _fact(fact: SecurityFact, *, few: bool) -> SecurityFact:
    if fact.part != "attrition" or not few:
        return fact
    return replace(fact, fact=_SHARE.sub(GONE, fact.fact))


def released(result: Result, profile: DisclosureProfile) -> Result:
    """The result with its counts of people, and what is worked out from them, as they are released.

    Numbers of people and degrees of freedom; means and shares of the arms; readings of checks. The effect, its
    interval, error and p-value stay as they are: they are the finding. Doing it twice changes nothing.
    """
    return replace(
        result,
        outcomes=tuple(
            _released(outcome, profile_for(outcome.units, profile)) for outcome in result.outcomes
        ),
    )


def _released(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    checks = tuple(_released_check(check, profile) for check in outcome.checks)
    checks = with_released_bias(checks, outcome)
    renewed = {old.note: new.note for old, new in zip(outcome.checks, checks, strict=True)}
    why = tuple(replace(reason, text=renewed.get(reason.text, reason.text)) for reason in outcome.verdict.why)
    facts = tuple(
        replace(fact, fact=_whole_percents(fact.fact)) if fact.part == "attrition" else fact
        for fact in outcome.verdict.security_facts
    )
    return replace(
        outcome,
        estimate=released_estimate(outcome.kind, outcome.estimate, profile),
        sensitivity=tuple(
            replace(way, estimate=released_estimate(outcome.kind, way.estimate, profile))
            for way in outcome.sensitivity
        ),
        checks=checks,
        verdict=replace(outcome.verdict, why=why, security_facts=facts),
        missing=_released_missing(outcome, profile),
        figures=outcome.figures if outcome.units == "areas" else _released_figures(outcome),
    )


def _released_figures(outcome: OutcomeResult) -> tuple[Figure, ...]:
    """Figures of people: levels to three digits; of yes-or-no outcomes and counts effects alone.

    A level of theirs is a number of people in disguise, and a figure has one for every period and group.
    """
    kept = []
    for figure in outcome.figures:
        lines = [line for line in figure.lines if line.kind in DIFFERENCES or outcome.kind == "continuous"]
        lines = [line if line.kind in DIFFERENCES else _levelled(line) for line in lines]
        if lines:
            kept.append(replace(figure, lines=tuple(lines)))
    return tuple(kept)


def _levelled(line: Line) -> Line:
    def digits(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
        return tuple(value if value is None else _three_digits(value) for value in values)

    return replace(line, y=digits(line.y), low=digits(line.low), high=digits(line.high))


def _released_missing(outcome: OutcomeResult, profile: DisclosureProfile) -> MissingFacts | None:
    """Bounds and tipping points to two digits: the share missing could be worked back; none where few are."""
    facts = outcome.missing
    if facts is None:
        return None
    if _few_missing(outcome, profile):
        return replace(facts, tipping=(), bounds=())
    tipping = tuple(replace(p, shift=_short(p.shift), in_sd=_short(p.in_sd)) for p in facts.tipping)
    bounds = tuple(
        Bound(
            b.name,
            _short(b.low) or 0.0,
            _short(b.high) or 0.0,
            *(_short(value) for value in (b.low_error, b.high_error, b.conf_low, b.conf_high)),
        )
        for b in facts.bounds
    )
    return replace(facts, tipping=tipping, bounds=bounds)


def _few_missing(outcome: OutcomeResult, profile: DisclosureProfile) -> bool:
    lost = next((c.reading for c in outcome.checks if c.name == "missing outcomes"), None)
    return bool(lost) and stands_for_few(lost or 0.0, outcome.estimate, profile, outcome.flow)


def _short(value: float | None) -> float | None:
    return value if value is None or not math.isfinite(value) else float(f"{value:.2g}")


def released_estimate(kind: Kind, estimate: Estimate, profile: DisclosureProfile) -> Estimate:
    """Counts rounded and means worked out from them; what may not be shown is left for others to withhold."""
    if not may_show(kind, estimate, profile):
        return estimate
    sizes = [publish_count(n, profile) or 0 for n in (estimate.n_treated, estimate.n_comparison)]
    means = [
        released_mean(kind, mean, n, profile)
        for mean, n in (
            (estimate.treated_mean, estimate.n_treated),
            (estimate.comparison_mean, estimate.n_comparison),
        )
    ]
    return replace(
        estimate,
        n_treated=sizes[0],
        n_comparison=sizes[1],
        treated_mean=means[0],
        comparison_mean=means[1],
        df=_released_df(estimate, sum(sizes), profile),
    )


def released_mean(kind: Kind, mean: float | None, n: int, profile: DisclosureProfile) -> float | None:
    """A share from the rounded count of events over the rounded count of people; any other mean to three digits.

    A mean of whole numbers gets fewer digits where three would fit one number of people alone.
    """
    shown = publish_count(n, profile)
    if mean is None or not shown:
        return mean
    if kind == "binary":
        events = publish_count(round(mean * n), profile) or 0
        return round(min(events / shown, 1.0), SHARE_DECIMALS)
    if mean == 0 or not math.isfinite(mean):
        return mean
    decimals = MEAN_DIGITS - 1 - math.floor(math.log10(abs(mean)))
    while _fitting(round(mean, decimals), decimals, shown, profile) == 1 and decimals > -MEAN_DIGITS:
        decimals -= 1
    return round(mean, decimals)


def _fitting(mean: float, decimals: int, shown: int, profile: DisclosureProfile) -> int:
    """How many numbers of people within the rounding could have a mean of whole numbers that prints like this."""
    half, reach = 0.5 * 10.0**-decimals, profile.rounding // 2
    sizes = range(max(shown - reach, 1), shown + reach + 1)
    return sum(abs(mean * n - round(mean * n)) <= half * n for n in sizes) if len(sizes) > 1 else 0


def _released_df(estimate: Estimate, shown: int, profile: DisclosureProfile) -> float | None:
    """Degrees of freedom that count people, counted from the people released; all others rounded like a count."""
    df, n = estimate.df, estimate.n
    if df is None:
        return None
    if df == round(df) and n / 2 < df < n:
        return df + (shown - n)
    found = publish_count(round(df), profile)
    return None if found is None else float(found)


def _released_check(check: Check, profile: DisclosureProfile) -> Check:
    check = replace(check, note=_released_note(check, profile))
    if check.reading is None:
        return check
    if check.name in PEOPLE_READINGS:
        found = publish_count(round(check.reading), profile)
        return replace(check, reading=None if found is None else float(found))
    if check.name not in SHARE_READINGS:
        return replace(check, reading=_three_digits(check.reading))
    reading = round(check.reading, 2 if abs(check.reading) >= 0.01 else SHARE_DECIMALS)
    return replace(check, reading=reading, note=_whole_percents(check.note))


def _released_note(check: Check, profile: DisclosureProfile) -> str:
    """The words without figures that would count people to the last one."""
    note = _WORTH.sub(lambda found: str(publish_count(int(found[0]), profile) or GONE), check.note)
    note = _AVERAGE.sub(lambda found: f"{float(found[0]):.0f}", note)
    return _whole_percents(note) if check.name == TAKE_UP else note


def _three_digits(value: float) -> float:
    """A reading as exact as it is printed: a share at full precision tells how many people it is of."""
    return float(f"{value:.3g}") if math.isfinite(value) else value


def _whole_percents(text: str) -> str:
    """Percentages in a text without decimals, from one per cent on."""
    return _PERCENT.sub(lambda found: f"{float(found[0]):.0f}" if float(found[0]) >= 1 else found[0], text)


def withheld(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    """The outcome as it may be kept: unchanged, or without its numbers and with a check that says why."""
    profile = profile_for(outcome.units, profile)
    if may_show(outcome.kind, outcome.estimate, profile):
        ways = [way for way in outcome.sensitivity if may_show(outcome.kind, way.estimate, profile)]
        return replace(outcome, sensitivity=tuple(ways))
    note = "Withheld: the numbers would give away something about fewer people than the threshold."
    check = Check("disclosure", "info", None, float(profile.threshold), "none", note)
    return replace(
        outcome,
        estimate=emptied(outcome.estimate),
        checks=(*outcome.checks, check),
        sensitivity=tuple(replace(way, estimate=emptied(way.estimate)) for way in outcome.sensitivity),
        verdict=wordless(outcome.verdict),
        path=(),
        figures=(),
        tables=(),
        subgroups=(),
        heterogeneity=None,
        missing=None,
        economics=outcome.economics if outcome.economics and outcome.economics.mode == "costs" else None,
        dose_response=None,
    )


def wordless(verdict: Verdict) -> Verdict:
    """A verdict without the sentences and chances that hold figures."""
    return replace(
        verdict,
        sentence=without_figures((verdict.sentence,))[0],
        can_say=without_figures(verdict.can_say),
        next=without_figures(verdict.next),
        probability_benefit=None,
        probability_harm=None,
    )
