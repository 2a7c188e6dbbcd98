"""METHODS: the name a plan uses, to the method's settings, its function, and what it may claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evaluation.frame import AnalysisFrame
from evaluation.methods import cluster_randomised, matching, randomised
from evaluation.model import MethodResult
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from workspace.toml_source import Section


@dataclass(frozen=True, slots=True)
class Method:
    """One way of identifying an effect.

    ``design_level`` is the highest security the design can earn (0 to 5); ``sms_level`` the highest level on
    the Maryland scale. ``caveats`` are printed with every result.
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
    estimate: Callable[[AnalysisFrame, AnalysisPlan, PlannedOutcome], MethodResult]
    describe: Callable[[Any, Design], tuple[tuple[str, str], ...]]


METHODS: dict[str, Method] = {
    "randomised": Method(
        name="randomised",
        identifies="individual allocation by chance",
        assumes=(
            "Allocation was by chance and was kept; one person's treatment does not change another's outcome."
        ),
        kinds=("continuous", "binary"),
        estimands=("ATE",),
        design_level=5,
        sms_level=5,
        read_settings=randomised.read_settings,
        check_design=randomised.check_design,
        estimate=randomised.estimate_effect,
        describe=randomised.describe,
    ),
    "cluster-randomised": Method(
        name="cluster-randomised",
        identifies="allocation of whole clusters by chance, or of people within them",
        assumes=(
            "Allocation was by chance and was kept; one cluster's treatment does not change another's outcomes."
        ),
        kinds=("continuous", "binary"),
        estimands=("ATE",),
        design_level=5,
        sms_level=5,
        read_settings=cluster_randomised.read_settings,
        check_design=cluster_randomised.check_design,
        estimate=cluster_randomised.estimate_effect,
        describe=cluster_randomised.describe,
    ),
    "matching": Method(
        name="matching",
        identifies="comparison with people alike on what was observed",
        assumes=(
            "Everything that decided who was treated and also bears on the outcome is among the covariates."
        ),
        kinds=("continuous", "binary"),
        estimands=("ATT",),
        design_level=3,
        sms_level=2,
        read_settings=matching.read_settings,
        check_design=matching.check_design,
        estimate=matching.estimate_effect,
        describe=matching.describe,
    ),
}

# Part of the plan's language, not of this version: named so that the message can say so.
LATER = (
    "weighting",
    "doubly-robust",
    "difference-in-differences",
    "staggered-adoption",
    "interrupted-time-series",
    "synthetic-control",
    "regression-discontinuity",
    "before-after",
)
