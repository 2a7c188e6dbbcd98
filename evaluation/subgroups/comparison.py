"""Does the effect differ between groups of people? Asked by an interaction, never by comparing two p-values (pure).

The method of the plan is run within each group, and the effects are compared with one another: their differences with
intervals, and a test that all are alike. That a group has a clear effect and another has none is no evidence that they
differ. A subgroup has no verdict of its own: it says that the effect differs, that there is no evidence of a
difference, or that it cannot be told.
Source: Altman and Bland (2003) for the difference of two estimates; Sun et al. (2010); Wald test of all groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.special import chdtrc, fdtrc

from evaluation.frame import AnalysisFrame, ArmCounts
from evaluation.gates import FEWEST
from evaluation.inference import Distribution, critical, two_sided_p
from evaluation.methods.nothing import no_estimate, without_inference
from evaluation.model import (
    RATIOS,
    Check,
    Effect,
    GroupDifference,
    GroupEffect,
    MethodResult,
    Subgroup,
    SubgroupAnswer,
)
from evaluation.multiplicity import adjusted
from evaluation.plan import AnalysisPlan, PlannedOutcome, PlannedSubgroup
from evaluation.regression.linear import Array
from evaluation.sampled import GroupKey, Sampled, sampled

Ask = Callable[[AnalysisFrame, AnalysisPlan, PlannedOutcome], MethodResult]
SAID: dict[SubgroupAnswer, str] = {
    "differs": "The effect differs between groups of '{by}'.",
    "no-evidence-of-a-difference": (
        "There is no evidence that the effect differs between groups of '{by}', which is not evidence that it is the "
        "same."
    ),
    "cannot-tell": "It cannot be told whether the effect differs between groups of '{by}': {why}.",
}
METHODS_NEED_COVARIATES = frozenset({"matching", "weighting", "doubly-robust"})
TOO_FEW = f"fewer than {FEWEST} people were analysed in an arm"


@dataclass(frozen=True, slots=True)
class Joint:
    """Effects of several groups on the additive scale (log, for a ratio), their covariance, and degrees of freedom.

    ``df`` of each pair are in ``pair_df`` (L, L), infinite for a normal reference; ``all_df`` of the test of all.
    """

    values: Array
    covariance: Array
    pair_df: Array
    all_df: float


Joined = Callable[[AnalysisFrame, AnalysisPlan, PlannedOutcome, str, tuple[str, ...]], Joint | None]


def read_subgroups(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    ask: Ask,
    joined: Joined,
    within: dict[GroupKey, Sampled] | None = None,
) -> tuple[Subgroup, ...]:
    """Every subgroup analysis of one outcome, before p-values are adjusted over the family.

    ``ask`` is the method; ``joined`` gives the groups' effects with their covariance where clusters hold people of
    several groups, or ``None`` where the groups can be taken as apart. ``within`` is filled with who stands behind
    each group's effect.
    """
    kept: dict[GroupKey, Sampled] = {} if within is None else within
    return tuple(_read(frame, plan, outcome, asked, ask, joined, kept) for asked in plan.subgroups)


def group_column(by: str) -> str:
    """The frame's column of a subgroup."""
    return f"group:{by}"


def _read(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    asked: PlannedSubgroup,
    ask: Ask,
    joined: Joined,
    within: dict[GroupKey, Sampled],
) -> Subgroup:
    labels = frame.data[group_column(asked.by)]
    levels = in_order(labels.drop_nulls().unique().to_list())
    groups = tuple(_within(frame, plan, outcome, asked.by, level, ask, within) for level in levels)
    effect = outcome.effect
    found = [
        i for i, group in enumerate(groups) if group.estimate.std_error and group.estimate.value is not None
    ]
    shared = crosses(frame, asked.by)
    together = one_model = None
    if len(found) >= 2:
        names = tuple(levels[i] for i in found)
        one_model = joined(frame, plan, outcome, asked.by, names) if shared else None
        together = one_model or _apart([groups[i] for i in found], effect)
    differences = _differences([levels[i] for i in found], together, effect, plan.analysis.alpha)
    return Subgroup(
        by=asked.by,
        reason=asked.reason,
        registered=asked.registered,
        effect=effect,
        groups=groups,
        differences=differences,
        p_value=_all_alike(together),
        p_value_adjusted=None,
        answer="cannot-tell",
        sentence="",
        left_out=int(labels.null_count()),
        note=_note(asked.by, plan.design.cluster, one_model is not None) if shared else "",
    )


