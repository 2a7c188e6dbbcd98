"""Random effects at two nested levels: against matrices of everybody by everybody, analysis of variance and MixedLM."""

from __future__ import annotations

import math
import warnings

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.nested import NestedFit, fit_nested, nest_of
from evaluation.clusters.nested_inference import nested_contrast
from evaluation.regression.linear import NotIdentified

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def sample(seed: int = 1, *, inside: float = 0.8, between: float = 1.0) -> tuple[Array, Array, Whole, Whole]:
    """Design (ones, a time, a covariate, an arm of clusters), outcome, groups and clusters, nothing balanced."""
    draw = np.random.default_rng(seed)
    groups_in = draw.integers(2, 4, 8)
    cluster_of = np.repeat(np.arange(8), groups_in)
    sizes = draw.integers(3, 6, len(cluster_of))
    groups = np.repeat(np.arange(len(cluster_of)), sizes)
    clusters = cluster_of[groups]
    n = len(groups)
    time, x = np.concatenate([np.arange(k) / 4 for k in sizes]), draw.normal(size=n)
    design = np.column_stack([np.ones(n), time, x, (clusters % 2).astype(float)])
    y = design @ [1.0, 0.5, 0.3, 0.7] + draw.normal(size=n)
    y += between * draw.normal(size=8)[clusters] + inside * draw.normal(size=len(cluster_of))[groups]
    y += (0.5 * draw.normal(size=len(cluster_of))[groups] + 0.4 * draw.normal(size=8)[clusters]) * time
    return design, y, groups, clusters


def dense_parts(
    fit: NestedFit, design: Array, groups: Whole, clusters: Whole
) -> tuple[list[Array], list[float]]:
    """The matrices V is made of, people by people, and their weights."""
    matrices, values = [], []
    for spread, labels, columns in (
        (fit.by_group, groups, fit.nest.inner),
        (fit.by_cluster, clusters, fit.nest.outer),
    ):
        same = labels[:, None] == labels[None, :]
        for i in range(len(columns)):
            for j in range(i + 1):
                one, two = design[:, columns[i]], design[:, columns[j]]
                outer = np.outer(one, two)
                matrices.append(same * (outer if i == j else outer + outer.T))
                values.append(float(spread[i, j]))
    return [*matrices, np.eye(len(design))], [*values, fit.sigma2]


def whole(parts: list[Array], values: list[float]) -> Array:
    return np.asarray(np.tensordot(np.array(values), np.array(parts), axes=1))


def deviance(design: Array, y: Array, v: Array) -> float:
    w = np.linalg.inv(v)
    square = design.T @ w @ design
    b = np.linalg.solve(square, design.T @ w @ y)
    e = y - design @ b
    n, p = design.shape
    logs = float(np.linalg.slogdet(v)[1] + np.linalg.slogdet(square)[1])
    return float((n - p) * math.log(2 * math.pi) + logs + e @ w @ e)


def dense_kenward_roger(
    design: Array, parts: list[Array], values: list[float], pick: Array
) -> tuple[float, float]:
    """Standard error and degrees of freedom as Kenward and Roger write them."""
    v = whole(parts, values)
    w = np.linalg.inv(v)
    phi = np.linalg.inv(design.T @ w @ design)
    p = [-design.T @ w @ g @ w @ design for g in parts]
    q = [[design.T @ w @ g @ w @ h @ w @ design for h in parts] for g in parts]
    k = len(parts)
    info = np.array(
        [
            [
                np.trace(w @ parts[i] @ w @ parts[j])
                - 2 * np.trace(phi @ q[i][j])
                + np.trace(phi @ p[i] @ phi @ p[j])
                for j in range(k)
            ]
            for i in range(k)
        ]
    )
    spread = np.linalg.inv(info / 2)
    middle = sum(spread[i, j] * (q[i][j] - p[i] @ phi @ p[j]) for i in range(k) for j in range(k))
    adjusted = phi + 2 * phi @ middle @ phi
    slopes = np.array([-(pick @ phi @ part @ phi @ pick) for part in p])
    plain = float(pick @ phi @ pick)
    return math.sqrt(float(pick @ adjusted @ pick)), 2 * plain**2 / float(slopes @ spread @ slopes)


SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((0,), (0,)), ((), (0,)), ((0,), ()), ((0, 1), (0,)), ((0,), (0, 1)), ((0, 1), (0, 1)), ((0,), (0, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "outer"), SHAPES)
@pytest.mark.parametrize("seed", [1, 2])
def test_likelihood_error_and_degrees_of_freedom_are_those_of_the_full_matrices(
    seed: int, inner: tuple[int, ...], outer: tuple[int, ...]
) -> None:
    design, y, groups, clusters = sample(seed)
    fit = fit_nested(nest_of(design, y, groups, clusters, inner, outer))
    parts, values = dense_parts(fit, design, groups, clusters)
    v = whole(parts, values)
    assert fit.deviance == pytest.approx(deviance(design, y, v), abs=1e-8)
    pick = np.array([0.0, 0.3, 0.0, 1.0])
    error, df = dense_kenward_roger(design, parts, values, pick)
    found = nested_contrast(fit, pick)
    assert found.std_error == pytest.approx(error, rel=1e-8)
    assert found.df == pytest.approx(df, rel=1e-7)


