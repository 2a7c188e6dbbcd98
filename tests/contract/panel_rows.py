"""The panels that every method of places and times meets: a plan and a sample in which nothing is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from evaluation.plan import AnalysisPlan
from tests.evaluation.studies import read

START, FIRST_YEAR, YEARS = 2010, 2000, 16
DID, STAG, ITS, SYN = (
    "difference-in-differences", "staggered-adoption", "interrupted-time-series", "synthetic-control",
)  # fmt: skip
GROUP = 'treatment = "group"'
RATE = 'effect = "rate-ratio"\nexposure = "pop"'


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A plan by its parts, and which sample goes with it."""

    method: str
    kind: str = "continuous"
    design: str = ""
    settings: str = ""
    outcome: str = ""
    covariates: tuple[str, ...] = ()
    sample: str = "areas"
    units: str = "areas"

    @property
    def measure(self) -> str:
        """The column that is the outcome."""
        return "events" if self.kind == "count" else "y"

    @property
    def single(self) -> bool:
        """One series and nothing beside it."""
        return self.sample == "series"


SINCE = f"start = {START}"
ROWS: dict[str, PanelRow] = {
    "did": PanelRow(DID, design=GROUP, settings=SINCE),
    "did-region": PanelRow(DID, design=GROUP + '\ncluster = "region"', settings=SINCE),
    "did-x": PanelRow(DID, design=GROUP, settings=SINCE, covariates=("x",)),
    "did-count": PanelRow(DID, "count", GROUP, SINCE, RATE),
    "did-people": PanelRow(DID, design=GROUP, settings=SINCE, sample="people", units="people"),
    "stag": PanelRow(STAG, settings='first_treated = "first"'),
    "stag-not-yet": PanelRow(STAG, settings='first_treated = "first"\ncomparison = "not-yet"'),
    "stag-x": PanelRow(
        STAG, settings='first_treated = "first"\ncontrol = "doubly-robust"', covariates=("x",)
    ),
    "its": PanelRow(ITS, settings=SINCE, sample="series"),
    "its-count": PanelRow(
        ITS, "count", settings=SINCE + '\nfamily = "poisson"', outcome=RATE, sample="series"
    ),
    "its-beside": PanelRow(ITS, design=GROUP, settings=SINCE, sample="two"),
    "synth": PanelRow(SYN, settings=SINCE + '\ntreated_unit = "a00"', sample="one"),
    "synth-did": PanelRow(SYN, settings=SINCE + '\ntreated_unit = "a00"\nkind = "did"', sample="one"),
    "synth-ridge": PanelRow(SYN, settings=SINCE + '\ntreated_unit = "a00"\nkind = "augmented"', sample="one"),
    "before": PanelRow("before-after", settings=SINCE, sample="series"),
}


def text_of_row(row: PanelRow, *, better: str = "lower", more: str = "", population: str = "") -> str:
    """The plan of a row in TOML."""
    listed = ", ".join(f'"{name}"' for name in row.covariates)
    unit = "" if row.sample == "people" else 'unit = "area"\n'
    return (
        f'[plan]\nid = "a-plan"\ntitle = "A question"\n[population]\nunits = "{row.units}"\n{population}\n'
        f'[design]\nmethod = "{row.method}"\n{unit}time = "year"\nseed = 3\ncovariates = [{listed}]\n{row.design}\n'
        f"[design.{row.method}]\n{row.settings}\n"
        f'[[outcome]]\nmeasure = "{row.measure}"\nrole = "primary"\nkind = "{row.kind}"\nbetter = "{better}"\n'
        f"{row.outcome}\n{more}\n"
    )


@cache
def plan_of(name: str, better: str = "lower") -> AnalysisPlan:
    """The plan of a row."""
    return read(text_of_row(ROWS[name], better=better))


@cache
def sample(name: str, seed: int = 1) -> pl.DataFrame:
    """A sample in which nothing is wrong."""
    row = ROWS[name]
    return {"areas": areas, "people": people, "series": series, "two": two, "one": one}[row.sample](seed)


def areas(
    seed: int = 1, *, n: int = 40, treated: Sequence[int] | None = None, effect: float = -1.0
) -> pl.DataFrame:
    """Areas over years: levels of their own, common years, noise that lingers; half of them treated from START on."""
    draw = np.random.default_rng(seed)
    marked = np.isin(np.arange(n), list(range(n // 2)) if treated is None else list(treated))
    adopted = np.where(marked, START - 2 * (np.arange(n) % 2), 0)
    level, common = draw.normal(20, 3, n), np.cumsum(draw.normal(0, 0.5, YEARS))
    noise = np.zeros((n, YEARS))
    for t in range(YEARS):
        noise[:, t] = 0.4 * (noise[:, t - 1] if t else 0) + draw.normal(0, 1, n)
    year = FIRST_YEAR + np.arange(YEARS)
    on = marked[:, None] & (year[None, :] >= START)
    y = level[:, None] + common[None, :] + noise + effect * on
    pop = draw.uniform(5, 10, n)
    events = draw.poisson(pop[:, None] * np.exp(2.5 + 0.02 * (y - 20)))
    return pl.DataFrame(
        {
            "area": np.repeat([f"a{i:02d}" for i in range(n)], YEARS),
            "region": np.repeat([f"r{i % 10:02d}" for i in range(n)], YEARS),
            "year": np.tile(year, n).astype(float),
            "group": np.repeat(marked.astype(float), YEARS),
            "first": np.repeat(adopted.astype(float), YEARS),
            "x": np.repeat(draw.normal(0, 1, n), YEARS),
            "pop": np.repeat(pop, YEARS),
            "y": y.ravel(),
            "events": events.ravel().astype(float),
            "definition": ["one"] * (n * YEARS),
            "whole": [1.0] * (n * YEARS),
        }
    )


def series(seed: int = 1) -> pl.DataFrame:
    """One treated area."""
    return areas(seed, n=1, treated=[0], effect=-3.0)


def two(seed: int = 1) -> pl.DataFrame:
    """A treated area and one beside it."""
    return areas(seed, n=2, treated=[0], effect=-3.0)


def one(seed: int = 1) -> pl.DataFrame:
    """One treated area among many others."""
    return areas(seed, n=25, treated=[0], effect=-3.0)


def people(seed: int = 1) -> pl.DataFrame:
    """Other people every year, of two groups: repeated cross-sections."""
    draw = np.random.default_rng(seed)
    n = 1600
    group, year = draw.integers(0, 2, n).astype(float), draw.integers(START - 4, START + 4, n)
    y = 10 + group + 0.2 * (year - START) - 1.0 * group * (year >= START) + draw.normal(0, 1, n)
    return pl.DataFrame(
        {
            "area": [f"p{i:04d}" for i in range(n)], "region": [f"r{i % 12:02d}" for i in range(n)],
            "year": year.astype(float), "group": group, "first": np.zeros(n), "x": draw.normal(size=n),
            "pop": np.ones(n), "y": y, "events": draw.poisson(5, n).astype(float), "definition": ["one"] * n,
            "whole": np.ones(n),
        }
    )  # fmt: skip
