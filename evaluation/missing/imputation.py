"""Multiple imputation of one outcome's people: the gaps, the models of each arm, the completed data sets (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.missing.chained import CannotImpute, Codes, Group, Variable, complete, kind_of
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array

ROOM = 2  # people seen for each column of a model that is to be an arm's own
MOST = 100
WORDS = {
    "normal": "a linear model with noise",
    "matched": "the values of five people with near predictions",
    "binary": "a logistic model",
    "category": "logistic models, level by level",
}


@dataclass(frozen=True, slots=True)
class Imputed:
    """Completed frames, which outcomes in them were drawn, and how it was done.

    ``models`` are pairs of a variable and the words for its model; ``separate`` says whether each arm had models of its
    own; ``gappy`` is the share of people with any gap.
    """

    frames: tuple[AnalysisFrame, ...] = field(repr=False)
    drawn: npt.NDArray[np.bool_] = field(repr=False)
    models: tuple[tuple[str, str], ...]
    separate: bool
    clustered: bool
    gappy: float


def wanted_number(plan: AnalysisPlan, gappy: float) -> int:
    """How many data sets: as planned, and no fewer than the percentage of people with a gap (at most 100)."""
    return max(plan.analysis.imputations, min(math.ceil(100 * gappy), MOST))


def gaps_in(whole: AnalysisFrame, outcome: PlannedOutcome) -> npt.NDArray[np.bool_]:
    """People whose outcome, or anything that is adjusted for, was not seen."""
    names = ("outcome", *(f"x:{name}" for name in whole.covariates))
    return whole.data.select(pl.any_horizontal(pl.col(n).is_null() for n in names))[:, 0].to_numpy()


def impute(
    whole: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, number: int | None = None
) -> Imputed:
    """Fill every gap of outcome, covariates and auxiliary variables m times, by chained equations.

    Within each arm, so that whatever analysis compares the arms is met by the models; where an arm has too few people
    for that, in both arms together with the arm as a column. Strata and log exposure are columns; clusters have random
    intercepts. ``number`` of data sets: the plan's, unless given. Draws depend on the plan's seed and on what is known
    of people alone, not on their numbers or order, which differ from project to project. Raises CannotImpute.
    """
    gappy = gaps_in(whole, outcome)
    drawn = whole.data["outcome"].is_null().to_numpy()
    order = _by_content(whole.data)
    back = np.argsort(order)
    whole = replace(whole, data=whole.data[order])
    m = wanted_number(plan, float(gappy.mean())) if number is None else number
    variables, levels = _variables(whole, outcome)
    treated = whole.data["treated"].to_numpy()
    arms = [np.flatnonzero(treated == arm) for arm in dict.fromkeys(treated.tolist())]  # as first met
    _nobody_seen(variables, arms)
    beside, clusters = _beside(whole), _codes(whole)
    groups = [_part(variables, beside, clusters, rows) for rows in arms]
    separate = all(group.fewest >= ROOM * group.columns for group in groups)
    if not separate:
        arms = [np.arange(len(treated))]
        groups = [_part(variables, np.column_stack([beside, treated]), clusters, arms[0])]
    frames = []
    for turn in range(m):
        filled = [v.values.copy() for v in variables]
        for place, (rows, group) in enumerate(zip(arms, groups, strict=True)):
            draw = np.random.default_rng([plan.design.seed, turn, place])
            for target, found in zip(filled, complete(group, draw), strict=True):
                target[rows] = found.values
        framed = _framed(whole, variables, filled, levels)
        frames.append(replace(framed, data=framed.data[back]))
    models = tuple(
        (_plain(v.name, outcome), _words(v, clustered=clusters is not None))
        for v in variables
        if v.gaps.any()
    )
    return Imputed(tuple(frames), drawn, models, separate, clusters is not None, float(gappy.mean()))


def _by_content(data: pl.DataFrame) -> Codes:
    """The rows in an order that only depends on what stands in them; those alike in everything are exchangeable."""
    names = [name for name in data.columns if name not in ("participant", "cluster")]
    names += [name for name in ("cluster",) if name in data.columns]
    return (
        data.with_row_index("row")
        .sort(names, nulls_last=True, maintain_order=True)["row"]
        .to_numpy()
        .astype(np.int64)
    )


def _words(variable: Variable, *, clustered: bool) -> str:
    kind = "matched" if clustered and variable.kind == "binary" else variable.kind
    return WORDS[kind]


def _plain(name: str, outcome: PlannedOutcome) -> str:
    return outcome.measure if name == "outcome" else name[2:]


def _nobody_seen(variables: tuple[Variable, ...], arms: list[Codes]) -> None:
    for variable in variables:
        if variable.gaps.any() and any(variable.gaps[rows].all() for rows in arms):
            name = variable.name.removeprefix("x:").removeprefix("a:")
            raise CannotImpute(name, "was seen of nobody in an arm: leave it out")


def _variables(
    whole: AnalysisFrame, outcome: PlannedOutcome
) -> tuple[tuple[Variable, ...], dict[str, list[str]]]:
    """The outcome, the adjusters and the auxiliary variables; and for categories their levels as first met."""
    names = ["outcome", *(f"x:{n}" for n in whole.covariates)]
    names += [name for name in whole.data.columns if name.startswith("a:")]
    found, levels = [], {}
    for name in names:
        series = whole.data[name]
        if series.dtype == pl.String:
            levels[name] = series.drop_nulls().unique(maintain_order=True).to_list()
            codes = series.replace_strict(
                levels[name], list(range(len(levels[name]))), default=None, return_dtype=pl.Float64
            )
            found.append(Variable(name, "category", _numbers(codes)))
            continue
        values = _numbers(series)
        kind = kind_of(values)
        held = name == "outcome" and (outcome.minimum is not None or outcome.maximum is not None)
        if kind == "normal" and (held or (name == "outcome" and outcome.kind != "continuous")):
            kind = "matched"
        found.append(Variable(name, kind, values))
    return tuple(found), levels


def _numbers(series: pl.Series) -> Array:
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def _beside(whole: AnalysisFrame) -> Array:
    """Complete columns of every model: strata but the first met, and the logarithm of the exposure."""
    columns = []
    if "strata" in whole.data.columns:
        strata = whole.data["strata"]
        columns = [
            (strata == level).cast(pl.Float64).to_numpy() for level in strata.unique(maintain_order=True)[1:]
        ]
    if "exposure" in whole.data.columns:
        columns.append(np.log(whole.data["exposure"].to_numpy()))
    return np.column_stack(columns) if columns else np.empty((whole.data.height, 0))


def _codes(whole: AnalysisFrame) -> Codes | None:
    if "cluster" not in whole.data.columns:
        return None
    labels = whole.data["cluster"].unique(maintain_order=True).to_list()
    return (
        whole.data["cluster"]
        .replace_strict(labels, list(range(len(labels))), return_dtype=pl.Int64)
        .to_numpy()
    )


def _part(variables: tuple[Variable, ...], beside: Array, clusters: Codes | None, rows: Codes) -> Group:
    own = tuple(replace(v, values=v.values[rows]) for v in variables)
    return Group(own, beside[rows], None if clusters is None else clusters[rows])


def _framed(
    whole: AnalysisFrame, variables: tuple[Variable, ...], filled: list[Array], levels: dict[str, list[str]]
) -> AnalysisFrame:
    """A frame with the gaps filled, as a method takes it; auxiliary variables have done their work."""
    renewed = []
    for variable, values in zip(variables, filled, strict=True):
        if variable.name.startswith("a:") or not variable.gaps.any():
            continue
        series = pl.Series(variable.name, values)
        if variable.name in levels:
            names = levels[variable.name]
            series = series.replace_strict(
                [float(code) for code in range(len(names))], names, return_dtype=pl.String
            ).alias(variable.name)
        renewed.append(series)
    beside = [name for name in whole.data.columns if name.startswith(("a:", "w:"))]
    return replace(whole, data=whole.data.drop(beside).with_columns(renewed), bare=True)
