"""The text of a new plan of staggered adoption, for a person to complete (pure)."""

from __future__ import annotations

from workspace.toml_source import toml_text


def staggered_plan_text(plan_id: str, title: str) -> str:
    """A plan that is complete but for the words in capitals."""
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, lock it, then run it.
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did THE PROGRAMME reduce OUTCOME where it started?")}
links = []                       # theory links it tests, like ["A1>O1"]

[population]
units = "areas"                  # or "people": a row a unit and period
# where = "YEAR >= 2010"

[design]
method = "staggered-adoption"
unit = "UNIT_COLUMN"
time = "PERIOD_COLUMN"           # years, months (2014-03), quarters (2014-Q1) or dates
seed = 1

[design.staggered-adoption]
first_treated = "START_COLUMN"   # first treated period of the unit; 0 or blank: never
comparison = "never"             # or "not-yet": also units that start later
aggregate = "group"              # or "simple", "dynamic", "calendar"
# estimator = "efficient"        # where chance decided who started when

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
