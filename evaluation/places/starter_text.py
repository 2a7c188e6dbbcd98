"""The text of a new plan about places, for a person to complete (pure)."""

from __future__ import annotations

from workspace.toml_source import toml_text

_GROUP = 'treatment = "CHOSEN"             # a column that is 1 for those chosen, 0 for the others'
_DAYS = 'treatment = "TREATED"            # a column that is 1 on treated days, 0 on others'
_TREATMENT = {"before-after": _GROUP, "day-crossover": _DAYS}
_SETTINGS = {
    "before-after": """start = 2024                     # first period with the programme
chosen_by = "worst"              # "threshold", or "other": not because of the outcome
chosen_on = [2023]               # the periods the choice looked at""",
    "displacement-difference": """start = 2024                     # first period with the programme
zone = "ZONE"                    # a column: treated, control, treated-buffer or control-buffer""",
    "day-crossover": """allocation = "random"            # days were drawn by lot, or "picked"
washout = 1                      # days after a change that are left out""",
}
_EFFECT = {"displacement-difference": ("difference", "10"), "before-after": ("rate-ratio", "0.9")}


def places_plan(plan_id: str, title: str, method: str) -> str:
    """A plan that is complete but for the words in capitals; empty for a method that is not about places."""
    if method not in _SETTINGS:
        return ""
    effect, margin = _EFFECT.get(method, ("rate-ratio", "0.9"))
    treatment = f"{_TREATMENT[method]}\n" if method in _TREATMENT else ""
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, lock it, then run it.
#   lifecourse plan check {plan_id}
#   lifecourse plan lock {plan_id}
#   lifecourse evaluate run {plan_id}
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did THE PROGRAMME bring OUTCOME down?")}
links = []                       # theory links it tests, like ["A1>O1"]

[population]
units = "areas"

[design]
method = "{method}"
{treatment}unit = "PLACE"                   # the column of places
time = "PERIOD"                  # the column of periods
seed = 1

[design.{method}]
{_SETTINGS[method]}

[[outcome]]
measure = "MEASURE"              # a column of counts
role = "primary"                 # exactly one
kind = "count"
effect = "{effect}"
better = "lower"                 # or higher
minimum_important_difference = {margin}
mid_source = "WHY THIS SIZE MATTERS"

[analysis]
alpha = 0.05

[reporting]
# reported_by = 2027-03-31
"""
