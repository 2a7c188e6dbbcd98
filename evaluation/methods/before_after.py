"""Before and after, with nothing to compare with: never "works" or "harms", and never without what chance alone does.

Estimand: of those chosen, what came after the start against what was to be expected of them from everything seen before
it, the pull back to the mean of those chosen because they were worst taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.methods.nothing import refuse_unused
from evaluation.model import MethodResult
from evaluation.panels.frame import PanelFrame
from evaluation.panels.keys import read_period, read_periods
from evaluation.places.against_expected import Asked, against_expected
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from workspace.toml_source import Section

ChosenBy = Literal["worst", "threshold", "other"]
CHOSEN_BY: tuple[ChosenBy, ...] = ("worst", "threshold", "other")
LEAST_RETEST, MOST_RETEST = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class BeforeAfterSettings:
    """``start``: first period with the programme; ``chosen_by`` how units came to be chosen and ``chosen_on`` when.

    ``retest`` (correlation of two readings), ``population_mean`` and ``population_sd`` are figures from elsewhere, for
    scores. ``units_by`` are columns of larger units.
    """

    start: str
    chosen_by: ChosenBy = "worst"
    chosen_on: tuple[str, ...] = ()
    threshold: float | None = None
    direction: str = "above"
    retest: float | None = None
    population_mean: float | None = None
    population_sd: float | None = None
    units_by: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns the panel carries."""
        return self.units_by

    @property
    def alone(self) -> bool:
        """There is no comparison that would have to be large enough."""
        return True


def read_settings(section: Section | None) -> BeforeAfterSettings:
    """Read [design.before-after]."""
    if section is None:
        return BeforeAfterSettings("")
    settings = BeforeAfterSettings(
        start=read_period(section, "start", required=True),
        chosen_by=cast(ChosenBy, section.text("chosen_by", "worst", one_of=CHOSEN_BY)),
        chosen_on=read_periods(section, "chosen_on"),
        threshold=section.number("threshold"),
        direction=section.text("direction", "above", one_of=("above", "below")),
        retest=section.number("retest", low=LEAST_RETEST, high=MOST_RETEST),
        population_mean=section.number("population_mean"),
        population_sd=section.number("population_sd", above=0),
        units_by=section.texts("units_by"),
    )
    _together(settings, section)
    section.finish()
    return settings


def _together(settings: BeforeAfterSettings, section: Section) -> None:
    """Keys that need one another."""
    if settings.chosen_by == "threshold" and settings.threshold is None:
        section.fault(
            "LC402", "chosen_by", "'threshold' is missing", "Add threshold = …: chosen at or beyond it."
        )
    if settings.chosen_by != "threshold" and settings.threshold is not None:
        hint = 'Write chosen_by = "threshold", or remove it.'
        section.fault("LC406", "threshold", f"'threshold' does not go with '{settings.chosen_by}'", hint)
    if settings.chosen_by == "other" and settings.chosen_on:
        hint = "Remove it, or say how they were chosen on those periods."
        section.fault("LC406", "chosen_on", "'chosen_on' does not go with 'other'", hint)
    figures = (settings.population_mean, settings.population_sd)
    if any(figure is not None for figure in figures) and (None in figures or settings.retest is None):
        hint = "Published figures of the population come as three."
        key = "population_mean" if settings.population_mean is not None else "population_sd"
        section.fault("LC402", key, "population_mean, population_sd and retest go together", hint)


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if not design.unit:
        section.fault(
            "LC402", "", "before-after needs 'unit'", 'Add unit = "…": the column of places or people.'
        )
    if design.settings and not design.settings.start and not section.has("before-after"):
        hint = "Add [design.before-after] with start = …."
        section.fault("LC402", "", "before-after needs to know when it started", hint)
    unused = ("covariates", "exact", "cluster", "strata", "weights", "arm")
    refuse_unused(design, section, "before-after", unused)


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """Say why an outcome cannot be had; empty if it can."""
    settings: BeforeAfterSettings | None = design.settings
    if outcome.baseline:
        return "before-after takes what was before from the rows before the start; remove 'baseline'"
    if outcome.kind == "count" and settings and (settings.retest or settings.population_mean is not None):
        return "retest and population figures are for scores; counts are held against the places of the file"
    if outcome.kind == "continuous" and outcome.exposure:
        return "an exposure goes with counts"
    return ""


def describe(settings: BeforeAfterSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    chosen = {
        "worst": "because they were worst",
        "threshold": f"at or {settings.direction} {settings.threshold if settings.threshold is not None else 0:g}",
        "other": "for something else than the outcome",
    }[settings.chosen_by]
    when = f", on {', '.join(settings.chosen_on)}" if settings.chosen_on else ""
    expected = {
        "other": "their own mean before the start",
        "worst": "forecast of each from all it was before, pulled towards everybody (empirical Bayes)",
    }
    found = [
        ("Start", settings.start),
        ("Chosen", chosen + when),
        ("Expected with no programme", expected["other" if settings.chosen_by == "other" else "worst"]),
    ]
    if settings.retest is not None:
        found.append(("Retest correlation, from elsewhere", f"{settings.retest:g}"))
    if settings.population_mean is not None and settings.population_sd is not None:
        words = f"mean {settings.population_mean:g}, SD {settings.population_sd:g}"
        found.append(("Population, from elsewhere", words))
    if settings.units_by:
        found.append(("Added up by", ", ".join(settings.units_by)))
    return tuple(found)


def estimate_effect(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the change against what was to be expected.

    Assumptions: nothing else changed at the start; places keep their level but for chance; the choice looked at nothing
    of the outcome but what the file holds. Variance: see :mod:`evaluation.places.expected`.
    """
    return against_expected(panel, plan, outcome, asked_of(plan.design.settings))


def asked_of(s: BeforeAfterSettings) -> Asked:
    """What the settings ask of those chosen."""
    known = None
    if s.population_mean is not None and s.population_sd is not None and s.retest is not None:
        known = (s.population_mean, s.population_sd, s.retest)
    return Asked(
        s.start, s.chosen_by != "other", s.chosen_on, s.threshold, s.direction == "above", s.retest, known, s.units_by
    )  # fmt: skip
