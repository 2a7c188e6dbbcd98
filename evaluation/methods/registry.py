"""METHODS: the name a plan uses, to the method's settings, its function, and what it may claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from evaluation.methods import (
    cluster_randomised,
    cluster_settings,
    doubly_robust,
    interrupted_time_series,
    matching,
    nothing,
    randomised,
    weighting,
)
from evaluation.model import MethodResult
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.study_table import StudyTable
from workspace.toml_source import Section


@dataclass(frozen=True, slots=True)
class Method:
    """One way of identifying an effect.

    ``design_level`` is the highest security the design can earn (0 to 5); ``sms_level`` the highest level on
    the Maryland scale. ``reads``: a row a person (:class:`~evaluation.frame.AnalysisFrame`) or a row a unit and period
    (:class:`~evaluation.panels.frame.PanelFrame`). ``prepare`` derives what the data do not hold, such as the arm
    from a score and its cut-off. ``needs_treatment``: the plan names a column of the arm or group. ``alone``:
    the two levels without a comparison, where the method can do without.
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
    alone: tuple[int, int] | None = None

    def levels_of(self, *, compared: bool) -> tuple[int, int]:
        """Highest security and Maryland level, with a comparison or without."""
        return self.alone if self.alone and not compared else (self.design_level, self.sms_level)


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
        alone=interrupted_time_series.ALONE,
    ),
}

# Part of the plan's language, not of this version: named so that the message can say so.
LATER = (
    "difference-in-differences",
    "staggered-adoption",
    "synthetic-control",
    "regression-discontinuity",
    "before-after",
)
