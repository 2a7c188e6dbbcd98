"""The plan's keys of a regression discontinuity, and what does not go together (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.discontinuity.local_polynomial import KERNELS, Kernel
from evaluation.discontinuity.spread import VARIANCES, Variance
from evaluation.methods.nothing import refuse_unused
from evaluation.plan import Design, PlannedOutcome
from workspace.toml_source import Section

Rule = Literal["mse", "cer", "mse-two", "cer-two"]
Inference = Literal["robust", "plain"]
Slopes = Literal["separate", "same"]
RULES: tuple[Rule, ...] = ("mse", "cer", "mse-two", "cer-two")
HIGHEST_ORDER = 3
FEWEST_NEAR, FEW_NEAR = (30, 10), (100, 20)  # people, areas on a side within the bandwidth
MOST_PLACEBOS = 12


@dataclass(frozen=True, slots=True)
class DiscontinuitySettings:
    """``running``: the score; whoever reaches ``cutoff`` is treated, from above or (not ``treated_above``) from below.

    ``fuzzy``: the column of what was received. ``order`` of the polynomial; ``bandwidth``: a rule, or "" where the two
    widths are given; ``bias_bandwidth``: of the fit of the bias, 0 for the rule's (of given widths: the same).
    ``donut``: people nearer than that are left out. ``placebo_cutoffs``: false cut-offs to look at, none for the
    middle of each side. ``errors``: how errors of single people are worked out; with a cluster they are summed in it.
    ``inference``: robust and corrected for bias, or ``plain`` regression within the bandwidth (HC1, or clustered),
    which may give both sides the same ``slopes``.
    """

    running: str = ""
    cutoff: float = 0.0
    treated_above: bool = True
    fuzzy: str = ""
    order: int = 1
    kernel: Kernel = "triangular"
    bandwidth: Rule | Literal[""] = "mse"
    bandwidth_left: float = 0.0
    bandwidth_right: float = 0.0
    bias_bandwidth: float = 0.0
    donut: float = 0.0
    placebo_cutoffs: tuple[float, ...] = ()
    errors: Variance = "nearest-neighbour"
    inference: Inference = "robust"
    slopes: Slopes = "separate"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data the method reads beside those every design has."""
        return (self.running,)

    @property
    def compliance(self) -> str:
        """The column of what was received, under the name other methods have for it."""
        return self.fuzzy


def read_settings(section: Section | None) -> DiscontinuitySettings:
    """Read [design.regression-discontinuity]."""
    if section is None:
        return DiscontinuitySettings()
    rule, left, right = _widths(section)
    settings = DiscontinuitySettings(
        running=section.text("running", required=True),
        cutoff=section.number("cutoff", 0.0, required=True) or 0.0,
        treated_above=section.boolean("treated_above", default=True),
        fuzzy=section.text("fuzzy"),
        order=_order(section),
        kernel=cast(Kernel, section.text("kernel", "triangular", one_of=KERNELS)),
        bandwidth=rule,
        bandwidth_left=left,
        bandwidth_right=right,
        bias_bandwidth=section.number("bias_bandwidth", 0.0, above=0) or 0.0,
        donut=section.number("donut", 0.0, low=0) or 0.0,
        placebo_cutoffs=_placebos(section),
        errors=cast(Variance, section.text("errors", "nearest-neighbour", one_of=VARIANCES)),
        inference=cast(Inference, section.text("inference", "robust", one_of=("robust", "plain"))),
        slopes=cast(Slopes, section.text("slopes", "separate", one_of=("separate", "same"))),
    )
    _fitting(section, settings)
    section.finish()
    return settings


def _widths(section: Section) -> tuple[Rule | Literal[""], float, float]:
    """A rule for the bandwidth, or one width, or one for each side."""
    sides = [section.number(f"bandwidth_{side}", 0.0, above=0) or 0.0 for side in ("left", "right")]
    named = section.has("bandwidth")
    value = section.values.get("bandwidth")
    if any(sides):
        if not all(sides):
            there, other = ("left", "right") if sides[0] else ("right", "left")
            problem = f"'bandwidth_{there}' needs 'bandwidth_{other}' beside it"
            section.fault("LC402", f"bandwidth_{there}", problem, "Give both, or one 'bandwidth'.")
        if named:
            problem = "'bandwidth' does not go with one for each side"
            section.fault("LC406", "bandwidth", problem, "Keep one of the two.")
        return "", sides[0], sides[1]
    if isinstance(value, int | float) and not isinstance(value, bool):
        width = section.number("bandwidth", 0.0, above=0) or 0.0
        return "", width, width
    return cast(Rule, section.text("bandwidth", "mse", one_of=RULES)), 0.0, 0.0


def _order(section: Section) -> int:
    order = section.integer("order", 1, low=0)
    if order is None or order > HIGHEST_ORDER:
        problem = f"'order' must be {HIGHEST_ORDER} at most"
        hint = "High orders follow noise near the edge: 1 is usual (Gelman and Imbens, 2019)."
        section.fault("LC403", "order", problem, hint)
        return 1
    return order


