"""The text of a new plan, for a person to complete (pure)."""

from __future__ import annotations

from evaluation.differences_in_time.starter_text import difference_plan_text
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
}


def starter_plan(plan_id: str, title: str, method: str, cohort: str) -> str:
    """A plan that is complete but for the words in capitals."""
    if method == "difference-in-differences":
        return difference_plan_text(plan_id, title)
    cluster = (
        '\ncluster = "CLUSTER"              # schools, wings, areas' if method == "cluster-randomised" else ""
    )
    estimand = "ATT" if method == "matching" else "ATE"
    return f"""# An analysis plan. It is run exactly as written: complete it, check it, lock it, then run it.
#   lifecourse plan check {plan_id}
#   lifecourse plan lock {plan_id}
#   lifecourse evaluate run {plan_id}
[plan]
id = "{plan_id}"
title = {toml_text(title or "Did THE PROGRAMME reduce OUTCOME?")}
links = []                       # theory links it tests, like ["A1>O1"]

[population]
cohort = {toml_text(cohort or "COHORT")}
# where = "age >= 18"

[design]
method = "{method}"
treatment = "TREATED"            # a variable that is 1 or 0
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
mid_source = "WHY THIS SIZE MATTERS"
# expected_rate = 0.4            # lets the lock work out what can be shown

[analysis]
alpha = 0.05

[reporting]
# reported_by = 2027-03-31
"""
