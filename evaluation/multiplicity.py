"""Adjusted p-values: Holm over primary outcomes, Benjamini-Hochberg over the others (pure)."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(p_values: Sequence[float | None], method: str) -> list[float | None]:
    """Adjusted p-values in the order given; ``None`` stays ``None``. ``method``: ``holm`` or ``fdr_bh``."""
    known = [(i, p) for i, p in enumerate(p_values) if p is not None]
    result: list[float | None] = [None] * len(p_values)
    if len(known) == 1:  # nothing to adjust, and the library is slow to say so
        result[known[0][0]] = float(known[0][1])
    elif known:
        from statsmodels.stats.multitest import multipletests

        corrected = multipletests([p for _, p in known], method=method)[1]
        for (i, _), p in zip(known, corrected, strict=True):
            result[i] = float(p)
    return result
