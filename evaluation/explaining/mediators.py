"""Which of a plan's links are split into an indirect and a direct effect, and on which people (pure)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from evaluation.explaining.facts import Mediation, Part
from evaluation.explaining.mediation import NAMES, Split, split_effect
from evaluation.explaining.standardised import Parts, standardised_split
from evaluation.frame import AnalysisFrame
from evaluation.judged import Judged
from evaluation.plan import AnalysisPlan
from evaluation.regression.linear import NotIdentified, covariate_matrix
from evaluation.study_table import column_of
from theory_of_change.model import Theory

FEWEST_MEDIATED = 30
PLAIN = ("randomised", "cluster-randomised", "matching", "weighting", "doubly-robust")
NOT_OFFERED = "Not offered: both outcomes must be scores, or yes or no."
NO_DESIGN = "Not offered with this design: it needs one row a person and the plan's covariates."
TOO_FEW = "Not worked out: fewer than 30 people in a group have both outcomes."
ALIKE = "Not worked out: the arm and the mediator cannot be told apart, or tell an outcome for certain."


def mediations(
    judged: list[Judged], frames: dict[str, AnalysisFrame], plan: AnalysisPlan, theory: Theory | None
) -> tuple[Mediation, ...]:
    """One for each of the plan's links whose two ends are both outcomes of the plan."""
    if theory is None:
        return ()
    found = []
    for name in plan.links:
        link = theory.link(name)
        ends = [_of_box(judged, theory, box) for box in (link.from_box, link.to_box)] if link else []
        if link and len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] is not ends[1]:
            found.append(_mediation(link.id, ends[0], ends[1], frames, plan))
    return tuple(found)


def _of_box(judged: list[Judged], theory: Theory, name: str) -> Judged | None:
    box = theory.box(name)
    hits = [item for item in judged if box and item.outcome.measure in box.measures]
    return min(hits, key=lambda item: item.outcome.role != "primary") if hits else None


def _mediation(
    link: str, near: Judged, far: Judged, frames: dict[str, AnalysisFrame], plan: AnalysisPlan
) -> Mediation:
    columns = (column_of(near.outcome), column_of(far.outcome))
    bare = Mediation(link, near.outcome.label, far.outcome.label, 0, (), None, (), "", columns)
    if plan.design.method not in PLAIN or plan.design.levels:
        return _noted(bare, NO_DESIGN)
    if not {near.outcome.kind, far.outcome.kind} <= {"continuous", "binary"}:
        return _noted(bare, NOT_OFFERED)
    people, names = _both(frames[columns[0]], frames[columns[1]])
    treated = people["treated"].to_numpy()
    if min(treated.sum(), len(treated) - treated.sum()) < FEWEST_MEDIATED:
        return _noted(bare, TOO_FEW)
    covariates, _ = covariate_matrix(people, names)
    clusters = None
    if "cluster" in people.columns:
        clusters = np.unique(people["cluster"].to_numpy(), return_inverse=True)[1]
        if int(clusters.max()) < 2:
            return _noted(bare, ALIKE)
    arrays = (treated, people["mediator"].to_numpy(), people["outcome"].to_numpy(), covariates)
    binary = (near.outcome.kind == "binary", far.outcome.kind == "binary")
    try:
        if any(binary):
            found = standardised_split(*arrays, binary=binary, alpha=plan.analysis.alpha, clusters=clusters)
            return _split(replace(bare, n=people.height), found, None, ())
        split = split_effect(*arrays, seed=plan.design.seed, alpha=plan.analysis.alpha, clusters=clusters)
    except NotIdentified:
        return _noted(bare, ALIKE)
    return _split(replace(bare, n=people.height), split, split.rho_at_zero, split.rho_path)


def _split(
    bare: Mediation, found: Parts | Split, rho: float | None, path: tuple[tuple[float, float], ...]
) -> Mediation:
    rows = zip(NAMES, found.values, found.low, found.high, strict=True)
    return replace(bare, parts=tuple(Part(*row) for row in rows), rho_at_zero=rho, rho_path=path)


def _noted(bare: Mediation, note: str) -> Mediation:
    return replace(bare, note=note)


def _both(near: AnalysisFrame, far: AnalysisFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """People who have both outcomes, with the covariates and baselines of either, and strata where there are any."""
    names = tuple(f"x:{name}" for name in dict.fromkeys((*far.covariates, *near.covariates)))
    kept = near.data.rename({"outcome": "mediator"})
    more = [name for name in kept.columns if name not in far.data.columns]
    people = far.data.join(kept.select("participant", *more), on="participant", how="inner")
    if "strata" in people.columns:
        names = (*names, "strata")
    return people.sort("participant", maintain_order=True), names
