"""The text of a new plan about a series, for a person to complete (pure)."""

from __future__ import annotations

from workspace.toml_source import toml_text


def series_plan_text(plan_id: str, title: str) -> str:
    """A plan of an interrupted time series that is complete but for the words in capitals."""
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, lock it, then run it.
#   lifecourse plan check {plan_id}
#   lifecourse plan lock {plan_id}
#   lifecourse evaluate run {plan_id}
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did OUTCOME change when THE PROGRAMME began?")}
links = []                       # theory links it tests, like ["A1>O1"]

[population]
units = "areas"
# definition = "CODING"          # a column: under which definition a value was counted
# where = "month >= '2014-01'"

[design]
method = "interrupted-time-series"
time = "MONTH"                   # years, quarters (2014-Q1), months (2014-03) or dates
# unit = "AREA"                  # where there are several series
# treatment = "TREATED"          # 1: series of the programme, 0: of a comparison. Far better than none
seed = 1

[design.interrupted-time-series]
start = "2020-01"                # the first period of the programme
# offset = "POPULATION"          # the population at risk
# exclude = [["2020-03", "2021-06"]]   # lockdowns
# breaks = ["2021-07"]           # from when recording changed
# phase_in = 3                   # or washout = 3

[[outcome]]
measure = "MEASURE"
role = "primary"                 # exactly one
kind = "count"                   # or continuous
better = "lower"                 # or higher
minimum_important_difference = 0.85
mid_source = "WHY THIS SIZE MATTERS"

[analysis]
alpha = 0.05

[reporting]
# reported_by = 2027-03-31
"""
