"""Plans with costs, the money of them, and effects to hold it against. All figures are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evaluation.economics.appraisal import appraise
from evaluation.economics.found import Found
from evaluation.economics.keys import Priced, read_economics
from evaluation.economics.model import Economics
from evaluation.economics.planned import PlannedEconomics
from evaluation.economics.store import load_tables
from evaluation.economics.worth import Inputs, Money, priced
from evaluation.errors import PLAN_KEYS, EvaluationError
from evaluation.verdict import Oriented
from workspace.errors import Fault
from workspace.toml_source import parse_toml, top

OWN = """cost_per_person = 900
cost_price_year = "2025-26"
cost_to = "the partnership"
value = 10000
value_price_year = "2025-26"
value_source = "an example"
"""
NAMED = """cost_per_person = 900
cost_price_year = "2015-16"
cost_to = "the partnership"
value = "home-office:violence-with-injury"
recorded = false
"""
RISK = Priced("binary", "risk-difference")
NOTHING = Inputs({}, {})


def faults_of(text: str, outcome: Priced = RISK) -> list[Fault]:
    """Every fault that reading ``[economics]`` finds."""
    faults: list[Fault] = []
    file = top(parse_toml(f"[economics]\n{text}", "plan.toml", EvaluationError), faults, PLAN_KEYS)
    read_economics(file.table("economics"), outcome, load_tables().unit_costs)
    return faults


def planned(text: str = OWN, outcome: Priced = RISK) -> PlannedEconomics:
    """What a sound ``[economics]`` says."""
    faults: list[Fault] = []
    file = top(parse_toml(f"[economics]\n{text}", "plan.toml", EvaluationError), faults, PLAN_KEYS)
    found = read_economics(file.table("economics"), outcome, load_tables().unit_costs)
    assert not faults, faults
    assert found is not None
    return found


def money(text: str = OWN, outcome: Priced = RISK, inputs: Inputs = NOTHING) -> Money:
    """The money of it."""
    return priced(planned(text, outcome), load_tables(), inputs)


def effect(value: float = 0.12, std_error: float = 0.03, **changes: Any) -> Found:
    """A randomised risk difference, oriented: positive is benefit; security 5, so that nothing is cut."""
    reach = 1.959964 * std_error
    view = Oriented(value, std_error, value - reach, value + reach, value - reach, value + reach, None)
    whole = Found(
        name="arrests", unit="", kind="binary", effect="risk-difference", better="lower", answer="works", detail="",
        security=5, view=view, df=None, base=0.4, fragile=False, competing=False, per="person",
    )  # fmt: skip
    return replace(whole, **changes)


def appraised(found: Found, text: str = OWN, **more: Any) -> Economics:
    """The whole appraisal."""
    return appraise(found, money(text, more.pop("outcome", RISK)), load_tables(), **more)
