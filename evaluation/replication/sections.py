"""From a plan to the facts that the R templates are filled with, outcome by outcome (pure)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from evaluation.methods.registry import METHODS
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.replication.model import Section
from evaluation.replication.quoting import r_literal
from evaluation.replication.reproduced import looser_of, packages_of, why_not
from evaluation.replication.rules_in_r import rule_in_r
from evaluation.study_table import column_of


def sections_of(
    plan: AnalysisPlan,
    places: dict[str, Any],
    taken: tuple[dict[str, Any], ...],
    carried: tuple[str, ...],
) -> tuple[Section, ...]:
    """One section an outcome. ``places``: position of the start and the like, which only a panel's axis knows.

    ``taken``: what R takes of each outcome as the program has it, such as the bandwidths around a cut-off.
    ``carried``: the file of what chance drew for each outcome, empty where nothing was.
    """
    found = []
    for number, outcome in enumerate(plan.outcomes, start=1):
        known = places | _of_series(plan, outcome) | taken[number - 1]
        facts = people_facts(plan, outcome) | {"places": known, "packages": packages_of(plan, outcome)}
        facts["carried"] = carried[number - 1]
        found.append(
            Section(
                number,
                outcome.label,
                outcome.role,
                outcome.kind,
                outcome.effect,
                plan.design.method,
                f"methods/{plan.design.method.replace('-', '_')}.R.jinja",
                facts,
                why_not(plan, outcome),
                looser_of(plan),
            )
        )
    return tuple(found)


def _of_series(plan: AnalysisPlan, outcome: PlannedOutcome) -> dict[str, Any]:
    """How a series is modelled: its family, and whether it is counted, with an exposure or without."""
    settings = plan.design.settings
    family = getattr(settings, "family", "") or ("poisson" if outcome.is_ratio else "gaussian")
    exposed = bool(getattr(settings, "offset", "") or outcome.exposure)
    return {
        "family": family, "exposed": exposed, "counts": outcome.kind == "count" or family != "gaussian",
    }  # fmt: skip


def with_estimates(sections: tuple[Section, ...], payload: dict[str, Any]) -> tuple[Section, ...]:
    """The sections; where the program itself found no estimate, R is asked for none."""
    none = "these data give no estimate: the report says why"
    found = []
    for one, outcome in zip(sections, payload["outcomes"], strict=True):
        estimate = outcome["estimate"]
        why = none if estimate["value"] is None else ""
        clustered = getattr(one.facts["settings"], "interval", "") == "t" and "start" in one.facts["places"]
        if not why and clustered and estimate["df"] is None:
            why = "with so few units the change is ranked among choices of as many, which has no script"
        found.append(replace(one, why_not=one.why_not or why))
    return tuple(found)


def people_facts(plan: AnalysisPlan, outcome: PlannedOutcome) -> dict[str, Any]:
    """Names of columns and settings, as the templates call them."""
    d, timing = plan.design, outcome.timing
    covariates = tuple(dict.fromkeys(n for n in (outcome.baseline, *d.adjusters) if n))
    if METHODS[d.method].reads == "panel":
        covariates = tuple(dict.fromkeys(d.covariates))
    seen = (column_of(outcome), outcome.exposure, *(timing.columns if timing else ()))
    shared = len(plan.primaries) if outcome.role == "primary" else 1
    cuts = getattr(d.settings, "cutpoints", ())
    return {
        "outcome": column_of(outcome),
        "kind": outcome.kind,
        "effect": outcome.effect,
        "ratio": outcome.is_ratio,
        "level": 1 - plan.analysis.alpha / max(shared, 1),
        "rule": rule_in_r(plan.population.where) if plan.population.where else "",
        "treatment": d.treatment
        or getattr(d.settings, "running", ""),  # a cut-off makes the arm of the score
        "arm": d.arm,
        "comparison": d.comparison,
        "estimand": d.estimand,
        "covariates": covariates,
        "coarsened": tuple(dict.fromkeys((*covariates, *d.exact))),
        "exact": d.exact,
        "cluster": d.cluster,
        "strata": d.strata,
        "unit": d.unit,
        "time": d.time,
        "weights": d.weights,
        "units": plan.population.units,
        "exposure": outcome.exposure,
        "seen": tuple(name for name in seen if name),
        "whole": tuple(n for n in (*covariates, d.cluster, d.strata) if n),
        "placed": tuple(name for name in (d.unit, d.time, d.treatment) if name),
        "whole_panel": tuple(n for n in (*d.covariates, d.cluster, d.weights, outcome.exposure) if n),
        "settings": d.settings,
        "cutpoints_r": _named_lists(cuts),
        "duration": timing.duration if timing else "",
        "entry": timing.entry if timing else "",
        "competing": timing.competing if timing else "",
        "horizon": (timing.horizon if timing else None) or math.inf,
    }


def _named_lists(cuts: tuple[tuple[str, tuple[float, ...]], ...]) -> str:
    """Cut points by covariate as an R list with names that may be anything."""
    values = ", ".join(r_literal(list(numbers)) for _, numbers in cuts)
    return f"setNames(list({values}), {r_literal([name for name, _ in cuts])})"
