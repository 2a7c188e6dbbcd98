"""Weighted displacement difference: what changed where the programme went and around it, less what changed at controls.

Estimand: events more (or fewer) than without the programme, over all periods after the start, in the treated places and
the streets around them together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

from evaluation.methods.nothing import refuse_unused
from evaluation.model import MethodResult
from evaluation.panels.frame import PanelFrame
from evaluation.panels.keys import read_period
from evaluation.places.displacement import Scale
from evaluation.places.harm import added_by_harm, harm_columns, weighted_rows
from evaluation.places.zones import Asked, displaced
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.study_table import StudyTable, column_of
from workspace.toml_source import Section

NoiseFrom = Literal["over-dispersed", "poisson"]


@dataclass(frozen=True, slots=True)
class DisplacementSettings:
    """``start``: first period with the programme; ``zone``: the column of treated, control and their buffers.

    ``scale`` where sizes differ: a number of events, or events per unit of size. Harm: ``harm_weights`` a column of
    each row's weight, or ``category`` a column of kinds of offence with ``harm`` their weights.
    """

    start: str
    zone: str = ""
    scale: Scale = "counts"
    errors: NoiseFrom = "over-dispersed"
    harm_weights: str = ""
    category: str = ""
    harm: tuple[tuple[str, float], ...] = ()
    units_by: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns the data must have."""
        return tuple(name for name in (self.zone, self.harm_weights, self.category, *self.units_by) if name)

    @property
    def harmful(self) -> bool:
        """Say whether offences count by the harm they do."""
        return bool(self.harm_weights or self.category)


@dataclass(frozen=True, slots=True)
class FoldedSettings(DisplacementSettings):
    """The same once rows of kinds of offence are added up; ``made`` are the columns that came of it."""

    made: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns the panel carries."""
        return (self.zone, *self.units_by, *self.made)


def read_settings(section: Section | None) -> DisplacementSettings:
    """Read [design.displacement-difference]."""
    if section is None:
        return DisplacementSettings("")
    settings = DisplacementSettings(
        start=read_period(section, "start", required=True),
        zone=section.text("zone", required=True),
        scale=cast(Scale, section.text("scale", "counts", one_of=("counts", "rates"))),
        errors=cast(
            NoiseFrom, section.text("errors", "over-dispersed", one_of=("over-dispersed", "poisson"))
        ),
        harm_weights=section.text("harm_weights"),
        category=section.text("category"),
        harm=_harm(section),
        units_by=section.texts("units_by"),
    )
    if settings.harm_weights and settings.category:
        hint = "Keep harm_weights (a column of weights), or category with its table of weights."
        section.fault("LC406", "harm_weights", "'harm_weights' does not go with 'category'", hint)
    if bool(settings.category) != bool(settings.harm):
        there, missing = ("category", "harm") if settings.category else ("harm", "category")
        hint = (
            "A column of kinds of offence and a table [design.displacement-difference.harm] of their weights."
        )
        section.fault("LC402", there, f"'{there}' needs '{missing}' beside it", hint)
    section.finish()
    return settings


def _harm(section: Section) -> tuple[tuple[str, float], ...]:
    """The table of weights, in the order of the kinds' names."""
    found = []
    for kind, weight in sorted(section.mapping("harm").items()):
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < 1e9:
            section.fault(
                "LC403",
                "harm",
                "a weight in 'harm' is no number from 0",
                "harm = { robbery = 365, theft = 2 }",
            )
            continue
        found.append((kind, float(weight)))
    return tuple(found)


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    name = "displacement-difference"
    if not design.unit:
        section.fault("LC402", "", f"{name} needs 'unit'", 'Add unit = "…": the column of places.')
    if design.settings and not design.settings.start and not section.has(name):
        section.fault("LC402", "", f"{name} needs its own table", f"Add [design.{name}] with start and zone.")
    unused = ("treatment", "covariates", "exact", "cluster", "strata", "weights", "arm")
    refuse_unused(design, section, name, unused, treatment="The zone says it.")


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """Say why an outcome cannot be had; empty if it can."""
    if outcome.effect != "difference":
        return 'displacement-difference is a difference of counts; write effect = "difference"'
    if outcome.baseline:
        return (
            "displacement-difference takes what was before from the rows before the start; remove 'baseline'"
        )
    settings: DisplacementSettings | None = design.settings
    if settings and settings.scale == "rates" and not outcome.exposure:
        return "scale = \"rates\" needs 'exposure': the column of each place's size"
    return ""


def describe(settings: DisplacementSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    scale = {
        "counts": "events; a control of another size counts as if it were as large as its counterpart",
        "rates": "events per unit of size",
    }[settings.scale]
    errors = {
        "over-dispersed": "Poisson's, widened by how much more than chance the periods before the start vary",
        "poisson": "Poisson's",
    }[settings.errors]
    found = [
        ("Start", settings.start),
        ("Zones", f"column '{settings.zone}'"),
        ("Scale", scale),
        ("Standard errors", errors),
    ]
    if settings.harm_weights:
        found.append(("Harm", f"each row by column '{settings.harm_weights}'"))
    if settings.harm:
        weights = ", ".join(f"{kind} {weight:g}" for kind, weight in settings.harm)
        found.append(("Harm", f"by column '{settings.category}': {weights}"))
    if settings.units_by:
        found.append(("Added up by", ", ".join(settings.units_by)))
    return tuple(found)


def prepare(table: StudyTable, plan: AnalysisPlan) -> tuple[StudyTable, AnalysisPlan]:
    """Add rows of several kinds of offence up to one a place and period, where offences count by harm."""
    s: DisplacementSettings = plan.design.settings
    column = s.harm_weights or s.category
    needed = (column, plan.design.unit, plan.design.time, *(column_of(o) for o in plan.outcomes))
    if not s.harmful or any(name not in table.frame.columns for name in needed):
        return table, plan  # a column that is missing is told by the check of the study
    weight = weighted_rows(table, column, dict(s.harm))
    keys = (plan.design.unit, plan.design.time)
    folded = added_by_harm(table, weight, plan.outcomes, keys, plan.population.where)
    made = tuple(name for o in plan.outcomes for name in harm_columns(column_of(o)))
    settings = FoldedSettings(
        s.start, s.zone, s.scale, s.errors, s.harm_weights, s.category, s.harm, s.units_by, made
    )
    design = replace(plan.design, settings=settings)
    return folded, replace(plan, design=design, population=replace(plan.population, where=""))


def estimate_effect(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the weighted displacement difference.

    Assumptions: without the programme treated and control places would have changed by as many events; events come one
    by one but for the over-dispersion; the buffers hold whatever moved. Variance: sums of counts, see
    :mod:`evaluation.places.displacement`.
    """
    s: DisplacementSettings = plan.design.settings
    harm = harm_columns(column_of(outcome)) if s.harmful else None
    return displaced(
        panel, plan, outcome, Asked(s.start, s.zone, s.scale, s.errors == "poisson", harm, s.units_by)
    )
