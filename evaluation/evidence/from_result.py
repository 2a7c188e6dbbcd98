"""A result of this program from elsewhere (file mode, another partnership) as a record of outside evidence (pure).

A result of a project was treated before it was written. One of file mode is exact: where few people stand behind it,
its effect gives them away, and it is no evidence to be kept and published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cohorts.gate.errors import Kept
from evaluation.evidence.model import SCALES, Scale, Study, Version
from evaluation.model import Estimate
from evaluation.protection import may_show
from workspace.settings import DisclosureProfile


def is_result(data: Mapping[str, Any]) -> bool:
    """Say whether plain data have the shape of a result."""
    return {"plan", "outcomes", "method", "provenance"} <= set(data)


def studies_of(data: Mapping[str, Any]) -> tuple[Study, ...]:
    """One study for each outcome that was planned: the effect, its error and the difference that mattered.

    Raises
    ------
    Kept
        ``LC903``: it was not treated, and an outcome is of few people.
    """
    named = [outcome for outcome in data["outcomes"] if outcome["role"] != "exploratory"]
    for outcome in named:
        if not isinstance(data["disclosure"], Mapping) and outcome["units"] != "areas":
            _refuse_few(outcome)
    return tuple(_study(data, outcome, alone=len(named) == 1) for outcome in named)


def _refuse_few(outcome: Mapping[str, Any]) -> None:
    found = outcome["estimate"]
    estimate = Estimate(
        estimand="", effect=found["effect"], value=found["value"], std_error=None, conf_low=None, conf_high=None,
        conf_level=0.95, p_value=None, df=None, n_treated=found["n_treated"], n_comparison=found["n_comparison"],
        n_clusters=None, treated_mean=found["treated_mean"], comparison_mean=found["comparison_mean"],
    )  # fmt: skip
    if not may_show(outcome["kind"], estimate, DisclosureProfile()):
        said = f"'{outcome['measure']}' stands for a few people, and the result was written beside a file, untreated"
        raise Kept("LC903", said, "Add what was released of it, or an outcome of more people.")


def _study(data: Mapping[str, Any], outcome: Mapping[str, Any], *, alone: bool) -> Study:
    plan, estimate = data["plan"], outcome["estimate"]
    name = str(plan["id"]) if alone else f"{plan['id']}-{outcome['measure']}"
    scale: Scale = next((one for one in SCALES if one == estimate["effect"]), "unclear")
    return Study(
        id=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60],
        citation=str(plan["title"]),
        outcome=str(outcome["measure"]),
        better=outcome["better"],
        design=str(data["method"]),
        measure=str(outcome["name"]),
        unit=str(outcome["unit"]),
        minimum_important_difference=outcome["minimum_important_difference"],
        mid_source=str(outcome["mid_source"] or ""),
        versions=(
            Version(
                date=str(data["provenance"]["started"])[:10],
                source=f"a result of this program, plan {str(plan['sha256'])[:12]}",
                scale=scale,
                effect=estimate["value"],
                std_error=estimate["std_error"],
                conf_low=estimate["conf_low"],
                conf_high=estimate["conf_high"],
                conf_level=estimate["conf_level"],
                note=f"plan {plan['state']}; security {outcome['verdict']['security']} of 5",
            ),
        ),
    )
