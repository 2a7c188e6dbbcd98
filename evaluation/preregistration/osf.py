"""A plan under the headings of a preregistration at the Open Science Framework (pure).

The headings are those of the form "OSF Preregistration" (Bowman and others, 2016 onwards). What the form asks and a
plan does not hold (blinding, stopping, indices) is said to be not stated.
"""

from __future__ import annotations

from evaluation.preregistration import said
from evaluation.preregistration.document import Document, Part


def osf(source: said.Source) -> Document:
    """The preregistration of a plan."""
    plan = source.plan
    by_chance = plan.design.method in said.BY_CHANCE
    where = plan.population.where
    kind = (
        "An experiment: chance decided who had the programme."
        if by_chance
        else "Observational: the study did not decide who had the programme."
    )
    parts = (
        Part(1, "Study information"),
        Part(2, "Title", (plan.title,)),
        Part(2, "Description", said.question(plan)),
        Part(2, "Hypotheses", said.hypotheses(source)),
        Part(1, "Design plan"),
        Part(2, "Study type", (kind,)),
        Part(2, "Blinding"),
        Part(2, "Study design", said.design(plan)),
        Part(2, "Randomisation", said.allocation(plan)),
        Part(1, "Sampling plan"),
        Part(2, "Existing data", said.existing_data(source)),
        Part(2, "Data collection procedures", said.population(plan)),
        Part(2, "Sample size", said.power(source)),
        Part(2, "Stopping rule"),
        Part(1, "Variables"),
        Part(2, "Manipulated variables" if by_chance else "The programme", said.treatment(plan)),
        Part(2, "Measured variables", (said.outcomes(plan), said.covariates(plan))),
        Part(2, "Indices"),
        Part(1, "Analysis plan"),
        Part(2, "Statistical models", (said.model(plan),)),
        Part(2, "Transformations"),
        Part(2, "Inference criteria", (*said.inference(plan), said.multiplicity(plan))),
        Part(2, "Data exclusion", (f"Only those are analysed for whom: {where}.",) if where else ()),
        Part(2, "Missing data", (said.missing(plan),)),
        Part(2, "Robustness", (said.sensitivity(plan),)),
        Part(2, "Subgroups", said.subgroups(plan)),
        Part(2, "Exploratory analyses", said.explored(plan)),
        Part(1, "Other"),
        Part(2, "Amendments and deviations", said.deviations(source)),
    )
    return Document(plan.title, "Preregistration (OSF form)", said.stamp(source), parts)
