"""Least squares against the matrix formulas written out, and what cannot be told apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.regression.linear import Errors, Fit, NotIdentified, covariate_matrix, treatment_effect

Array = npt.NDArray[np.float64]


def small_study(n: int = 40, seed: int = 3) -> tuple[Array, Array, Array]:
    draw = np.random.default_rng(seed)
    treated = (np.arange(n) % 3 == 0).astype(np.float64)
    covariates = draw.normal(size=(n, 2))
    y = 2 * treated + covariates @ np.array([1.0, -0.5]) + draw.normal(size=n) * (1 + treated)
    return y, treated, covariates


def by_hand(y: Array, treated: Array, covariates: Array, errors: str) -> tuple[float, float]:
    """Coefficient and standard error of the treatment by the textbook formulas."""
    design = np.column_stack([np.ones_like(y), treated, covariates])
    n, k = design.shape
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    residual = y - design @ beta
    hat = np.einsum("ij,jk,ik->i", design, inverse, design)
    if errors == "classical":
        cover = inverse * (residual @ residual) / (n - k)
    else:
        scale = {
            "HC0": np.ones(n),
            "HC1": np.full(n, n / (n - k)),
            "HC2": 1 / (1 - hat),
            "HC3": 1 / (1 - hat) ** 2,
        }[errors]
        cover = inverse @ (design.T @ (design * (scale * residual**2)[:, None])) @ inverse
    return float(beta[1]), float(np.sqrt(cover[1, 1]))


@pytest.mark.parametrize("errors", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_each_variance_estimator_is_its_matrix_formula(errors: Errors) -> None:
    y, treated, covariates = small_study()
    fit = treatment_effect(y, treated, covariates, ("a", "b"), errors=errors)
    assert (fit.value, fit.std_error) == pytest.approx(by_hand(y, treated, covariates, errors), rel=1e-10)
    assert fit.df == 36
    assert fit.n_clusters is None
    assert fit.dropped == ()


def test_a_difference_of_means_with_hc2_is_the_unpooled_one() -> None:
    y = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 11.0])
    treated = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    fit = treatment_effect(y, treated, np.empty((6, 0)), ())
    assert fit.value == pytest.approx(5.0)
    assert fit.std_error == pytest.approx(np.sqrt(1.0 / 3 + 13.0 / 3))  # variances 1 and 13
    assert fit.df == 4


def clustered_by_hand(
    y: Array, treated: Array, covariates: Array, groups: npt.NDArray[np.int64], w: Array
) -> float:
    design = np.column_stack([np.ones_like(y), treated, covariates])
    n, k = design.shape
    inverse = np.linalg.inv(design.T @ np.diag(w) @ design)
    residual = y - design @ (inverse @ design.T @ (w * y))
    meat = np.zeros((k, k))
    for group in set(groups.tolist()):
        rows = groups == group
        score = design[rows].T @ (w[rows] * residual[rows])
        meat += np.outer(score, score)
    count = len(set(groups.tolist()))
    cover = count / (count - 1) * (n - 1) / (n - k) * inverse @ meat @ inverse
    return float(cover[1, 1])


def test_clustered_errors_are_cr1_with_clusters_less_one_degrees_of_freedom() -> None:
    y, treated, covariates = small_study()
    groups = (np.arange(40) // 5).astype(np.int64)
    fit = treatment_effect(y, treated, covariates, ("a", "b"), clusters=(groups,))
    assert fit.std_error == pytest.approx(
        np.sqrt(clustered_by_hand(y, treated, covariates, groups, np.ones(40)))
    )
    assert (fit.df, fit.n_clusters) == (7, 8)


def test_weights_and_two_clusterings_are_added_and_their_meeting_taken_away() -> None:
    y, treated, covariates = small_study()
    w = np.linspace(0.5, 2.0, 40)
    first, second = (np.arange(40) // 5).astype(np.int64), (np.arange(40) % 7).astype(np.int64)
    fit = treatment_effect(y, treated, covariates, ("a", "b"), weights=w, clusters=(first, second))
    expected = sum(
        sign * clustered_by_hand(y, treated, covariates, groups, w)
        for sign, groups in ((1, first), (1, second), (-1, first * 7 + second))
    )
    assert fit.std_error == pytest.approx(np.sqrt(expected), rel=1e-10)
    assert (fit.df, fit.n_clusters) == (6, 7)


def test_the_names_of_clusters_do_not_matter() -> None:
    y, treated, covariates = small_study()
    groups = (np.arange(40) // 5).astype(np.int64)
    one = treatment_effect(y, treated, covariates, ("a", "b"), clusters=(groups,))
    other = treatment_effect(
        y, treated, covariates, ("a", "b"), clusters=((90 - 7 * groups).astype(np.int64),)
    )
    assert (one.value, one.std_error, one.df) == pytest.approx((other.value, other.std_error, other.df))


def test_columns_that_add_nothing_are_dropped_and_named() -> None:
    y, treated, covariates = small_study()
    plain = treatment_effect(y, treated, covariates, ("a", "b"))
    doubled = np.column_stack(
        [covariates, 3 * covariates[:, 0] - covariates[:, 1], np.ones(40), np.zeros(40)]
    )
    fit = treatment_effect(y, treated, doubled, ("a", "b", "both", "ones", "noughts"))
    assert fit.dropped == ("both", "ones", "noughts")
    assert (fit.value, fit.std_error, fit.df) == pytest.approx((plain.value, plain.std_error, plain.df))


def test_columns_of_very_different_size_are_not_taken_for_one_another() -> None:
    y, treated, covariates = small_study()
    plain = treatment_effect(y, treated, covariates, ("a", "b"))
    scaled = treatment_effect(y, treated, covariates * np.array([1e8, 1e-8]), ("a", "b"))
    assert scaled.dropped == ()
    assert (scaled.value, scaled.std_error) == pytest.approx((plain.value, plain.std_error), rel=1e-7)


@pytest.mark.parametrize("arm", [0.0, 1.0])
def test_one_arm_is_not_identified(arm: float) -> None:
    y, _, covariates = small_study()
    with pytest.raises(NotIdentified):
        treatment_effect(y, np.full(40, arm), covariates, ("a", "b"))


@pytest.mark.parametrize("shape", ["copy", "reverse", "groups"])
def test_a_treatment_that_the_covariates_decide_is_not_identified(shape: str) -> None:
    y, treated, _ = small_study()
    late = (np.arange(40) >= 20).astype(np.float64)
    covariates = {
        "copy": treated[:, None],
        "reverse": 5 - 2 * treated[:, None],
        "groups": np.column_stack([treated * late, treated * (1 - late)]),
    }[shape]
    with pytest.raises(NotIdentified):
        treatment_effect(y, treated, covariates, tuple("ab"[: covariates.shape[1]]))


def test_as_many_columns_as_people_is_not_identified() -> None:
    draw = np.random.default_rng(1)
    y, treated = draw.normal(size=5), np.array([0.0, 1, 0, 1, 0])
    with pytest.raises(NotIdentified):
        treatment_effect(y, treated, draw.normal(size=(5, 3)), ("a", "b", "c"))


@pytest.mark.parametrize("columns", [4, 5, 9, 50])
def test_more_columns_than_people_is_not_identified(columns: int) -> None:
    draw = np.random.default_rng(1)
    y, treated = draw.normal(size=5), np.array([0.0, 1, 0, 1, 0])
    with pytest.raises(NotIdentified):
        treatment_effect(y, treated, draw.normal(size=(5, columns)), tuple(map(str, range(columns))))


def test_a_single_cluster_is_not_identified() -> None:
    y, treated, covariates = small_study()
    with pytest.raises(NotIdentified):
        treatment_effect(y, treated, covariates, ("a", "b"), clusters=(np.zeros(40, dtype=np.int64),))


@pytest.mark.parametrize("errors", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_a_person_alone_in_a_stratum_changes_nothing(errors: Errors) -> None:
    """Such a person's leverage is 1 and residual 0: HC2 and HC3 would divide nought by nought."""
    y, treated, covariates = small_study()
    without = treatment_effect(y, treated, covariates, ("a", "b"), errors=errors)
    alone = np.zeros(41)
    alone[40] = 1.0
    wider = np.column_stack([np.vstack([covariates, [[0.3, 0.4]]]), alone])
    fit = treatment_effect(
        np.append(y, 1234.5), np.append(treated, 1.0), wider, ("a", "b", "alone"), errors=errors
    )
    assert fit.value == pytest.approx(without.value, rel=1e-9)
    assert fit.df == without.df
    if errors != "HC1":  # n / (n - k) counts the person
        assert fit.std_error == pytest.approx(without.std_error, rel=1e-6)


