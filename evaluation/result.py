"""A result as JSON, in the shape that others rely on (pure)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cohorts.disclosure import is_small, publish_count, share_is_safe
from evaluation.model import Estimate, OutcomeResult, Result
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


def as_payload(result: Result, profile: DisclosureProfile | None) -> dict[str, Any]:
    """The result as plain data. With a profile, counts are withheld or rounded, as in anything that is kept.

    Estimates keep full precision. Means of binary outcomes go when they would give a small count away.
    """
    return {
        "evaluation": result.evaluation,
        "plan": {**asdict(result.plan), "deviations": list(result.plan.deviations)},
        "data": {
            "rows": _count(result.data.rows, profile),
            "sha256": result.data.sha256,
            "cohort": result.data.cohort,
        },
        "method": result.method,
        "flow": _flow(result.flow, profile),
        "outcomes": [_outcome(outcome, profile) for outcome in result.outcomes],
        "links": [asdict(link) for link in result.links],
        "ladders": dict(result.ladders),
        "disclosure": _profile(profile),
        "provenance": dict(result.provenance),
    }


def _profile(profile: DisclosureProfile | None) -> dict[str, Any] | str:
    if profile is None:
        return "not applied: the table was given in file mode and never entered a project"
    return {"threshold": profile.threshold, "rounding": profile.rounding}


def _count(n: int, profile: DisclosureProfile | None) -> int | None:
    return n if profile is None else publish_count(n, profile)


def _flow(flow: Any, profile: DisclosureProfile | None) -> list[dict[str, Any]]:
    return [{"step": step.step, "n": _count(step.n, profile), "reason": step.reason} for step in flow]


def _outcome(outcome: OutcomeResult, profile: DisclosureProfile | None) -> dict[str, Any]:
    verdict = asdict(outcome.verdict)
    verdict["why"] = [{"code": reason.code, "text": reason.text} for reason in outcome.verdict.why]
    return {
        "measure": outcome.measure,
        "name": outcome.name,
        "role": outcome.role,
        "kind": outcome.kind,
        "better": outcome.better,
        "unit": outcome.unit,
        "planned": outcome.planned,
        "minimum_important_difference": outcome.minimum_important_difference,
        "mid_source": outcome.mid_source,
        "estimate": _estimate(outcome.estimate, outcome.kind, profile),
        "path": [asdict(row) for row in outcome.path],
        "balance": [asdict(row) for row in outcome.balance],
        "checks": [asdict(check) for check in outcome.checks],
        "sensitivity": [
            {
                "name": way.name,
                "estimate": _estimate(way.estimate, outcome.kind, profile),
                "flips_verdict": way.flips_verdict,
            }
            for way in outcome.sensitivity
        ],
        "flow": _flow(outcome.flow, profile),
        "verdict": verdict,
    }


def _estimate(estimate: Estimate, kind: str, profile: DisclosureProfile | None) -> dict[str, Any]:
    payload: dict[str, Any] = {name: getattr(estimate, name) for name in _ESTIMATE}
    payload["standardised"] = asdict(estimate.standardised) if estimate.standardised else None
    if profile is None:
        return payload
    arms = (("treated", estimate.n_treated), ("comparison", estimate.n_comparison))
    hidden = False
    for arm, n in arms:
        payload[f"n_{arm}"] = publish_count(n, profile)
        mean = payload[f"{arm}_mean"]
        few = is_small(n, profile)
        if mean is not None and (few or (kind == "binary" and not share_is_safe(mean, n, profile))):
            hidden = True
    if hidden:
        # The two means and the effect give each other away, so they go together, and with them what is made of them.
        for name in ("treated_mean", "comparison_mean", "outcome_sd", "standardised"):
            payload[name] = None
    return payload


def headline(result: Result) -> dict[str, Any]:
    """One line of a register: what was asked and what was found."""
    primary = result.primary
    return {
        "evaluation": result.evaluation,
        "plan": result.plan.id,
        "title": result.plan.title,
        "answer": primary.verdict.answer,
        "detail": primary.verdict.detail,
        "security": primary.verdict.security,
        "sentence": primary.verdict.sentence,
        "state": result.plan.state,
        "fragile": primary.verdict.fragile,
    }
