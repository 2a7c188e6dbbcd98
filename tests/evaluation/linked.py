"""Made-up linkage: who was found in a partner's file, and what national ids say of it."""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.linked.facts import LinkageFacts
from evaluation.model import Estimate, LinkedArm
from evaluation.study_table import LinkedSource, StudyTable
from tests.evaluation.studies import an_estimate

Draw = np.random.Generator


def arm(name: str, n: int, own: tuple[int, int], *, wrong: int = 0, linked: int | None = None) -> LinkedArm:
    """Counts of one arm; ``own`` are records found and missed, as ids show."""
    return LinkedArm(name, n, linked if linked is not None else own[0] + wrong, *own, wrong)


def facts(with_: LinkedArm, without: LinkedArm, *, events: float = 1.0, none: bool = True) -> LinkageFacts:
    """Facts of a source that holds events only, unless said otherwise."""
    return LinkageFacts("arrests", with_, without, events, absence_is_none=none, elsewhere=False)


def risks(with_: float, without: float, n: int = 10_000) -> Estimate:
    """The difference of two observed risks in arms of n people, with its usual error."""
    error = float(np.sqrt((with_ * (1 - with_) + without * (1 - without)) / n))
    value = with_ - without
    return an_estimate(
        value, value - 1.96 * error, value + 1.96 * error, (value - 1.645 * error, value + 1.645 * error),
        std_error=error, arms=(n, n), outcome_sd=0.45, effect="risk-difference",
        treated_mean=with_, comparison_mean=without,
    )  # fmt: skip


def linked_trial(
    draw: Draw,
    n: int,
    true: tuple[float, float],
    found: tuple[float, float],
    *,
    ids: float = 0.6,
    wrong: float = 0.0,
) -> StudyTable:
    """A trial of n people an arm whose outcome comes from a file of arrests, reached by linkage.

    ``true`` are the risks with and without the programme, ``found`` the recalls, ``ids`` the share of people whom ids
    settle, ``wrong`` the share of people who are given somebody else's record.
    """
    treat = np.repeat([1, 0], n)
    event = draw.random(2 * n) < np.where(treat == 1, *true)
    right = event & (draw.random(2 * n) < np.where(treat == 1, *found))
    other = ~right & (draw.random(2 * n) < wrong)
    linked, known = right | other, draw.random(2 * n) < ids
    truth = np.where(~known, "unknown", np.where(other, "other", np.where(event, "same", "unknown")))
    frame = pl.DataFrame({"participant": np.arange(2 * n), "treat": treat * 1.0, "y": linked * 1.0})
    people = pl.DataFrame({"participant": np.arange(2 * n), "linked": linked, "truth": truth.tolist()})
    return StudyTable(frame, "trial", 0, linkage=(("y", LinkedSource("arrests", people)),))
