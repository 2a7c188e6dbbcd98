"""[design.staggered-adoption]: what a plan says of it, and what does not go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.differences_in_time.adjusted import Control
from evaluation.differences_in_time.aggregates import KINDS, Kind
from evaluation.differences_in_time.arranged import Gaps
from evaluation.differences_in_time.rollout import Base, Comparison
from evaluation.methods.nothing import refuse_unused
from evaluation.plan import Design, PlannedOutcome
from workspace.toml_source import Section

CONTROLS: tuple[Control, ...] = ("none", "regression", "ipw", "doubly-robust")
FEWEST_DRAWS, MOST_DRAWS = 99, 100_000
MOST_ANTICIPATION = 24
Errors = Literal["unbiased", "influence", "neyman", "adjusted"]
ERRORS: dict[str, tuple[Errors, ...]] = {
    "group-time": ("unbiased", "influence"),
    "efficient": ("neyman", "adjusted"),
}
WORDS: dict[Kind, str] = {
    "group": "the average of the cohorts' own averages, weighted by their size",
    "simple": "the average over all treated cohort-periods, weighted by cohort size",
    "dynamic": "the plain average over times since the start",
    "calendar": "the plain average over calendar periods",
}


@dataclass(frozen=True, slots=True)
class StaggeredSettings:
    """``first_treated``: the column of each unit's start. ``aggregate``: which overall effect is the planned answer.

    ``comparison`` with units that never start, or that have not started yet; ``control``: how covariates are adjusted
    for; ``base`` of the periods before the start; ``anticipation`` in periods; ``gaps``: units with a missing period
    left out, or used in pairs of periods; ``bands`` by normal or multiplier ``draws``; ``estimator``: see also
    :mod:`evaluation.differences_in_time.random_timing`. ``errors`` of group-time effects by unit: ``"unbiased"`` as
    n - 1 units of a cohort show them, with t; ``"influence"`` those of a large sample, as in the papers.
    """

    first_treated: str
    aggregate: Kind = "group"
    comparison: Comparison = "never"
    control: Control = "none"
    base: Base = "varying"
    anticipation: int = 0
    gaps: Gaps = "balanced"
    bands: Literal["normal", "multiplier"] = "normal"
    draws: int = 999
    estimator: Literal["group-time", "efficient"] = "group-time"
    errors: Errors = "unbiased"

    @property
    def widened(self) -> bool:
        """Errors by unit are widened to have no bias."""
        return self.errors == "unbiased"

    @property
    def moving(self) -> bool:
        """A column of the treatment is by period here, so that it changes within a unit."""
        return True


def read_settings(section: Section | None) -> StaggeredSettings:
    """Read [design.staggered-adoption]."""
    if section is None:
        return StaggeredSettings("")
    estimator = cast(
        Literal["group-time", "efficient"],
        section.text("estimator", "group-time", one_of=("group-time", "efficient")),
    )
    settings = StaggeredSettings(
        first_treated=section.text("first_treated", required=True),
        aggregate=cast(Kind, section.text("aggregate", "group", one_of=KINDS)),
        comparison=cast(Comparison, section.text("comparison", "never", one_of=("never", "not-yet"))),
        control=cast(Control, section.text("control", "none", one_of=CONTROLS)),
        base=cast(Base, section.text("base", "varying", one_of=("varying", "universal"))),
        anticipation=section.integer("anticipation", 0, low=0) or 0,
        gaps=cast(Gaps, section.text("gaps", "balanced", one_of=("balanced", "pairwise"))),
        bands=cast(
            Literal["normal", "multiplier"], section.text("bands", "normal", one_of=("normal", "multiplier"))
        ),
        draws=section.integer("draws", 999, low=FEWEST_DRAWS) or 999,
        estimator=estimator,
        errors=cast(
            Errors, section.text("errors", ERRORS[estimator][0], one_of=sum(ERRORS.values(), start=()))
        ),
    )
    if settings.draws > MOST_DRAWS:
        section.fault("LC403", "draws", f"'draws' must be {MOST_DRAWS} at most", "A thousand is usual.")
    if settings.anticipation > MOST_ANTICIPATION:
        said = f"'anticipation' must be {MOST_ANTICIPATION} periods at most"
        section.fault("LC403", "anticipation", said, "One or two are usual.")
    _fitting(settings, section)
    section.finish()
    return settings


def _fitting(settings: StaggeredSettings, section: Section) -> None:
    """Settings that do not go together."""
    if settings.gaps == "pairwise" and settings.control != "none":
        section.fault(
            "LC406", "gaps", "pairs of periods do not go with covariates", 'Write gaps = "balanced".'
        )
    fitting = ERRORS[settings.estimator]
    if settings.errors not in fitting:
        said = f'\'errors\' of the estimator "{settings.estimator}" cannot be "{settings.errors}"'
        section.fault("LC406", "errors", said, f'Write errors = "{fitting[0]}" or "{fitting[1]}".')
    if settings.estimator == "group-time":
        return
    unused = (
        ("control", settings.control != "none"),
        ("gaps", settings.gaps != "balanced"),
        ("anticipation", settings.anticipation > 0),
        ("base", settings.base != "varying"),
        ("comparison", section.has("comparison") and settings.comparison == "never"),
    )
    for key, wrong in unused:
        if wrong:
            said = f"'{key}' does not go with the efficient estimator"
            hint = "Remove it: it compares with whoever has not started yet, and earlier outcomes are its covariates."
            section.fault("LC406", key, said, hint)


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    settings: StaggeredSettings | None = design.settings
    if settings is None or not settings.first_treated:
        if not section.has("staggered-adoption"):
            hint = 'Add [design.staggered-adoption] with first_treated = "…": the column of the first treated period.'
            section.fault("LC402", "", "staggered adoption needs 'first_treated'", hint)
        return
    if not design.unit:
        section.fault("LC402", "", "staggered adoption follows units", 'Add unit = "…".')
    hint = "Remove it, or name it among the covariates."
    refuse_unused(design, section, "staggered-adoption", ("exact", "strata", "arm"), hint)
    if bool(design.covariates) != (settings.control != "none"):
        said, hint = (
            ("covariates are named, but control is \"none\"", 'Write control = "doubly-robust", or remove them.')
            if design.covariates
            else (f'control = "{settings.control}" needs covariates', 'Add covariates = ["…"], known at baseline.')
        )  # fmt: skip
        section.fault(
            "LC406" if design.covariates else "LC402", "covariates" if design.covariates else "", said, hint
        )
    if settings.estimator == "efficient":
        for key, value in (("weights", design.weights), ("cluster", design.cluster)):
            if value:
                hint = "Remove it; the unit must be what the starts were drawn for."
                section.fault("LC406", key, f"'{key}' does not go with the efficient estimator", hint)


def describe(settings: StaggeredSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    overall = ("Overall effect", WORDS[settings.aggregate])
    if settings.estimator == "efficient":
        known = "Neyman's, less what is known to be too much"
        errors = known if settings.errors == "adjusted" else "Neyman's, conservative"
        return (
            ("Estimator", "efficient under random timing: earlier outcomes adjusted for as much as they are worth"),
            ("Compared with", f"units that had not started yet; starts in '{settings.first_treated}', drawn by chance"),
            overall,
            ("Standard errors", errors),
        )  # fmt: skip
    whom = {"never": "units that never start", "not-yet": "units that have not started yet"}[
        settings.comparison
    ]
    how = {
        "none": "without covariates",
        "regression": "outcome regression on covariates at baseline",
        "ipw": "controls weighted by their odds of being in the cohort",
        "doubly-robust": "doubly robust: regression and odds weights, covariates at baseline",
    }[settings.control]
    lead = f"; {settings.anticipation} periods of anticipation" if settings.anticipation else ""
    gaps = {"balanced": "units with a gap left out", "pairwise": "units with gaps used where seen"}[
        settings.gaps
    ]
    wider = "; cohorts' spread as n - 1 units show it" if settings.widened and not design.cluster else ""
    before = {
        "varying": "each against the one before it",
        "universal": "each against the last before the start",
    }
    return (
        ("Estimator", f"group-time effects (Callaway and Sant'Anna), {how}"),
        ("Compared with", f"{whom}; starts in '{settings.first_treated}'{lead}"),
        overall,
        ("Periods before", f"{before[settings.base]}; {gaps}"),
        ("Standard errors", f"influence functions by '{design.cluster or design.unit}'{wider}"),
    )  # fmt: skip


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What the method cannot do with an outcome: ratios, and exposures."""
    if outcome.is_ratio:
        return (
            f'staggered adoption estimates differences, not a {outcome.effect}; write effect = "difference"'
        )
    if outcome.exposure:
        return "staggered adoption has no exposure; make the outcome a rate"
    return ""
