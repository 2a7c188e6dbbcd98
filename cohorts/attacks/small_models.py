"""Results of models that leave hardly anything over: their coefficients give people's outcomes back (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cohorts.attacks.estimates import of_areas
from cohorts.attacks.model import Trial, judged

LEAST_DF = 10


def estimates_in(result: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Every estimate of a result with the name of its outcome: the main one, its path, its other ways."""
    for outcome in result.get("outcomes", []):
        name = str(outcome.get("measure", ""))
        yield name, outcome.get("estimate", {})
        for row in outcome.get("path", []):
            yield name, row
        for other in outcome.get("sensitivity", []):
            yield name, other.get("estimate") or {}


def is_saturated(estimate: Mapping[str, Any]) -> bool:
    """Say whether a model on people leaves fewer degrees of freedom than the rule asks for.

    Degrees of freedom of clusters count clusters, which may be few without telling of anybody.
    """
    df = estimate.get("df")
    return isinstance(df, int | float) and df < LEAST_DF and not estimate.get("n_clusters")


def small_models(results: Sequence[tuple[str, Mapping[str, Any]]]) -> Trial:
    """Every published estimate of people."""
    found, tried = dict[str, None](), 0
    for name, result in results:
        for outcome, estimate in () if of_areas(result) else estimates_in(result):
            tried += bool(estimate)
            if is_saturated(estimate):
                found[f"{name}, {outcome}: a model leaves fewer than {LEAST_DF} degrees of freedom"] = None
    return Trial(
        "small-models",
        "Outcomes out of coefficients",
        "The published coefficients, and the covariates of the people in the model.",
        f"the residual degrees of freedom of {tried:,} published estimates.",
        tuple(found) or ("every model leaves enough over",),
        f"The gate refuses models with fewer than {LEAST_DF} residual degrees of freedom.",
        judged(bool(found)) if tried else "not-applicable",
        "Standard errors that count clusters hide how much a model of people leaves over.",
    )
