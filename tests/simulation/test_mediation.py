"""Effects split by a mediator, where the truth is known; and what an unmeasured cause of both does to them."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from evaluation.explaining.mediation import Split, split_effect
from evaluation.explaining.standardised import standardised_split
from evaluation.regression.linear import Array

REPEATS, STANDARDISED = 200, 60
A, B, C, T = 0.5, 0.6, 0.4, 0.2
INDIRECT, DIRECT = A * (B + C / 2), T + C * (1.0 + A / 2)


def drawn(seed: int, n: int = 300, hidden: float = 0.0) -> Split:
    """Mediator 1 + A t + x, outcome T t + B m + C t m + x; ``hidden`` moves both, unseen."""
    draw = np.random.default_rng(seed)
    t = (np.arange(n) % 2).astype(float)
    x, u = draw.normal(size=n), draw.normal(size=n)
    m = 1.0 + A * t + 0.5 * x + hidden * u + draw.normal(size=n)
    y = T * t + B * m + C * t * m + 0.5 * x + hidden * u + draw.normal(size=n)
    return split_effect(t, m, y, x[:, None], seed=seed, alpha=0.05)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    found = [drawn(seed) for seed in range(REPEATS)]
    for i, truth in enumerate((INDIRECT, DIRECT, INDIRECT + DIRECT)):
        held = np.mean([one.low[i] <= truth <= one.high[i] for one in found])
        bias = np.mean([one.values[i] for one in found]) - truth
        assert held >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / REPEATS)
        assert abs(bias) < 0.03


def test_a_hidden_cause_of_both_misleads_and_rho_says_how_strong_it_would_have_to_be() -> None:
    found = drawn(1, n=20_000, hidden=1.0)
    assert found.values[0] > INDIRECT + 0.1
    assert found.values[0] + found.values[1] - (INDIRECT + DIRECT) < 0.1


def test_standardised_parts_of_a_yes_or_no_outcome_hold_the_truth_as_often_as_they_say() -> None:
    """The truth is the same four means over a hundred thousand people with the coefficients they were drawn from."""

    def shares(n: int, draw: np.random.Generator) -> tuple[Array, Array, Array, Array]:
        t, x = (np.arange(n) % 2).astype(float), draw.normal(size=n)
        m = 0.6 * t + 0.5 * x + draw.normal(size=n)
        y = (draw.uniform(size=n) < expit(-0.5 + 0.3 * t + 0.7 * m + 0.3 * t * m + 0.4 * x)).astype(float)
        return t, m, y, x[:, None]

    big = np.random.default_rng(0)
    x, e = big.normal(size=400_000), big.normal(size=400_000)

    def mean(own: float, others: float) -> float:
        m = 0.6 * others + 0.5 * x + e
        return float(expit(-0.5 + 0.3 * own + 0.7 * m + 0.3 * own * m + 0.4 * x).mean())

    v = {(a, b): mean(a, b) for a in (0.0, 1.0) for b in (0.0, 1.0)}
    indirect = (v[0, 1] - v[0, 0] + v[1, 1] - v[1, 0]) / 2
    direct = (v[1, 0] - v[0, 0] + v[1, 1] - v[0, 1]) / 2
    found = [
        standardised_split(*shares(400, np.random.default_rng(seed)), binary=(False, True), alpha=0.05)
        for seed in range(STANDARDISED)
    ]
    for i, truth in enumerate((indirect, direct, indirect + direct)):
        held = np.mean([one.low[i] <= truth <= one.high[i] for one in found])
        assert held >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / STANDARDISED)
        values = np.array([one.values[i] for one in found])
        assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(STANDARDISED)
