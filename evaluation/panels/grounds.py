"""What answers of methods for places and times rest on: what is assumed, and what follows if it fails (pure).

Each assumption names the checks that speak of it; where none could, or none
ran, the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluation.model import Check


@dataclass(frozen=True, slots=True)
class Ground:
    """One assumption, the names of the checks that speak of it, and what is wrong if it does not hold."""

    assumed: str
    otherwise: str
    spoken_of_by: tuple[str, ...] = ()

    def said(self, checks: Sequence[Check]) -> str:
        """What the checks found, that none spoke of it, or that none could."""
        if not self.spoken_of_by:
            return "these data cannot show it"
        found = [check for check in checks if check.name in self.spoken_of_by]
        if not found:
            return "no check spoke of it"
        return "; ".join(f"{check.name}: {RESULTS[check.result]}" for check in found)


RESULTS = {"pass": "passed", "warn": "a warning", "fail": "failed", "info": "see its note"}
OTHER_CHANGE = Ground(
    "Nothing else began at the same time that bears on the outcome.",
    "The effect of what else began is counted as the programme’s.",
)
ONE_GROUP = Ground(
    "Nothing else began at the same time in one group only.",
    "The effect of what else began is counted as the programme’s.",
)
AHEAD = Ground(
    "Nothing changed ahead of the start because the programme was coming.",
    "Part of the effect is taken for the time before, and the rest is measured from the wrong place.",
    ("anticipation", "placebo in time", "placebo starts", "earlier outcomes"),
)
SPILL = Ground(
    "What was done in one place changed nothing in the places it is compared with.",
    "If harm moved next door, the effect looks larger than it is; if good spread, smaller.",
    ("spillover", "displacement"),
)
COUNTED = Ground(
    "The outcome was counted in the same way throughout, and in full.",
    "A change of counting is taken for a change of what is counted.",
    ("definition", "whole periods", "missing cells", "gaps", "breaks", "recording", "units with gaps"),
)
ALIKE_BEFORE = (
    "pre-trend", "pre-trend power", "honest bounds", "smooth trends", "levels before", "periods before",
    "earlier trends", "alike before", "drift before the start",
)  # fmt: skip
WORST = Ground(
    "The places were not chosen because they had just been at their worst, or this was corrected for.",
    "What is worst today is seldom as bad tomorrow, whatever is done: that fall is counted as the programme’s.",
    ("regression to the mean", "those not chosen", "threshold"),
)
GROUNDS: dict[str, tuple[Ground, ...]] = {
    "difference-in-differences": (
        Ground(
            "Without the programme both groups would have changed by the same amount.",
            "A difference that was coming anyway is counted as the programme’s.",
            ALIKE_BEFORE,
        ),
        replace(ONE_GROUP, spoken_of_by=("shared shocks",)),
        AHEAD,
        SPILL,
        COUNTED,
        Ground(
            "Each group is made up of the same kind of units before and after.",
            "A change of who is counted is taken for a change of what happens to them.",
            ("units left out", "units with gaps"),
        ),
    ),
    "staggered-adoption": (
        Ground(
            "Without the programme, units that had it would have changed as those that did not have it yet, or never.",
            "A difference that was coming anyway is counted as the programme’s.",
            ALIKE_BEFORE,
        ),
        Ground(
            "When each began had nothing to do with what was about to happen there.",
            "Places that began because things were bad, or about to mend, make the effect look other than it is.",
            ("starts", "randomisation test", "baseline values"),
        ),
        Ground(
            "Once begun, the programme stayed: nobody stopped.",
            "Times without the programme are counted as times with it.",
            ("already treated", "starts"),
        ),
        AHEAD,
        SPILL,
        COUNTED,
    ),
    "interrupted-time-series": (
        Ground(
            "Without the programme the series would have gone on as it went before, its seasons included.",
            "A turn that was coming anyway is counted as the programme’s.",
            (
                "periods before",
                "periods after",
                "straight trend",
                "history",
                "season",
                "season left over",
                "placebo starts",
            ),
        ),
        OTHER_CHANGE,
        Ground(
            "What is left of the series after the model is like noise, or the error allows for what is not.",
            "The interval is too narrow.",
            ("autocorrelation", "dispersion", "degrees of freedom"),
        ),
        Ground(
            "A comparison series, where there is one, was not touched by the programme and moved alike before.",
            "What the programme did to it is taken from, or added to, the effect.",
            ("comparison", "comparison changed", "series differ", "placebo series"),
        ),
        AHEAD,
        COUNTED,
    ),
    "synthetic-control": (
        Ground(
            "The weighted mix of other areas would have gone on moving as the treated one had it had no programme.",
            "A gap that was coming anyway is counted as the programme’s.",
            ("fit before", "fitted like donors", "within the donors", "periods before", "placebo in time"),
        ),
        Ground(
            "Nothing else happened to the treated area, or to those that make up its mix, after the start.",
            "A shock to either is counted as the programme’s effect.",
            ("placebo in space", "one donor out", "largest weight", "donors"),
        ),
        AHEAD,
        SPILL,
        COUNTED,
    ),
    "regression-discontinuity": (
        Ground(
            "Without the programme the outcome would run on smoothly across the cut-off.",
            "A jump that is there anyway is counted as the programme’s.",
            ("covariates at the cut-off", "placebo cut-offs"),
        ),
        Ground(
            "Nobody could set their own score to fall on the side they wanted.",
            "Those on either side differ by more than the score.",
            ("density",),
        ),
        Ground("Nothing else changes at the same cut-off.", "Its effect is counted as the programme’s."),
        Ground(
            "The line fitted on each side is right near the cut-off.",
            "A bend of the outcome is taken for a jump.",
            ("bias of the line", "near the cut-off", "scores near the cut-off", "different scores"),
        ),
    ),
    "before-after": (
        Ground(
            "Without the programme places would have kept their own level, but for chance.",
            "Whatever changed by itself is counted as the programme’s. This is why nothing is claimed.",
        ),
        OTHER_CHANGE,
        WORST,
        COUNTED,
    ),
    "displacement-difference": (
        Ground(
            "Without the programme the places would have changed as the comparison places did.",
            "A difference that was coming anyway is counted as the programme’s.",
            ALIKE_BEFORE,
        ),
        Ground(
            "What moved away went no further than the buffers around the places.",
            "What moved further is missed, and the effect looks larger than it is.",
            ("displacement", "zones"),
        ),
        WORST,
        ONE_GROUP,
        COUNTED,
    ),
    "day-crossover": (
        Ground(
            "Days with and without the programme would have been alike but for it.",
            "What else sets the days apart is counted as the programme’s.",
            ("allocation by chance", "treated days and the day before", "weekdays"),
        ),
        Ground(
            "What a day with the programme did was over before the next day without it.",
            "The days without it are partly days with it, and the effect looks smaller than it is.",
            ("carry-over", "days"),
        ),
        Ground(
            "How busy the place is does not depend on the day before, or the error allows for it.",
            "The interval is too narrow.",
            ("autocorrelation",),
        ),
        COUNTED,
    ),
}
ANSWERING = (
    "Figures for each month, two years or more before the start and one after, would show where the series was going "
    "(interrupted time series).",
    "The same figures for places or people without the programme would show what happened anyway "
    "(difference in differences; synthetic control for one place).",
    "If places were chosen because they were worst, the years before that choice show how much would have fallen back "
    "by itself.",
)


def grounds_of(method: str) -> tuple[Ground, ...]:
    """What a method's answer rests on; nothing for methods that compare people at one time."""
    return GROUNDS.get(method, ())
