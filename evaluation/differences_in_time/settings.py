"""What a plan may say of a difference in differences: [design.difference-in-differences], and what does not fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast

from evaluation.methods.nothing import refuse_unused
from evaluation.panels.keys import read_period
from evaluation.plan import Design, PlannedOutcome
from workspace.toml_source import Section

NAME = "difference-in-differences"
TIMES = (0.5, 1.0, 2.0)  # of `relative` where the plan names none
Control = Literal["regression", "doubly-robust"]
ErrorKind = Literal["auto", "CR2", "CR1", "classical", "HC0", "HC1", "HC2", "HC3"]
IntervalKind = Literal["t", "normal"]
Unbalanced = Literal["all", "complete"]
CLUSTERED = ("CR2", "CR1")


@dataclass(frozen=True, slots=True)
class DifferenceSettings:
    """The first treated period, and how the comparison is made.

    ``control``: how baseline covariates enter. ``time_varying``: covariates that enter as they change, period by
    period. ``errors``: ``auto`` is CR2 where units or clusters repeat, else HC2. ``unbalanced``: every cell that was
    seen, or only units seen in every period. ``relative``: how many times the largest step before the start the trends
    may part after it. ``smoothness``: by how much their slope may change in a period; empty takes what was seen.
    ``draws``: of tests that cannot be listed whole.
    """

    start: str = ""
    control: Control = "regression"
    time_varying: tuple[str, ...] = ()
    errors: ErrorKind = "auto"
    interval: IntervalKind = "t"
    unbalanced: Unbalanced = "all"
    relative: tuple[float, ...] = ()
    smoothness: tuple[float, ...] = ()
    draws: int = 9_999


def read_settings(section: Section | None) -> DifferenceSettings:
    """Read [design.difference-in-differences]."""
    if section is None:
        return DifferenceSettings()
    kinds = ("auto", *CLUSTERED, "classical", "HC0", "HC1", "HC2", "HC3")
    settings = DifferenceSettings(
        start=read_period(section, "start", required=True),
        control=cast(Control, section.text("control", "regression", one_of=("regression", "doubly-robust"))),
        time_varying=section.texts("time_varying"),
        errors=cast(ErrorKind, section.text("errors", "auto", one_of=kinds)),
        interval=cast(IntervalKind, section.text("interval", "t", one_of=("t", "normal"))),
        unbalanced=cast(Unbalanced, section.text("unbalanced", "all", one_of=("all", "complete"))),
        relative=_numbers(section, "relative", ()),
        smoothness=_numbers(section, "smoothness", ()),
        draws=section.integer("draws", 9_999, low=199) or 9_999,
    )
    section.finish()
    return settings


def _numbers(section: Section, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """A list of numbers of at least 0."""
    if not section.has(key):
        return default
    value = section.values[key]
    items = value if isinstance(value, list) else [value]
    good = all(isinstance(x, int | float) and not isinstance(x, bool) and 0 <= x < math.inf for x in items)
    if not good or not items:
        section.fault(
            section.codes.wrong, key, f"'{key}' must be a list of numbers of at least 0", f"{key} = [0.5, 1]"
        )
        return default
    return tuple(sorted({float(x) for x in items}))


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use, and settings that must fit them."""
    settings: DifferenceSettings | None = design.settings
    own = section.table(NAME)
    if own is None:
        section.fault(
            "LC402",
            "",
            f"method '{NAME}' needs the first treated period",
            f"Add [design.{NAME}] with start = ….",
        )
    refuse_unused(design, section, NAME, ("exact", "strata"))
    if settings is None or own is None:
        return
    for key, said, hint in _together(settings, design):
        own.fault("LC406", key, said, hint)


def _together(settings: DifferenceSettings, design: Design) -> list[tuple[str, str, str]]:
    """Settings that do not go together: key, what is wrong, what to do."""
    outside = [name for name in settings.time_varying if name not in design.covariates]
    fixed = [name for name in design.covariates if name not in settings.time_varying]
    panel, clustered = bool(design.unit), bool(design.unit or design.cluster)
    robust = settings.control == "doubly-robust"
    rules = [
        (bool(outside), "time_varying", f"'{next(iter(outside), '')}' is not a covariate", "Add it to covariates."),
        (robust and not panel, "control", "doubly-robust needs 'unit': changes of the same units", "Remove it."),
        (robust and not fixed, "control", "doubly-robust needs covariates known at the start", "Add covariates."),
        (bool(settings.time_varying) and not panel, "time_varying", "without 'unit' every covariate is a person's own",
         "Remove it; list them under covariates."),
        (bool(settings.time_varying) and bool(fixed), "time_varying",
         "covariates at the start and covariates that change do not go together in this version", "Keep one kind."),
        (bool(fixed) and panel and bool(design.weights), "control",
         "weights do not go with covariates at the start of a panel in this version", "Remove weights or covariates."),
        (clustered and settings.errors not in ("auto", *CLUSTERED), "errors",
         f"errors = '{settings.errors}' takes rows as independent, but units or clusters repeat",
         'Use errors = "CR2" or "CR1".'),
        (not clustered and settings.errors in CLUSTERED, "errors", "clustered errors need 'cluster' or 'unit'",
         'Add cluster = "…" to [design].'),
        (settings.unbalanced == "complete" and not panel, "unbalanced", "only a panel can be unbalanced", "Remove it."),
    ]  # fmt: skip
    return [(key, said, hint) for wrong, key, said, hint in rules if wrong]


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What this method cannot do with an outcome; empty if there is nothing."""
    settings: DifferenceSettings | None = design.settings
    if outcome.effect in ("risk-ratio", "odds-ratio"):
        return f"effect '{outcome.effect}' is not in this version of {NAME}; use risk-difference"
    if outcome.is_ratio and settings and design.unit and settings.time_varying != design.covariates:
        return "a rate ratio of a panel takes covariates only under time_varying"
    if outcome.is_ratio and design.weights:
        return "weights do not go with a rate ratio in this version; use exposure"
    if outcome.baseline:
        return f"{NAME} takes the outcome before from the panel itself; remove baseline"
    return ""


def describe(settings: DifferenceSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    data = (
        f"panel of '{design.unit}' by '{design.time}'"
        if design.unit
        else f"different people each '{design.time}'"
    )
    fixed = [name for name in design.covariates if name not in settings.time_varying]
    how = {
        "regression": "regression of changes on them",
        "doubly-robust": "doubly robust (Sant'Anna and Zhao)",
    }
    entered = how[settings.control] if design.unit else "regression on them"
    words = [
        ("Data", data),
        ("First treated period", settings.start),
        (
            "Compared",
            "change of the treated group, from all periods before to all after, less that of the others",
        ),
        ("Standard errors", _error_words(settings, design)),
    ]
    if fixed:
        words.append(("Covariates", entered))
    if settings.time_varying:
        words.append(("Covariates as they change", ", ".join(settings.time_varying)))
    if design.weights:
        words.append(("Weights", f"'{design.weights}'"))
    if settings.unbalanced == "complete":
        words.append(("Units with gaps", "left out"))
    return tuple(words)


def _error_words(settings: DifferenceSettings, design: Design) -> str:
    over = design.cluster or design.unit
    if not over:
        kind = "HC2" if settings.errors == "auto" else settings.errors
        return f"{kind}, people counted as independent"
    clustered = "CR2, Satterthwaite's degrees of freedom" if settings.errors in ("auto", "CR2") else "CR1"
    few = "with fewer than five units or clusters in a group, ranks among all choices of as many instead"
    return f"clustered by '{over}' ({clustered}); {few}"
