"""Made-up linkage: who was found in a partner's file, and what national ids say of it."""

from __future__ import annotations

import numpy as np

from evaluation.linked.facts import LinkageFacts
from evaluation.model import Estimate, LinkedArm
from tests.evaluation.studies import an_estimate


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
