"""The text of a new plan, for a person to complete (pure)."""

from __future__ import annotations

from evaluation.panels.starter_text import panel_part
from workspace.toml_source import toml_text

_METHOD = {
    "randomised": """[design.randomised]
adjust = "ancova"                # or "none"
errors = "HC2"                   # classical | HC0 | HC1 | HC2 | HC3
""",
    "cluster-randomised": """[design.cluster-randomised]
intervention_level = "cluster"   # or "individual": people allocated within clusters
icc = 0.20                       # for the lock: share of the variance between clusters
""",
    "matching": """[design.matching]
ratio = 1
caliper = 0.2                    # in SD of the logit score; 0 means none
replace = false
""",
    "regression-discontinuity": """[design.regression-discontinuity]
running = "SCORE"                # the score that decides who is treated
cutoff = 0                       # whoever reaches it is
treated_above = true             # false: at or below it
# fuzzy = "RECEIVED"             # where not everybody kept to it: 1 for who received it
bandwidth = "mse"
""",
}
EXPECTED = "# expected_rate = 0.4            # lets the lock work out what can be shown\n"
_ESTIMAND = {"matching": "ATT", "regression-discontinuity": "cut-off"}


def starter_plan(plan_id: str, title: str, method: str, cohort: str) -> str:
    """A plan that is complete but for the words in capitals."""
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, lock it, then run it.
#   lifecourse plan check {plan_id}
#   lifecourse plan lock {plan_id}
#   lifecourse evaluate run {plan_id}
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did THE PROGRAMME reduce OUTCOME?")}
links = []                       # theory links it tests, like ["A1>O1"]

{panel_part(method) or _people_part(method, cohort)}mid_source = "WHY THIS SIZE MATTERS"
{"" if panel_part(method) else EXPECTED}
[analysis]
alpha = 0.05

[reporting]
# reported_by = 2027-03-31
"""


def _people_part(method: str, cohort: str) -> str:
    """Population, design and the outcome up to its margin, of a method that takes a row a person."""
    cluster = (
        '\ncluster = "CLUSTER"              # schools, wings, areas' if method == "cluster-randomised" else ""
    )
    estimand = _ESTIMAND.get(method, "ATE")
    by_score = method == "regression-discontinuity"
    treatment = "" if by_score else '\ntreatment = "TREATED"            # a variable that is 1 or 0'
    return f"""[population]
cohort = {toml_text(cohort or "COHORT")}
# where = "age >= 18"

[design]
method = "{method}"{treatment}
estimand = "{estimand}"
covariates = ["COVARIATE"]       # what was known before{cluster}
seed = 1

{_METHOD.get(method, "")}
[[outcome]]
measure = "MEASURE"              # a measure of the theory or the catalogue, or a variable
role = "primary"                 # exactly one
kind = "binary"                  # or continuous
better = "lower"                 # or higher
minimum_important_difference = 0.05
"""
