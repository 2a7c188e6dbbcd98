"""[[subgroup]] of a plan to planned subgroup analyses, every fault with its line; and those no plan names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.plan import AnalysisPlan, Design, PlannedOutcome, PlannedSubgroup
from workspace.toml_source import Section


def read_groups(
    sections: Sequence[Section], design: Design, outcomes: Sequence[PlannedOutcome]
) -> tuple[PlannedSubgroup, ...]:
    """Read the subgroup tables. Each names a column known before the programme, and says why the effect may differ."""
    found: list[PlannedSubgroup] = []
    for section in sections:
        by = section.text("by", required=True)
        reason = section.text("reason", required=True)
        if by and by in {one.by for one in found}:
            section.fault("LC409", "by", f"subgroups of '{by}' are asked for twice", "Keep one.")
        elif by and by == design.treatment:
            section.fault(
                "LC403", "by", "groups of the treatment itself have no effect to compare", "Remove it."
            )
        elif by and by in {outcome.measure for outcome in outcomes}:
            section.fault(
                "LC412",
                "by",
                f"'{by}' is an outcome; groups must be known before the programme",
                "Remove it.",
            )
        section.finish()
        if by:
            found.append(PlannedSubgroup(by, reason))
    return tuple(found)


def explored_by(plan: AnalysisPlan, names: Sequence[str]) -> AnalysisPlan:
    """The plan with subgroup analyses that it does not name: exploratory, and stamped so. Its lock is not touched."""
    planned = {one.by for one in plan.subgroups}
    more = [
        PlannedSubgroup(name, "", registered=False) for name in dict.fromkeys(names) if name not in planned
    ]
    return replace(plan, subgroups=(*plan.subgroups, *more)) if more else plan
