"""The people of a frame as scores around the cut-off, and one way of estimating the jump (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.jump import Bandwidths, Jump, Recipe, Scores, jump_at_cutoff, sorted_scores
from evaluation.discontinuity.local_polynomial import kernel_weights
from evaluation.discontinuity.settings import DiscontinuitySettings, Rule
from evaluation.frame import AnalysisFrame
from evaluation.regression.linear import Array, covariate_matrix


@dataclass(frozen=True)
class People:
    """One outcome's people: ``x`` is the distance from the cut-off, nought and above for the treated."""

    x: Array
    y: Array
    received: Array | None
    covariates: Array
    names: tuple[str, ...]
    groups: npt.NDArray[np.int64] | None

    def only(self, rows: npt.NDArray[np.bool_]) -> People:
        """Some of them."""
        return replace(
            self,
            x=self.x[rows],
            y=self.y[rows],
            received=None if self.received is None else self.received[rows],
            covariates=self.covariates[rows],
            groups=None if self.groups is None else self.groups[rows],
        )

    def sorted(self, y: Array | None = None, *, adjusted: bool = True, fuzzy: bool = True) -> Scores:
        """Sides with the outcome (or another column), what was received and covariates, as asked."""
        return sorted_scores(
            self.x,
            self.y if y is None else y,
            self.received if fuzzy else None,
            self.covariates if adjusted and self.covariates.shape[1] else None,
            self.groups,
        )


@dataclass(frozen=True, slots=True)
class Way:
    """One way of estimating: what is fitted, how the bandwidths come about, and who near the cut-off is left out."""

    recipe: Recipe
    rule: Rule = "mse"
    widths: Bandwidths | None = None
    donut: float = 0.0
    adjusted: bool = True


@dataclass(frozen=True, slots=True)
class Fitted:
    """A jump with the way and the bandwidths it came from."""

    jump: Jump
    widths: Bandwidths
    way: Way


def people_of(frame: AnalysisFrame, settings: DiscontinuitySettings) -> People:
    """Whoever of the frame has a known score and, in a fuzzy design, is known to have received or not."""
    data = frame.data
    if "received" in data.columns:
        data = data.filter(data["received"].is_not_null())
    away = data["running"].to_numpy() - settings.cutoff
    matrix, names = covariate_matrix(data, tuple(f"x:{name}" for name in frame.covariates))
    groups = None
    if "cluster" in data.columns:
        groups = np.unique(data["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    return People(
        x=away if settings.treated_above else -away + 0.0,
        y=data["outcome"].to_numpy(),
        received=data["received"].to_numpy() if "received" in data.columns else None,
        covariates=matrix,
        names=tuple(name.removeprefix("x:") for name in names),
        groups=groups,
    )


def rows_in(frame: AnalysisFrame) -> npt.NDArray[np.int64]:
    """Which rows of the frame they are."""
    if "received" not in frame.data.columns:
        return np.arange(frame.data.height)
    return np.flatnonzero(frame.data["received"].is_not_null().to_numpy())


def planned_way(settings: DiscontinuitySettings) -> Way:
    """The plan's own way. Widths are of the left and right as the score runs, so they swap when it is turned round."""
    recipe = Recipe(settings.order, settings.kernel, settings.errors)
    if settings.bandwidth:
        return Way(recipe, settings.bandwidth, None, settings.donut)
    sides = (settings.bandwidth_left, settings.bandwidth_right)
    low, high = sides if settings.treated_above else sides[::-1]
    bias = settings.bias_bandwidth
    return Way(recipe, widths=Bandwidths(low, high, bias or low, bias or high), donut=settings.donut)


def fit_way(people: People, way: Way) -> Fitted:
    """Estimate the jump one way. Raise TooFewPoints where a window cannot bear its polynomial."""
    scores = around(people, way.donut).sorted(adjusted=way.adjusted)
    widths = way.widths or choose_bandwidths(scores, way.rule, way.recipe)
    return Fitted(jump_at_cutoff(scores, widths, way.recipe), widths, way)


def around(people: People, donut: float) -> People:
    """Everybody but those nearer than the donut."""
    return people.only(np.abs(people.x) >= donut) if donut else people


def within(people: People, fitted: Fitted) -> npt.NDArray[np.bool_]:
    """Who has any weight in the fit: nearer than the bandwidth and not in the donut."""
    reach = np.where(people.x >= 0, fitted.widths.h_right, fitted.widths.h_left)
    weighted = kernel_weights(people.x / reach, fitted.way.recipe.kernel) > 0
    near: npt.NDArray[np.bool_] = weighted & (np.abs(people.x) >= fitted.way.donut)
    return near
