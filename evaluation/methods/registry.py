"""METHODS: the name a plan uses, to the method's settings, its function, and what it may claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from evaluation.discontinuity import settings as discontinuity
from evaluation.methods import (
    before_after,
    cluster_randomised,
    cluster_settings,
    day_crossover,
    difference_in_differences,
    displacement_difference,
    doubly_robust,
    interrupted_time_series,
    matching,
    nothing,
    randomised,
    regression_discontinuity,
    staggered_adoption,
    synthetic_control,
    weighting,
)
from evaluation.model import MethodResult
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.study_table import StudyTable
from workspace.toml_source import Section

HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Method:
    """One way of identifying an effect.

    ``design_level`` is the highest security the design can earn (0 to 5); ``sms_level`` the highest level on
    the Maryland scale. ``reads``: a row a person (:class:`~evaluation.frame.AnalysisFrame`) or a row a unit and period
    (:class:`~evaluation.panels.frame.PanelFrame`). ``prepare`` derives what the data do not hold, such as the arm
    from a score and its cut-off. ``needs_treatment``: the plan names a column of the arm or group. ``levels``:
    what the two levels are for a given design, where that differs.
    """

    name: str
    identifies: str
    assumes: str
    kinds: tuple[str, ...]
    estimands: tuple[str, ...]
    design_level: int
    sms_level: int
    read_settings: Callable[[Section | None], Any]
    check_design: Callable[[Design, Section], None]
    estimate: Callable[[Any, AnalysisPlan, PlannedOutcome], MethodResult]
    describe: Callable[[Any, Design], tuple[tuple[str, str], ...]]
    check_outcome: Callable[[Design, PlannedOutcome], str]
    reads: Literal["people", "panel"] = "people"
    needs_treatment: bool = True
    prepare: Callable[[StudyTable, AnalysisPlan], tuple[StudyTable, AnalysisPlan]] | None = None
    levels: Callable[[Design], tuple[int, int]] | None = None

    def levels_of(self, design: Design) -> tuple[int, int]:
        """Highest security and Maryland level of a design: fewer where a variant of the method knows less."""
        return self.levels(design) if self.levels else (self.design_level, self.sms_level)


METHODS: dict[str, Method] = {
    "randomised": Method(
        name="randomised",
        identifies="individual allocation by chance",
        assumes=(
            "Allocation was by chance and was kept; one person's treatment does not change another's outcome."
        ),
        kinds=("continuous", "binary", "count", "ordinal", "time-to-event"),
        estimands=("ATE",),
        design_level=5,
        sms_level=5,
        read_settings=randomised.read_settings,
        check_design=randomised.check_design,
        estimate=randomised.estimate_effect,
        describe=randomised.describe,
        check_outcome=randomised.check_outcome,
    ),
    "cluster-randomised": Method(
        name="cluster-randomised",
        identifies="allocation of whole clusters by chance, or of people within them",
        assumes=(
            "Allocation was by chance and was kept; one cluster's treatment does not change another's outcomes."
        ),
        kinds=("continuous", "binary", "count"),
        estimands=("ATE",),
        design_level=5,
        sms_level=5,
        read_settings=cluster_settings.read_settings,
        check_design=cluster_settings.check_design,
        estimate=cluster_randomised.estimate_effect,
        describe=cluster_settings.describe,
        check_outcome=cluster_settings.check_outcome,
    ),
    "matching": Method(
        name="matching",
        identifies="comparison with people alike on what was observed",
        assumes=(
            "Everything that decided who was treated and also bears on the outcome is among the covariates."
        ),
        kinds=("continuous", "binary", "count", "time-to-event"),
        estimands=("ATT",),
        design_level=3,
        sms_level=2,
        read_settings=matching.read_settings,
        check_design=matching.check_design,
        estimate=matching.estimate_effect,
        describe=matching.describe,
        check_outcome=matching.check_outcome,
    ),
    "weighting": Method(
        name="weighting",
        identifies="comparison with people weighted to be alike on what was observed",
        assumes=(
            "Everything that decided who was treated and also bears on the outcome is among the covariates, and "
            "nobody's treatment was certain."
        ),
        kinds=("continuous", "binary", "count", "time-to-event"),
        estimands=("ATT", "ATE", "ATO"),
        design_level=3,
        sms_level=2,
        read_settings=weighting.read_settings,
        check_design=weighting.check_design,
        estimate=weighting.estimate_effect,
        describe=weighting.describe,
        check_outcome=nothing.anything,
    ),
    "doubly-robust": Method(
        name="doubly-robust",
        identifies="comparison adjusted by a model of who was treated and a model of the outcome",
        assumes=(
            "Everything that decided who was treated and also bears on the outcome is among the covariates; nobody's "
            "treatment was certain; at least one of the two models is right."
        ),
        kinds=("continuous", "binary", "count"),
        estimands=("ATE", "ATT"),
        design_level=3,
        sms_level=2,
        read_settings=doubly_robust.read_settings,
        check_design=doubly_robust.check_design,
        estimate=doubly_robust.estimate_effect,
        describe=doubly_robust.describe,
        check_outcome=doubly_robust.check_outcome,
    ),
    "difference-in-differences": Method(
        name="difference-in-differences",
        identifies="the change of a group that was not treated over the same time",
        assumes=(
            "Without the programme the means of both groups would have moved in parallel; nobody acted on it before it "
            "started; all who are treated started at once."
        ),
        kinds=("continuous", "binary", "count"),
        estimands=("ATT",),
        design_level=4,
        sms_level=3,
        read_settings=difference_in_differences.read_settings,
        check_design=difference_in_differences.check_design,
        estimate=difference_in_differences.estimate_effect,
        describe=difference_in_differences.describe,
        check_outcome=difference_in_differences.check_outcome,
        reads="panel",
    ),
    "staggered-adoption": Method(
        name="staggered-adoption",
        identifies="comparison of units by when they start with units not yet started",
        assumes=(
            "Cohorts by start and their controls would have run parallel without the programme (or chance drew the "
            "starts); nothing changed before the start; one unit's start does not change another's outcome."
        ),
        kinds=("continuous", "binary", "count"),
        estimands=("ATT",),
        design_level=4,
        sms_level=3,
        read_settings=staggered_adoption.read_settings,
        check_design=staggered_adoption.check_design,
        estimate=staggered_adoption.estimate_effect,
        describe=staggered_adoption.describe,
        check_outcome=staggered_adoption.check_outcome,
        reads="panel",
        needs_treatment=False,
    ),
    "interrupted-time-series": Method(
        name="interrupted-time-series",
        identifies="the series' own past, with or without a comparison series",
        assumes=(
            "Without the programme the series would have gone on as its past did, or changed as its comparison did; "
            "nothing else that bears on it began at the same time; it was recorded alike throughout."
        ),
        kinds=("continuous", "count"),
        estimands=("ATT",),
        design_level=4,
        sms_level=3,
        read_settings=interrupted_time_series.read_settings,
        check_design=interrupted_time_series.check_design,
        estimate=interrupted_time_series.estimate_effect,
        describe=interrupted_time_series.describe,
        check_outcome=interrupted_time_series.check_outcome,
        reads="panel",
        needs_treatment=False,
        levels=interrupted_time_series.levels,
    ),
    "synthetic-control": Method(
        name="synthetic-control",
        identifies="a weighted pool of other areas that moved alike before the start",
        assumes=(
            "Without the programme the treated area would have gone on as its pool did; nothing else happened there or "
            "in a donor with weight; the programme did not reach the donors."
        ),
        kinds=("continuous", "count"),
        estimands=("ATT",),
        design_level=4,
        sms_level=3,
        read_settings=synthetic_control.read_settings,
        check_design=synthetic_control.check_design,
        estimate=synthetic_control.estimate_effect,
        describe=synthetic_control.describe,
        check_outcome=synthetic_control.check_outcome,
        reads="panel",
        needs_treatment=False,
    ),
    "regression-discontinuity": Method(
        name="regression-discontinuity",
        identifies="a cut-off of a score that decides who is treated",
        assumes=(
            "Nobody near the cut-off could choose their side of it; nothing else changes there; without the programme "
            "outcomes would go on smoothly across it."
        ),
        kinds=("continuous", "binary"),
        estimands=("cut-off",),
        design_level=4,
        sms_level=4,
        read_settings=discontinuity.read_settings,
        check_design=discontinuity.check_design,
        estimate=regression_discontinuity.estimate_effect,
        describe=discontinuity.describe,
        check_outcome=discontinuity.check_outcome,
        needs_treatment=False,
        prepare=regression_discontinuity.derive_arm,
    ),
    "displacement-difference": Method(
        name="displacement-difference",
        identifies="treated places and the streets around them against control places and theirs",
        assumes=(
            "Without the programme treated and control places would have changed by as many events; what moved, moved "
            "into the buffers; controls and their buffers were not touched."
        ),
        kinds=("count",),
        estimands=("ATT",),
        design_level=4,
        sms_level=3,
        read_settings=displacement_difference.read_settings,
        check_design=displacement_difference.check_design,
        estimate=displacement_difference.estimate_effect,
        describe=displacement_difference.describe,
        check_outcome=displacement_difference.check_outcome,
        reads="panel",
        needs_treatment=False,
        prepare=displacement_difference.prepare,
    ),
    "day-crossover": Method(
        name="day-crossover",
        identifies="days drawn by lot for treatment, place by place",
        assumes=(
            "Which days were treated was drawn by lot; one place's treatment does not change another's events; what a "
            "treated day does is over after the washout."
        ),
        kinds=("continuous", "count"),
        estimands=("ATE",),
        design_level=5,
        sms_level=5,
        read_settings=day_crossover.read_settings,
        check_design=day_crossover.check_design,
        estimate=day_crossover.estimate_effect,
        describe=day_crossover.describe,
        check_outcome=day_crossover.check_outcome,
        reads="panel",
        levels=day_crossover.levels,
    ),
    "before-after": Method(
        name="before-after",
        identifies="nothing: there is no comparison",
        assumes=(
            "Nothing else changed at the start; places keep their level but for chance; those chosen were chosen on "
            "nothing of the outcome but what the file holds."
        ),
        kinds=("continuous", "count"),
        estimands=("ATT",),
        design_level=0,
        sms_level=1,
        read_settings=before_after.read_settings,
        check_design=before_after.check_design,
        estimate=before_after.estimate_effect,
        describe=before_after.describe,
        check_outcome=before_after.check_outcome,
        reads="panel",
        needs_treatment=False,
    ),
}


def by_chance(design: Design) -> bool:
    """Say whether chance decided who was treated: no other design can earn the highest security."""
    return METHODS[design.method].levels_of(design)[0] == HIGHEST
