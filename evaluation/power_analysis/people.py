"""Designs that compare people one by one: trials, matching, weighting, doubly robust, cut-offs (pure).

Sources: Donner and Klar (2000) for the design effect of clusters; Kish (1965) for the effective number of weighted
people; Crump, Hotz, Imbens and Mitnik (2009) and Li, Morgan and Zaslavsky (2018) for what overlap costs; Schochet
(2009) and Cattaneo, Titiunik and Vazquez-Bare (2019) for cut-offs, with the variance of a local polynomial at its edge
(Fan and Gijbels 1996).
"""

from __future__ import annotations

import numpy as np

from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.sizes import Size
from evaluation.power_analysis.stated import Factors, Gathering
from evaluation.regression.linear import Array

NO_PEOPLE = "the number of people in each arm is not known yet"
POINTS = np.linspace(-9.0, 9.0, 3601)


def seen_of(size: Size, gathering: Gathering) -> tuple[float, float] | None:
    """People of each arm whose outcome will be there; ``None`` where they are not known, or nobody is in one."""
    if not size.treated or not size.comparison:
        return None
    share = gathering.take("followed_up")
    return size.treated * share, size.comparison * share


def randomised(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """One over the people of each arm; degrees of freedom of the regression."""
    people = seen_of(size, gathering)
    if people is None:
        return NO_PEOPLE
    if any(outcome.waves for outcome in plan.outcomes):
        gathering.notes.append(
            "Of several waves one is counted: what the others add is not in these figures."
        )
    left = gathering.left()
    df = None if gathering.outcome.is_ratio else max(sum(people) - 2, 1.0)
    return Factors(left / people[0], left / people[1], df)


def matching(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """So many comparison people to each treated; those used again, or weighed, are worth fewer."""
    people = seen_of(size, gathering)
    if people is None:
        return NO_PEOPLE
    treated, pool = people
    settings = plan.design.settings
    wanted = treated * settings.ratio
    if settings.kind == "nearest":
        if settings.replace:
            pool *= overlap_share("ATT", gathering.take("separation"), treated / (treated + pool))[1]
        elif settings.ratio == 1:
            treated = min(treated, pool)
        used = min(pool, wanted)
        gathering.notes.append(
            f"Matching {settings.ratio} to 1 uses about {used:.0f} of the comparison people; whoever finds no match "
            "within the caliper is lost besides: put their share into followed_up."
        )
    else:
        used = pool * overlap_share("ATT", gathering.take("separation"), treated / (treated + pool))[1]
    return _in_clusters(plan, size, gathering, _adjusted(gathering, treated, used), (treated, used))


def weighting(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """People count for as much as their weights leave of them (Kish), at a stated overlap of the arms."""
    people = seen_of(size, gathering)
    if people is None:
        return NO_PEOPLE
    estimand = plan.design.estimand
    if getattr(plan.design.settings, "kind", "") == "overlap":
        estimand = "ATO"
    shares = overlap_share(estimand, gathering.take("separation"), people[0] / sum(people))
    worth = (people[0] * shares[0], people[1] * shares[1])
    gathering.notes.append(
        f"At that overlap weights leave {100 * shares[0]:.0f} % of the treated and {100 * shares[1]:.0f} % of the "
        "comparison people's information."
    )
    return _in_clusters(plan, size, gathering, _adjusted(gathering, *worth), worth)


def overlap_share(estimand: str, separation: float, treated_share: float) -> tuple[float, float]:
    """The share of each arm's people that their weights leave: (sum w)^2 / (n sum w^2), treated and comparison.

    The logit propensity score is taken as normal in both arms with one standard deviation, ``separation`` of them
    apart. Weights: ATT 1 and e / (1 - e); ATE 1 / e and 1 / (1 - e); ATO 1 - e and e. Under ATT the comparison's share
    is exp(-separation^2).
    """
    density = [np.exp(-0.5 * (POINTS - shift) ** 2) for shift in (separation, 0.0)]
    odds = treated_share / (1 - treated_share) * np.exp(separation * POINTS - separation**2 / 2)
    e = odds / (1 + odds)
    weights: dict[str, tuple[Array, Array]] = {
        "ATT": (np.ones_like(e), odds),
        "ATE": (1 / e, 1 / (1 - e)),
        "ATO": (1 - e, e),
    }
    shares = []
    for f, w in zip(density, weights[estimand], strict=True):
        shares.append(float((f * w).sum() ** 2 / (f.sum() * (f * w * w).sum())))
    return shares[0], shares[1]


def discontinuity(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """People within the bandwidth, and what a polynomial costs at the edge of its data."""
    people = seen_of(size, gathering)
    if people is None:
        return NO_PEOPLE
    settings = plan.design.settings
    near = gathering.take("within_bandwidth")
    order = settings.order + (settings.inference == "robust")
    cost = edge_cost(settings.kernel, order)
    jump = gathering.take("first_stage") if settings.fuzzy else 1.0
    gathering.notes.append(
        f"Each side's fit costs {cost:.1f} times the variance of a mean of its people within the bandwidth"
        + (" (as if the bias were estimated over the same width)." if order > settings.order else ".")
    )
    factors = _adjusted(gathering, *(n * near * jump**2 / cost for n in people))
    return _in_clusters(plan, size, gathering, factors, (people[0] * near, people[1] * near))


def edge_cost(kernel: str, order: int) -> float:
    """The variance of a local polynomial's end value, in variances of a mean of the people in its window.

    First element of S^-1 T S^-1 with S = int K u u', T = int K^2 u u' over a window with an even density. A straight
    line with a uniform kernel costs 4, with a triangular one 4.8. Source: Fan and Gijbels (1996), section 3.7.
    """
    u = (np.arange(20_000) + 0.5) / 20_000
    k = {"uniform": np.ones_like(u), "triangular": 1 - u, "epanechnikov": 1 - u * u}[kernel]
    powers = np.stack([u**p for p in range(order + 1)])
    s, t = (powers * k) @ powers.T / u.size, (powers * k * k) @ powers.T / u.size
    inverse = np.linalg.inv(s)
    return float((inverse @ t @ inverse)[0, 0])


def _adjusted(gathering: Gathering, treated: float, comparison: float) -> Factors:
    left = gathering.left()
    return Factors(left / treated, left / comparison)


def _in_clusters(
    plan: AnalysisPlan, size: Size, gathering: Gathering, factors: Factors, worth: tuple[float, float]
) -> Factors:
    """Where errors are by cluster: times 1 + (m - 1) ICC, with m the people of a cluster that count."""
    if not plan.design.cluster:
        return factors
    clusters = (size.clusters_treated or 0) + (size.clusters_comparison or 0)
    if clusters < 3:
        gathering.notes.append(
            f"Errors are by '{plan.design.cluster}', but how many of them there are is not said (clusters_treated, "
            "clusters_comparison in [power]): what their likeness costs is not in these figures."
        )
        return factors
    effect = 1 + max(sum(worth) / clusters - 1, 0.0) * gathering.take("icc")
    inflated = factors.times(effect)
    return Factors(inflated.treated, inflated.comparison, float(clusters - 2))
