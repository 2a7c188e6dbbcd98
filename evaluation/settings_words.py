"""A plan's settings as its report says them: the method's own and those of times, none that does not apply (pure)."""

from __future__ import annotations

from evaluation.families.keys import families_words
from evaluation.methods.registry import METHODS
from evaluation.missing.keys import rule_words
from evaluation.plan import AnalysisPlan
from evaluation.times.timing import described

LEAST_SQUARES = ("Model", "Standard errors", "Interval")
OF_OTHERS = "of the other outcomes"
ODDS_OVER_A_SCALE = "proportional odds over the scale; normal intervals of the log odds ratio"


def settings_words(plan: AnalysisPlan) -> tuple[tuple[str, str], ...]:
    """What the report's section on the method lists, in order: name and words."""
    method = METHODS[plan.design.method]
    own = method.describe(plan.design.settings, plan.design)
    if plan.design.method == "randomised":
        own = _of_outcomes(own, plan)
    return (
        *own,
        *described(outcome.timing for outcome in plan.outcomes),
        ("Adjusted for", _adjusters(plan)),
        ("Missing data", rule_words(plan)),
        *((("Several outcomes", several),) if (several := families_words(plan)) else ()),
        ("Assumes", method.assumes),
    )


def _of_outcomes(own: tuple[tuple[str, str], ...], plan: AnalysisPlan) -> tuple[tuple[str, str], ...]:
    """Least squares and its errors where an outcome is analysed so; of times, scales and ratios their own words."""
    scaled = [o for o in plan.outcomes if o.kind == "ordinal" and o.is_ratio]
    elsewhere = [o for o in plan.outcomes if o.timing or o in scaled]
    ratios = [o for o in plan.outcomes if o.is_ratio and o not in elsewhere]
    odds = (("Odds over a scale", ODDS_OVER_A_SCALE),) if scaled else ()
    if len(elsewhere) == len(plan.outcomes):
        return odds
    if elsewhere:
        own = tuple((f"{name} {OF_OTHERS}", words) for name, words in own)
    told = (("Ratios", "errors of the log ratio, with n − k degrees of freedom"),) if ratios else ()
    return (*own, *told, *odds)


def _adjusters(plan: AnalysisPlan) -> str:
    """What the answer is adjusted for; covariates that only other ways of asking use are said to be that."""
    named = list(plan.design.covariates)
    named += [o.baseline for o in plan.outcomes if o.baseline]
    listed = ", ".join(dict.fromkeys(named))
    if getattr(plan.design.settings, "adjust", "") == "none" and listed:
        return f"nothing; known of everyone: {listed}"
    return listed or "nothing more"
