"""How a figure moved, with the range that chance allows, and what may be read from it (pure).

Counts are taken as Poisson. The range shown is exact: given the two together, how they fall on the two periods is
binomial (Clopper and Pearson 1934; Przyborowski and Wilenski 1940). Beside it stands the usual approximation on the log
scale, which many published tables print. Real counts often vary more than Poisson counts do (several victims of one
incident, a few people often), so both can be too narrow: a run of figures says more than two of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betaincinv, ndtri

FEWEST_BASE = 10  # below it no percentage is printed
FEW = 20  # below it a change that chance would explain is "too few to call"
Z = float(ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two periods; ``low`` and ``high`` are per cent (points, where ``points``).

    ``percent`` is ``None`` where the earlier figure is nought. ``high`` is infinite there.
    """

    before: float
    after: float
    percent: float | None
    low: float | None
    high: float | None
    log_low: float | None
    log_high: float | None
    points: bool
    reading: str

    @property
    def difference(self) -> float:
        """Later less earlier."""
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Say whether chance alone hardly explains it."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def prints_percent(self) -> bool:
        """Say whether the earlier figure is large enough for a percentage."""
        return self.percent is not None and (self.points or self.before >= FEWEST_BASE)


def change_of_counts(before: float, after: float, exposure: float = 1.0) -> Change:
    """Two counts; ``exposure`` is the later population or time over the earlier, 1 where they are the same.

    The change is that of the rate: after / (before x exposure) - 1, in per cent.
    """
    low, high = _exact(before, after, exposure)
    near = _on_log_scale(before, after, exposure)
    percent = 100 * (after / (before * exposure) - 1) if before else None
    few = min(before, after) < FEW
    return Change(before, after, percent, low, high, *near, False, _reading(low, high, few=few))


def change_of_shares(before: float, after: float, numbers: tuple[float, float] | None = None) -> Change:
    """Two percentages, each of its number of people where known; the change is in percentage points.

    Newcombe's interval (1998, method 10): the two Wilson intervals joined.
    """
    percent = after - before
    if numbers is None or min(numbers) <= 0:
        return Change(
            before, after, percent, None, None, None, None, True, "no range: how many it is of is not known"
        )
    first, second = (wilson(share / 100, n) for share, n in zip((before, after), numbers, strict=True))
    p, q = before / 100, after / 100
    low = q - p - math.hypot(q - second[0], first[1] - p)
    high = q - p + math.hypot(second[1] - q, p - first[0])
    few = min(numbers) < FEW
    return Change(
        before, after, percent, 100 * low, 100 * high, None, None, True, _reading(low, high, few=few)
    )


def change_of_means(before: float, after: float) -> Change:
    """Two figures of another unit: no range can be worked out from the figures alone."""
    percent = 100 * (after / before - 1) if before else None
    return Change(
        before, after, percent, None, None, None, None, False, "no range can be worked out from two means"
    )


def _exact(before: float, after: float, exposure: float) -> tuple[float | None, float | None]:
    if before + after == 0:
        return None, None
    share_low = float(betaincinv(after, before + 1, 0.025)) if after else 0.0
    share_high = float(betaincinv(after + 1, before, 0.975)) if before else 1.0
    low = 100 * (share_low / (1 - share_low) / exposure - 1)
    high = math.inf if share_high >= 1 else 100 * (share_high / (1 - share_high) / exposure - 1)
    return low, high


def _on_log_scale(before: float, after: float, exposure: float) -> tuple[float | None, float | None]:
    if not before or not after:
        return None, None
    ratio, error = after / (before * exposure), math.sqrt(1 / before + 1 / after)
    return 100 * (ratio * math.exp(-Z * error) - 1), 100 * (ratio * math.exp(Z * error) - 1)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval (1927) of a share of ``n`` people, 95 times in 100."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return middle - half, middle + half


def _reading(low: float | None, high: float | None, *, few: bool) -> str:
    if low is None or high is None:
        return "nothing to compare"
    if low > 0:
        return "a clear rise"
    if high < 0:
        return "a clear fall"
    return "too few to call" if few else "no clear change"


def change_words(change: Change) -> str:
    """The change and its range in words: "-5 % (-19 to +12): no clear change"."""
    unit = " points" if change.points else " %"
    if change.low is None or change.high is None:
        said = f"{change.percent:+.3g}{unit}" if change.prints_percent else f"{change.difference:+,.6g}"
        return f"{said}: {change.reading}"
    if not change.prints_percent:
        return f"{change.before:,.6g} to {change.after:,.6g}: {change.reading}; too small a base for a percentage"
    return f"{change.percent:+.3g}{unit} ({_end(change.low)} to {_end(change.high)}): {change.reading}"


def _end(value: float) -> str:
    return "no end" if math.isinf(value) else f"{value:+.0f}" if abs(value) >= 10 else f"{value:+.1f}"


def rounds_to(value: float, printed: float) -> bool:
    """Say whether a value printed with as many decimals as ``printed`` has could have been printed so.

    A half may have been rounded either way.
    """
    text = f"{printed:.10f}".rstrip("0")
    decimals = len(text.partition(".")[2])
    return abs(value - printed) <= 0.5 / 10.0**decimals + 1e-9
