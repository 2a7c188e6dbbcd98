"""Gradient-boosted trees with fixed settings, held to one thread so that nothing hangs on the machine (pure).

scikit-learn's histogram trees, at most 100 rounds at 0.1, 15 leaves of at least 20 people, 63 bins a column. Where
there are enough people a tenth of them says when to stop. One thread: sums are always added in the same order, and
two programs on one machine do not wait for each other's threads (which made this twenty times slower).
Source: Friedman (2001); Ke et al. (2017) for histograms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
TREES, RATE, LEAVES, SMALLEST_LEAF, BINS = 100, 0.1, 15, 20, 63
PATIENCE, HELD_OUT = 5, 0.1
FEWEST_TO_STOP, FEWEST_EACH = (
    500,
    50,
)  # people, and people of the rarer answer, to judge by a tenth when to stop


def boosted(y: Array, known: Array, asked: Array, model: str, seed: int) -> Array:
    """Predictions for ``asked`` (m, k) from ``y`` (n,) and ``known`` (n, k), shape (m,).

    ``model``: ``logistic`` gives a probability, ``poisson`` an average count, anything else a mean.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    settings = _settings(y, model, seed)
    with threadpool_limits(limits=1, user_api="openmp"):
        if model == "logistic":
            chosen = HistGradientBoostingClassifier(**settings).fit(known, y)
            return np.asarray(chosen.predict_proba(asked)[:, 1], dtype=np.float64)
        loss = "poisson" if model == "poisson" else "squared_error"
        trees = HistGradientBoostingRegressor(loss=loss, **settings).fit(known, y)
        return np.asarray(trees.predict(asked), dtype=np.float64)


def _settings(y: Array, model: str, seed: int) -> dict[str, Any]:
    rarer = min(float(y.sum()), float((1 - y).sum())) if model == "logistic" else float(len(y))
    stops = len(y) >= FEWEST_TO_STOP and rarer >= FEWEST_EACH
    return {
        "max_iter": TREES,
        "learning_rate": RATE,
        "max_leaf_nodes": LEAVES,
        "min_samples_leaf": SMALLEST_LEAF,
        "max_bins": BINS,
        "early_stopping": stops,
        "n_iter_no_change": PATIENCE,
        "validation_fraction": HELD_OUT,
        "random_state": seed,
    }