@pytest.mark.parametrize("errors", ["HC2", "HC3"])
def test_people_alone_in_their_strata_never_cost_the_interval(errors: Errors) -> None:
    for seed in range(25):
        draw = np.random.default_rng(seed)
        treated, y = (draw.random(60) < 0.5).astype(np.float64), 50 + 100 * draw.normal(size=60)
        stratum = draw.integers(0, 4, 60)
        stratum[:2] = 8, 9
        dummies = np.column_stack([(stratum == level).astype(np.float64) for level in (1, 2, 3, 8, 9)])
        fit = treatment_effect(y, treated, dummies, tuple("abcde"), errors=errors)
        rest = treatment_effect(y[2:], treated[2:], dummies[2:, :3], tuple("abc"), errors=errors)
        assert (fit.value, fit.std_error, fit.df) == pytest.approx((rest.value, rest.std_error, rest.df))
        assert fit.dropped == ()


def test_an_effect_that_hangs_on_two_people_alone_is_not_identified() -> None:
    # Each stratum is all treated or all comparison but for one pair.
    treated = np.array([1.0] * 5 + [0.0] * 5 + [1.0, 0.0])
    stratum = np.array([0] * 5 + [1] * 5 + [2] * 2)
    dummies = np.column_stack([(stratum == level).astype(np.float64) for level in (1, 2)])
    with pytest.raises(NotIdentified):
        treatment_effect(np.arange(12.0), treated, dummies, ("a", "b"))


