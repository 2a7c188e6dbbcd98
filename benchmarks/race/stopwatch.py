"""How long a piece of work takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def timed(work: Callable[[], Any], repeats: int = 1) -> tuple[Any, float]:
    """The answer, and the median of ``repeats`` times."""
    seconds: list[float] = []
    found = None
    for _ in range(repeats):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    return found, statistics.median(seconds)
