"""Among the treated: does the outcome differ with how much they had of it? Explored only, never a verdict (pure).

A slope at equal covariates and the means of thirds by dose. Who came more often differs from who did not in much that
no column holds: the slope is a difference, not an effect, and can point either way with a programme that does nothing.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.explaining.facts import DoseResponse, DoseThird
from evaluation.frame import AnalysisFrame
from evaluation.inference import critical
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified, covariate_matrix, treatment_effect
from evaluation.study_table import StudyTable

FEWEST = 30
KINDS = ("continuous", "ordinal", "binary")
THIRDS = ("least", "middling", "most")
CONFOUNDED = (
    "Explored only. Those who came more often differ in much that nobody measured: this is a difference among the "
    "treated, not an effect of the dose, and no verdict hangs on it."
)


def dose_response(
    table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, frame: AnalysisFrame
) -> DoseResponse | None:
    """Slope of the outcome on the dose among the treated, and thirds; nothing below 30 people or where doses are alike.

    Least squares with the plan's covariates, HC2 errors and n - k degrees of freedom (CR1 by cluster where the plan
    names one). Yes-or-no outcomes: differences in shares.
    """
    asked = plan.delivery
    if asked is None or asked.dose not in table.frame.columns or outcome.kind not in KINDS:
        return None
    key = plan.design.unit or "participant"
    doses = table.frame.select(
        pl.col(key).alias("participant"), pl.col(asked.dose).cast(pl.Float64, strict=False).alias("dose")
    ).unique("participant", keep="first")
    people = frame.data.filter(pl.col("treated") == 1).join(doses, on="participant", how="inner")
    people = people.filter(pl.col("dose").is_not_null()).sort("participant", maintain_order=True)
    if people.height < FEWEST or people["dose"].n_unique() < 2:
        return None
    covariates, names = covariate_matrix(people, tuple(f"x:{name}" for name in frame.covariates))
    y, dose = people["outcome"].to_numpy(), people["dose"].to_numpy()
    found = (
        np.unique(people["cluster"].to_numpy(), return_inverse=True)[1]
        if "cluster" in people.columns
        else None
    )
    clusters = () if found is None else (found.astype(np.int64),)
    try:
        fit = treatment_effect(y, dose, covariates, names, clusters=clusters)
    except NotIdentified:
        return None
    half = critical(1 - plan.analysis.alpha, fit.df, "t") * fit.std_error
    thirds = _thirds(dose, y)
    return DoseResponse(
        asked.dose, people.height, fit.value, fit.std_error, fit.value - half, fit.value + half, thirds, CONFOUNDED
    )  # fmt: skip


def _thirds(dose: np.ndarray, y: np.ndarray) -> tuple[DoseThird, ...]:
    """People with the least, middling and most of it, those with equal doses together; fewer where doses are few."""
    cuts = np.quantile(dose, [1 / 3, 2 / 3])
    place = np.searchsorted(cuts, dose, side="left")
    found = [(name, place == i) for i, name in enumerate(THIRDS)]
    return tuple(
        DoseThird(name, int(who.sum()), float(dose[who].mean()), float(y[who].mean()))
        for name, who in found
        if who.any()
    )
