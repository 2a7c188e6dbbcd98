"""Small studies made for tests: plan texts, tables and runs. All people are invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from evaluation.errors import EvaluationError
from evaluation.finding import Finding, gather_finding
from evaluation.model import Estimate, OutcomeResult
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from evaluation.study_table import StudyTable
from workspace.toml_source import parse_toml


def plan_text(
    method: str = "randomised",
    *,
    covariates: Sequence[str] = (),
    design: str = "",
    settings: str = "",
    measure: str = "y",
    kind: str = "continuous",
    better: str = "higher",
    outcome: str = "",
    where: str = "",
    treatment: str = "treat",
    more: str = "",
) -> str:
    """A whole plan in TOML; ``design``, ``settings``, ``outcome`` and ``more`` are lines to add."""
    listed = ", ".join(f'"{name}"' for name in covariates)
    population = f"[population]\nwhere = {where!r}\n" if where else ""
    return (
        f'[plan]\nid = "a-plan"\ntitle = "A question"\n{population}'
        f'[design]\nmethod = "{method}"\ntreatment = "{treatment}"\ncovariates = [{listed}]\n{design}\n'
        f"[design.{method}]\n{settings}\n"
        f'[[outcome]]\nmeasure = "{measure}"\nrole = "primary"\nkind = "{kind}"\nbetter = "{better}"\n{outcome}\n'
        f"{more}\n"
    )


def read(text: str) -> AnalysisPlan:
    """Read a plan text."""
    return read_plan(parse_toml(text, "plan.toml", EvaluationError))


def make_plan(method: str = "randomised", **parts: Any) -> AnalysisPlan:
    """The plan of :func:`plan_text`."""
    return read(plan_text(method, **parts))


def study(columns: Mapping[str, Any] | pl.DataFrame, *, row_of: int = 2, **more: Any) -> StudyTable:
    """A study table; people are numbered unless the columns say who they are."""
    frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(dict(columns))
    if "participant" not in frame.columns:
        frame = frame.with_columns(pl.int_range(frame.height, dtype=pl.Int64).alias("participant"))
    return StudyTable(frame, "study.csv", row_of, **more)


def run(frame: pl.DataFrame, plan: AnalysisPlan, state: str = "unlocked") -> Finding:
    """Run a plan on a frame."""
    return gather_finding(study(frame), plan, state)


def primary(frame: pl.DataFrame, plan: AnalysisPlan, state: str = "unlocked") -> OutcomeResult:
    """The first outcome of a run."""
    return run(frame, plan, state).outcomes[0]


def trial(n: int = 200, seed: int = 1, *, effect: float = 1.0, binary: bool = False) -> pl.DataFrame:
    """A trial of n people an arm: two baseline numbers, a category, a unit, the outcome."""
    draw = np.random.default_rng(seed)
    treat = np.repeat([1.0, 0.0], n)
    x, z = draw.normal(size=2 * n), draw.normal(size=2 * n)
    place = draw.choice(["east", "north", "south"], size=2 * n)
    y = effect * treat + 0.8 * x + 0.3 * (place == "north") + draw.normal(size=2 * n)
    if binary:
        y = (y > 0.5).astype(np.float64)
    order = draw.permutation(2 * n)
    return pl.DataFrame(
        {
            "unit": [f"P{i:04d}" for i in range(2 * n)],
            "treat": treat[order],
            "x": x[order],
            "z": z[order],
            "place": place[order].tolist(),
            "y": y[order],
        }
    )


def observed(
    n: int = 400, seed: int = 1, *, effect: float = 1.0, binary: bool = False, pull: float = 0.8
) -> pl.DataFrame:
    """People who chose: those with a high x are treated more often, and fare better anyway."""
    draw = np.random.default_rng(seed)
    x, z = draw.normal(size=n), draw.normal(size=n)
    place = draw.choice(["east", "north", "south"], size=n)
    treat = (draw.uniform(size=n) < 1 / (1 + np.exp(1.0 - pull * x))).astype(np.float64)
    y = effect * treat + 1.5 * x + 0.3 * (place == "north") + draw.normal(size=n)
    if binary:
        y = (y > 0.5).astype(np.float64)
    unit = [f"P{i:04d}" for i in range(n)]
    return pl.DataFrame({"unit": unit, "treat": treat, "x": x, "z": z, "place": place.tolist(), "y": y})


def scored(
    n: int = 900, seed: int = 1, *, effect: float = 1.0, binary: bool = False, digits: int | None = None
) -> pl.DataFrame:
    """People treated because their score reached nought; outcomes bend with the score. ``got``: who came."""
    draw = np.random.default_rng(seed)
    score = draw.normal(size=n) if digits is None else np.round(draw.normal(size=n), digits)
    x, z = draw.normal(size=n), draw.normal(size=n)
    place = draw.choice(["east", "north", "south"], size=n)
    treat = (score >= 0).astype(np.float64)
    got = (draw.uniform(size=n) < np.where(treat == 1, 0.85, 0.1)).astype(np.float64)
    y = effect * treat + 0.6 * score + 0.3 * score**2 + 0.5 * x + draw.normal(size=n)
    if binary:
        y = (y > 0.5).astype(np.float64)
    columns = {
        "unit": [f"P{i:04d}" for i in range(n)],
        "score": score,
        "treat": treat,
        "got": got,
        "x": x,
        "z": z,
    }
    return pl.DataFrame(
        columns | {"place": place.tolist(), "site": [f"L{s}" for s in draw.integers(0, 40, n)], "y": y}
    )


def schools(
    n: int = 150,
    seed: int = 1,
    *,
    effect: float = 1.0,
    binary: bool = False,
    an_arm: int = 12,
    icc: float = 0.1,
) -> pl.DataFrame:
    """A trial of n people an arm in schools that were allocated whole, two or more districts, and sites across arms."""
    draw = np.random.default_rng(seed)
    school = np.concatenate([draw.integers(0, an_arm, n), an_arm + draw.integers(0, an_arm, n)])
    treat = (school < an_arm).astype(np.float64)
    shared = draw.normal(size=2 * an_arm) * np.sqrt(icc / (1 - icc))
    x, z = draw.normal(size=2 * n), draw.normal(size=2 * n)
    place = draw.choice(["east", "north", "south"], size=2 * n)
    y = effect * treat + 0.8 * x + 0.3 * (place == "north") + shared[school] + draw.normal(size=2 * n)
    if binary:
        y = (y > 0.5).astype(np.float64)
    order = draw.permutation(2 * n)
    return pl.DataFrame(
        {
            "unit": [f"P{i:04d}" for i in range(2 * n)],
            "treat": treat[order],
            "x": x[order],
            "z": z[order],
            "place": place[order].tolist(),
            "school": [f"S{s:03d}" for s in school[order]],
            "district": [f"D{s % 2}" for s in school[order]],
            "site": [f"L{s}" for s in draw.integers(0, 9, 2 * n)],
            "y": y[order],
        }
    )


def number(value: float | None) -> float:
    """A number that is there."""
    assert value is not None
    return value


def an_estimate(
    value: float | None,
    low: float | None,
    high: float | None,
    narrow: tuple[float | None, float | None] | None = None,
    *,
    std_error: float | None = 1.0,
    arms: tuple[int, int] = (100, 100),
    outcome_sd: float | None = 10.0,
    **more: Any,
) -> Estimate:
    """An estimate by its ends; the narrow interval is five sixths of the wide one unless given."""
    if narrow is None and value is not None and low is not None and high is not None:
        narrow = (value + (low - value) * 5 / 6, value + (high - value) * 5 / 6)
    ends = narrow or (None, None)
    return Estimate(
        estimand="ITT",
        effect=more.pop("effect", "difference"),
        value=value,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        conf_level=0.95,
        p_value=0.5,
        df=198.0,
        n_treated=arms[0],
        n_comparison=arms[1],
        n_clusters=None,
        treated_mean=more.pop("treated_mean", None),
        comparison_mean=more.pop("comparison_mean", None),
        narrow_low=ends[0],
        narrow_high=ends[1],
        outcome_sd=outcome_sd,
        **more,
    )
