"""An interval as all the values a test does not reject (pure)."""

from __future__ import annotations

from collections.abc import Callable

Ends = tuple[float | None, float | None]
FARTHEST = 1e4  # standard errors beyond which an end counts as not there
HALVINGS = 60


def accepted(p_at: Callable[[float], float], value: float, std_error: float, alpha: float) -> Ends:
    """Ends of ``{value + shift: p_at(shift) > alpha}``; ``None`` where the test does not reject however far out."""
    low, high = (_end(p_at, sign * std_error, alpha) for sign in (-1.0, 1.0))
    return (None if low is None else value + low, None if high is None else value + high)


def _end(p_at: Callable[[float], float], step: float, alpha: float) -> float | None:
    inside, outside = 0.0, step
    while p_at(outside) > alpha:
        inside, outside = outside, 2 * outside
        if abs(outside) > FARTHEST * abs(step):
            return None
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if p_at(middle) > alpha:
            inside = middle
        else:
            outside = middle
    return outside
