"""Randomisation test for trials of people: how far out is the difference among the allocations there could have been.

Within strata as many people go to each arm as did; the statistic is the adjusted difference over its robust error
(HC0), so that the p-value is exact where the programme changes nobody, and holds in large samples where it changes
people by different amounts that average to nothing.
Source: Fisher (1935); Freedman and Lane (1983); Wu and Ding (2021).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.allocation import MOST_LISTED, every_allocation, how_many

DRAWS = 1999
TIE = 1e-9
CELLS = 2_000_000  # numbers held at a time


@dataclass(frozen=True, slots=True)
class Permuted:
    """The p-value (ties count, and so does the allocation that was), and what it rests on."""

    p_value: float
    allocations: int
    exact: bool


def permutation_test(
    y: Array, treated: Array, covariates: Array, strata: npt.NDArray[np.int64], *, draws: int = DRAWS, seed: int = 0
) -> Permuted:  # fmt: skip
    """Test that the programme changes nobody's outcome. ``covariates`` (n, k) are taken out of both sides.

    With ``MOST_LISTED`` allocations or fewer all are tried, else ``draws`` seeded ones beside the one that was.
    Raises NotIdentified where no other allocation was possible, or the covariates say all of the treatment.
    """
    count = how_many(treated, strata)
    if count < 2:
        raise NotIdentified
    q = basis_of(covariates)
    rest = y - q @ (q.T @ y)
    seen = studentised(treated[None, :], rest, q)[0]
    if not np.isfinite(seen):
        raise NotIdentified
    exact = count <= MOST_LISTED
    blocks = (
        iter([every_allocation(treated, strata)])
        if exact
        else drawn_allocations(treated, strata, draws, seed)
    )
    far = total = 0
    for block in blocks:
        for start in range(0, len(block), max(CELLS // len(y), 1)):
            found = np.abs(studentised(block[start : start + max(CELLS // len(y), 1)], rest, q))
            far += int((found >= abs(seen) * (1 - TIE)).sum())
            total += len(found)
    return Permuted(far / total, total, True) if exact else Permuted((far + 1) / (total + 1), total, False)


def basis_of(covariates: Array) -> Array:
    """An orthonormal basis of the constant and the covariates."""
    spread = covariates.std(axis=0)
    varying = spread > 0
    scaled = (covariates[:, varying] - covariates[:, varying].mean(axis=0)) / spread[varying]
    full = np.column_stack([np.ones(len(covariates)), scaled])
    u, s, _ = np.linalg.svd(full, full_matrices=False)
    return np.asarray(u[:, s > 1e-9 * s[0]])


def studentised(table: Array, rest: Array, q: Array) -> Array:
    """Adjusted difference over its robust error, one a row of ``table``; nought where nothing is left of the arm."""
    arm = table - (table @ q) @ q.T
    size = (arm * arm).sum(axis=1)
    real = size > 1e-9 * table.shape[1]
    size = np.where(real, size, 1.0)
    value = arm @ rest / size
    left = rest[None, :] - value[:, None] * arm
    error = np.sqrt(((arm * left) ** 2).sum(axis=1)) / size
    with np.errstate(divide="ignore", invalid="ignore"):
        found = value / error
    return np.asarray(np.where(real, np.where(np.isnan(found), 0.0, found), 0.0))


def drawn_allocations(
    treated: Array, strata: npt.NDArray[np.int64], draws: int, seed: int
) -> Iterator[Array]:
    """Seeded allocations, shuffled within strata, one a row, in blocks."""
    source = np.random.default_rng(seed)
    places = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    size = max(CELLS // len(treated), 1)
    for start in range(0, draws, size):
        table = np.tile(treated, (min(size, draws - start), 1))
        for where in places:
            table[:, where] = source.permuted(table[:, where], axis=1)
        yield table
