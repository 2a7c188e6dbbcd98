"""Days drawn by lot for treatment, place by place, with the days after a change washed out.

Estimand: what a treated day does to the events of that day in a place that has both kinds of days; with days washed
out, what a treated day after treated days does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.methods.nothing import refuse_unused
from evaluation.model import MethodResult
from evaluation.panels.frame import PanelFrame
from evaluation.places.allocations import DRAWS
from evaluation.places.crossover import SINGLE, Asked, ErrorsFrom, crossed
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from workspace.toml_source import Section

NAME = "day-crossover"
MOST_WASHOUT, MOST_CARRIED, MOST_LAGS = 14, 7, 60
FEWEST_DRAWS, MOST_DRAWS = 499, 99_999


@dataclass(frozen=True, slots=True)
class DayCrossoverSettings:
    """``allocation``: by lot or picked, within ``block``; ``washout`` days after a change, dropped or modelled.

    ``carry_over``: how many days back are looked at; ``lags`` of Newey and West (``None``: from the number of days).
    """

    allocation: Literal["random", "picked"] = "picked"
    block: str = ""
    washout: int = 0
    washout_rule: Literal["drop", "model"] = "drop"
    carry_over: int = 4
    weekday: bool = True
    errors: ErrorsFrom = "newey-west"
    lags: int | None = None
    draws: int = DRAWS

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns the panel carries."""
        return (self.block,) if self.block else ()

    @property
    def moving(self) -> bool:
        """The treatment changes from day to day."""
        return True


def read_settings(section: Section | None) -> DayCrossoverSettings:
    """Read [design.day-crossover]."""
    if section is None:
        return DayCrossoverSettings()
    allocation = section.text("allocation", "picked", one_of=("random", "picked"))
    rule = section.text("washout_rule", "drop", one_of=("drop", "model"))
    usual = "randomisation" if allocation == "random" and rule == "drop" else "newey-west"
    settings = DayCrossoverSettings(
        allocation=cast(Literal["random", "picked"], allocation),
        block=section.text("block"),
        washout=_whole(section, "washout", 0, MOST_WASHOUT) or 0,
        washout_rule=cast(Literal["drop", "model"], rule),
        carry_over=_whole(section, "carry_over", 4, MOST_CARRIED) or 0,
        weekday=section.boolean("weekday", default=True),
        errors=cast(ErrorsFrom, section.text("errors", usual, one_of=tuple(SINGLE))),
        lags=_whole(section, "lags", None, MOST_LAGS),
        draws=_whole(section, "draws", DRAWS, MOST_DRAWS, FEWEST_DRAWS) or DRAWS,
    )
    _together(settings, section)
    section.finish()
    return settings


def _whole(section: Section, key: str, default: int | None, high: int, low: int = 0) -> int | None:
    """A whole number between two ends."""
    found = section.integer(key, default, low=low)
    if found is not None and found > high:
        section.fault("LC403", key, f"'{key}' must be at most {high}", f"Correct {key} in {section.title}.")
        return default
    return found


def _together(s: DayCrossoverSettings, section: Section) -> None:
    """Keys that rule one another out."""
    if s.errors == "randomisation" and s.allocation != "random":
        hint = 'Write allocation = "random" if days were drawn by lot; else errors = "newey-west".'
        section.fault("LC406", "errors", "errors by drawing again need days drawn by lot", hint)
    elif s.errors == "randomisation" and s.washout_rule == "model":
        hint = 'Use washout_rule = "drop", or errors = "newey-west".'
        section.fault("LC406", "errors", "errors by drawing again do not go with a modelled washout", hint)
    if s.block and s.allocation != "random":
        section.fault("LC406", "block", "'block' goes with days drawn by lot", 'Write allocation = "random".')
    if s.lags is not None and s.errors != "newey-west":
        section.fault("LC406", "lags", f"'lags' does not go with errors '{s.errors}'", "Remove it.")


def levels(design: Design) -> tuple[int, int]:
    """Highest security and Maryland level: days that somebody picked are no experiment."""
    by_chance = design.settings is not None and design.settings.allocation == "random"
    return (5, 5) if by_chance else (3, 3)


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if not design.unit:
        section.fault("LC402", "", f"{NAME} needs 'unit'", 'Add unit = "…": the column of places.')
    unused = ("covariates", "exact", "cluster", "strata", "weights", "arm")
    refuse_unused(design, section, NAME, unused, strata="Days are drawn within 'block'.")


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """Say why an outcome cannot be had; empty if it can."""
    if outcome.baseline:
        return f"{NAME} compares days of the same place; remove 'baseline'"
    if outcome.exposure and not outcome.is_ratio:
        return "an exposure goes with a rate-ratio"
    return ""


def describe(settings: DayCrossoverSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    drawn = "drawn by lot" if settings.allocation == "random" else "picked, not drawn by lot"
    if settings.block:
        drawn += f", within '{settings.block}'"
    washout = "none"
    if settings.washout:
        days = f"{settings.washout} day{'s' if settings.washout > 1 else ''}"
        washout = f"{days} after a change {'left out' if settings.washout_rule == 'drop' else 'in the model'}"
    taken = "a level for every place" + (" and every weekday" if settings.weekday else "")
    found = [
        ("Treated days", drawn),
        ("Washout", washout),
        ("Taken out", taken),
        ("Standard errors", SINGLE[settings.errors]),
    ]
    if settings.lags is not None:
        found.append(("Lags", str(settings.lags)))
    return tuple(found)


def estimate_effect(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect of a treated day.

    Assumptions: which days were treated was drawn by lot; one place's treatment does not change another's events; what
    a treated day does is over after the washout. Counts: Poisson with a level for every place and weekday; other
    numbers: least squares with the same. Variance: allocations drawn again, or scores added up by day, place or
    neighbouring days.
    """
    return crossed(panel, plan, outcome, asked_of(plan.design.settings))


def asked_of(s: DayCrossoverSettings) -> Asked:
    """What the settings ask of the days."""
    return Asked(
        s.allocation == "random", s.block, s.washout, s.washout_rule == "model", s.carry_over, s.weekday, s.errors,
        s.lags, s.draws,
    )  # fmt: skip
