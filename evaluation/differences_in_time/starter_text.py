"""The text of a new plan for a difference in differences, for a person to complete (pure)."""

from __future__ import annotations

from workspace.toml_source import toml_text


def difference_plan_text(plan_id: str, title: str) -> str:
    """A plan that is complete but for the words in capitals."""
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, then run it on a file.
#   lifecourse evaluate run {plan_id}.toml --data FILE
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did THE PROGRAMME reduce OUTCOME?")}

[population]
units = "areas"                  # or "people"
# where = "year >= 2010"

[design]
method = "difference-in-differences"
treatment = "TREATED"            # a column that is 1 in every period for who is ever treated, else 0
unit = "AREA"                    # leave it out where each period has different people
time = "YEAR"                    # years, months (2014-03), quarters (2014-Q1), dates or numbers
seed = 1

[design.difference-in-differences]
start = 2020                     # the first treated period, written as the time column does

[[outcome]]
measure = "MEASURE"              # a column
role = "primary"                 # exactly one
kind = "continuous"              # or "binary", "count"
better = "lower"                 # or higher
minimum_important_difference = 1.0
mid_source = "WHY THIS SIZE MATTERS"

[analysis]
alpha = 0.05

[reporting]
# reported_by = 2027-03-31
"""
