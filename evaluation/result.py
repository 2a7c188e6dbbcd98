"""A result as JSON, in the shape that others rely on (pure)."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

from cohorts.disclosure import is_small, publish_count
from evaluation.amending.shown import plan_payload
from evaluation.balance import balance_band
from evaluation.explaining.payload import dose_payload, why_payload
from evaluation.explaining.protection import shown_links
from evaluation.figures import FactTable, Figure
from evaluation.model import Estimate, OutcomeResult, Result, Subgroup, Units
from evaluation.protection import profile_for, released, withheld
from evaluation.rules import marked, of_check, of_fact, of_rung
from evaluation.subgroups.protection import shown_heterogeneity, shown_subgroup
from workspace.settings import DisclosureProfile

_ESTIMATE = (
    "estimand",
    "effect",
    "value",
    "std_error",
    "conf_low",
    "conf_high",
    "conf_level",
    "p_value",
    "p_value_adjusted",
    "df",
    "n_treated",
    "n_comparison",
    "n_clusters",
    "treated_mean",
    "comparison_mean",
    "narrow_low",
    "narrow_high",
    "outcome_sd",
)


_SUBGROUP = (
    "by",
    "reason",
    "registered",
    "effect",
    "answer",
    "sentence",
    "p_value",
    "p_value_adjusted",
    "note",
)


def as_payload(result: Result, profile: DisclosureProfile | None) -> dict[str, Any]:
    """The result as plain data. With a profile, counts are withheld or rounded, as in anything that is kept.

    Estimates keep full precision, unless they would give a small count away: then they are withheld whole. Means
    and readings are those of :func:`evaluation.protection.released`.
    """
    said = _profile(profile, result.primary.units)
    if profile is not None:
        profile = profile_for(result.primary.units, profile)
        result = released(result, profile)
    return {
        "evaluation": result.evaluation,
        "plan": plan_payload(result.plan),
        "data": {
            "rows": _count(result.data.rows, profile),
            "sha256": result.data.sha256,
            "cohort": result.data.cohort,
        },
        "method": result.method,
        "flow": _flow(result.flow, profile),
        "outcomes": [_outcome(outcome, profile) for outcome in result.outcomes],
        "links": [asdict(link) for link in shown_links(result, profile)],
        **why_payload(result, profile),
        "ladders": dict(result.ladders),
        "rungs": [marked(asdict(rung), of_rung(rung)) for rung in result.rungs],
        "disclosure": said,
        "provenance": dict(result.provenance),
    }


def _profile(profile: DisclosureProfile | None, units: Units) -> dict[str, Any] | str:
    if profile is None:
        return "not applied: the table was given in file mode and never entered a project"
    if units == "areas":
        return "not applied to numbers of areas, which are no people"
    return {"threshold": profile.threshold, "rounding": profile.rounding}


def _count(n: int | None, profile: DisclosureProfile | None) -> int | None:
    return n if profile is None else publish_count(n, profile)


def _flow(flow: Any, profile: DisclosureProfile | None) -> list[dict[str, Any]]:
    return [{"step": step.step, "n": _count(step.n, profile), "reason": step.reason} for step in flow]


def _outcome(outcome: OutcomeResult, profile: DisclosureProfile | None) -> dict[str, Any]:
    if profile is not None:
        outcome = withheld(outcome, profile)
    verdict = asdict(outcome.verdict)
    verdict["security_facts"] = [
        marked(asdict(fact), of_fact(fact, outcome)) for fact in outcome.verdict.security_facts
    ]
    verdict["why"] = [{"code": reason.code, "text": reason.text} for reason in outcome.verdict.why]
    return {
        "measure": outcome.measure,
        "name": outcome.name,
        "role": outcome.role,
        "kind": outcome.kind,
        "better": outcome.better,
        "unit": outcome.unit,
        "units": outcome.units,
        "planned": outcome.planned,
        "minimum_important_difference": outcome.minimum_important_difference,
        "mid_source": outcome.mid_source,
        "estimate": _estimate(outcome.estimate, profile),
        "path": [asdict(row) for row in outcome.path],
        "figures": [drawn(figure) for figure in outcome.figures],
        "tables": [tabled(table) for table in outcome.tables],
        "balance": _balance(outcome, profile),
        "checks": [marked(asdict(check), of_check(check)) for check in outcome.checks],
        "sensitivity": [
            {
                "name": way.name,
                "estimate": _estimate(way.estimate, profile),
                "flips_verdict": way.flips_verdict,
            }
            for way in outcome.sensitivity
        ],
        "missing": asdict(outcome.missing) if outcome.missing else None,
        "flow": _flow(outcome.flow, profile),
        "verdict": verdict,
        "subgroups": [_subgroup(outcome, one, profile) for one in outcome.subgroups],
        "heterogeneity": _heterogeneity(outcome, profile),
        **({"economics": asdict(outcome.economics)} if outcome.economics else {}),
        **dose_payload(outcome, profile),
    }


def _balance(outcome: OutcomeResult, profile: DisclosureProfile | None) -> list[dict[str, Any]]:
    """How alike the groups were; nothing where one is too small, as in the report."""
    sizes = (outcome.estimate.n_treated, outcome.estimate.n_comparison)
    if profile is not None and any(is_small(n, profile) for n in sizes):
        return []
    return [{**asdict(row), "band": balance_band(row)} for row in outcome.balance]


def drawn(figure: Figure) -> dict[str, Any]:
    """A figure as plain data; an end without limit is null, as a missing point is."""
    lines = []
    for line in figure.lines:
        values = {
            name: [_finite(value) for value in getattr(line, name)] for name in ("x", "y", "low", "high")
        }
        lines.append({"name": line.name, "kind": line.kind, **values})
    return asdict(replace(figure, lines=())) | {"lines": lines}


def tabled(table: FactTable) -> dict[str, Any]:
    """A method's table as plain data."""
    rows = [[cell if isinstance(cell, str) else _finite(cell) for cell in row] for row in table.rows]
    return asdict(replace(table, rows=())) | {"rows": rows}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _subgroup(outcome: OutcomeResult, one: Subgroup, profile: DisclosureProfile | None) -> dict[str, Any]:
    shown = shown_subgroup(outcome.kind, one, profile)
    facts = {name: getattr(shown.facts, name) for name in _SUBGROUP}
    return facts | {
        "left_out": _count(one.left_out, profile),
        "groups": [
            {
                "level": group.level,
                "note": group.note,
                "estimate": _estimate(group.estimate, profile) if group.estimate else None,
            }
            for group in shown.groups
        ],
        "differences": [asdict(difference) for difference in shown.facts.differences],
    }


def _heterogeneity(outcome: OutcomeResult, profile: DisclosureProfile | None) -> dict[str, Any] | None:
    found = shown_heterogeneity(outcome.heterogeneity, profile)
    if found is None:
        return None
    thirds = [asdict(third) | {"n": _count(third.n, profile)} for third in found.thirds]
    return asdict(found) | {"thirds": thirds, "exploratory": True}


def _estimate(estimate: Estimate, profile: DisclosureProfile | None) -> dict[str, Any]:
    payload: dict[str, Any] = {name: getattr(estimate, name) for name in _ESTIMATE}
    payload["standardised"] = asdict(estimate.standardised) if estimate.standardised else None
    for count in ("n_treated", "n_comparison", "n_clusters"):
        payload[count] = _count(payload[count], profile)
    return payload