def in_order(levels: list[str]) -> tuple[str, ...]:
    """Levels in the order of numbers where all are numbers, else of letters."""
    try:
        return tuple(sorted(levels, key=float))
    except ValueError:
        return tuple(sorted(levels))


def crosses(frame: AnalysisFrame, by: str) -> bool:
    """Say whether some cluster holds people of more than one group."""
    if "cluster" not in frame.data.columns:
        return False
    counts = frame.data.group_by("cluster").agg(pl.col(group_column(by)).drop_nulls().n_unique().alias("n"))
    return bool((counts["n"] > 1).any())


def _note(by: str, cluster: str, one_model: bool) -> str:
    said = f"'{cluster}' holds people of several groups of '{by}'"
    if one_model:
        return f"{said}: their differences come from one model of all of them, with errors that know it."
    return f"{said}: errors take the groups as apart, which as a rule makes these intervals too wide."


def _within(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    by: str,
    level: str,
    ask: Ask,
    within: dict[GroupKey, Sampled],
) -> GroupEffect:
    """The plan's own method within one group; the groups' column adjusts for nothing there."""
    data = frame.data.filter(pl.col(group_column(by)) == level)
    part = replace(
        frame,
        data=data,
        covariates=tuple(name for name in frame.covariates if name != by),
        exact=tuple(name for name in frame.exact if name != by),
        arms=_arms(data),
    )
    design = replace(
        plan.design,
        covariates=tuple(name for name in plan.design.covariates if name != by),
        exact=tuple(name for name in plan.design.exact if name != by),
        strata="" if plan.design.strata == by else plan.design.strata,
    )
    if plan.design.strata == by:
        part = replace(part, data=data.drop("strata"))
    narrowed = replace(plan, design=design, subgroups=())
    empty = without_inference(no_estimate(part, narrowed, outcome))
    _keep(within, (by, level), sampled(part, MethodResult(empty, ())))
    if min(part.arms.treated, part.arms.comparison) < FEWEST:
        return GroupEffect(level, empty, TOO_FEW)
    if not part.covariates and frame.covariates and METHODS_NEED_COVARIATES & {plan.design.method}:
        return GroupEffect(level, empty, f"'{by}' is the only covariate, and within a group it says nothing")
    result = ask(part, narrowed, outcome)
    _keep(within, (by, level), sampled(part, result))
    blocked = next((check for check in result.checks if check.consequence == "block"), None)
    estimate = result.estimate
    if min(estimate.n_treated, estimate.n_comparison) < FEWEST:
        return GroupEffect(level, without_inference(estimate), TOO_FEW)
    if blocked:
        return GroupEffect(level, without_inference(estimate), f"{blocked.name}: {blocked.note}")
    return GroupEffect(level, estimate, _doubts(result.checks))


def _keep(within: dict[GroupKey, Sampled], key: GroupKey, sample: Sampled | None) -> None:
    """Who stands behind a group's effect; what was said before of all its people no longer holds."""
    within.pop(key, None)
    if sample is not None:
        within[key] = sample


def _arms(data: pl.DataFrame) -> ArmCounts:
    treated = int(data["treated"].sum() or 0)
    return ArmCounts(treated, data.height - treated, treated, data.height - treated)


def _doubts(checks: tuple[Check, ...]) -> str:
    """What takes trust away within the group: only names, as the notes stand with the main analysis."""
    names = [check.name for check in checks if check.consequence == "downgrade"]
    return f"less trust: {', '.join(dict.fromkeys(names))}" if names else ""


# --- the groups against one another


def _apart(groups: list[GroupEffect], effect: Effect) -> Joint:
    """Groups that share nobody: no covariance; a pair has Welch and Satterthwaite's degrees of freedom."""
    estimates = [group.estimate for group in groups]
    raw = [estimate.value or 0.0 for estimate in estimates]
    values = np.array([math.log(value) if effect in RATIOS else value for value in raw])
    variances = np.array([(estimate.std_error or 0.0) ** 2 for estimate in estimates])
    df = np.array([math.inf if estimate.df is None else estimate.df for estimate in estimates])
    total = variances[:, None] + variances[None, :]
    share = variances[:, None] / np.where(total > 0, total, 1.0)  # of the pair's variance: safe to square
    pair = 1 / (share**2 / df[:, None] + (1 - share) ** 2 / df[None, :] + 1e-300)
    return Joint(
        values,
        np.diag(variances),
        np.where(np.isinf(df[:, None] + df[None, :]), np.inf, pair),
        float(df.min()),
    )


