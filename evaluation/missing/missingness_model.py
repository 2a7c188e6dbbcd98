"""Can it be told from what was known before who is missing? A logistic model, read in one number (pure)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from scipy.special import expit

from evaluation.frame import AnalysisFrame
from evaluation.model import Check
from evaluation.observed.propensity import Separation, logit_coefficients
from evaluation.regression.linear import covariate_matrix, independent_columns

FEWEST = 10
TELLING = 0.70


def missingness_check(whole: AnalysisFrame) -> tuple[Check, ...]:
    """Area under the curve of a model of who is missing, by arm and covariates, and what tells most. No p-values."""
    names = [f"x:{name}" for name in whole.covariates] + [n for n in whole.data.columns if n.startswith("a:")]
    frame = replace(whole, data=whole.data.drop_nulls(names) if names else whole.data)
    lost = frame.data["outcome"].is_null().to_numpy().astype(np.float64)
    if min(lost.sum(), (1 - lost).sum()) < FEWEST:
        return ()
    raw, labels = covariate_matrix(frame.data, ("treated", *names))
    spread = raw.std(axis=0)
    varying = spread > 0
    scaled = (raw[:, varying] - raw[:, varying].mean(axis=0)) / spread[varying]
    kept_names = tuple(label for label, there in zip(labels, varying, strict=True) if there)
    design, kept = independent_columns(np.column_stack([np.ones(len(lost)), scaled]), ("1", *kept_names))
    try:
        beta = logit_coefficients(lost, design)
    except Separation:
        note = "What was known before tells completely, for some, whether their outcome is missing."
        return (Check("who is missing", "warn", 1.0, TELLING, "none", note),)
    area = _area(expit(design @ beta), lost)
    order = np.argsort(-np.abs(beta[1:]))[:3]
    told = ", ".join(f"{_plain(kept[1 + place])} ({np.exp(beta[1 + place]):.2f})" for place in order)
    note = (
        f"A logistic model tells the missing from the seen with an area under the curve of {area:.2f} (0.5 is chance). "
        f"What tells most, as odds ratios for one SD: {told}."
    )
    return (Check("who is missing", "warn" if area > TELLING else "info", area, TELLING, "none", note),)


def _plain(name: str) -> str:
    return "the arm" if name == "treated" else name.removeprefix("x:").removeprefix("a:")


def _area(
    score: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    lost: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> float:
    """Chance that somebody missing scores above somebody seen; ties count half."""
    ranks = pl.Series(score).rank("average").to_numpy()
    many, few = float(lost.sum()), float((1 - lost).sum())
    return float((ranks[lost == 1].sum() - many * (many + 1) / 2) / (many * few))
