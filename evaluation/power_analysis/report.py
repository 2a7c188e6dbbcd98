"""What ``plan power`` answers: each outcome at each size, what it rests on, and how many it takes (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power_analysis.promise import (
    Needed,
    Promise,
    Tried,
    alpha_of,
    margin_of,
    needed,
    promise,
    tried,
)
from evaluation.power_analysis.sizes import Size

MOST_SIZES, LARGEST = 12, 100_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Sizes as they were typed; empty: not asked."""

    treated: str = ""
    comparison: str = ""
    clusters: str = ""
    periods: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One size: what it is called, and what it could show."""

    name: str
    promise: Promise


@dataclass(frozen=True, slots=True)
class OutcomePower:
    """One outcome: its rows, the same under other assumptions, and the sizes it takes."""

    outcome: PlannedOutcome
    alpha: float
    rows: tuple[Row, ...]
    tried: tuple[Tried, ...]
    needed: Needed | None


def numbers_of(option: str, text: str, most: int = MOST_SIZES) -> tuple[int, ...]:
    """Whole numbers with commas between them."""
    parts = [part.strip().replace("_", "") for part in text.split(",")] if text.strip() else []
    if not all(part.isascii() and part.isdigit() and 0 < int(part[:12]) <= LARGEST for part in parts):
        raise EvaluationError(
            "LC511",
            f"{option} must be whole numbers above 0, with commas between them",
            f"Write it like {option} 100,200",
        )
    if len(parts) > most:
        raise EvaluationError(
            "LC511", f"{option} takes {most} numbers at most", f"Write it like {option} 100,200"
        )
    return tuple(int(part) for part in parts)


def sizes_of(asked: Asked, base: Size) -> tuple[tuple[str, Size], ...]:
    """The sizes to show: those asked for; else half, as planned and double."""
    base = _with_rest(asked, base)
    treated = numbers_of("--treated", asked.treated)
    comparison = numbers_of("--comparison", asked.comparison)
    if treated and comparison and len(comparison) not in (1, len(treated)):
        raise EvaluationError(
            "LC511",
            "--comparison must be one number, or as many as --treated",
            "Write it like --treated 100,200 --comparison 300,600",
        )
    if treated:
        others = comparison * len(treated) if len(comparison) == 1 else comparison
        found = [_asked(base, n, others[i] if others else None) for i, n in enumerate(treated)]
        return tuple((name, _kept(size, base) if asked.clusters else size) for name, size in found)
    if comparison:
        return tuple(("as asked", replace(base, comparison=n)) for n in comparison)
    if not base.treated and not base.comparison:
        return (("as planned", base),)
    return (("half", base.times(0.5)), ("as planned", base), ("double", base.times(2)))


def _with_rest(asked: Asked, base: Size) -> Size:
    clusters, periods = numbers_of("--clusters", asked.clusters, 2), numbers_of("--periods", asked.periods, 2)
    if clusters:
        base = replace(base, clusters_treated=clusters[0], clusters_comparison=clusters[-1])
    if len(periods) == 1:
        raise EvaluationError(
            "LC511", "--periods takes two numbers: before and after", "Write it like --periods 24,12"
        )
    return replace(base, before=periods[0], after=periods[1]) if periods else base


def _kept(size: Size, base: Size) -> Size:
    """Clusters that were asked for stay as many as they are."""
    return replace(size, clusters_treated=base.clusters_treated, clusters_comparison=base.clusters_comparison)


def _asked(base: Size, treated: int, comparison: int | None) -> tuple[str, Size]:
    if comparison is not None:
        return "as asked", replace(base, treated=treated, comparison=comparison)
    if base.treated and base.comparison:
        return "as asked", base.with_treated(treated)
    return "as asked", replace(base, treated=treated, comparison=base.comparison or treated)


def power_of(plan: AnalysisPlan, sizes: Sequence[tuple[str, Size]]) -> tuple[OutcomePower, ...]:
    """Every outcome of a plan at every size."""
    middle = next((size for name, size in sizes if name == "as planned"), sizes[0][1])
    return tuple(
        OutcomePower(
            outcome,
            alpha_of(plan, outcome),
            tuple(Row(name, promise(plan, outcome, size)) for name, size in sizes),
            tried(plan, outcome, middle),
            needed(plan, outcome, middle),
        )
        for outcome in plan.outcomes
    )


def power_payload(plan: AnalysisPlan, found: Sequence[OutcomePower]) -> dict[str, Any]:
    """The answer as plain data; ratios as ratios on the side of benefit."""
    return {
        "plan": plan.id,
        "method": plan.design.method,
        "power": 0.8,
        "outcomes": [_outcome(one) for one in found],
    }


def _outcome(one: OutcomePower) -> dict[str, Any]:
    first = one.rows[0].promise
    return {
        "measure": one.outcome.measure,
        "wave": one.outcome.wave or None,
        "role": one.outcome.role,
        "effect": one.outcome.effect,
        "alpha": one.alpha,
        "minimum_important_difference": one.outcome.minimum_important_difference,
        "sizes": [{"name": row.name, **_promise(row.promise)} for row in one.rows],
        "assumed": [{"name": s.name, "value": s.value, "from": s.source} for s in first.stated],
        "notes": list(dict.fromkeys(note for row in one.rows for note in row.promise.notes)),
        "otherwise": [{"name": t.name, "value": t.value, **_promise(t.promise)} for t in one.tried],
        "needed": None
        if one.needed is None
        else {
            "to_find": asdict(one.needed.to_find) if one.needed.to_find else None,
            "to_rule_out": asdict(one.needed.to_rule_out) if one.needed.to_rule_out else None,
        },
    }


def _promise(found: Promise) -> dict[str, Any]:
    size = {name: n for name, n in asdict(found.size).items() if n is not None}
    numbers = {
        "std_error": found.std_error,
        "df": found.df,
        "detectable": found.detectable,
        "detectable_sd": found.in_sd,
        "detectable_per_100": found.per_hundred,
        "equivalence_power": found.equivalence,
        "power_at_margin": found.at_margin,
        "no_meaningful_effect": found.none,
    }
    finite = {name: n if n is None or math.isfinite(n) else None for name, n in numbers.items()}
    return {"size": size, **finite, "reason": found.reason or None}


def margin_words(outcome: PlannedOutcome) -> str:
    """The difference that matters, as people read it."""
    margin = outcome.minimum_important_difference
    if margin is None or margin_of(outcome) is None:
        return "no difference that matters is set"
    if outcome.effect == "risk-difference":
        return f"{100 * margin:g} in every 100 matter"
    return (
        f"a ratio of {margin:g} matters"
        if outcome.is_ratio
        else f"{margin:g} {outcome.unit}".rstrip() + " matters"
    )
