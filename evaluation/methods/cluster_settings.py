"""What a plan may say of a trial of clusters: [design.cluster-randomised], and what does not go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.plan import Design, PlannedOutcome
from workspace.toml_source import Section

Level = Literal["cluster", "subcluster", "individual"]
Model = Literal["random-intercept", "cluster-means"]
Adjust = Literal["ancova", "none"]
Layout = Literal["parallel", "stepped-wedge", "crossover"]
Growth = Literal["slope", "end"]
RatioModel = Literal["cluster-means", "marginal"]


@dataclass(frozen=True, slots=True)
class ClusterRandomisedSettings:
    """What was allocated, which model, and what the lock assumes.

    ``intervention_level``: clusters whole, groups within them (``subcluster``), or people within them.
    ``random_slope``: the effect may differ between the clusters within which people were allocated.
    ``draws``: of the resampling lines where not everything can be enumerated. ``icc`` and ``cluster_r2``: assumed
    before the data are there, for what the plan could show: the share of variance between clusters, and the share of
    it that covariates explain. ``layout`` and ``period``: whether clusters change arms as time goes on, and the column
    of periods. ``subcluster``: a column of groups within clusters. ``growth``: with ``time`` in [design], the
    difference of slopes, or at the last time. ``ratio_model``: of risk, odds and rate ratios.
    """

    intervention_level: Level = "cluster"
    model: Model = "random-intercept"
    adjust: Adjust = "ancova"
    draws: int = 1999
    icc: float = 0.20
    cluster_r2: float = 0.0
    random_slope: bool = False
    layout: Layout = "parallel"
    period: str = ""
    subcluster: str = ""
    growth: Growth = "slope"
    ratio_model: RatioModel = "cluster-means"


def read_settings(section: Section | None) -> ClusterRandomisedSettings:
    """Read [design.cluster-randomised]."""
    if section is None:
        return ClusterRandomisedSettings()
    layouts = ("parallel", "stepped-wedge", "crossover")
    older = section.text(
        "design", "parallel", one_of=layouts
    )  # the name of `layout` before it could be anything else
    settings = ClusterRandomisedSettings(
        cast(
            Level,
            section.text("intervention_level", "cluster", one_of=("cluster", "subcluster", "individual")),
        ),
        cast(Model, section.text("model", "random-intercept", one_of=("random-intercept", "cluster-means"))),
        cast(Adjust, section.text("adjust", "ancova", one_of=("ancova", "none"))),
        section.integer("draws", 1999, low=199) or 1999,
        section.number("icc", 0.20, low=0, high=0.95) or 0.0,
        section.number("cluster_r2", 0.0, low=0, high=0.99) or 0.0,
        section.boolean("random_slope"),
        cast(Layout, section.text("layout", older, one_of=layouts)),
        section.text("period"),
        section.text("subcluster"),
        cast(Growth, section.text("growth", "slope", one_of=("slope", "end"))),
        cast(RatioModel, section.text("ratio_model", "cluster-means", one_of=("cluster-means", "marginal"))),
    )
    for key, said, hint in _together(settings):
        section.fault("LC406", key, said, hint)
    section.finish()
    return settings


def _together(settings: ClusterRandomisedSettings) -> list[tuple[str, str, str]]:
    """Settings that do not go together: key, what is wrong, what to do."""
    level, moving = settings.intervention_level, settings.layout != "parallel"
    means, varying = settings.model == "cluster-means", settings.random_slope
    inside = bool(settings.subcluster)
    rules = [
        (level != "cluster" and means, "model", "cluster means say nothing of people allocated within clusters",
         'Use model = "random-intercept".'),
        (level != "individual" and varying, "random_slope",
         "an effect can differ between clusters only where each holds both arms",
         'Use it with intervention_level = "individual".'),
        (moving and not settings.period, "layout", f"a {settings.layout} layout needs 'period': the column of periods",
         'Add period = "…".'),
        (not moving and bool(settings.period), "period", "'period' belongs to stepped-wedge and crossover layouts",
         'Add layout = "stepped-wedge" or "crossover", or remove it.'),
        (moving and level != "cluster", "intervention_level", f"in a {settings.layout} layout clusters are allocated",
         'Use intervention_level = "cluster".'),
        (moving and means, "model", f"a {settings.layout} layout compares a cluster with itself: means of clusters "
         "cannot", 'Use model = "random-intercept".'),
        (moving and inside, "subcluster", f"groups within clusters are not in this version in a {settings.layout} "
         "layout", "Remove it."),
        (level == "subcluster" and not inside, "intervention_level",
         "the groups that were allocated need a name", 'Add subcluster = "…": the column of groups within clusters.'),
        (inside and varying, "random_slope", "an effect that differs between clusters is not in this version with "
         "groups within them", "Remove it."),
        (inside and means, "model", "means of clusters know no groups within them", "Remove subcluster."),
    ]  # fmt: skip
    return [(key, said, hint) for wrong, key, said, hint in rules if wrong]


def check_design(design: Design, section: Section) -> None:
    """A cluster is needed; keys of [design] this method cannot use."""
    if not design.cluster:
        said = "method 'cluster-randomised' needs 'cluster': the column of schools, wings or areas"
        section.fault("LC402", "cluster", said, 'Add cluster = "…".')
    if design.exact:
        section.fault("LC406", "exact", "'exact' belongs to matching", "Remove it.")
    if design.time:
        _check_growth(design, section)


def _check_growth(design: Design, section: Section) -> None:
    settings: ClusterRandomisedSettings | None = design.settings
    if not design.unit:
        said = "'time' needs 'unit': the column that says whose row it is"
        section.fault("LC402", "time", said, 'Add unit = "…".')
    if settings and settings.layout != "parallel":
        said = f"'time' (growth of people) does not go with a {settings.layout} layout"
        section.fault("LC406", "time", said, "Name the periods with period = \"…\", and remove 'time'.")
    elif settings and (settings.subcluster or settings.random_slope or settings.model == "cluster-means"):
        said = "growth is analysed as times in people in clusters; no groups between, random_slope or cluster means"
        section.fault("LC406", "time", said, "Remove subcluster, random_slope and model.")


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What a trial of clusters cannot do with an outcome; empty if there is nothing."""
    settings: ClusterRandomisedSettings | None = design.settings
    if not outcome.is_ratio or settings is None or outcome.timing:
        return ""
    if design.time:
        return (
            f"growth over time is a difference; effect '{outcome.effect}' is not in this version with 'time'"
        )
    whole = settings.layout == "parallel" and settings.intervention_level == "cluster"
    if settings.ratio_model == "cluster-means" and not whole:
        return (
            f"effect '{outcome.effect}' from means of clusters needs clusters that were allocated whole and kept "
            'their arm; use ratio_model = "marginal"'
        )
    return ""


