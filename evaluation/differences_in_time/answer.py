"""What an estimator of this folder hands to the method: a number, its inference, its path, and what was noticed."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.pre_trends import lean_of_means
from evaluation.model import Check
from evaluation.panels.nothing import Interval


@dataclass(frozen=True, slots=True)
class Answer:
    """An effect (a log ratio for counts), how sure it is, its path through time, and checks that belong to it.

    ``interval`` and ``p_value`` where a test was inverted instead. ``path`` is ``None`` where there is none.
    """

    value: float
    std_error: float | None
    df: float | None
    clusters: int | None
    path: EffectPath | None
    kind: str
    p_value: float | None = None
    interval: Interval | None = None
    checks: tuple[Check, ...] = ()

    @property
    def lean(self) -> float:
        """What a straight gap in trends of slope 1 a period adds to the value."""
        return lean_of_means(self.path) if self.path is not None else 0.0
