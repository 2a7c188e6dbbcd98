"""Ways to one answer from repeated cross-sections: rows are people of a group and a period (pure)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.differences_in_time.answer import Answer
from evaluation.differences_in_time.cross_sections import ClusterErrors, People, people_effect, people_path
from evaluation.differences_in_time.prepared import Prepared
from evaluation.differences_in_time.settings import DifferenceSettings
from evaluation.differences_in_time.two_groups import panel_of
from evaluation.model import Check
from evaluation.observed.propensity import Separation
from evaluation.regression.linear import Array, Errors, NotIdentified


def error_kind(people: People, settings: DifferenceSettings) -> Errors | ClusterErrors:
    """The kind of error the plan asks for; ``auto`` is CR2 with clusters and HC2 without."""
    if settings.errors != "auto":
        return settings.errors
    return "CR2" if people.clusters is not None else "HC2"


def people_answer(people: People, settings: DifferenceSettings) -> Answer:
    """Regression on group, period, their product and covariates. Raises NotIdentified, or Separation for counts."""
    kind = error_kind(people, settings)
    found = people_effect(people, kind)
    path = None
    try:
        path = people_path(people, kind, found.df)
    except (NotIdentified, Separation):
        path = None
    return Answer(
        found.value, found.std_error, found.df, found.clusters, path, found.kind, checks=_shocks(people)
    )


def _shocks(people: People) -> tuple[Check, ...]:
    if people.clusters is not None:
        return ()
    note = (
        "People of one group in one period share whatever else happened to it; errors take them as independent, and "
        "with two groups no error can show that. Name a cluster (areas, courts, schools) if there are several."
    )
    return (Check("shared shocks", "warn", None, None, "downgrade", note),)


def clusters_by_group(people: People) -> tuple[int, int]:
    """Clusters that hold treated people, and those that hold others."""
    assert people.clusters is not None
    one, zero = (np.unique(people.clusters[people.treated == which]) for which in (1.0, 0.0))
    return len(one), len(zero)


def cells_of(people: People, periods: int) -> Prepared:
    """Clusters by periods: means of people (events over exposure where there is one)."""
    assert people.clusters is not None
    count = int(people.clusters.max()) + 1
    weight = np.ones(len(people.y)) if people.weights is None else people.weights
    below = weight if people.exposure is None else people.exposure
    place = people.clusters * periods + people.period
    top = np.bincount(place, weight * people.y, minlength=count * periods)
    under = np.bincount(place, below, minlength=count * periods)
    with np.errstate(invalid="ignore", divide="ignore"):
        values: Array = (top / under).reshape(count, periods)
    share = np.bincount(people.clusters, people.treated, minlength=count) / np.bincount(people.clusters)
    if ((share > 0) & (share < 1)).any():
        raise NotIdentified
    panel = panel_of(values, share, people.start)
    names = tuple(str(i) for i in range(count))
    return Prepared(panel, (), None, names, 0)


def without_covariates(people: People) -> People:
    """The same people, not adjusted."""
    return replace(people, covariates=np.empty((len(people.y), 0)))
