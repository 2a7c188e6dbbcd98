"""Peers of the race of matching, in environments of their own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, Any]]


def _held(folder: Path) -> tuple[Any, Any]:
    import numpy as np

    kept: Any = np.load(folder / "people.npz")
    return kept["treated"], kept["covariates"]


def _score(treated: Any, covariates: Any) -> Any:
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped,unused-ignore]

    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8).fit(covariates, treated)
    return covariates @ model.coef_[0] + model.intercept_[0]


def score_alone(rows: int, folder: Path) -> Work:
    """scikit-learn's fit of the score, and nothing after it."""
    treated, covariates = _held(folder)
    _score(treated[:2000], covariates[:2000])

    def work() -> dict[str, Any]:
        score = _score(treated, covariates)
        found = {"first_score": float(score[0]), "last_score": float(score[-1])}
        return {"found": found, "version": version("scikit-learn")}

    return work


def neighbours(rows: int, folder: Path) -> Work:
    """scikit-learn's score and its nearest neighbours: each treated person's nearest, used again and again."""
    from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped,unused-ignore]

    treated, covariates = _held(folder)

    def pairs(upto: int) -> dict[str, Any]:
        arm = treated[:upto] == 1
        score = _score(treated[:upto], covariates[:upto])
        tree = NearestNeighbors(n_neighbors=1, algorithm="kd_tree").fit(score[~arm, None])
        apart, _ = tree.kneighbors(score[arm, None])
        found = {"first_score": float(score[0]), "last_score": float(score[-1])}
        found["their_pairs"] = int((apart[:, 0] <= 0.2 * score.std(ddof=1)).sum())
        return {"found": found, "version": version("scikit-learn")}

    pairs(2000)
    return lambda: pairs(rows)
