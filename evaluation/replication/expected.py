"""The numbers a script is held against (pure)."""

from __future__ import annotations

import json
import math
from typing import Any

from evaluation.replication.model import Expected, Section

HEADLINE = (
    "value", "std_error", "df", "conf_low", "conf_high", "p_value", "n_treated", "n_comparison", "treated_mean",
    "comparison_mean",
)  # fmt: skip
# Numbers of a doubt beside the estimate, by method: their name here, the doubt, and the setting they go with.
BESIDE = {"synthetic-control": ("placebo_rank_p", "placebo in space", ("inference", "placebo"))}


def expected_numbers(payload: dict[str, Any], sections: tuple[Section, ...]) -> tuple[Expected, ...]:
    """The headline numbers of every outcome of a result, those it has."""
    found = []
    for section, outcome in zip(sections, payload["outcomes"], strict=True):
        for name in HEADLINE:
            value = outcome["estimate"][name]
            if value is not None and math.isfinite(value):
                found.append(
                    Expected(section.number, outcome["measure"], name, float(value), not section.why_not)
                )
        found += _beside(section, outcome)
    return tuple(found)


def _beside(section: Section, outcome: dict[str, Any]) -> list[Expected]:
    """The rank among placebos, where the method has one."""
    name, check, (setting, value) = BESIDE.get(section.method, ("", "", ("", "")))
    if not name or getattr(section.facts["settings"], setting) != value:
        return []
    readings = [one["reading"] for one in outcome["checks"] if one["name"] == check]
    in_r = not section.why_not
    return [Expected(section.number, outcome["measure"], name, float(r), in_r, check) for r in readings]


def expected_text(numbers: tuple[Expected, ...], about: dict[str, Any]) -> str:
    """The numbers as JSON, one a line, so that a program without a JSON reader can read them too."""
    lines = [
        f'    {{"outcome": {one.outcome}, "number": {json.dumps(one.number)}, "expected": {one.value!r}, '
        f'"in_r": {json.dumps(one.in_r)}, "measure": {json.dumps(one.measure, ensure_ascii=False)}'
        + (f', "check": {json.dumps(one.check)}}}' if one.check else "}")
        for one in numbers
    ]
    head = "".join(f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)},\n" for k, v in about.items())
    return "{\n" + head + '  "numbers": [\n' + ",\n".join(lines) + "\n  ]\n}\n"