def test_an_outcome_that_never_varies_has_an_effect_of_nought() -> None:
    _, treated, covariates = small_study()
    fit = treatment_effect(np.full(40, 7.0), treated, covariates, ("a", "b"))
    assert fit.value == pytest.approx(0.0, abs=1e-12)
    assert not fit.std_error > 1e-12


def test_texts_become_one_column_a_level_but_the_first_in_sorted_order() -> None:
    frame = pl.DataFrame({"n": [1.0, 2.0, 3.0, 4.0], "c": ["south", "east", "north", "east"]})
    matrix, names = covariate_matrix(frame, ("n", "c"))
    assert names == ("n", "c=north", "c=south")
    assert matrix.tolist() == [[1, 0, 1], [2, 0, 0], [3, 1, 0], [4, 0, 0]]


def test_for_balance_every_level_counts_but_two_levels_are_one_fact() -> None:
    frame = pl.DataFrame({"c": ["south", "east", "north", "east"], "d": ["no", "yes", "no", "no"]})
    matrix, names = covariate_matrix(frame, ("c", "d"), every_level=True)
    assert names == ("c=east", "c=north", "c=south", "d=yes")
    assert matrix.tolist() == [[0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]]


def test_no_covariates_make_an_empty_matrix_of_the_right_height() -> None:
    matrix, names = covariate_matrix(pl.DataFrame({"c": ["a", "b"]}), ())
    assert (matrix.shape, names) == ((2, 0), ())


def test_the_inputs_are_left_as_they_were() -> None:
    y, treated, covariates = small_study()
    copies = y.copy(), treated.copy(), covariates.copy()
    fit = treatment_effect(y, treated, covariates, ("a", "b"))
    assert isinstance(fit, Fit)
    for now, then in zip((y, treated, covariates), copies, strict=True):
        assert np.array_equal(now, then)
