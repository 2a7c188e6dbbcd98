"""The propensity score against R, and separation noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evaluation.observed.propensity import Separation, logit_score
from evaluation.regression.linear import covariate_matrix

LALONDE = Path(__file__).parents[1] / "reference" / "data" / "lalonde_psm.csv"
NAMES = ("age", "educ", "race", "married", "nodegree", "re74", "re75")


def test_the_coefficients_are_those_of_glm_in_r() -> None:
    """Coefficients as R 4.2.2 gives them (engine notes, section 7), read back from the fitted scores."""
    frame = pl.read_csv(LALONDE, infer_schema_length=None)
    matrix, names = covariate_matrix(frame, NAMES)
    score = logit_score(frame["treat"].cast(pl.Float64).to_numpy(), matrix)
    design = np.column_stack([np.ones(frame.height), matrix])
    beta = dict(zip(("one", *names), np.linalg.lstsq(design, score, rcond=None)[0].tolist(), strict=True))
    assert np.allclose(design @ np.array(list(beta.values())), score, atol=1e-8)
    found = [beta[n] for n in ("educ", "married", "race=hispan", "race=white", "nodegree")]
    assert found == pytest.approx([0.1613069, -0.8321133, -2.0817341, -3.0653677, 0.7072969], abs=1e-6)


def test_the_score_equations_hold() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(300, 3))
    treated = (draw.uniform(size=300) < 1 / (1 + np.exp(-x[:, 0]))).astype(np.float64)
    p = 1 / (1 + np.exp(-logit_score(treated, x)))
    assert p.sum() == pytest.approx(treated.sum())
    assert x.T @ p == pytest.approx(x.T @ treated)


def test_one_yes_or_no_covariate_gives_the_log_odds_of_its_groups() -> None:
    x = np.repeat([0.0, 1.0], [40, 50])
    treated = np.concatenate([np.repeat([1.0, 0.0], [10, 30]), np.repeat([1.0, 0.0], [30, 20])])
    score = logit_score(treated, x[:, None])
    assert score[0] == pytest.approx(np.log(10 / 30))
    assert score[-1] == pytest.approx(np.log(30 / 20))


def test_constant_and_repeated_covariates_change_nothing() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(200, 2))
    treated = (draw.uniform(size=200) < 1 / (1 + np.exp(-x[:, 0]))).astype(np.float64)
    wider = np.column_stack([x, np.full(200, 3.0), 2 * x[:, 0] - x[:, 1]])
    assert logit_score(treated, wider) == pytest.approx(logit_score(treated, x), abs=1e-8)


def test_the_scale_of_a_covariate_changes_nothing() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(200, 2))
    treated = (draw.uniform(size=200) < 1 / (1 + np.exp(-x[:, 0]))).astype(np.float64)
    assert logit_score(treated, 1e6 * x + 1e7) == pytest.approx(logit_score(treated, x), abs=1e-7)


def test_without_covariates_everybody_has_the_same_score() -> None:
    treated = np.array([1.0, 0.0, 0.0, 0.0])
    assert logit_score(treated, np.empty((4, 0))) == pytest.approx(np.log(1 / 3))


@pytest.mark.parametrize("gap", [0.0, 0.5, 100.0])
def test_complete_separation_is_refused(gap: float) -> None:
    x = np.linspace(-1, 1, 80)
    treated = (x > 0).astype(np.float64)
    with pytest.raises(Separation):
        logit_score(treated, (x + gap * treated)[:, None])


def test_a_group_without_any_treated_is_refused() -> None:
    """Quasi-separation: a category that is never treated sends its coefficient to minus infinity."""
    draw = np.random.default_rng(5)
    group = np.repeat([0.0, 1.0], 50)
    treated = np.where(group == 1, 0.0, (draw.uniform(size=100) < 0.5).astype(np.float64))
    with pytest.raises(Separation):
        logit_score(treated, np.column_stack([group, draw.normal(size=100)]))


@pytest.mark.parametrize("arm", [0.0, 1.0])
def test_a_single_arm_is_refused(arm: float) -> None:
    with pytest.raises(Separation):
        logit_score(np.full(30, arm), np.arange(30.0)[:, None])
