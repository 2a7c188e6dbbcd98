"""The plan's keys on missing data and on outcomes at several waves, and what does not go together (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.families.keys import BENJAMINI_HOCHBERG, HOLM, ROMANO_WOLF, check_families
from evaluation.plan import AnalysisPlan, AnalysisRules, Design, PlannedOutcome
from workspace.toml_source import Section

COMPLETE, IMPUTED, WEIGHTED = "complete-case", "multiple-imputation", "inverse-probability"
RULES = (COMPLETE, IMPUTED, WEIGHTED)
FEWEST_IMPUTATIONS, MOST_IMPUTATIONS = 2, 200
MOST_WAVES = 6
TRIALS = ("randomised", "cluster-randomised")


def read_rules(section: Section | None, design: Design, outcomes: Sequence[PlannedOutcome]) -> AnalysisRules:
    """Read [analysis]; a rule for missing data that cannot be kept with the method or an outcome is refused."""
    if section is None:
        return AnalysisRules()
    rules = AnalysisRules(
        section.number("alpha", 0.05, above=0, high=0.2) or 0.05,
        section.text("missing", COMPLETE, one_of=RULES),
        section.text("multiplicity", HOLM, one_of=(HOLM, ROMANO_WOLF)),
        section.texts("auxiliary"),
        section.integer("imputations", 20, low=FEWEST_IMPUTATIONS) or 20,
        section.number("truncate", 0.99, above=0.5, high=1) or 0.99,
        section.text("secondaries", BENJAMINI_HOCHBERG, one_of=(BENJAMINI_HOCHBERG, ROMANO_WOLF)),
    )
    check_families(section, rules, design, outcomes)
    _check_numbers(section, rules)
    _check_names(section, rules, design, outcomes)
    unfit = rule_unfit(rules.missing, design, outcomes)
    if unfit:
        section.fault("LC406", "missing", *unfit)
    section.finish()
    return rules


def _check_numbers(section: Section, rules: AnalysisRules) -> None:
    if rules.imputations > MOST_IMPUTATIONS:
        problem = f"'imputations' must be {MOST_IMPUTATIONS} at most"
        section.fault("LC403", "imputations", problem, "As many as there are per cent missing are enough.")
    if section.has("truncate") and rules.missing != WEIGHTED:
        section.fault("LC406", "truncate", f"'truncate' goes with missing = \"{WEIGHTED}\"", "Remove it.")
    if section.has("imputations") and rules.missing == WEIGHTED:
        section.fault("LC406", "imputations", "'imputations' does not go with weights", "Remove it.")


def _check_names(
    section: Section, rules: AnalysisRules, design: Design, outcomes: Sequence[PlannedOutcome]
) -> None:
    used = {design.treatment, design.cluster, design.strata, design.unit, *(o.measure for o in outcomes)}
    for name in rules.auxiliary:
        if name in used - {""}:
            problem = f"'{name}' stands in the plan already and cannot be an auxiliary variable as well"
            section.fault(
                "LC403", "auxiliary", problem, "Name other variables that say something of the outcome."
            )


def rule_unfit(missing: str, design: Design, outcomes: Sequence[PlannedOutcome]) -> tuple[str, str] | None:
    """Why a rule for missing data cannot be kept here, and what to do instead; ``None`` where it can."""
    if missing == COMPLETE:
        return None
    for outcome in outcomes:
        if outcome.timing:
            problem = f"missing = \"{missing}\" does not go with the time to an event '{outcome.measure}'"
            return problem, f'Use "{COMPLETE}": whoever was lost counts for as long as they were watched.'
        if outcome.waves:
            problem = f"missing = \"{missing}\" does not go with the waves of '{outcome.measure}'"
            return problem, f'Use "{COMPLETE}": the model of waves uses everybody seen at one of them.'
    if getattr(design.settings, "running", ""):
        problem = (
            f'missing = "{missing}" does not go with a cut-off: nothing models gaps by the score on each side'
        )
        return problem, f'Use "{COMPLETE}".'
    if design.levels:
        problem = f'missing = "{missing}" does not go with layouts, levels and growth: nothing models gaps within them'
        return problem, f'Use "{COMPLETE}".'
    if missing == WEIGHTED and (unfit := next(filter(None, (_unweighable(design, o) for o in outcomes)), "")):
        return unfit, f'Use missing = "{IMPUTED}".'
    if missing == WEIGHTED and design.method == "matching":
        return (
            "errors after matching cannot count how weights of follow-up were estimated",
            f'Use missing = "{IMPUTED}", or method = "weighting".',
        )
    if missing == WEIGHTED and getattr(design.settings, "estimator", "") == "tmle":
        return "weights of follow-up go with AIPW, not with TMLE", 'Write estimator = "aipw".'
    return None


def _unweighable(design: Design, outcome: PlannedOutcome) -> str:
    """Why weights of follow-up cannot give an outcome's effect; empty where they can."""
    if design.method in ("cluster-randomised", "doubly-robust") and outcome.is_ratio:
        said = f"weights of follow-up give differences under '{design.method}'"
        return f"{said}, not the {outcome.effect} of '{outcome.measure}'"
    if design.method == "doubly-robust" and outcome.kind == "count":
        return f"weights of follow-up do not go with the count '{outcome.measure}' under 'doubly-robust'"
    if outcome.kind == "ordinal" and outcome.is_ratio:
        return f"weights of follow-up do not go with the odds ratio over the scale '{outcome.measure}'"
    return ""


