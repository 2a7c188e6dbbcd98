"""Effects split by a mediator, where the truth is known; and what an unmeasured cause of both does to them."""

from __future__ import annotations

import numpy as np

from evaluation.explaining.mediation import Split, split_effect

REPEATS = 200
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