def _differences(
    levels: list[str], joint: Joint | None, effect: Effect, alpha: float
) -> tuple[GroupDifference, ...]:
    """Each group against the first; a ratio of ratios for a ratio."""
    if joint is None:
        return ()
    found = []
    for i in range(1, len(levels)):
        value = float(joint.values[i] - joint.values[0])
        error = math.sqrt(
            max(joint.covariance[i, i] + joint.covariance[0, 0] - 2 * joint.covariance[i, 0], 0.0)
        )
        if not error > 0:
            continue
        df = None if math.isinf(joint.pair_df[i, 0]) else float(joint.pair_df[i, 0])
        name: Distribution = "normal" if df is None else "t"
        half = critical(1 - alpha, df, name) * error
        ends = (value, value - half, value + half)
        shown = tuple(math.exp(end) for end in ends) if effect in RATIOS else ends
        p = two_sided_p(value, error, df, name)
        found.append(GroupDifference(levels[i], levels[0], shown[0], error, shown[1], shown[2], p, df))
    return tuple(found)


def _all_alike(joint: Joint | None) -> float | None:
    """The p-value of all groups having the same effect; with two groups that of their difference."""
    if joint is None:
        return None
    count = len(joint.values)
    apart = np.column_stack([-np.ones(count - 1), np.eye(count - 1)])
    away, spread = apart @ joint.values, apart @ joint.covariance @ apart.T
    if not np.linalg.eigvalsh(spread)[0] > 0:
        return None
    statistic = float(away @ np.linalg.solve(spread, away))
    df = joint.pair_df[1, 0] if count == 2 else joint.all_df
    if math.isinf(df):
        return float(chdtrc(count - 1, statistic))
    return float(fdtrc(count - 1, df, statistic / (count - 1)))


# --- the family


@dataclass(frozen=True, slots=True)
class Asked:
    """The subgroup analyses of one outcome, with what the family and the answer hang on."""

    subgroups: tuple[Subgroup, ...]
    primary: bool
    margin: float | None


def answered(asked: list[Asked], alpha: float) -> list[tuple[Subgroup, ...]]:
    """Adjusted p-values and answers, by families.

    Holm over the registered analyses of primary outcomes; Benjamini-Hochberg over the registered ones of the others,
    and over those that no plan names.
    """
    places = [(i, j) for i, one in enumerate(asked) for j in range(len(one.subgroups))]

    def family(place: tuple[int, int]) -> int:
        one = asked[place[0]]
        if not one.subgroups[place[1]].registered:
            return 2
        return 0 if one.primary else 1

    renewed = [list(one.subgroups) for one in asked]
    for number, method in enumerate(("holm", "fdr_bh", "fdr_bh")):
        mine = [place for place in places if family(place) == number]
        values = adjusted([asked[i].subgroups[j].p_value for i, j in mine], method)
        for (i, j), p in zip(mine, values, strict=True):
            renewed[i][j] = _answer(replace(renewed[i][j], p_value_adjusted=p), asked[i].margin, alpha)
    return [tuple(part) for part in renewed]


def _answer(subgroup: Subgroup, margin: float | None, alpha: float) -> Subgroup:
    answer: SubgroupAnswer = "no-evidence-of-a-difference"
    why = ""
    p = subgroup.p_value_adjusted
    if p is None:
        answer, why = "cannot-tell", "fewer than two groups have people enough for an effect of their own"
    elif p < alpha:
        answer = "differs"
    elif _wide(subgroup, margin):
        answer = "cannot-tell"
        why = "the intervals hold differences that would matter, either way"
    return replace(subgroup, answer=answer, sentence=SAID[answer].format(by=subgroup.by, why=why))


def _wide(subgroup: Subgroup, margin: float | None) -> bool:
    """Say whether some difference could be as large as the smallest that matters, in either direction."""
    if margin is None:
        return False
    ratio = subgroup.effect in RATIOS
    size = abs(math.log(margin)) if ratio else margin
    for one in subgroup.differences:
        ends = (math.log(one.conf_low), math.log(one.conf_high)) if ratio else (one.conf_low, one.conf_high)
        if ends[0] < -size and ends[1] > size:
            return True
    return False