def _placebos(section: Section) -> tuple[float, ...]:
    """A list of numbers that are false cut-offs."""
    if not section.has("placebo_cutoffs"):
        return ()
    value = section.values["placebo_cutoffs"]
    items = value if isinstance(value, list) else [value]
    sound = all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
    if not sound or not items or len(items) > MOST_PLACEBOS:
        problem = f"'placebo_cutoffs' must be a list of 1 to {MOST_PLACEBOS} numbers"
        section.fault("LC403", "placebo_cutoffs", problem, "placebo_cutoffs = [40, 80]")
        return ()
    return tuple(sorted({float(item) for item in items}))


def _fitting(section: Section, settings: DiscontinuitySettings) -> None:
    """Keys that contradict one another."""
    if settings.cutoff in settings.placebo_cutoffs:
        problem = "the cut-off itself is among 'placebo_cutoffs'"
        section.fault("LC406", "placebo_cutoffs", problem, "Name false cut-offs only.")
    if settings.fuzzy and settings.fuzzy == settings.running:
        problem = "'fuzzy' and 'running' are the same column"
        section.fault("LC403", "fuzzy", problem, "Name the column of what was received.")
    narrow = min(settings.bandwidth_left, settings.bandwidth_right)
    if narrow and settings.donut >= narrow:
        problem = "'donut' leaves out everybody within the bandwidth"
        section.fault("LC406", "donut", problem, "Make the donut smaller, or the bandwidth wider.")
    if section.has("bias_bandwidth") and settings.bandwidth:
        problem = "'bias_bandwidth' goes with a bandwidth that is a number; a rule chooses both"
        section.fault("LC406", "bias_bandwidth", problem, "Remove it, or give the bandwidth as a number.")
    _plain(section, settings)


def _plain(section: Section, settings: DiscontinuitySettings) -> None:
    """What plain regression goes with."""
    if settings.slopes == "same" and settings.inference != "plain":
        problem = "'slopes' goes with inference = \"plain\": local polynomials have their own on each side"
        section.fault("LC406", "slopes", problem, "Remove it.")
    if settings.inference != "plain":
        return
    for key, there in (("fuzzy", settings.fuzzy), ("errors", section.has("errors"))):
        if there:
            section.fault("LC406", key, f"'{key}' does not go with inference = \"plain\"", "Remove it.")


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    settings: DiscontinuitySettings | None = design.settings
    if settings is None or not settings.running:
        if not section.has("regression-discontinuity"):
            hint = 'Add [design.regression-discontinuity] with running = "…" and cutoff = ….'
            section.fault("LC402", "", "regression-discontinuity needs a score and its cut-off", hint)
        return
    hint = "Name it among the covariates instead."
    unused = ("exact", "strata", "arm")
    refuse_unused(design, section, "regression-discontinuity", unused, hint, arm="Remove it.")
    if settings.fuzzy and design.treatment:
        problem = (
            "'treatment' does not go with 'fuzzy': the cut-off makes the offer, 'fuzzy' is what was received"
        )
        section.fault("LC406", "treatment", problem, "Remove it.")
    if settings.running in design.covariates:
        problem = f"'{settings.running}' is the score and cannot be a covariate as well"
        section.fault("LC406", "covariates", problem, "Remove it: the polynomial takes it up.")
    if design.cluster and settings.errors != "nearest-neighbour":
        problem = f"errors = \"{settings.errors}\" does not go with 'cluster'"
        section.fault("LC406", "cluster", problem, "Remove one of them: clusters have errors of their own.")


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What the method cannot do with an outcome."""
    if outcome.is_ratio:
        return (
            f"regression-discontinuity estimates differences, not the {outcome.effect} of '{outcome.measure}'"
        )
    if outcome.waves:
        return f"regression-discontinuity takes one wave of '{outcome.measure}', not several"
    return ""


def describe(settings: DiscontinuitySettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    side = "at or above" if settings.treated_above else "at or below"
    rule = f"treated {side} {settings.cutoff:g} of '{settings.running}'"
    received = f"; received: '{settings.fuzzy}'" if settings.fuzzy else ""
    orders = ("level", "line", "parabola", "cubic")
    widths = {
        "mse": "one bandwidth, with the least mean squared error",
        "cer": "one bandwidth, with the best coverage of the interval",
        "mse-two": "a bandwidth for each side, with the least mean squared error",
        "cer-two": "a bandwidth for each side, with the best coverage of the interval",
        "": f"{settings.bandwidth_left:g} on the left, {settings.bandwidth_right:g} on the right, as planned",
    }[settings.bandwidth]
    donut = f"; people nearer than {settings.donut:g} left out" if settings.donut else ""
    if settings.inference == "plain":
        slopes = "the same slope on both sides" if settings.slopes == "same" else "a slope for each side"
        own = f"clustered by '{design.cluster}' (CR1)" if design.cluster else "HC1, t"
        return (
            ("Cut-off", rule + received),
            (
                "Model",
                f"plain regression, {orders[settings.order]}, {slopes}, {settings.kernel} weights{donut}",
            ),
            ("Bandwidth", widths),
            ("Standard errors", f"{own}; the bias of the line is not counted"),
        )
    errors = (
        f"clustered by '{design.cluster}'"
        if design.cluster
        else settings.errors.replace("nearest-", "nearest ")
    )
    return (
        ("Cut-off", rule + received),
        (
            "Model",
            f"a {orders[settings.order]} on each side, {settings.kernel} kernel, corrected for its bias{donut}",
        ),
        ("Bandwidth", widths),
        ("Standard errors", f"{errors}; the error of the bias correction is counted"),
    )
