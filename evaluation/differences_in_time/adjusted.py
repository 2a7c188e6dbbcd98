"""Group-time effects adjusted for covariates at baseline: outcome regression, weighting, or both (pure).

Controls are made like the cohort: by a regression of their change on the covariates, by the odds of being in the
cohort, or by both at once, which is right where either model is. Covariates are known before anybody starts, so that
one logistic model a cohort (and set of controls) and one regression a set of controls serve all periods.
Variance: influence functions, both models' own errors counted.
Source: Sant'Anna and Zhao (2020), equations 2.2, 3.1 and section 3; Abadie (2005); Heckman, Ichimura and Todd (1997).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.differences_in_time.moments import Array, Codes
from evaluation.differences_in_time.rollout import Cells, Rollout, cells_of
from evaluation.differences_in_time.scores import ByCohort, FromScores, by_cohort, check_size, gather_scores
from evaluation.observed.propensity import logit_coefficients

Control = Literal["none", "regression", "ipw", "doubly-robust"]
ROWS = 65_536
SINGULAR = 1e-10


class NoModel(ValueError):  # noqa: N818
    """The controls cannot bear the regression: fewer of them than covariates, or covariates alike among them."""


@dataclass(frozen=True, slots=True)
class People:
    """Balanced ``paths`` (n, T), ``cohort`` (n,), a ``design`` (n, k) with a constant first, ``weights`` (n,)."""

    paths: Array
    cohort: Codes
    design: Array
    weights: Array | None
    clusters: Codes | None

    def weight(self, rows: Codes) -> Array:
        """Weights of some rows."""
        return np.ones(len(rows)) if self.weights is None else self.weights[rows]


@dataclass(frozen=True, slots=True)
class Fit:
    """One cohort against one set of controls: its ``cells`` (c,), and what units' influences are made of.

    ``step`` (k, c): change of the regression's coefficients; ``odds`` (k,): the logistic coefficients; ``through``
    (k, c): how the logistic model's error reaches each cell; ``lever`` (k,): how the regression's does.
    """

    cells: Codes
    cohort: int
    pool: npt.NDArray[np.bool_]
    size: float
    held: float
    step: Array
    treated: Array
    compared: Array
    odds: Array | None
    through: Array
    lever: Array


def from_people(
    people: People, rollout: Rollout, control: Control, *, widened: bool = False
) -> tuple[FromScores, float]:
    """Group-time effects adjusted for covariates, and the largest probability of a control to be in a cohort.

    ``widened``: see :func:`evaluation.differences_in_time.scores.gather_scores`.

    Raises Separation where covariates tell a cohort from its controls, NoModel where controls are too few or alike.
    """
    cohorts = len(rollout.first)
    groups = by_cohort(people.cohort, cohorts)
    squares, products = _by_cohort_sums(people, groups)
    cells = cells_of(rollout, squares[:, 0, 0])
    check_size(cells)
    fits, highest = [], 0.0
    for cohort, pool, rows in _pairs(cells):
        fit, top = _fitted(people, groups, (squares, products), cells, (cohort, pool, rows), control)
        fits.append(fit)
        highest = max(highest, top)
    effects = np.zeros(cells.count)
    for fit in fits:
        effects[fit.cells] = fit.treated - fit.compared

    def influence(h: int, rows: Codes) -> tuple[Codes, Array]:
        return _influence(people, cells, fits, control, h, rows)

    scores = gather_scores(
        cells, effects, groups, influence, people.weights, people.clusters, widened=widened
    )
    return scores, highest


def design_of(covariates: Array) -> Array:
    """Covariates (n, k) standardised, those that do not vary left out, with a constant before them."""
    centre, scale = covariates.mean(axis=0), covariates.std(axis=0)
    varying = scale > 1e-12 * (np.abs(centre) + 1e-300)
    design = np.empty((len(covariates), int(varying.sum()) + 1))
    design[:, 0] = 1.0
    design[:, 1:] = (covariates[:, varying] - centre[varying]) / scale[varying]
    return design


def _by_cohort_sums(people: People, groups: ByCohort) -> tuple[Array, Array]:
    """Sums of w x x' (H, k, k) and of w x y' (H, k, T)."""
    cohorts, k = len(groups.ends) - 1, people.design.shape[1]
    squares, products = np.zeros((cohorts, k, k)), np.zeros((cohorts, k, people.paths.shape[1]))
    for h in range(cohorts):
        for rows in _pieces(groups.rows(h)):
            held = people.design[rows]
            weighted = held if people.weights is None else held * people.weights[rows][:, None]
            squares[h] += weighted.T @ held
            products[h] += weighted.T @ people.paths[rows]
    return squares, products


def _pieces(rows: Codes) -> list[Codes]:
    return [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]


Pair = tuple[int, npt.NDArray[np.bool_], Codes]


def _pairs(cells: Cells) -> list[Pair]:
    """Cohorts with each set of controls they have, and the cells that use it."""
    found: dict[tuple[int, bytes], list[int]] = {}
    for j in range(cells.count):
        found.setdefault((int(cells.cohort[j]), cells.controls[j].tobytes()), []).append(j)
    return [(cohort, cells.controls[rows[0]], np.array(rows)) for (cohort, _), rows in found.items()]


def _fitted(
    people: People, groups: ByCohort, sums: tuple[Array, Array], cells: Cells, pair: Pair, control: Control
) -> tuple[Fit, float]:
    """Models of one cohort and one set of controls. Sums over all its cells at once."""
    (squares, products), (cohort, pool, rows) = sums, pair
    period, base = cells.period[rows], cells.base[rows]
    own, size = products[cohort], float(squares[cohort, 0, 0])
    step = np.zeros((squares.shape[1], len(rows)))
    inverse = np.zeros((0, 0))
    if control in ("regression", "doubly-robust"):
        inverse, beta = _regression(squares[pool].sum(axis=0), products[pool].sum(axis=0))
        step = beta[:, period] - beta[:, base]
    x_own = squares[cohort, 0]  # sum of w x over the cohort
    treated = (own[0, period] - own[0, base] - x_own @ step) / size
    none = np.zeros_like(step)
    if control == "regression":
        lever = inverse @ x_own / size
        return Fit(rows, cohort, pool, size, 1.0, step, treated, np.zeros(len(rows)), None, none, lever), 0.0
    odds, information, (xx, xy), top = _odds(people, groups, cohort, pool)
    held = float(xx[0, 0])
    compared = (xy[0, period] - xy[0, base] - xx[0] @ step) / held
    slope = xy[:, period] - xy[:, base] - xx @ step - np.outer(xx[0], compared)
    through = np.asarray(np.linalg.solve(information, slope) / held, dtype=np.float64)
    lever = inverse @ (x_own / size - xx[0] / held) if control == "doubly-robust" else np.zeros(len(xx))
    return Fit(rows, cohort, pool, size, held, step, treated, compared, odds, through, lever), top


def _regression(squares: Array, products: Array) -> tuple[Array, Array]:
    values = np.linalg.eigvalsh(squares)
    if not values[0] > SINGULAR * max(values[-1], 1e-300):
        raise NoModel
    inverse = np.asarray(np.linalg.inv(squares), dtype=np.float64)
    return inverse, np.asarray(np.linalg.solve(squares, products), dtype=np.float64)


def _odds(
    people: People, groups: ByCohort, cohort: int, pool: npt.NDArray[np.bool_]
) -> tuple[Array, Array, tuple[Array, Array], float]:
    """Logistic coefficients, their information, controls' sums weighted by the odds, the highest probability."""
    controls = np.concatenate([groups.rows(int(h)) for h in np.flatnonzero(pool)])
    own = groups.rows(cohort)
    rows = np.concatenate([own, controls])
    outcome = np.zeros(len(rows))
    outcome[: len(own)] = 1.0
    held = None if people.weights is None else people.weights[rows]
    beta = logit_coefficients(outcome, people.design[rows], held)
    k = people.design.shape[1]
    information, xx = np.zeros((k, k)), np.zeros((k, k))
    xy, top = np.zeros((k, people.paths.shape[1])), 0.0
    for part, is_control in [(p, False) for p in _pieces(own)] + [(p, True) for p in _pieces(controls)]:
        x, weight = people.design[part], people.weight(part)
        p = 1 / (1 + np.exp(-(x @ beta)))
        information += x.T @ (x * (weight * p * (1 - p))[:, None])
        if is_control:
            leaning = x * (weight * p / (1 - p))[:, None]
            xx += leaning.T @ x
            xy += leaning.T @ people.paths[part]
            top = max(top, float(p.max()))
    return beta, information, (xx, xy), top


