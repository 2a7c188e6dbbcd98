"""Power promised against reached: ``python -m benchmarks.calibration.power_promised [--draws 2000] [--only WORD]``.

Every cell is a plan. What ``plan power`` promises is held against what the whole way from data to verdict gives: with a
true effect as large as the smallest that is said to be found, and with none.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from evaluation.power_analysis.promise import promise
from evaluation.power_analysis.sizes import planned_size
from evaluation.study_table import StudyTable
from workspace.toml_source import parse_toml

SEED = 20_261_122
Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, float], pl.DataFrame]
FOUND = ("works", "too-small-to-matter")


@dataclass(frozen=True, slots=True)
class Cell:
    """A plan and its world; ``draw`` takes a true effect on the analysis scale (positive is benefit)."""

    name: str
    plan: str
    draw: Draw


@dataclass(frozen=True, slots=True)
class Reached:
    """Shares of draws: promised and reached, of a true effect found, and of no effect said to be none that matters."""

    name: str
    draws: int
    finds_promised: float
    finds: float
    none_promised: float
    none: float


def plan_of(cell: Cell) -> AnalysisPlan:
    """The plan of a cell."""
    return read_plan(parse_toml(cell.plan, "plan.toml", EvaluationError))


def reach(cell: Cell, draws: int, seed: int = SEED) -> Reached:
    """Draw a cell's world with the effect and without it."""
    plan = plan_of(cell)
    promised = promise(plan, plan.primaries[0], planned_size(plan.assumed))
    if promised.effect is None or promised.none is None:
        raise ValueError(promised.reason or "no margin")
    finds = _share(plan, cell, draws, seed, promised.effect, FOUND)
    none = _share(plan, cell, draws, seed + 1, 0.0, ("no-meaningful-effect",))
    return Reached(cell.name, draws, 0.8, finds, promised.none, none)


def _share(
    plan: AnalysisPlan, cell: Cell, draws: int, seed: int, effect: float, answers: tuple[str, ...]
) -> float:
    draw, hits = np.random.default_rng([seed, len(cell.name)]), 0
    for _ in range(draws):
        table = StudyTable(cell.draw(draw, effect), "world.csv", 2)
        found = gather_finding(table, plan, "locked before outcomes").outcomes[0]
        hits += found.verdict.answer in answers
    return hits / draws


def _plan(method: str, design: str, settings: str, outcome: str, power: str, *, areas: bool = False) -> str:
    about = '[population]\nunits = "areas"\n' if areas else ""
    return (
        f'[plan]\nid = "cell"\ntitle = "Power"\n{about}[design]\nmethod = "{method}"\n{design}\n'
        f"[design.{method}]\n{settings}\n"
        f'[[outcome]]\nmeasure = "y"\nrole = "primary"\nmid_source = "made up"\n{outcome}\n[power]\n{power}\n'
    )


def people(n: int) -> Draw:
    """A trial of n people an arm, spread 1."""

    def draw(source: np.random.Generator, effect: float) -> pl.DataFrame:
        treated = np.repeat([1.0, 0.0], n)
        return _numbered(treat=treated, y=effect * treated + source.normal(size=2 * n))

    return draw


def shares(n: int, base: float) -> Draw:
    """The same with a yes or no of which less is better."""

    def draw(source: np.random.Generator, effect: float) -> pl.DataFrame:
        treated = np.repeat([1.0, 0.0], n)
        return _numbered(
            treat=treated, y=(source.uniform(size=2 * n) < base - effect * treated).astype(float)
        )

    return draw


