"""What a run knows of why: the facts for the attribution, and what delivery adds to the reasons (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.explaining.attribution import Facts, attribute
from evaluation.explaining.delivered import nothing_looked
from evaluation.explaining.facts import DeliveryFacts, Failure
from evaluation.judged import Judged
from evaluation.model import Estimate, LinkReading, Reason
from evaluation.plan import AnalysisPlan
from evaluation.power import detectable
from evaluation.verdict import NO_COMPARISON
from theory_of_change.model import Theory

LEAST_RELIABLE = 0.70
# In words without figures: those stand beside the checks, and go through disclosure there.
BLIND = {
    "range": "a fifth of people or more sit at an end of the scale",
    "definition": "what was counted, or how, changed inside the window",
    "recording": "how it was recorded changed",
    "breaks": "how it was recorded changed near the start",
}
UNSOUND = {
    "people": "there are too few people",
    "maturity": "for too many the follow-up was not over",
    "attrition": "more people were lost, or more unevenly, than the boundary allows",
    "cluster attrition": "more clusters were lost, or more unevenly, than the boundary allows",
    "balance": "the groups are unlike on what was known before",
    "baseline equivalence": "the groups were unlike on the outcome itself before the programme",
}


def explain(
    judged: Sequence[Judged],
    plan: AnalysisPlan,
    theory: Theory | None,
    links: tuple[LinkReading, ...],
    delivery: DeliveryFacts | None,
) -> Failure | None:
    """The class of failure of the primary outcome; nothing for a plan that asks of neither links nor delivery."""
    if not links and delivery is None:
        return None
    primary = next(item for item in judged if item.outcome.role == "primary")
    return attribute(
        Facts(
            answer=primary.ruling.answer,
            delivered=delivery.delivered if delivery else None,
            right_people=delivery.right_people if delivery else None,
            contrast=delivery.contrast if delivery else "",
            links=links,
            measurement=_measurement(primary, theory),
            evaluation=_evaluation(primary, plan),
            opposed=_opposed(judged),
            moderators=tuple(
                f"'{one.by}'" for one in primary.subgroups if one.registered and one.answer == "differs"
            ),
            too_soon=any(link.note.startswith("Too soon") for link in links),
            not_looked=nothing_looked(delivery),
        )
    )


def _measurement(item: Judged, theory: Theory | None) -> tuple[str, ...]:
    """What kept the measure from seeing: people at an end of the scale, unlike readings, a changed definition."""
    found = [
        BLIND[check.name] for check in item.checks if check.name in BLIND and check.result in ("warn", "fail")
    ]
    measure = theory.measure(item.outcome.measure) if theory else None
    if measure and measure.reliability is not None and measure.reliability < LEAST_RELIABLE:
        found.append(f"the measure's reliability is {measure.reliability:g}, below {LEAST_RELIABLE:g}")
    return tuple(found)


def _evaluation(item: Judged, plan: AnalysisPlan) -> tuple[str, ...]:
    """What kept the study from telling: people lost, groups unlike, and an interval wider than what matters."""
    found = [UNSOUND[check.name] for check in item.checks if check.name in UNSOUND and check.result == "fail"]
    if item.ruling.detail == NO_COMPARISON or item.ruling.answer == "changed":
        found.append("there is nothing to compare with")
    view = item.view
    wide = (
        view is not None
        and view.margin
        and detectable(view.std_error, alpha=plan.analysis.alpha) > view.margin
    )
    if wide and item.ruling.answer == "inconclusive":
        found.append("the study could not detect the difference that matters four times in five")
    return tuple(found)


def _opposed(judged: Sequence[Judged]) -> tuple[str, ...]:
    """Outcomes, or registered groups, that moved for the better and for the worse at once."""
    good = [item.outcome.label for item in judged if item.ruling.answer == "works"]
    bad = [item.outcome.label for item in judged if item.ruling.answer == "harms"]
    if good and bad:
        return (f"for the better: {', '.join(good)}; for the worse: {', '.join(bad)}",)
    primary = next(item for item in judged if item.outcome.role == "primary")
    return tuple(
        f"groups of '{one.by}' moved in opposite directions"
        for one in primary.subgroups
        if one.registered and _apart((group.estimate for group in one.groups), ratio=primary.outcome.is_ratio)
    )


def _apart(estimates: Iterable[Estimate], *, ratio: bool) -> bool:
    """Say whether one interval lies wholly above no effect and another wholly below."""
    nothing = 1.0 if ratio else 0.0
    known = [
        (e.conf_low, e.conf_high) for e in estimates if e.conf_low is not None and e.conf_high is not None
    ]
    return any(low > nothing for low, _ in known) and any(high < nothing for _, high in known)


def delivery_reasons(delivery: DeliveryFacts | None) -> tuple[Reason, ...]:
    """What delivery adds to why an outcome moved or did not; figures stand in its own table."""
    if delivery is None:
        return ()
    found = []
    if delivery.delivered is False:
        found.append(Reason("W1", "Less was delivered than planned: see the table of delivery."))
    if delivery.right_people is False:
        found.append(Reason("W2", "Too many of those reached were not whom it was meant for."))
    if delivery.contrast in ("amber", "red"):
        many = "Many" if delivery.contrast == "red" else "Some"
        found.append(Reason("W5", f"{many} in the comparison got the same or similar help."))
    return tuple(found)


def not_looked(delivery: DeliveryFacts | None) -> tuple[Reason, ...]:
    """What was indeed not looked at, each named; nothing where everything was."""
    missing = nothing_looked(delivery)
    if not missing:
        return ()
    listed = f"{', '.join(missing[:-1])} and {missing[-1]}" if len(missing) > 1 else missing[0]
    why = "the plan does not ask" if delivery is None else "no records, or too few, answer it"
    return (Reason("", f"{listed[:1].upper()}{listed[1:]}: {why}."),)