def _influence(
    people: People, cells: Cells, fits: list[Fit], control: Control, cohort: int, rows: Codes
) -> tuple[Codes, Array]:
    """Influences of some units of one cohort on the cells it has a part in."""
    part = [fit for fit in fits if fit.cohort == cohort or fit.pool[cohort]]
    if not part:
        return np.zeros(0, dtype=np.int64), np.zeros((len(rows), 0))
    x, paths, weight = people.design[rows], people.paths[rows], people.weight(rows)
    columns = []
    for fit in part:
        gap = paths[:, cells.period[fit.cells]] - paths[:, cells.base[fit.cells]] - x @ fit.step
        columns.append(_of_unit(fit, gap, x, weight, own=fit.cohort == cohort))
    return np.concatenate([fit.cells for fit in part]), np.hstack(columns)


def _of_unit(fit: Fit, gap: Array, x: Array, weight: Array, *, own: bool) -> Array:
    """Influences (rows, c) of treated units, or of controls, on the cells of one fit."""
    p = None if fit.odds is None else 1 / (1 + np.exp(-(x @ fit.odds)))
    if own:
        phi = (gap - fit.treated) * (weight / fit.size)[:, None]
        return phi if p is None else phi - (x @ fit.through) * (weight * (1 - p))[:, None]
    phi = -gap * (weight * (x @ fit.lever))[:, None]
    if p is None:
        return phi
    leaning = weight * p / (1 - p) / fit.held
    return np.asarray(
        phi - (gap - fit.compared) * leaning[:, None] + (x @ fit.through) * (weight * p)[:, None]
    )