def describe(settings: ClusterRandomisedSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    strata = f", one intercept a stratum of '{design.strata}'" if design.strata else ""
    known = f"adjusted for what was known before{strata}" if design.covariates or strata else "not adjusted"
    adjusted = known if settings.adjust == "ancova" else "not adjusted"
    allocated = {
        "cluster": f"'{design.cluster}'",
        "subcluster": f"'{settings.subcluster}' within '{design.cluster}'",
        "individual": f"people within '{design.cluster}'",
    }[settings.intervention_level]
    ratios = {
        "cluster-means": "averages of clusters, each counting once, with t",
        "marginal": "everybody counts once; errors clustered (CR2) with t",
    }[settings.ratio_model]
    return (
        ("Allocated", allocated),
        *_layout_words(settings, design),
        ("Model", f"{_model_words(settings, design)}, {adjusted}"),
        ("Standard errors", _error_words(settings)),
        *((("Ratios", ratios),) if settings.ratio_model == "marginal" else ()),
    )


def _layout_words(settings: ClusterRandomisedSettings, design: Design) -> tuple[tuple[str, str], ...]:
    if settings.layout == "parallel":
        if not design.time:
            return ()
        what = "change per unit of time" if settings.growth == "slope" else "level at the last time"
        return (("Growth", f"difference in {what} of '{design.time}'"),)
    averaged = (
        "over clusters and periods as the model weighs them; the effect is taken to be the same in every period and at "
        "every time since it began"
    )
    return (("Layout", f"{settings.layout}, periods '{settings.period}'"), ("Averaged", averaged))


def _model_words(settings: ClusterRandomisedSettings, design: Design) -> str:
    if settings.model == "cluster-means":
        return f"least squares on the means of '{design.cluster}'"
    if settings.layout != "parallel":
        return f"an intercept for every period; random intercepts for '{design.cluster}' and for its periods by REML"
    if design.time:
        return f"random intercepts and slopes for people and for '{design.cluster}' by REML"
    if settings.subcluster:
        return f"random intercepts for '{design.cluster}' and '{settings.subcluster}' by REML"
    effects = "random intercept and random effect" if settings.random_slope else "random intercept"
    return f"{effects} for '{design.cluster}' by REML"


def _error_words(settings: ClusterRandomisedSettings) -> str:
    if settings.model == "cluster-means":
        return "classical, clusters less columns as degrees of freedom"
    return "Kenward-Roger, with its degrees of freedom"