def rule_words(plan: AnalysisPlan) -> str:
    """The plan's rule for missing data in words, for the report."""
    rules = plan.analysis
    words = {
        COMPLETE: "complete cases",
        IMPUTED: f"multiple imputation, {rules.imputations} data sets or more, seed {plan.design.seed}",
        WEIGHTED: f"weights of follow-up, cut at quantile {rules.truncate:g}",
    }[rules.missing]
    beside = f"; auxiliary: {', '.join(rules.auxiliary)}" if rules.auxiliary else ""
    waved = [o.label for o in plan.outcomes if o.waves]
    return words + beside + (f"; all waves in one model: {', '.join(waved)}" if waved else "")


def read_waves(section: Section, outcome: PlannedOutcome, *, panel: bool = False) -> PlannedOutcome:
    """Read ``waves``: at least two, each once, the wave of the contrast among them. A ``panel`` has no such wave."""
    waves = section.texts("waves")
    if not waves:
        return outcome
    if panel:
        if len(waves) < 2 or len(set(waves)) < len(waves) or outcome.wave:
            said = "'waves' of a panel names two or more different waves, and has no 'wave' beside it"
            section.fault("LC403", "waves", said)
    elif len(waves) < 2 or len(waves) > MOST_WAVES or len(set(waves)) < len(waves):
        section.fault("LC403", "waves", f"'waves' must name two to {MOST_WAVES} different waves")
    elif outcome.wave not in waves:
        problem = "'waves' needs 'wave' to say at which of them the difference is taken"
        section.fault("LC402", "waves", problem, f'Add wave = "{waves[-1]}".')
    if outcome.kind != "continuous" and not panel:
        problem = f"'waves' is for continuous outcomes; '{outcome.measure}' is {outcome.kind}"
        section.fault("LC406", "waves", problem, "Plan each wave as an outcome of its own.")
    if "@" in outcome.measure:
        section.fault("LC403", "waves", "'measure' must not name a wave beside 'waves'", "Take @… away.")
    return replace(outcome, waves=waves)


def waves_unfit(design: Design, outcome: PlannedOutcome) -> str:
    """Why a design cannot have an outcome at several waves; empty where it can."""
    if not outcome.waves:
        return ""
    if design.method not in TRIALS:
        return f"'waves' is analysed in trials; method '{design.method}' takes one wave an outcome"
    if getattr(design.settings, "adjust", "") == "lin":
        return "'waves' has slopes of its own for each wave; adjust = \"lin\" does not go with it"
    if (
        getattr(design.settings, "random_slope", False)
        or getattr(design.settings, "model", "") == "cluster-means"
    ):
        return "'waves' has a model of its own, which random_slope and cluster-means do not go with"
    return ""
