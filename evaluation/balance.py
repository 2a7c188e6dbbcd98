"""How alike the arms are, covariate by covariate (pure). One documented definition, nowhere another.

SMD = difference in (weighted) means / SD of the treated arm before anything was done (ATT), or the root of
the mean of the two arms' variances (ATE). The same denominator stands before and after. No p-values:
balance is a fact about this sample, not a hypothesis.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.model import BalanceRow, Check

Array = npt.NDArray[np.float64]
GREEN, AMBER, NOT_EQUIVALENT = 0.05, 0.10, 0.25


def balance_rows(
    values: Array,
    names: tuple[str, ...],
    treated: Array,
    *,
    weights: Array | None = None,
    scale: Literal["treated", "both"] = "treated",
) -> tuple[BalanceRow, ...]:
    """SMD before and after weighting for each column of ``values`` (n, k). Without weights, after is ``None``."""
    one = treated == 1
    rows = []
    for j, name in enumerate(names):
        x = values[:, j]
        v1, v0 = _variance(x[one]), _variance(x[~one])
        denominator = math.sqrt(v1 if scale == "treated" else (v1 + v0) / 2)
        before = _ratio(float(x[one].mean() - x[~one].mean()), denominator)
        after = ratio = None
        if weights is not None:
            w1, w0 = weights[one], weights[~one]
            m1, m0 = _mean(x[one], w1), _mean(x[~one], w0)
            after = _ratio(m1 - m0, denominator)
            ratio = _ratio(_weighted_variance(x[one], w1), _weighted_variance(x[~one], w0))
        rows.append(BalanceRow(name, before, after, ratio if weights is not None else _ratio(v1, v0)))
    return tuple(rows)


def _variance(x: Array) -> float:
    return float(x.var(ddof=1)) if x.size > 1 else 0.0


def _mean(x: Array, w: Array) -> float:
    return float(np.average(x, weights=w)) if w.sum() > 0 else float("nan")


def _weighted_variance(x: Array, w: Array) -> float:
    """Variance for weights that need not be counts: the usual one when all weights are equal."""
    total = w.sum()
    freedom = total - (w * w).sum() / total if total > 0 else 0.0
    return float((w * (x - _mean(x, w)) ** 2).sum() / freedom) if freedom > 0 else 0.0


def _ratio(top: float, bottom: float) -> float | None:
    if bottom > 0 and math.isfinite(top):
        return top / bottom
    return 0.0 if top == 0 else None


def balance_band(row: BalanceRow) -> str:
    """Green, amber or red by the difference after the design did its work; empty where it was not worked out."""
    if row.smd_after is None:
        return ""
    size = abs(row.smd_after)
    return "green" if size <= GREEN else "amber" if size <= AMBER else "red"


def balance_check(rows: tuple[BalanceRow, ...]) -> Check:
    """The worst covariate after matching, against the bands 0.05 and 0.10 (Justice Data Lab)."""
    readings = [(abs(row.smd_after), row.covariate) for row in rows if row.smd_after is not None]
    unknown = [row.covariate for row in rows if row.smd_after is None]
    if unknown or not readings:
        return Check(
            "balance",
            "fail",
            None,
            AMBER,
            "downgrade",
            "Some covariates do not vary among the treated, so balance on them cannot be judged.",
        )
    worst, name = max(readings)
    red = sum(value > AMBER for value, _ in readings)
    if worst <= GREEN:
        return Check(
            "balance",
            "pass",
            worst,
            GREEN,
            "none",
            "All covariates are well matched (differences within 0.05 SD).",
        )
    if worst <= AMBER:
        return Check(
            "balance",
            "warn",
            worst,
            GREEN,
            "none",
            f"Reasonably matched: the largest difference, {worst:.2f} SD, is on '{name}'.",
        )
    return Check(
        "balance",
        "fail",
        worst,
        AMBER,
        "downgrade",
        (
            f"Poorly matched on {red} of {len(readings)} covariates; the largest "
            f"difference, {worst:.2f} SD, is on '{name}'."
        ),
    )


def baseline_check(smd: float | None, name: str, *, adjusted: bool = True) -> Check:
    """Baseline of the outcome in a comparison that was not randomised: beyond 0.25 SD there is no causal verdict.

    Between 0.05 and 0.25 SD the estimate must be adjusted for it (What Works Clearinghouse).
    """
    title = "baseline equivalence"
    if smd is None:
        note = f"The baseline '{name}' does not vary, so equivalence cannot be judged."
        return Check(title, "fail", None, NOT_EQUIVALENT, "downgrade", note)
    size = abs(smd)
    said = f"The groups differed by {size:.2f} SD on '{name}' before the programme"
    if size > NOT_EQUIVALENT:
        return Check(title, "fail", size, NOT_EQUIVALENT, "block", f"{said}: too much to be adjusted away.")
    if size > GREEN and adjusted:
        return Check(title, "warn", size, GREEN, "none", f"{said}; the estimate is adjusted for it.")
    if size > GREEN:
        note = f"{said}, and the plan does not adjust for it."
        return Check(title, "fail", size, GREEN, "downgrade", note)
    return Check(
        title, "pass", size, GREEN, "none", f"The groups were alike on '{name}' before the programme."
    )