@pytest.mark.parametrize(("inner", "outer"), SHAPES)
def test_no_other_variances_are_likelier(inner: tuple[int, ...], outer: tuple[int, ...]) -> None:
    design, y, groups, clusters = sample(3)
    fit = fit_nested(nest_of(design, y, groups, clusters, inner, outer))
    draw = np.random.default_rng(5)
    for _ in range(30):
        other_in, other_out = (_moved(spread, draw) for spread in (fit.by_group, fit.by_cluster))
        moved = NestedFit(
            fit.coefficients, fit.covariance, other_in, other_out, fit.sigma2 * float(np.exp(0.05 * draw.normal())),
            0.0, fit.nest, fit.state,
        )  # fmt: skip
        parts, values = dense_parts(moved, design, groups, clusters)
        v = whole(parts, values)
        assert deviance(design, y, v) >= fit.deviance - 1e-7


def _moved(spread: Array, draw: np.random.Generator) -> Array:
    if not len(spread):
        return spread
    root = np.linalg.cholesky(spread + 1e-12 * np.eye(len(spread)))
    root = root + 0.05 * np.tril(draw.normal(size=root.shape))
    return np.asarray(root @ root.T)


def test_balanced_classes_in_schools_give_the_f_test_of_school_means() -> None:
    """By hand: with everything balanced the effect is a difference of school means, with schools less two."""
    draw = np.random.default_rng(8)
    schools, classes, each = 10, 3, 5
    groups = np.repeat(np.arange(schools * classes), each)
    clusters = groups // classes
    arm = (clusters < 5).astype(float)
    y = arm + draw.normal(size=schools)[clusters] + draw.normal(size=30)[groups] + draw.normal(size=150)
    fit = fit_nested(nest_of(np.column_stack([np.ones(150), arm]), y, groups, clusters, (0,), (0,)))
    means = np.bincount(clusters, weights=y) / (classes * each)
    one, zero = means[:5], means[5:]
    pooled = (4 * one.var(ddof=1) + 4 * zero.var(ddof=1)) / 8
    found = nested_contrast(fit, np.array([0.0, 1.0]))
    assert found.value == pytest.approx(one.mean() - zero.mean())
    assert found.std_error == pytest.approx(math.sqrt(pooled * 2 / 5), rel=1e-6)
    assert found.df == pytest.approx(8, rel=1e-5)


def test_variances_agree_with_mixedlm() -> None:
    """MixedLM stops early: its likelihood is no higher, its variances agree to 2 in a thousand of the total."""
    import statsmodels.api as sm

    design, y, groups, clusters = sample(2)
    fit = fit_nested(nest_of(design, y, groups, clusters, (0,), (0,)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = {"g": groups.astype(str)}
        import pandas as pd  # type: ignore[import-untyped,unused-ignore]

        other = sm.MixedLM.from_formula(
            "y ~ 0 + x0 + x1 + x2 + x3",
            pd.DataFrame({"y": y, **frame, **{f"x{i}": design[:, i] for i in range(4)}}),
            groups=clusters, re_formula="1", vc_formula={"g": "0 + C(g)"},
        ).fit(reml=True)  # fmt: skip
    total = fit.sigma2 + fit.by_group[0, 0] + fit.by_cluster[0, 0]
    assert fit.coefficients == pytest.approx(np.asarray(other.fe_params), abs=2e-3)
    assert float(other.cov_re.iloc[0, 0]) == pytest.approx(fit.by_cluster[0, 0], abs=2e-3 * total)
    assert float(other.vcomp[0]) == pytest.approx(fit.by_group[0, 0], abs=2e-3 * total)
    assert -2 * float(other.llf) >= fit.deviance - 1e-6


def test_the_order_of_people_and_the_names_of_groups_change_nothing() -> None:
    design, y, groups, clusters = sample(4)
    one = fit_nested(nest_of(design, y, groups, clusters, (0,), (0,)))
    order = np.random.default_rng(1).permutation(len(y))
    two = fit_nested(nest_of(design[order], y[order], 100 - groups[order], 7 * clusters[order], (0,), (0,)))
    assert two.coefficients == pytest.approx(one.coefficients, rel=1e-8)
    assert two.deviance == pytest.approx(one.deviance, abs=1e-8)


def test_what_cannot_be_told_is_refused() -> None:
    design, y, groups, clusters = sample(4)
    with pytest.raises(NotIdentified):  # a group in two clusters
        nest_of(design, y, groups * 0, clusters, (0,), (0,))
    with pytest.raises(NotIdentified):  # every group one person: its variance is the residual one
        nest_of(design, y, np.arange(len(y)), clusters, (0,), (0,))
    with pytest.raises(NotIdentified):  # a column twice
        fit_nested(nest_of(np.column_stack([design, design[:, 2]]), y, groups, clusters, (0,), (0,)))
    with pytest.raises(NotIdentified):  # an outcome that the columns say
        fit_nested(nest_of(design, design @ [1.0, 2.0, 3.0, 4.0], groups, clusters, (0,), (0,)))
    varying = fit_nested(
        nest_of(design, y, groups, clusters, (0,), (0, 3))
    )  # an effect of what whole clusters have
    with pytest.raises(NotIdentified):
        nested_contrast(varying, np.eye(4)[3])
    same = fit_nested(nest_of(design, y, clusters, clusters, (0,), (0,)))  # groups that are the clusters
    with pytest.raises(NotIdentified):
        nested_contrast(same, np.eye(4)[3])
