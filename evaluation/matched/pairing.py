"""Who is matched with whom under the settings of a plan, and the other settings it could have chosen (pure)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, cast

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.matched.abadie_imbens import Compared, compare_with_replacement
from evaluation.matched.coarsened import cells
from evaluation.matched.effect import covariates_of
from evaluation.matched.mahalanobis import match_by_distance, metric
from evaluation.matched.nearest import match_pairs
from evaluation.matched.people import Matched, Rows, from_groups, from_pairs
from evaluation.matched.settings import MatchingSettings
from evaluation.matched.subclasses import FEWEST, subclass_codes
from evaluation.regression.linear import Array, covariate_matrix

Way = tuple[str, MatchingSettings]
DEFAULT_CALIPER = 0.2


def needs_score(settings: MatchingSettings) -> bool:
    """Whether anybody's propensity score is looked at."""
    return settings.kind != "coarsened-exact"


def match_people(frame: AnalysisFrame, settings: MatchingSettings, logit: Array | None) -> Matched:
    """The matched people of a frame; ``logit`` (n,) is the score, not needed for coarsened exact matching."""
    treated = frame.data["treated"].to_numpy()
    if settings.kind == "coarsened-exact":
        names = tuple(dict.fromkeys((*frame.covariates, *frame.exact)))
        codes = cells(frame.data, names, frame.exact, dict(settings.cutpoints))
        return from_groups(codes, treated, fewest=1)
    assert logit is not None
    if settings.kind == "subclassification":
        codes = subclass_codes(1 / (1 + np.exp(-logit)), treated, settings.subclasses)
        return from_groups(codes, treated, fewest=FEWEST)
    pairs = pair_rows(frame, logit, settings)
    single = settings.ratio == 1 and not settings.replace
    return from_pairs(pairs, twice=settings.replace, single=single)


def _scaled(logit: Array, settings: MatchingSettings) -> tuple[Array, float | None]:
    """The score on the scale it is compared on, and the caliper in its unit."""
    score = 1 / (1 + np.exp(-logit)) if settings.distance == "probability" else logit
    return score, settings.caliper * float(score.std(ddof=1)) if settings.caliper else None


def groups_of(frame: AnalysisFrame) -> list[Rows]:
    """Rows that may be matched with one another: everybody, or each combination of the exact variables on its own."""
    if not frame.exact:
        return [np.arange(frame.data.height)]
    keys = frame.data.select(f"x:{name}" for name in frame.exact).with_row_index("row")
    parts = keys.group_by([f"x:{name}" for name in frame.exact], maintain_order=True).agg("row")["row"]
    return [np.sort(part.to_numpy()).astype(np.int64) for part in parts]


def pair_rows(frame: AnalysisFrame, logit: Array, settings: MatchingSettings) -> Rows:
    """Pairs (treated row, comparison row) of nearest-neighbour matching."""
    treated = frame.data["treated"].to_numpy()
    score, caliper = _scaled(logit, settings)
    ratio, again, order = settings.ratio, settings.replace, settings.order
    place = _places(frame, settings, treated)
    found = [np.empty((0, 2), dtype=np.int64)]
    for rows in groups_of(frame):
        if place is None:
            local = match_pairs(
                score[rows], treated[rows], caliper=caliper, ratio=ratio, replace=again, order=order
            )
        else:
            local = match_by_distance(
                score[rows],
                treated[rows],
                place[rows],
                caliper=caliper,
                ratio=ratio,
                replace=again,
                order=order,
            )
        if local.size:
            found.append(rows[local])
    return np.concatenate(found)


def _places(frame: AnalysisFrame, settings: MatchingSettings, treated: Array) -> Array | None:
    if settings.distance != "mahalanobis":
        return None
    named = settings.mahalanobis or frame.covariates
    return metric(covariate_matrix(frame.data, tuple(f"x:{name}" for name in named))[0], treated)


def match_again(frame: AnalysisFrame, settings: MatchingSettings, logit: Array) -> Compared:
    """Abadie and Imbens's comparison under the same settings. Raises NotIdentified where nobody is matched."""
    score, caliper = _scaled(logit, settings)
    adjusted = settings.adjust == "regression"
    return compare_with_replacement(
        frame.data["outcome"].to_numpy(),
        frame.data["treated"].to_numpy(),
        score,
        groups_of(frame),
        ratio=settings.ratio,
        limit=math.inf if caliper is None else caliper,
        covariates=covariates_of(frame)[0] if adjusted else None,
    )


def other_ways(settings: MatchingSettings) -> tuple[Way, ...]:
    """The same question with other choices that the plan could have made."""
    other = "none" if settings.adjust == "regression" else "regression"
    adjusted = "difference of means after matching" if other == "none" else "regression after matching"
    turned = replace(settings, adjust=cast(Literal["regression", "none"], other))
    if settings.kind == "nearest":
        return ((adjusted, turned), *_other_pairs(settings))
    plain = MatchingSettings(adjust=settings.adjust, interval=settings.interval)
    nearest = (f"nearest neighbour, caliper of {DEFAULT_CALIPER} SD", plain)
    if settings.kind == "subclassification":
        double = 2 * settings.subclasses
        return ((adjusted, turned), (f"{double} subclasses", replace(settings, subclasses=double)), nearest)
    return (
        (adjusted, turned),
        ("5 subclasses of the score", replace(plain, kind="subclassification")),
        nearest,
    )


def _other_pairs(settings: MatchingSettings) -> tuple[Way, ...]:
    order: Literal["largest", "smallest"] = "smallest" if settings.order == "largest" else "largest"
    ways: list[Way] = [(f"{order} score first", replace(settings, order=order))]
    if settings.distance == "mahalanobis":
        ways.append(("distance on the score alone", replace(settings, distance="logit", mahalanobis=())))
    elif settings.caliper:
        ways.append(("without a caliper", replace(settings, caliper=0.0)))
    if not settings.caliper:
        ways.append((f"caliper of {DEFAULT_CALIPER} SD", replace(settings, caliper=DEFAULT_CALIPER)))
    again = "without replacement" if settings.replace else "with replacement"
    once = replace(settings, replace=not settings.replace, errors="cluster")
    return (*ways, (again, once))
