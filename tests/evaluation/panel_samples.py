"""Made-up results of each method for places and times, as a report would be given them. No number in them is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from evaluation.model import (
    Check,
    DataFacts,
    Estimate,
    FlowStep,
    OutcomeResult,
    PathRow,
    Result,
    SecurityFact,
    Sensitivity,
)
from tests.evaluation import figure_samples as drawn
from tests.evaluation.report_builders import PLAN, binary_estimate, outcome, result, score, score_estimate

FLOW = (
    FlowStep("in the data", 2340, ""),
    FlowStep("meets the plan's rule", 2280, "rule not met, or not known"),
    FlowStep("outcome seen", 2274, "outcome missing"),
)
CHECKS = (
    Check("units", "info", 1.0, None, "none", "1 treated and 38 comparison areas."),
    Check("missing cells", "pass", 0.003, 0.05, "none", "0.3 % of cells of units and periods are missing."),
    Check("definition", "warn", 1.0, None, "downgrade",
          "The definition changed for all at once (2015-04): shared by the comparison, if it bore on all alike."),
)  # fmt: skip


def area_estimate(**changes: Any) -> Estimate:
    """A fall of 6.1 offences per 1,000 with one treated area."""
    whole: dict[str, Any] = {
        "estimand": "ATT",
        "value": -6.12,
        "std_error": 1.94,
        "conf_low": -9.9,
        "conf_high": -2.3,
        "narrow_low": -9.3,
        "narrow_high": -2.9,
        "p_value": 0.026,
        "p_value_adjusted": 0.026,
        "df": None,
        "n_treated": 1,
        "n_comparison": 38,
        "n_clusters": 39,
        "treated_mean": 31.4,
        "comparison_mean": 37.5,
        "outcome_sd": None,
        "standardised": None,
    }
    return score_estimate(**(whole | changes))


def place(answer: Any = "works", detail: str = "size-uncertain", **changes: Any) -> OutcomeResult:
    """An outcome of areas."""
    facts = (
        SecurityFact("design", 4, "synthetic-control: 4 at most"),
        SecurityFact("size", 3, "could detect 1.40 times the difference that matters four times in five"),
        SecurityFact("attrition", 5, "0 % of outcomes missing"),
    )
    name = changes.get("name", "violent offences per 1,000")
    said = {
        "sentence": f"The programme led to a better result on {name}: between 2.3 and 9.9 per 1,000 lower.",
        "can_say": (
            f"On {name}, areas with the programme came out between 2.3 and 9.9 lower than expected.",
        ),
        "cannot_say": ("That it holds for areas unlike these.",),
        "security_facts": facts,
    } | changes.pop("said", {})
    ways = (
        Sensitivity("each donor left out in turn: nearest to nought", area_estimate(value=-4.9)),
        Sensitivity(
            "start moved two years back, as if", area_estimate(value=0.3, conf_low=-2.8, conf_high=3.4)
        ),
    )
    whole: dict[str, Any] = {
        "measure": "violence",
        "name": name,
        "role": "primary",
        "kind": "continuous",
        "better": "lower",
        "unit": "offences per 1,000",
        "minimum_important_difference": 4.0,
        "mid_source": "partnership board, 2026",
        "estimate": area_estimate(),
        "checks": CHECKS,
        "balance": (),
        "sensitivity": ways,
        "flow": FLOW,
        "units": "areas",
        "said": said,
    }
    return outcome(answer, detail, **(whole | changes))


def of(method: str, identifies: str, *outcomes: OutcomeResult, **changes: Any) -> Result:
    """An evaluation of areas by one method."""
    whole: dict[str, Any] = {
        "method": method,
        "identifies": identifies,
        "plan": replace(
            PLAN, id="PLAN-021", title="Did violence fall in Northshire because of the programme?"
        ),
        "data": DataFacts(2340, "cd34" * 16, ""),
        "flow": FLOW,
        "links": (),
        "settings": (("Assumes", "What is assumed of this method."),),
        "ladders": {"sms": 3, "padlocks": 3},
    }
    return result(*outcomes, **(whole | changes))


def synthetic_control() -> Result:
    """One treated area, two figures, weights, placebos."""
    rows = tuple(PathRow(f"gap: {year}", -0.3, None, None, None) for year in drawn.YEARS)
    main = place(figures=(drawn.two_paths(), drawn.gaps()), tables=(drawn.WEIGHTS,), path=rows)
    return of("synthetic-control", "a weighted mix of areas that moved alike before the start", main)


def difference_in_differences() -> Result:
    """An event study with both bands; a table with p-values."""
    effect = area_estimate(
        value=-2.4, conf_low=-5.1, conf_high=0.3, narrow_low=-4.7, narrow_high=-0.1, n_treated=12
    )
    main = place(
        "inconclusive",
        "harm-ruled-out",
        name="admissions per 100,000",
        unit="admissions per 100,000",
        estimate=replace(effect, n_comparison=27),
        figures=(drawn.event_study(),),
    )
    return of("difference-in-differences", "change against change in areas without the programme", main)


def staggered_adoption() -> Result:
    """Groups that began at different times."""
    main = place(
        name="employment (log)",
        better="higher",
        unit="",
        minimum_important_difference=0.02,
        estimate=area_estimate(
            value=-0.04, conf_low=-0.064, conf_high=-0.016, n_treated=191, n_comparison=309
        ),
        figures=(drawn.groups(),),
        tables=(drawn.GROUP_TIME,),
    )
    return of("staggered-adoption", "areas that begin later, or never, at the same time", main)


def interrupted_time_series() -> Result:
    """One series with its what-if line."""
    main = place(
        name="knife admissions",
        unit="a month per 100,000",
        estimate=area_estimate(n_comparison=0, n_clusters=None, df=55.0, comparison_mean=34.9),
        figures=(drawn.what_if(),),
        said={"security": 2},
    )
    return of("interrupted-time-series", "the series' own course before the start", main, ladders={"sms": 2})


def regression_discontinuity() -> Result:
    """People either side of a cut-off."""
    effect = binary_estimate(value=-0.07, conf_low=-0.121, conf_high=-0.019, n_treated=812, n_comparison=904)
    main = outcome("works", "size-uncertain", estimate=effect, figures=(drawn.cut_off(), drawn.density()))
    return result(
        main, method="regression-discontinuity", identifies="people just either side of a cut-off", links=()
    )


def before_after() -> Result:
    """A change with nothing to compare it with."""
    facts = (SecurityFact("design", 0, "before-after: 0 at most"),)
    main = place(
        "changed",
        "",
        name="offences in the hotspot",
        unit="offences a month",
        estimate=area_estimate(n_treated=3, n_comparison=0, n_clusters=None),
        said={
            "security": 0,
            "security_facts": facts,
            "sentence": "Offences changed, but nothing shows what would have happened otherwise.",
        },
    )
    return of("before-after", "nothing: what would have happened is not known", main, ladders={"sms": 1})


def displacement_difference() -> Result:
    """Effects of areas side by side, and a second outcome without figures."""
    main = place(figures=(drawn.areas(),), estimate=area_estimate(n_treated=5, n_comparison=5))
    return of(
        "displacement-difference",
        "like areas elsewhere, buffers counted in",
        main,
        score(role="secondary", units="areas"),
    )


def withheld_figures() -> Result:
    """A share that stands for few people: nothing may be drawn of it."""
    few = binary_estimate(
        treated_mean=7 / 412, comparison_mean=0.2, value=-0.18, conf_low=-0.22, conf_high=-0.14
    )
    main = outcome(
        "works", "meaningful", estimate=few, figures=(drawn.cut_off(),), tables=(drawn.GROUP_TIME,)
    )
    return result(main, method="regression-discontinuity")


PANEL_SAMPLES: dict[str, Callable[[], Result]] = {
    "synthetic-control": synthetic_control,
    "difference-in-differences": difference_in_differences,
    "staggered-adoption": staggered_adoption,
    "interrupted-time-series": interrupted_time_series,
    "regression-discontinuity": regression_discontinuity,
    "before-after": before_after,
    "displacement-difference": displacement_difference,
    "withheld-figures": withheld_figures,
}