def schools(count: int, size: int, icc: float) -> Draw:
    """Clusters of one size, half of them treated."""

    def draw(source: np.random.Generator, effect: float) -> pl.DataFrame:
        codes = np.repeat(np.arange(count), size)
        treated = (codes < count // 2).astype(float)
        shared = math.sqrt(icc) * source.normal(size=count)[codes]
        y = effect * treated + shared + math.sqrt(1 - icc) * source.normal(size=codes.size)
        return _numbered(treat=treated, y=y, school=[f"S{code}" for code in codes])

    return draw


def units(treated: int, comparison: int, before: int, after: int, rho: float) -> Draw:
    """Units with levels of their own and an AR(1) around them."""

    def draw(source: np.random.Generator, effect: float) -> pl.DataFrame:
        n, periods = treated + comparison, before + after
        arm = (np.arange(n) < treated).astype(float)
        y = 3 * source.normal(size=(n, 1)) + source.normal(size=periods) + _wander(source, n, periods, rho)
        y[:, before:] += effect * arm[:, None]
        time_ = np.tile(np.arange(1, periods + 1), n)
        return pl.DataFrame(
            {
                "participant": np.arange(n * periods), "unit": np.repeat(np.arange(n), periods), "t": time_,
                "treat": np.repeat(arm, periods), "y": y.ravel(),
            }
        )  # fmt: skip

    return draw


def series(before: int, after: int, rho: float) -> Draw:
    """One monthly series; the effect is a step, and benefit is fewer."""

    def draw(source: np.random.Generator, effect: float) -> pl.DataFrame:
        periods = before + after
        first = 2014 * 12 - before
        labels = [f"{(first + t) // 12}-{(first + t) % 12 + 1:02d}" for t in range(periods)]
        y = 50 + _wander(source, 1, periods, rho)[0] - effect * (np.arange(periods) >= before)
        return pl.DataFrame({"participant": np.arange(periods), "t": labels, "y": y})

    return draw


def _wander(source: np.random.Generator, n: int, periods: int, rho: float) -> Array:
    noise = source.normal(size=(n, periods))
    for t in range(1, periods):
        noise[:, t] = rho * noise[:, t - 1] + math.sqrt(1 - rho * rho) * noise[:, t]
    return np.asarray(noise)


def cut_off(source: np.random.Generator, effect: float) -> pl.DataFrame:
    """1,200 people with a score between -1 and 1, treated from 0 on."""
    score = source.uniform(-1, 1, 1200)
    treated = (score >= 0).astype(float)
    return _numbered(s=score, y=0.3 * score + effect * treated + source.normal(size=1200))


def leaning(source: np.random.Generator, effect: float) -> pl.DataFrame:
    """600 people, those with a higher covariate likelier treated; it does not move the outcome."""
    x = source.normal(size=600)
    treated = (source.uniform(size=600) < 1 / (1 + np.exp(0.8 - 0.5 * x))).astype(float)
    return _numbered(x=x, treat=treated, y=effect * treated + source.normal(size=600))


def starts(source: np.random.Generator, effect: float) -> pl.DataFrame:
    """90 units over 12 periods: 15 start in the seventh, 15 in the tenth, 60 never."""
    n, periods = 90, 12
    first = np.where(np.arange(n) < 15, 7, np.where(np.arange(n) < 30, 10, 0))
    y = 3 * source.normal(size=(n, 1)) + source.normal(size=periods) + _wander(source, n, periods, 0.3)
    times = np.arange(1, periods + 1)
    y = y + effect * ((first[:, None] > 0) & (times[None, :] >= first[:, None]))
    return _numbered(
        unit=np.repeat(np.arange(n), periods), t=np.tile(times, n), f=np.repeat(first, periods), y=y.ravel()
    )


def one_area(source: np.random.Generator, effect: float) -> pl.DataFrame:
    """One area that starts in the 25th of 30 periods, and 20 donors; all wander by themselves."""
    n, periods = 21, 30
    source.normal(size=(periods, 2))
    source.uniform(0, 1, size=(n, 2))
    y = _wander(source, n, periods, 0.3)
    y[0, 24:] += effect
    names = np.repeat([f"a{i}" for i in range(n)], periods)
    return _numbered(unit=names, t=np.tile(np.arange(1, periods + 1), n), y=y.ravel())


def _numbered(**columns: object) -> pl.DataFrame:
    frame = pl.DataFrame(columns)
    return frame.with_columns(participant=pl.int_range(frame.height, dtype=pl.Int64))


CONTINUOUS = 'kind = "continuous"\nbetter = "higher"\nexpected_sd = 1\nminimum_important_difference = {m}'
CELLS = (
    Cell(
        "individual, continuous, 120 an arm",
        _plan("randomised", 'treatment = "treat"', "", CONTINUOUS.format(m=0.38), "treated = 120\ncomparison = 120"),
        people(120),
    ),
    Cell(
        "individual, yes or no, 250 an arm",
        _plan(
            "randomised", 'treatment = "treat"', "",
            'kind = "binary"\nbetter = "lower"\nexpected_rate = 0.43\nminimum_important_difference = 0.13',
            "treated = 250\ncomparison = 250",
        ),
        shares(250, 0.43),
    ),
    Cell(
        "clusters, 20 of 20, ICC 0.1",
        _plan(
            "cluster-randomised", 'treatment = "treat"\ncluster = "school"', "icc = 0.1\ndraws = 199",
            CONTINUOUS.format(m=0.55),
            "treated = 200\ncomparison = 200\nclusters_treated = 10\nclusters_comparison = 10",
        ),
        schools(20, 20, 0.1),
    ),
    Cell(
        "difference in differences, 20 and 40 units, AR 0.5",
        _plan(
            "difference-in-differences", 'treatment = "treat"\nunit = "unit"\ntime = "t"', "start = 7\ndraws = 199",
            CONTINUOUS.format(m=0.65),
            "treated = 20\ncomparison = 40\nperiods_before = 6\nperiods_after = 6\nautocorrelation = 0.5",
            areas=True,
        ),
        units(20, 40, 6, 6, 0.5),
    ),
    Cell(
        "interrupted series, 60 and 24 months, AR 0.3",
        _plan(
            "interrupted-time-series", 'time = "t"\nseed = 7', 'start = "2014-01"\nseasonality = "none"',
            CONTINUOUS.format(m=2.2).replace("higher", "lower"),
            "periods_before = 60\nperiods_after = 24\nautocorrelation = 0.3",
            areas=True,
        ),
        series(60, 24, 0.3),
    ),
    Cell(
        "weighting",
        _plan(
            "weighting", 'treatment = "treat"\ncovariates = ["x"]\nestimand = "ATT"', "", CONTINUOUS.format(m=0.3),
            "treated = 190\ncomparison = 410\nseparation = 0.5",
        ),
        leaning,
    ),
    Cell(
        "staggered",
        _plan(
            "staggered-adoption", 'unit = "unit"\ntime = "t"', 'first_treated = "f"', CONTINUOUS.format(m=0.6),
            "treated = 30\ncomparison = 60\nperiods_before = 6\nperiods_after = 6\nstarts = 2\nautocorrelation = 0.3",
            areas=True,
        ),
        starts,
    ),
    Cell(
        "rd",
        _plan(
            "regression-discontinuity", "",
            'running = "s"\ncutoff = 0\nbandwidth_left = 0.5\nbandwidth_right = 0.5', CONTINUOUS.format(m=0.9),
            "treated = 600\ncomparison = 600\nwithin_bandwidth = 0.5",
        ),
        cut_off,
    ),
    Cell(
        "synthetic",
        _plan(
            "synthetic-control", 'unit = "unit"\ntime = "t"', 'start = 25\ntreated_unit = "a0"',
            CONTINUOUS.format(m=1.8),
            "comparison = 20\nperiods_before = 24\nperiods_after = 6\nautocorrelation = 0.3", areas=True,
        ),
        one_area,
    ),
)  # fmt: skip


def main() -> None:
    """Print the cells as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    print("| Cell | Draws | Finds: promised | reached | No meaningful effect: promised | reached | Seconds |")
    print("|---|---|---|---|---|---|---|")
    for cell in CELLS:
        if asked.only in cell.name:
            began = time.process_time()
            r = reach(cell, asked.draws)
            cells = [f"{100 * share:.1f}" for share in (r.finds_promised, r.finds, r.none_promised, r.none)]
            print(
                f"| {r.name} | {r.draws:,} | {' | '.join(cells)} | {time.process_time() - began:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
