"""How many: people or units of each arm, clusters of each arm, periods before and after (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from evaluation.power_analysis.assumed import Assumed


@dataclass(frozen=True, slots=True)
class Size:
    """People (panels: units) of each arm; their clusters; periods before and after the start. ``None``: not known."""

    treated: int | None = None
    comparison: int | None = None
    clusters_treated: int | None = None
    clusters_comparison: int | None = None
    before: int | None = None
    after: int | None = None

    def times(self, factor: float) -> Size:
        """The same mix, so many times as large: people and clusters; never periods."""

        def grown(n: int | None, least: int) -> int | None:
            return None if n is None else max(least, math.floor(n * factor + 0.5))

        return replace(
            self,
            treated=grown(self.treated, 1),
            comparison=grown(self.comparison, 1),
            clusters_treated=grown(self.clusters_treated, 1),
            clusters_comparison=grown(self.clusters_comparison, 1),
        )

    def with_treated(self, treated: int) -> Size:
        """So many treated, everything else in proportion."""
        if not self.treated:
            return replace(self, treated=treated)
        return replace(self.times(treated / self.treated), treated=treated)

    def filled(self, other: Size) -> Size:
        """What is not known here taken from another."""
        names = self.__slots__
        return Size(*(a if (a := getattr(self, n)) is not None else getattr(other, n) for n in names))


def planned_size(assumed: Assumed | None) -> Size:
    """The sizes [power] names."""
    a = assumed or Assumed()
    return Size(
        a.treated, a.comparison, a.clusters_treated, a.clusters_comparison, a.periods_before, a.periods_after
    )
