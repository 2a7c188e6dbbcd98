"""What commands and runs do about money: read what is needed, appraise, hand back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.economics.appraisal import appraise
from evaluation.economics.break_even import BreakEven, break_even
from evaluation.economics.found import Found, found_in, found_in_json
from evaluation.economics.keys import NOT_BY_UNIT, Priced
from evaluation.economics.model import Economics
from evaluation.economics.store import load_costs, load_inputs, load_tables
from evaluation.economics.worth import Inputs, Money, priced
from evaluation.errors import EvaluationError
from evaluation.model import Result
from evaluation.nouns import OVER_TIME
from evaluation.plan import AnalysisPlan
from evaluation.store import load_saved, no_result
from workspace.project import Project
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class Checked:
    """What a plan's money says before anything is known: cost of a place, and the smallest effect that pays for it."""

    plan: str
    money: Money
    even: BreakEven | None

    @property
    def payload(self) -> dict[str, Any]:
        """As JSON."""
        money = self.money
        return {
            "cost": asdict(money.cost),
            "cost_year": money.cost_year,
            "value": asdict(money.worth) if money.worth else None,
            "value_year": money.worth_year,
            "value_of": money.worth_name,
            "verified": money.verified,
            "break_even": asdict(self.even) if self.even else None,
            "doubts": list(money.doubts),
        }


def money_of(plan: AnalysisPlan, root: Path) -> Money | None:
    """The plan's money, looked up and rebased; ``None`` where the plan prices nothing."""
    if plan.economics is None:
        return None
    return priced(plan.economics, load_tables(), load_inputs(plan.economics, root))


def with_economics(
    result: Result, plan: AnalysisPlan, root: Path, profile: DisclosureProfile | None
) -> Result:
    """The result with costs and worth on its primary outcome, from its figures as they may be shown."""
    money = money_of(plan, root)
    if money is None:
        return result
    primary = result.primary
    found = appraise(found_in(primary, result.method, profile), money, load_tables())
    verdict = replace(
        primary.verdict,
        can_say=(*primary.verdict.can_say, *found.can_say),
        cannot_say=(*primary.verdict.cannot_say, *found.cannot_say),
    )
    told = replace(primary, economics=found, verdict=verdict)
    return replace(result, outcomes=tuple(told if one is primary else one for one in result.outcomes))


def checked_money(plan: AnalysisPlan, root: Path) -> Checked | None:
    """The plan's cost and break-even; ``None`` where the plan prices nothing."""
    money = money_of(plan, root)
    if money is None:
        return None
    outcome = plan.primaries[0]
    even = break_even(
        money,
        outcome.effect,
        outcome.better,
        outcome.expected_rate,
        outcome.minimum_important_difference,
        outcome.mid_source,
    )
    return Checked(plan.id, money, even)


def break_even_of(plan: AnalysisPlan, root: Path) -> Checked:
    """The same for the command that shows it. Raises EvaluationError (LC566) where the plan prices nothing."""
    found = checked_money(plan, root)
    if found is None:
        raise EvaluationError(
            "LC566",
            f"plan '{plan.id}' has no [economics]",
            "Add cost_per_person, cost_price_year and cost_to.",
        )
    return found


def appraise_saved(project: Project | None, name: str, costs: Path) -> tuple[str, Economics]:
    """Costs put beside a saved result. Nothing is read but the two files and what the costs name beside themselves."""
    found, outcome = _saved_primary(load_saved(project, name), Path(name).name)
    planned = load_costs(costs, outcome)
    inputs: Inputs = load_inputs(planned, costs.parent)
    money = priced(planned, load_tables(), inputs)
    return found.name, appraise(found, money, load_tables(), planned=False)


def _saved_primary(payload: dict[str, Any], shown: str) -> tuple[Found, Priced]:
    """A saved result's primary outcome, as an appraisal sees it."""
    try:
        primaries = [one for one in payload["outcomes"] if one["role"] == "primary"]
        found = found_in_json(payload, primaries[0])
        return found, Priced(
            kind=found.kind,
            effect="sum over places" if payload["method"] == NOT_BY_UNIT else found.effect,
            of_areas=primaries[0]["units"] == "areas",
            over_time=payload["method"] in OVER_TIME,
            primaries=len(primaries),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        raise no_result(shown, "its primary outcome cannot be read") from None
