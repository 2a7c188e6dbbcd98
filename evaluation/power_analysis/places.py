"""Places and days: weighted displacement difference, days drawn by lot, and one design that can show nothing (pure).

Source: Wheeler and Ratcliffe (2018) for the variance of a displacement difference: the sum of its eight counts.
"""

from __future__ import annotations

from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.panels import NO_PERIODS
from evaluation.power_analysis.sizes import Size
from evaluation.power_analysis.stated import Factors, Gathering

NO_PLACES = "the number of treated and of control places is not known yet"


def displacement(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """Eight counts: places and their buffers, treated and control, before and after; as many events in each buffer."""
    if not size.treated or not size.comparison:
        return NO_PLACES
    if not size.before or not size.after:
        return NO_PERIODS
    settings = plan.design.settings
    if settings.scale == "rates" or settings.harm_weights or settings.category:
        return "rates and weights of harm hang on the sizes and kinds of the places, which no key states"
    even = size.after / size.before
    windows = size.after + even**2 * size.before
    gathering.notes.append(
        "expected_rate is the events of one place in one period; buffers are taken to hold as many. The effect is a "
        "number of events over all treated places, their buffers, and all periods after the start."
    )
    scaled = (size.treated / size.comparison) ** 2 * size.comparison
    return Factors(2 * windows * size.treated, 2 * windows * scaled)


def days(plan: AnalysisPlan, size: Size, gathering: Gathering) -> Factors | str:
    """Days of each kind. With days drawn one by one neighbouring days' likeness does not add to the error."""
    if not size.treated or not size.comparison:
        return "the number of treated and of other days (places times days) is not known yet"
    settings = plan.design.settings
    kept = 0.5**settings.washout if settings.washout_rule == "drop" else 1.0
    if settings.washout and kept < 1:
        gathering.notes.append(
            f"Of days drawn one by one a washout of {settings.washout} leaves about {100 * kept:.0f} %."
        )
    if settings.allocation == "picked":
        gathering.notes.append(
            "Days that were picked, not drawn, may be alike in runs: that is not in these figures."
        )
    left = gathering.left()
    return Factors(left / (size.treated * kept), left / (size.comparison * kept))


def before_after(plan: AnalysisPlan, size: Size, gathering: Gathering) -> str:
    """Why nothing is worked out."""
    return "without a comparison it can never find an effect nor rule one out, however many people there are"
