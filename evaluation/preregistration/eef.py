"""A plan under the headings of a statistical analysis plan of the Education and the Youth Endowment Fund (pure).

The order follows the Education Endowment Foundation's template of a statistical analysis plan (guidance of 2022), which
the Youth Endowment Fund uses too. What the template asks and a plan does not hold is said to be not stated.
"""

from __future__ import annotations

from evaluation.plan import AnalysisPlan
from evaluation.preregistration import said
from evaluation.preregistration.document import Document, Grid, Part


def eef(source: said.Source) -> Document:
    """The statistical analysis plan of a plan."""
    plan = source.plan
    others = [o.label for o in plan.outcomes if o.role != "primary"]
    parts = (
        Part(1, "Version history"),
        Part(2, "Versions", (said.history(source) or "The plan is not locked yet.",)),
        Part(1, "Introduction"),
        Part(2, "Question", said.question(plan)),
        Part(2, "Hypotheses and the logic model", said.hypotheses(source)),
        Part(1, "Design overview"),
        Part(2, "Design", (_overview(plan), *said.design(plan))),
        Part(2, "Population", said.population(plan)),
        Part(2, "Outcomes", (said.outcomes(plan),)),
        Part(1, "Sample size calculations overview"),
        Part(2, "At the protocol", (_sizes(source), *said.power(source))),
        Part(2, "At randomisation"),
        Part(1, "Analysis"),
        Part(
            2, "Primary outcome analysis", (said.model(plan), *said.inference(plan), said.multiplicity(plan))
        ),
        Part(2, "Secondary outcome analysis", _secondary(others)),
        Part(2, "Subgroup analyses", said.subgroups(plan)),
        Part(2, "Additional analyses and robustness checks", (said.sensitivity(plan), *said.explored(plan))),
        Part(2, "Longitudinal follow-up analyses"),
        Part(2, "Imbalance at baseline", (said.covariates(plan), _balance())),
        Part(2, "Missing data", (said.missing(plan),)),
        Part(2, "Compliance", _compliance(plan)),
        Part(2, "Intra-cluster correlations", _clusters(plan)),
        Part(2, "Effect size calculation", (_effect_size(plan),)),
        Part(1, "Changes"),
        Part(2, "Amendments and deviations", said.deviations(source)),
    )
    return Document(plan.title, "Statistical analysis plan (EEF and YEF form)", said.stamp(source), parts)


def _overview(plan: AnalysisPlan) -> Grid:
    primary = plan.primaries
    others = [o.label for o in plan.outcomes if o.role == "secondary"]
    rows = (
        ("Design", plan.design.method),
        ("Unit of randomisation", said.allocation(plan)[0]),
        ("Stratification variables", plan.design.strata or "not stated in the plan"),
        ("Primary outcome", said.listed([o.label for o in primary])),
        ("Baseline of the primary outcome", said.listed([o.baseline for o in primary if o.baseline])),
        ("Secondary outcomes", said.listed(others)),
        ("Programme and comparison", said.treatment(plan)[0]),
    )
    return Grid("Design overview", ("Item", "In this study"), rows)


def _sizes(source: said.Source) -> Grid:
    plan, outcome, found = source.plan, source.plan.primaries[0], source.projection
    settings = plan.design.settings
    blank = "not stated in the plan"
    shown = f"{found.detectable:.2g}" if found and found.detectable is not None else "not worked out"
    rows = (
        ("Smallest detectable effect (MDES), primary outcome", shown),
        ("Smallest difference that matters", said.margin(outcome)),
        (
            "Share of variance explained by covariates",
            f"{outcome.expected_r2:g}" if outcome.expected_r2 else blank,
        ),
        ("Intra-cluster correlation", f"{settings.icc:g}" if hasattr(settings, "icc") else blank),
        ("Alpha, two-sided", f"{plan.analysis.alpha:g}"),
        ("Power", "0.8"),
    )
    return Grid("Sample size calculations", ("Item", "At the protocol"), rows)


def _secondary(others: list[str]) -> tuple[str, ...]:
    if not others:
        return ()
    return (
        f"The same analysis as for the primary outcome, for: {said.listed(others)}. None carries the answer.",
    )


def _balance() -> str:
    return "Balance is reported as standardised differences, before and after the analysis did its work, without tests."


def _compliance(plan: AnalysisPlan) -> tuple[str, ...]:
    column = getattr(plan.design.settings, "compliance", "")
    if not column:
        return ()
    return (
        f"The effect on those who took the programme up (CACE), by '{column}', with allocation as instrument.",
    )


def _clusters(plan: AnalysisPlan) -> tuple[str, ...]:
    of = plan.design.cluster
    return (f"Clusters are '{of}'; their share of the variance is estimated and reported.",) if of else ()


def _effect_size(plan: AnalysisPlan) -> str:
    if any(o.kind == "continuous" for o in plan.outcomes):
        return "Hedges' g with its interval, over the standard deviation of all, beside the difference in its own unit."
    return f"On the scale of the effect: {said.listed(sorted({o.effect for o in plan.outcomes}))}."
