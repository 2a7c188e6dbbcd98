"""The prior of a before-and-after forecast as the program's search ended: R takes it where there is no peak (pure)."""

from __future__ import annotations

import polars as pl

from evaluation.methods.before_after import asked_of
from evaluation.panels.frame import build_panel
from evaluation.places.against_expected import searched_prior
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import StudyTable


def prior_of(
    frame: pl.DataFrame, plan: AnalysisPlan, outcome: PlannedOutcome
) -> dict[str, tuple[float, ...]]:
    """One outcome's prior: its parameters, and their covariance row by row; none where no search was made."""
    panel = build_panel(StudyTable(frame, "data.csv", 2), plan, outcome)
    found = searched_prior(panel, plan, outcome, asked_of(plan.design.settings))
    if found is None:
        return {"prior": (), "prior_covariance": ()}
    return {
        "prior": tuple(found.parameters.tolist()),
        "prior_covariance": tuple(found.covariance.ravel().tolist()),
    }
