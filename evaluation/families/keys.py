"""The plan's keys on several outcomes: how p-values are adjusted, and in which families (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.families import errors as _codes  # noqa: F401 - declares the codes of this topic
from evaluation.plan import AnalysisPlan, AnalysisRules, Design, PlannedOutcome
from workspace.toml_source import Section

HOLM, BENJAMINI_HOCHBERG, ROMANO_WOLF = "holm", "benjamini-hochberg", "romano-wolf"
HINT = 'Use multiplicity = "holm" and leave secondaries out: both hold for every design.'


def read_domain(section: Section) -> str:
    """The part of the logic model that an outcome beside the primary one belongs to."""
    domain = section.text("domain")
    if domain and section.text("role") == "primary":
        section.fault("LC521", "domain", "'domain' groups outcomes beside the primary one", "Remove it.")
    return domain


def check_families(
    section: Section, rules: AnalysisRules, design: Design, outcomes: Sequence[PlannedOutcome]
) -> None:
    """Romano and Wolf's p-values are drawn only where the treatment can be allocated again as it was."""
    asked = [("multiplicity", rules.multiplicity, True), ("secondaries", rules.secondaries, False)]
    for key, chosen, primary in asked:
        if chosen != ROMANO_WOLF:
            continue
        family = [outcome for outcome in outcomes if (outcome.role == "primary") is primary]
        unfit = _unfit(rules, design) or next(filter(None, (_unlike(one) for one in family)), "")
        if unfit:
            section.fault("LC520", key, unfit, HINT)


def _unfit(rules: AnalysisRules, design: Design) -> str:
    """Why a design cannot be allocated again; empty where it can."""
    settings = design.settings
    if design.method not in ("randomised", "cluster-randomised"):
        return f"'{ROMANO_WOLF}' allocates again by chance, which method '{design.method}' did not do"
    if design.method == "randomised" and design.cluster:
        return f"'{ROMANO_WOLF}' allocates people one by one here, and the plan names clusters: use cluster-randomised"
    if design.levels:
        return f"'{ROMANO_WOLF}' does not go with layouts, levels and growth"
    if getattr(settings, "intervention_level", "cluster") != "cluster":
        return f"'{ROMANO_WOLF}' allocates whole clusters, and here people within them were allocated"
    if rules.missing != "complete-case":
        return f"'{ROMANO_WOLF}' does not go with missing = \"{rules.missing}\""
    return ""


def _unlike(outcome: PlannedOutcome) -> str:
    if outcome.timing:
        return f"'{ROMANO_WOLF}' does not go with the time to an event '{outcome.measure}'"
    if outcome.waves:
        return f"'{ROMANO_WOLF}' does not go with the waves of '{outcome.measure}'"
    return ""


def families_words(plan: AnalysisPlan) -> str:
    """How p-values are adjusted, for the report; empty where it is as for every plan."""
    rules = plan.analysis
    domains = dict.fromkeys(o.domain for o in plan.outcomes if o.domain)
    if (rules.multiplicity, rules.secondaries) == (HOLM, BENJAMINI_HOCHBERG) and not domains:
        return ""
    names = {HOLM: "Holm", BENJAMINI_HOCHBERG: "Benjamini and Hochberg", ROMANO_WOLF: "Romano and Wolf"}
    within = f" within {', '.join(domains)}" if domains else ""
    main, others = names[rules.multiplicity], names[rules.secondaries]
    return f"p-values of main outcomes by {main}, of the others by {others}{within}"
