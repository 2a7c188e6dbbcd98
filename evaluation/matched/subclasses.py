"""Subclasses of the propensity score, and the effect on the treated over them (pure).

Everybody in a class has about the same chance of treatment, so that arms are compared within it. Classes are cut so
that each holds as many of the treated; those beyond the outermost treated join the outermost class.
Source: Rosenbaum and Rubin (1984) for five classes; Imbens and Rubin (2015), chapter 17, for errors within classes.
"""

from __future__ import annotations

import numpy as np

from evaluation.matched.nearest import rounded
from evaluation.matched.people import Array, Rows
from evaluation.regression.linear import Fit, NotIdentified, treatment_effect

FEWEST = 2  # of each arm in a class, without which it has no variance


def subclass_codes(score: Array, treated: Array, count: int) -> Rows:
    """Class of everyone, from 0: cut at the quantiles of the treated's scores, each cut in the class below.

    ``score`` is a probability. Scores that many share can make fewer classes than asked for.
    """
    s = rounded(score, 12)
    cuts = np.quantile(s[treated == 1], np.arange(1, count) / count)
    return np.searchsorted(np.unique(cuts), s, side="left").astype(np.int64)


def within_classes(y: Array, treated: Array, classes: Rows, covariates: Array, names: tuple[str, ...]) -> Fit:
    """The mean of the classes' own effects, each weighted by its treated people.

    One least squares with an intercept and an effect of its own for each class, and common slopes of the covariates;
    HC2 errors, which without covariates are the usual variances within arms and classes, added up. Degrees of freedom
    n - k. Raises NotIdentified.
    """
    count = int(classes.max()) + 1
    share = np.bincount(classes[treated == 1], minlength=count) / float(treated.sum())
    member = (classes[:, None] == np.arange(1, count)).astype(np.float64)
    own = (member - share[1:]) * treated[:, None]
    labels = tuple(f"class {k}" for k in range(1, count))
    columns = np.column_stack([member, own, covariates])
    fit = treatment_effect(y, treated, columns, (*labels, *(f"{n}, treated" for n in labels), *names))
    if any(label in fit.dropped for label in (*labels, *(f"{n}, treated" for n in labels))):
        raise NotIdentified
    return fit
