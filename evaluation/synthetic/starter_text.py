"""The text of a new plan of a synthetic control, for a person to complete (pure)."""

from __future__ import annotations

from workspace.toml_source import toml_text


def areas_plan(plan_id: str, title: str) -> str:
    """A plan that is complete but for the words in capitals."""
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, lock it, then run it.
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did THE PROGRAMME reduce OUTCOME in AREA?")}
links = []                       # theory links it tests, like ["A1>O1"]

[population]
units = "areas"                  # a row an area and period
# where = "YEAR >= 2010"

[design]
method = "synthetic-control"
unit = "AREA_COLUMN"
time = "PERIOD_COLUMN"           # years, months (2014-03), quarters (2014-Q1) or dates
seed = 1

[design.synthetic-control]
treated_unit = "AREA"            # as the unit column writes it
start = 2019                     # first period with the programme
kind = "classic"                 # or "did", "augmented"
exclude_units = []               # areas that it may have reached, or that had one of their own

[[outcome]]
measure = "RATE"                 # a rate; counts need effect = "difference"
role = "primary"                 # exactly one
kind = "continuous"
better = "lower"                 # or higher
minimum_important_difference = 1
mid_source = "WHY THIS SIZE MATTERS"

[analysis]
alpha = 0.05

[reporting]
# reported_by = 2027-03-31
"""
