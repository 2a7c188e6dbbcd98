"""Checks of a doubly robust comparison: overlap, weight, folds, penalties, clusters, trimming (pure)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.model import Check
from evaluation.observed.augmented import NoRatio
from evaluation.observed.cross_fitted import Division, Found, People
from evaluation.observed.nuisance import Nuisance
from evaluation.regression.linear import Array

MOST_CLIPPED, MOST_ALONE = 0.05, 0.50
MOST_ON_ONE = 0.10
WIDE = 1.0  # the divisions should not be farther apart than one standard error


def no_overlap(problem: Exception) -> Check:
    """Why nothing could be estimated."""
    if isinstance(problem, NoRatio):
        note = (
            "The standardised mean of an arm is not above 0 (for odds: not below 1), so that no ratio can be formed. "
            "Plan a difference, or use a model that keeps within the outcome's range."
        )
        return Check("events", "fail", None, None, "block", note)
    note = (
        "In part of the data the covariates separate the arms: nobody treated has anyone comparable. Use fewer or "
        "broader covariates, or fewer folds; trim less, if people are left out."
    )
    return Check("overlap", "fail", None, None, "block", note)


def overlap(raw: Array, clip: float) -> Check:
    """How many scores had to be held within the clip: each is somebody with hardly anyone comparable."""
    limit = max(clip, 0.01)
    share = float(((raw < limit) | (raw > 1 - limit)).mean())
    said = f"{100 * share:.0f} % of scores lie beyond {limit:g} or {1 - limit:g}"
    if share > MOST_CLIPPED:
        note = f"{said}: for these people there is hardly anyone comparable."
        return Check("overlap", "warn", share, MOST_CLIPPED, "downgrade", note)
    return Check("overlap", "pass", share, MOST_CLIPPED, "none", f"{said}.")


def alone(raw: Array, treated: Array, kept: npt.NDArray[np.bool_], estimand: str) -> tuple[Check, ...]:
    """Whether most people the effect is of have a score beyond all scores of the other arm: nobody is like them."""
    outside = np.zeros(len(raw), dtype=np.bool_)
    for arm in (0, 1):
        theirs = raw[kept & (treated != arm)]
        outside |= (treated == arm) & ((raw < theirs.min()) | (raw > theirs.max()))
    of_whom = kept & (treated == 1) if estimand == "ATT" else kept
    share = float(outside[of_whom].mean())
    if share <= MOST_ALONE:
        return ()
    note = (
        f"{100 * share:.0f} % of people have a score beyond every score of the other arm: nobody like them was seen "
        "there. Use fewer or broader covariates, trim, or look for another comparison pool."
    )
    return (Check("common support", "fail", share, MOST_ALONE, "block", note),)


def on_few(people: People, fitted: Nuisance, kept: npt.NDArray[np.bool_]) -> tuple[Check, ...]:
    """Whether one person carries more than a tenth of an arm's weight."""
    p, treated = fitted.score[kept], people.treated[kept]
    shares = [float(w.max() / w.sum()) for w in (1 / p[treated == 1], 1 / (1 - p[treated == 0]))]
    if max(shares) <= MOST_ON_ONE:
        return ()
    note = "One person carries more than a tenth of an arm."
    return (Check("weight on few", "warn", max(shares), MOST_ON_ONE, "downgrade", note),)


def penalised(divisions: tuple[Division, ...]) -> tuple[Check, ...]:
    """Outcome models that needed a penalty to exist."""
    count = max(division.fitted.penalised for division in divisions)
    if not count:
        return ()
    note = f"In {count} outcome models the covariates decided the outcome; a small penalty was used there."
    return (Check("outcome models", "warn", float(count), 0.0, "downgrade", note),)


def trimming(kept: npt.NDArray[np.bool_], trim: float) -> tuple[Check, ...]:
    """How many people trimming leaves out, of whom the result then does not speak."""
    share = 1 - float(kept.mean())
    if share == 0:
        return ()
    note = (
        f"{100 * share:.0f} % of people have a score beyond {trim:g} or {1 - trim:g} and are left out: the result "
        "speaks of the others alone."
    )
    result: Literal["info", "warn"] = "warn" if share > MOST_ON_ONE else "info"
    return (Check("trimming", result, share, MOST_ON_ONE, "none", note),)


def divided(found: tuple[Found, ...]) -> tuple[Check, ...]:
    """How far the divisions into folds are apart, in standard errors."""
    if len(found) == 1:
        return ()
    values = [one.value for one in found]
    error = float(np.median([one.error for one in found]))
    apart = (max(values) - min(values)) / error if error > 0 else 0.0
    said = f"{len(found)} divisions into folds lie {apart:.2f} standard errors apart"
    if apart > WIDE:
        note = f"{said}: the answer hangs on chance. More repeats, fewer covariates or a simpler learner would help."
        return (Check("folds", "warn", apart, WIDE, "none", note),)
    note = f"{said}; their median counts, and its error holds the spread between them."
    return (Check("folds", "pass", apart, WIDE, "none", note),)
