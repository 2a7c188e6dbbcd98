"""[power]: planned sizes, and what is assumed before there are data; what each method has a use for (pure)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from workspace.toml_source import Section

PEOPLE = ("treated", "comparison", "followed_up", "recruit_until")
CLUSTERS = ("clusters_treated", "clusters_comparison", "cluster_size_cv")
PERIODS = ("treated", "comparison", "periods_before", "periods_after", "autocorrelation", "overdispersion")
INSIDE = ("clusters_treated", "clusters_comparison", "icc")
USED: dict[str, tuple[str, ...]] = {
    "randomised": (*PEOPLE, "overdispersion"),
    "cluster-randomised": (
        *PEOPLE, *CLUSTERS, "overdispersion", "cluster_autocorrelation", "starts", "periods_before", "periods_after",
        "subcluster_icc", "subclusters",
    ),
    "matching": (*PEOPLE, *INSIDE, "overdispersion", "separation"),
    "weighting": (*PEOPLE, *INSIDE, "overdispersion", "separation"),
    "doubly-robust": (*PEOPLE, *INSIDE, "overdispersion", "separation"),
    "regression-discontinuity": (*PEOPLE, *INSIDE, "within_bandwidth", "first_stage"),
    "difference-in-differences": (*PERIODS, *INSIDE, "cluster_autocorrelation", "unit_share", "recruit_until"),
    "staggered-adoption": (*PERIODS, *INSIDE, "unit_share", "starts"),
    "interrupted-time-series": PERIODS[2:],
    "synthetic-control": PERIODS,
    "displacement-difference": ("treated", "comparison", "periods_before", "periods_after", "overdispersion"),
    "day-crossover": ("treated", "comparison", "overdispersion"),
    "before-after": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assumed:
    """Planned sizes and assumptions; ``None`` where the plan does not say.

    ``treated``/``comparison``: people, or units of a panel; clusters and periods likewise. ``followed_up``: share of
    people whose outcome will be there. ``cluster_size_cv``: standard deviation of cluster sizes over their mean.
    ``cluster_autocorrelation``: correlation of a cluster's level with its own a period later. ``autocorrelation``: of
    a unit's deviations from one period to the next. ``unit_share``: share of a panel's variance that lies between
    units for good. ``separation``: difference of the arms' mean logit propensity scores, in SD. ``within_bandwidth``:
    share of people near enough to a cut-off; ``first_stage``: by how much being offered it raises taking part.
    ``starts``: how many different first periods. ``overdispersion``: variance of a count over its mean.
    """

    treated: int | None = None
    comparison: int | None = None
    clusters_treated: int | None = None
    clusters_comparison: int | None = None
    subclusters: int | None = None
    periods_before: int | None = None
    periods_after: int | None = None
    starts: int | None = None
    followed_up: float | None = None
    icc: float | None = None
    subcluster_icc: float | None = None
    cluster_size_cv: float | None = None
    cluster_autocorrelation: float | None = None
    autocorrelation: float | None = None
    unit_share: float | None = None
    separation: float | None = None
    within_bandwidth: float | None = None
    first_stage: float | None = None
    overdispersion: float | None = None
    recruit_until: dt.date | None = None


WHOLE = (
    "treated", "comparison", "clusters_treated", "clusters_comparison", "subclusters", "periods_before",
    "periods_after", "starts",
)  # fmt: skip
BOUNDS: dict[str, dict[str, float]] = {
    "followed_up": {"above": 0, "high": 1},
    "icc": {"low": 0, "high": 0.95},
    "subcluster_icc": {"low": 0, "high": 0.95},
    "cluster_size_cv": {"low": 0, "high": 3},
    "cluster_autocorrelation": {"low": 0, "high": 1},
    "autocorrelation": {"low": -0.9, "high": 0.95},
    "unit_share": {"low": 0, "high": 0.99},
    "separation": {"low": 0, "high": 2.5},
    "within_bandwidth": {"above": 0, "high": 1},
    "first_stage": {"above": 0, "high": 1},
    "overdispersion": {"above": 0, "high": 1000},
}


def read_assumed(section: Section | None, method: str) -> Assumed | None:
    """Read [power]; ``None`` where the plan has none. A key the method has no use for is a fault (LC510)."""
    if section is None:
        return None
    found: dict[str, object] = {key: section.integer(key, low=1) for key in WHOLE}
    for key, ends in BOUNDS.items():
        found[key] = section.number(key, above=ends.get("above"), low=ends.get("low"), high=ends.get("high"))
    found["recruit_until"] = section.date("recruit_until")
    used = USED.get(method)
    for field in fields(Assumed):
        if used is not None and section.has(field.name) and field.name not in used:
            listed = f"It uses {', '.join(used)}." if used else "Remove it."
            section.fault("LC510", field.name, f"'{field.name}' says nothing of method '{method}'", listed)
    section.finish()
    return Assumed(**found)  # type: ignore[arg-type]
