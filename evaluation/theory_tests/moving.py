"""The two ends of a link in one cohort: how they move together, adjusted as the theory says (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cohorts.disclosure import publish_count
from evaluation.theory_tests.association import Association
from evaluation.theory_tests.data import CohortData, Place, associate
from evaluation.theory_tests.graph import Dag
from evaluation.theory_tests.model import Moving
from evaluation.theory_tests.separators import back_door_set
from theory_of_change.model import Link

SAME_TIME = "Both were measured at one wave: nothing says which came first."
Way = Literal["as the theory says", "the other way", "cannot tell"]


def moving_ends(link: Link, dag: Dag, data: Sequence[CohortData]) -> Moving | None:
    """The association of the ends of a link, from the first cohort in which it can be had; else why not."""
    found = [
        _in_cohort(link, dag, cohort)
        for cohort in data
        if {link.from_box, link.to_box} <= set(cohort.measured())
    ]
    return next((one for one in found if one.value is not None), found[0] if found else None)


def _in_cohort(link: Link, dag: Dag, cohort: CohortData) -> Moving:
    far = cohort.latest(link.to_box)
    near = cohort.before(link.from_box, far.months, strictly=True) or cohort.before(link.from_box, far.months)
    if near is None:
        last = cohort.latest(link.from_box)
        return _none(cohort, last, far, "the near end was only measured after the far end")
    allowed = [box for box in cohort.places if cohort.before(box, near.months) is not None]
    doors = back_door_set(dag, link.from_box, link.to_box, allowed)
    chosen = doors if doors is not None else _what_there_is(link, dag, allowed)
    places = tuple(place for box in chosen if (place := cohort.before(box, near.months)) is not None)
    figure = associate(cohort, near, far, places)
    if isinstance(figure, str):
        return _none(cohort, near, far, figure)
    note = SAME_TIME if near.months == far.months else ""
    return Moving(
        cohort=cohort.name,
        near=near.column,
        far=far.column,
        adjusted=chosen,
        closes=doors is not None,
        value=round(figure.value, 2),
        conf_low=round(figure.conf_low, 2),
        conf_high=round(figure.conf_high, 2),
        n=publish_count(figure.n, cohort.profile),
        as_expected=_way(link, near, far, figure),
        note=note,
    )


def _what_there_is(link: Link, dag: Dag, allowed: Sequence[str]) -> tuple[str, ...]:
    """Where no set closes every back door: the near end's own causes, as far as they were measured."""
    return tuple(box for box in allowed if box in dag.parents[link.from_box] and box != link.to_box)


def _none(cohort: CohortData, near: Place, far: Place, why: str) -> Moving:
    return Moving(cohort.name, near.column, far.column, (), closes=False, why_not=why)


def _way(link: Link, near: Place, far: Place, figure: Association) -> Way:
    """Whether better goes with better, as a link claims."""
    wanted = 1 if near.better == (link.direction or far.better) else -1
    low, high = sorted((wanted * figure.conf_low, wanted * figure.conf_high))
    return "as the theory says" if low > 0 else "the other way" if high < 0 else "cannot tell"
