"""The settings of matching: what [design.matching] may say, and what goes with what (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, cast

from evaluation.inference import Distribution
from evaluation.matched.nearest import Order
from workspace.toml_source import Section

Kind = Literal["nearest", "subclassification", "coarsened-exact"]
Distance = Literal["logit", "probability", "mahalanobis"]
KINDS: tuple[Kind, ...] = ("nearest", "subclassification", "coarsened-exact")
ORDERS: tuple[Order, ...] = ("largest", "smallest", "closest", "data")
DISTANCES: tuple[Distance, ...] = ("logit", "probability", "mahalanobis")
MOST_SUBCLASSES = 50
# Which keys belong to which kind; those not named here go with every one.
ONLY = {
    "nearest": ("ratio", "caliper", "replace", "distance", "order", "mahalanobis", "errors"),
    "subclassification": ("subclasses",),
    "coarsened-exact": ("cutpoints",),
}


@dataclass(frozen=True, slots=True)
class MatchingSettings:
    """``caliper`` is in SD of the logit score over everyone; 0 means none.

    ``distance``: what is compared, the score as a logit or a probability, or Mahalanobis's distance over the
    covariates ``mahalanobis`` (all, where none are listed) among those inside the caliper. ``errors``: clustered by
    matched set, or Abadie and Imbens's. ``subclasses`` and ``cutpoints`` (covariate, inner cuts) belong to the other
    kinds.
    """

    ratio: int = 1
    caliper: float = 0.2
    replace: bool = False
    distance: Distance = "logit"
    adjust: Literal["regression", "none"] = "regression"
    order: Order = "largest"
    interval: Distribution = "t"
    kind: Kind = "nearest"
    mahalanobis: tuple[str, ...] = ()
    errors: Literal["cluster", "abadie-imbens"] = "cluster"
    subclasses: int = 5
    cutpoints: tuple[tuple[str, tuple[float, ...]], ...] = ()


def read_settings(section: Section | None) -> MatchingSettings:
    """Read [design.matching]."""
    if section is None:
        return MatchingSettings()
    kind = cast(Kind, section.text("kind", "nearest", one_of=KINDS))
    settings = MatchingSettings(
        section.integer("ratio", 1, low=1) or 1,
        cast(float, section.number("caliper", 0.2, low=0)),
        section.boolean("replace"),
        cast(Distance, section.text("distance", "logit", one_of=DISTANCES)),
        cast(
            Literal["regression", "none"], section.text("adjust", "regression", one_of=("regression", "none"))
        ),
        cast(Order, section.text("order", "largest", one_of=ORDERS)),
        cast(Distribution, section.text("interval", "t", one_of=("t", "normal"))),
        kind,
        section.texts("mahalanobis"),
        cast(
            Literal["cluster", "abadie-imbens"],
            section.text("errors", "cluster", one_of=("cluster", "abadie-imbens")),
        ),
        section.integer("subclasses", 5, low=2) or 5,
        _cutpoints(section),
    )
    _together(settings, section)
    section.finish()
    return settings


def _cutpoints(section: Section) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Inner cuts of each covariate named, rising."""
    table = section.table("cutpoints")
    found = []
    for name, cuts in table.values.items() if table else ():
        if _are_cuts(cuts):
            found.append((name, tuple(float(cut) for cut in cuts)))
        elif table:
            problem = f"the cutpoints of '{name}' must be a list of rising numbers"
            table.fault("LC403", name, problem, f"Write {name} = [18, 25].")
    return tuple(sorted(found))


def _are_cuts(cuts: Any) -> bool:
    if not isinstance(cuts, list) or not cuts:
        return False
    if any(isinstance(cut, bool) or not isinstance(cut, int | float) or not abs(cut) < 1e300 for cut in cuts):
        return False
    return all(one < other for one, other in pairwise(cuts))


def _together(settings: MatchingSettings, section: Section) -> None:
    """Keys that do not go with the kind, or with one another."""
    for kind, keys in ONLY.items():
        for key in keys:
            if kind != settings.kind and section.has(key):
                problem = f"'{key}' does not go with {settings.kind} matching"
                section.fault("LC406", key, problem, f'Remove it, or write kind = "{kind}".')
    if settings.subclasses > MOST_SUBCLASSES:
        section.fault(
            "LC403", "subclasses", f"'subclasses' must be at most {MOST_SUBCLASSES}", "Use 5 to 10."
        )
    if settings.mahalanobis and settings.distance != "mahalanobis":
        hint = 'Write distance = "mahalanobis", or remove it.'
        section.fault("LC406", "mahalanobis", "'mahalanobis' goes with that distance only", hint)
    if settings.errors == "abadie-imbens":
        if not settings.replace:
            problem = "Abadie and Imbens's errors are for matching with replacement"
            section.fault("LC406", "errors", problem, 'Write replace = true, or errors = "cluster".')
        elif settings.distance == "mahalanobis":
            problem = "Abadie and Imbens's errors go with a distance on the score in this version"
            section.fault("LC406", "errors", problem, 'Use distance = "logit", or errors = "cluster".')
