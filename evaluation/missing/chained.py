"""Chained equations: every gap drawn from a model of its variable given all others, in turn, several times (pure).

Each draw is a proper one: coefficients and spread are drawn before values are. Sources: Rubin (1987), chapter 5; van
Buuren and Groothuis-Oudshoorn (2011); Morris, White and Royston (2014) on matching with five donors; White, Daniel and
Royston (2010) on the rows that keep a logistic draw finite; Enders, Mistler and Keller (2016) on clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.missing.cluster_draws import cluster_draw
from evaluation.regression.linear import Array, independent_columns

Kind = Literal["normal", "matched", "binary", "category"]
Codes = npt.NDArray[np.int64]
DONORS = 5
ROUNDS = 10
NEWTON, CLOSE = 60, 1e-9


class CannotImpute(ValueError):  # noqa: N818
    """The gaps of a variable cannot be drawn; ``reason`` says why and what to do, ``variable`` names it."""

    def __init__(self, variable: str, reason: str) -> None:
        """Keep both for a check's note."""
        super().__init__(f"'{variable}' {reason}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the imputation model: values (n,) with NaN for gaps; a category's are codes from 0."""

    name: str
    kind: Kind
    values: Array = field(repr=False)

    @property
    def gaps(self) -> npt.NDArray[np.bool_]:
        """Where nothing was seen."""
        return np.asarray(np.isnan(self.values))


@dataclass(frozen=True, slots=True)
class Group:
    """People who share one imputation model: variables, complete columns (n, k) beside them, clusters if any."""

    variables: tuple[Variable, ...]
    beside: Array = field(repr=False)
    clusters: Codes | None = field(default=None, repr=False)

    @property
    def columns(self) -> int:
        """Columns of the largest model, the intercept among them."""
        wide = [_width(v) for v in self.variables]
        beside: int = self.beside.shape[1]
        return 1 + beside + sum(wide) - (min(wide) if wide else 0)

    @property
    def fewest(self) -> int:
        """People seen of the variable with gaps of which fewest were seen."""
        return min((int((~v.gaps).sum()) for v in self.variables if v.gaps.any()), default=10**9)


def kind_of(values: Array) -> Kind:
    """How a variable of numbers is drawn: 0 and 1 logistic; whole or heaped numbers matched; others normal."""
    seen = values[~np.isnan(values)]
    if seen.size and np.isin(seen, (0.0, 1.0)).all():
        return "binary"
    if not seen.size or (seen == np.round(seen)).all():
        return "matched"
    heaped = max(float((seen == end).mean()) for end in (seen.min(), seen.max()))
    return "matched" if heaped >= 0.05 else "normal"


def complete(group: Group, draw: np.random.Generator) -> tuple[Variable, ...]:
    """One completed data set. Raises CannotImpute where a model has too few people, or none was seen."""
    open_ones = [place for place, v in enumerate(group.variables) if v.gaps.any()]
    for place in open_ones:
        if group.variables[place].gaps.all():
            raise CannotImpute(group.variables[place].name, "was seen of nobody in an arm: leave it out")
    filled = [_filled(v, draw) for v in group.variables]
    for _ in range(ROUNDS if len(open_ones) > 1 else 1):
        for place in open_ones:
            variable = group.variables[place]
            others = [_columns(v) for i, v in enumerate(filled) if i != place]
            filled[place] = _redrawn(variable, _design(group.beside, others), group.clusters, draw)
    return tuple(filled)


def _width(variable: Variable) -> int:
    if variable.kind != "category":
        return 1
    return int(np.nanmax(variable.values, initial=0.0))


def _columns(variable: Variable) -> Array:
    """A variable as columns: itself, or one 0/1 column a level but the first met."""
    if variable.kind != "category":
        return np.asarray(variable.values[:, None])
    return np.asarray(variable.values[:, None] == np.arange(1, _width(variable) + 1), dtype=np.float64)


def _filled(variable: Variable, draw: np.random.Generator) -> Variable:
    """Gaps filled from what was seen of others, to begin with."""
    gaps = variable.gaps
    if not gaps.any():
        return variable
    values = variable.values.copy()
    values[gaps] = draw.choice(values[~gaps], int(gaps.sum()))
    return replace(variable, values=values)


def _design(beside: Array, others: Sequence[Array]) -> Array:
    """Ones, then every column in standard deviations from its mean; columns that do not vary are nought."""
    raw = np.column_stack([beside, *others]) if others or beside.size else np.empty((len(beside), 0))
    spread = raw.std(axis=0)
    still = spread <= 1e-12 * (1 + np.abs(raw).max(axis=0, initial=0.0))
    scaled = np.where(still, 0.0, (raw - raw.mean(axis=0)) / np.where(still, 1.0, spread))
    return np.column_stack([np.ones(len(beside)), scaled])


def _redrawn(
    variable: Variable, design: Array, clusters: Codes | None, draw: np.random.Generator
) -> Variable:
    gaps = variable.gaps
    kept = _independent(design[~gaps])
    design = design[:, kept]
    if int((~gaps).sum()) < design.shape[1] + DONORS:
        said = (
            f"was seen of {int((~gaps).sum())} people for a model of {design.shape[1]} columns: use fewer covariates, "
            "strata or auxiliary variables"
        )
        raise CannotImpute(variable.name, said)
    values = variable.values.copy()
    if variable.kind == "category":
        values[gaps] = _levels(values[~gaps], design[~gaps], design[gaps], draw)
    elif variable.kind == "binary" and clusters is None:
        chance = _expit(design[gaps] @ logistic_draw(values[~gaps], design[~gaps], draw))
        values[gaps] = draw.random(int(gaps.sum())) < chance
    else:
        values[gaps] = _linear(variable.kind, values, design, gaps, clusters, draw)
    return replace(variable, values=values)


def _independent(design: Array) -> list[int]:
    names = tuple(str(place) for place in range(design.shape[1]))
    return [int(name) for name in independent_columns(design, names)[1]]


def _linear(
    kind: Kind,
    values: Array,
    design: Array,
    gaps: npt.NDArray[np.bool_],
    clusters: Codes | None,
    draw: np.random.Generator,
) -> Array:
    """Values of the gaps by a linear model: with noise, or those of people whose prediction is near."""
    seen = ~gaps
    found = None
    if clusters is not None:
        found = cluster_draw(values[seen], design[seen], clusters[seen], clusters, draw)
    if found is None:
        at_best, drawn, spread = normal_draw(values[seen], design[seen], draw)
        best, asked = design[seen] @ at_best, design[gaps] @ drawn
    else:
        best = design[seen] @ found.at_best + found.means[clusters[seen]]  # type: ignore[index]
        asked = design[gaps] @ found.drawn + found.shifts[clusters[gaps]]  # type: ignore[index]
        spread = found.spread
    if kind == "normal":
        return np.asarray(asked + spread * draw.normal(size=len(asked)))
    return values[seen][donors(best, asked, draw)]


def normal_draw(y: Array, design: Array, draw: np.random.Generator) -> tuple[Array, Array, float]:
    """Least squares, and a draw of coefficients and residual SD from their posterior under a flat prior."""
    q, r = np.linalg.qr(design)
    at_best = np.linalg.solve(r, q.T @ y)
    rest = y - design @ at_best
    free = len(y) - design.shape[1]
    spread = float(np.sqrt(float(rest @ rest) / draw.chisquare(free)))
    return at_best, at_best + spread * np.linalg.solve(r, draw.normal(size=design.shape[1])), spread


def logistic_draw(y: Array, design: Array, draw: np.random.Generator) -> Array:
    """A draw of logistic coefficients from the normal around their maximum; a few light rows keep it finite."""
    extra_y, extra, weight = _light_rows(design)
    rows, said = np.vstack([design, extra]), np.concatenate([y, extra_y])
    weights = np.concatenate([np.ones(len(y)), weight])
    beta = np.zeros(rows.shape[1])
    information = np.eye(rows.shape[1])
    for _ in range(NEWTON):
        p = _expit(rows @ beta)
        information = rows.T @ (rows * (weights * p * (1 - p))[:, None])
        step = np.linalg.lstsq(information, rows.T @ (weights * (said - p)), rcond=1e-12)[0]
        beta = beta + step * min(1.0, 5 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < CLOSE:
            break
    root = np.linalg.cholesky(information + 1e-10 * np.trace(information) * np.eye(len(beta)))
    return np.asarray(beta + np.linalg.solve(root.T, draw.normal(size=len(beta))))


def _light_rows(design: Array) -> tuple[Array, Array, Array]:
    """For each column two points a standard deviation off the mean, each with both outcomes, of small weight."""
    p = design.shape[1]
    if p == 1:
        return np.array([0.0, 1.0]), np.ones((2, 1)), np.full(2, 0.5)
    middle, spread = design.mean(axis=0), design.std(axis=0)
    steps = np.zeros((2 * (p - 1), p))
    steps[np.arange(p - 1), np.arange(1, p)] = spread[1:]
    steps[np.arange(p - 1, 2 * p - 2), np.arange(1, p)] = -spread[1:]
    points = np.vstack([middle + steps, middle + steps])
    outcome = np.repeat([0.0, 1.0], 2 * (p - 1))
    return outcome, points, np.full(len(points), p / len(points))


def _levels(codes: Array, seen: Array, asked: Array, draw: np.random.Generator) -> Array:
    """A category level by level: is it this one, and if not, is it the next? The commonest level comes first."""
    levels, counts = np.unique(codes, return_counts=True)
    order = levels[np.argsort(-counts, kind="stable")]
    found = np.full(len(asked), order[-1])
    undecided, left = np.ones(len(asked), dtype=np.bool_), np.ones(len(codes), dtype=np.bool_)
    for level in order[:-1]:
        beta = logistic_draw((codes[left] == level).astype(np.float64), seen[left], draw)
        taken = undecided & (draw.random(len(asked)) < _expit(asked @ beta))
        found[taken] = level
        undecided &= ~taken
        left &= codes != level
    return found


def donors(best: Array, asked: Array, draw: np.random.Generator) -> npt.NDArray[np.int64]:
    """For each of ``asked`` a row of ``best``, drawn from the five whose predictions are nearest."""
    order = np.argsort(best, kind="stable")
    ranked = best[order]
    k = min(DONORS, len(ranked))
    start = np.searchsorted(ranked, asked) - k
    window = np.clip(start[:, None] + np.arange(2 * k), 0, len(ranked) - 1)
    away = np.abs(ranked[window] - asked[:, None])
    away[:, 1:][window[:, 1:] == window[:, :-1]] = np.inf  # at the ends a row stands in the window once
    near = np.argsort(away, axis=1, kind="stable")[:, :k]
    choice = near[np.arange(len(asked)), draw.integers(0, k, len(asked))]
    return np.asarray(order[window[np.arange(len(asked)), choice]], dtype=np.int64)


def _expit(index: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(index, -700, 700))))
