"""The text of a new plan of a panel or a series, for a person to complete (pure)."""

from __future__ import annotations

from dataclasses import dataclass

_UNIT = 'unit = "UNIT"                    # the column of areas (or of people, with units = "people")\n'
_GROUP = (
    'treatment = "GROUP"              # a column that is 1 for the group with the programme, at all times\n'
)
_CHOSEN = 'treatment = "CHOSEN"             # a column that is 1 for those chosen, 0 for the others\n'
_DAYS = 'treatment = "TREATED"            # a column that is 1 on treated days, 0 on others\n'
_BESIDE = '# treatment = "GROUP"            # with a comparison series: 1 for the treated series\n'
_START = "start = 2024                     # first period with the programme, as the time column writes it\n"


@dataclass(frozen=True, slots=True)
class _Text:
    """A method's own: lines of the design, settings, the outcome's kind and effect, a margin."""

    design: str
    settings: str
    kind: str = "continuous"
    effect: str = ""
    margin: str = "1"


_TEXTS = {
    "difference-in-differences": _Text(_UNIT + _GROUP, _START),
    "staggered-adoption": _Text(
        _UNIT,
        'first_treated = "STARTED"        # a column: the unit\'s first treated period; 0 or blank: never\n'
        'comparison = "never"             # or "not-yet": also units that start later\n'
        'aggregate = "group"              # or "simple", "dynamic", "calendar"\n'
        '# estimator = "efficient"        # where chance decided who started when\n',
    ),
    "interrupted-time-series": _Text(
        _UNIT + _BESIDE,
        _START
        + 'seasonality = "none"             # or "harmonics", "dummies"\n'
        + 'family = "poisson"               # or "negative-binomial"; "gaussian" for rates\n'
        '# offset = "POPULATION"          # the population at risk\n'
        '# exclude = [["2020-03", "2021-06"]]   # lockdowns\n'
        '# breaks = ["2021-07"]           # from when recording changed\n'
        "# phase_in = 3                   # or washout = 3\n",
        "count",
        "rate-ratio",
        "0.9",
    ),
    "synthetic-control": _Text(
        _UNIT,
        'treated_unit = "AREA"            # as the unit column writes it\n'
        + _START
        + 'kind = "classic"                 # or "did", "augmented"\n'
        "exclude_units = []               # areas that it may have reached, or that had one of their own\n",
    ),
    "displacement-difference": _Text(
        _UNIT,
        _START
        + 'zone = "ZONE"                    # a column: treated, control, treated-buffer or control-buffer\n',
        "count",
        "difference",
        "10",
    ),
    "day-crossover": _Text(
        _UNIT + _DAYS,
        'allocation = "random"            # days were drawn by lot, or "picked"\n'
        "washout = 1                      # days after a change that are left out\n",
        "count",
        "rate-ratio",
        "0.9",
    ),
    "before-after": _Text(
        _UNIT + _CHOSEN,
        _START + 'chosen_by = "worst"              # "threshold", or "other": not because of the outcome\n'
        "chosen_on = [2023]               # the periods the choice looked at\n",
        "count",
        "rate-ratio",
        "0.9",
    ),
}


def panel_part(method: str) -> str:
    """Population, design and the outcome up to its margin; empty for a method that takes a row a person."""
    if method not in _TEXTS:
        return ""
    text = _TEXTS[method]
    measure = "a column of counts" if text.kind == "count" else "a column of rates or scores"
    effect = f'effect = "{text.effect}"\n' if text.effect else ""
    return f"""[population]
units = "areas"                  # or "people"
# where = "year >= 2010"

[design]
method = "{method}"
{text.design}time = "PERIOD"                  # years, quarters (2014-Q1), months (2014-03) or dates
seed = 1

[design.{method}]
{text.settings}
[[outcome]]
measure = "MEASURE"              # {measure}
role = "primary"                 # exactly one
kind = "{text.kind}"
{effect}better = "lower"                 # or higher
minimum_important_difference = {text.margin}
"""
