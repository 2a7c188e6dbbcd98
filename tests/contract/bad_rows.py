"""Every method, kind of outcome and main option, each with a small sample that suits it: the rows of bad data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from evaluation.plan import AnalysisPlan
from tests.evaluation.cluster_samples import areas, classes, wards, waves
from tests.evaluation.gaps import with_gaps
from tests.evaluation.offending import ROWS as INTERVALS
from tests.evaluation.offending import offenders
from tests.evaluation.studies import make_plan, observed, schools, scored, trial
from tests.evaluation.times import TIMED, watched_people

N = 45
RISK, ODDS, RATE = (
    'effect = "risk-ratio"',
    'effect = "odds-ratio"',
    'effect = "rate-ratio"\nexposure = "time"',
)
AGAIN = INTERVALS.replace('"arrest"', '"y"')
ROWS_OF_TIME = 'intervals = true\nentry = "start"\nduration = "stop"\nunit = "days"\n'
SUBGROUP = '[[subgroup]]\nby = "place"\nreason = "a test"'
FILLED = '[analysis]\nmissing = "multiple-imputation"\nauxiliary = ["z"]\nimputations = 2'
WEIGHED = '[analysis]\nmissing = "inverse-probability"'
PERIODS = 'period = "month"\ndraws = 199\nlayout = '
SCHOOL, SITE, WARD = 'cluster = "school"', 'cluster = "site"', 'cluster = "ward"'
FEW = "draws = 199"
X, XZ, XP, XZP = ("x",), ("x", "z"), ("x", "place"), ("x", "z", "place")


@dataclass(frozen=True, slots=True)
class Row:
    """One way of asking: method, kind, covariates, and lines to add to the plan's tables."""

    method: str
    kind: str
    covariates: tuple[str, ...] = ()
    design: str = ""
    settings: str = ""
    outcome: str = ""
    more: str = ""
    sample: str = ""

    @property
    def observed(self) -> bool:
        """Say whether people chose."""
        return self.method in ("matching", "weighting", "doubly-robust")

    @property
    def timed(self) -> bool:
        """Say whether the outcome is when something happened."""
        return self.kind == "time-to-event"

    @property
    def ratio(self) -> bool:
        """Say whether the effect is a ratio, or odds."""
        return "ratio" in self.outcome or self.kind == "count" or self.timed

    @property
    def long(self) -> bool:
        """Say whether a person has several rows."""
        return "start" in self.outcome or "time = " in self.design

    @property
    def cluster(self) -> str:
        """The column of clusters, if there is one."""
        return next((c for c in ("school", "site", "ward") if f'cluster = "{c}"' in self.design), "")


def row(method: str, kind: str, covariates: tuple[str, ...] = (), **more: str) -> Row:
    return Row(method, kind, covariates, **more)


T, C, M, W, D = "randomised", "cluster-randomised", "matching", "weighting", "doubly-robust"
R, CUT = "regression-discontinuity", 'running = "score"\ncutoff = 0\n'
NUM, BIN, CNT, ORD, TTE = "continuous", "binary", "count", "ordinal", "time-to-event"
ROWS: dict[str, Row] = {
    "trial": row(T, NUM),
    "trial-ancova": row(T, NUM, XP, design='strata = "side"'),
    "trial-lin": row(T, NUM, XP, settings='adjust = "lin"\nrandomisation_p = true'),
    "trial-hc3": row(T, NUM, X, settings='errors = "HC3"\ninterval = "normal"', outcome='baseline = "z"'),
    "trial-clustered": row(T, NUM, X, design=SITE),
    "trial-taken-up": row(T, NUM, X, settings='compliance = "took"'),
    "trial-subgroup": row(T, NUM, X, more=SUBGROUP),
    "trial-imputed": row(T, NUM, X, more=FILLED),
    "trial-weighed": row(T, BIN, X, more=WEIGHED),
    "trial-waves": row(T, NUM, X, outcome='waves = ["w1", "w2"]\nwave = "w2"'),
    "trial-binary": row(T, BIN, XP),
    "trial-logistic": row(T, BIN, XP, settings='model = "logistic"'),
    "trial-risk": row(T, BIN, XP, outcome=RISK),
    "trial-odds": row(T, BIN, X, outcome=ODDS, design='strata = "side"'),
    "trial-rate": row(T, CNT, XP, outcome=RATE),
    "trial-count": row(T, CNT, outcome='effect = "rate-ratio"'),
    "trial-ordinal": row(T, ORD, X),
    "trial-ordered": row(T, ORD, XP, outcome=ODDS),
    "trial-hazard": row(T, TTE, XP, outcome=TIMED),
    "trial-hazard-strata": row(T, TTE, X, outcome=TIMED, design='strata = "side"'),
    "trial-rivals": row(T, TTE, outcome=TIMED + 'competing = "died"\nhorizon = 30'),
    "trial-again": row(T, TTE, X, outcome=AGAIN),
    "trial-intervals": row(T, TTE, X, outcome=ROWS_OF_TIME, sample="intervals"),
    "schools": row(C, NUM, XP, design=SCHOOL, settings=FEW),
    "schools-means": row(C, NUM, X, design=SCHOOL, settings=FEW + '\nmodel = "cluster-means"'),
    "schools-strata": row(C, NUM, design=SCHOOL + '\nstrata = "district"', settings=FEW),
    "schools-binary": row(C, BIN, X, design=SCHOOL, settings=FEW),
    "schools-weighed": row(C, NUM, X, design=SCHOOL, settings=FEW, more=WEIGHED),
    "schools-imputed": row(C, NUM, X, design=SCHOOL, settings=FEW, more=FILLED),
    "schools-subgroup": row(C, NUM, X, design=SCHOOL, settings=FEW, more=SUBGROUP),
    "schools-risk": row(C, BIN, X, design=SCHOOL, settings=FEW, outcome=RISK, sample="areas"),
    "schools-odds": row(C, BIN, X, design=SCHOOL, settings=FEW + '\nratio_model = "marginal"', outcome=ODDS,
                        sample="areas"),
    "schools-rate": row(C, CNT, X, design=SCHOOL, settings=FEW, outcome=RATE, sample="areas"),
    "schools-rate-marginal": row(C, CNT, XP, design=SCHOOL, settings=FEW + '\nratio_model = "marginal"',
                                 outcome=RATE, sample="areas"),
    "within": row(C, NUM, X, design=SITE, settings=FEW + '\nintervention_level = "individual"'),
    "within-slope": row(C, NUM, design=SITE,
                        settings=FEW + '\nintervention_level = "individual"\nrandom_slope = true'),
    "wedge": row(C, NUM, X, design=WARD, settings=PERIODS + '"stepped-wedge"', sample="wards"),
    "wedge-binary": row(C, BIN, design=WARD, settings=PERIODS + '"stepped-wedge"', sample="wards"),
    "crossover": row(C, NUM, X, design=WARD, settings=PERIODS + '"crossover"', sample="crossing"),
    "classes": row(C, NUM, X, design=SCHOOL, settings=FEW + '\nsubcluster = "room"', sample="classes"),
    "classes-within": row(C, NUM, X, design=SCHOOL, sample="classes-within",
                          settings=FEW + '\nsubcluster = "room"\nintervention_level = "subcluster"'),
    "growth": row(C, NUM, X, design=SCHOOL + '\ntime = "year"', settings=FEW, sample="waves"),
    "growth-end": row(C, NUM, design=SCHOOL + '\ntime = "year"', settings=FEW + '\ngrowth = "end"', sample="waves"),
    "matching": row(M, NUM, XZP),
    "matching-exact": row(M, NUM, XZ, design='exact = ["place"]'),
    "matching-many": row(M, NUM, XZ, settings='ratio = 3\nadjust = "none"\ncaliper = 0'),
    "matching-again": row(M, NUM, XZ, settings="replace = true"),
    "matching-abadie": row(M, NUM, XZ, settings='replace = true\nerrors = "abadie-imbens"'),
    "matching-mahalanobis": row(M, NUM, XZP, settings='distance = "mahalanobis"\norder = "closest"'),
    "matching-classes": row(M, NUM, XZ, settings='kind = "subclassification"\nsubclasses = 3'),
    "matching-coarsened": row(M, NUM, XP, settings='kind = "coarsened-exact"'),
    "matching-caliper": row(M, NUM, XZ, settings="caliper = 0.000000000001"),
    "matching-risk": row(M, BIN, XZ, outcome=RISK),
    "matching-binary": row(M, BIN, XZ, settings='kind = "subclassification"\nsubclasses = 2'),
    "matching-rate": row(M, CNT, XZ, outcome=RATE, settings="ratio = 2"),
    "matching-hazard": row(M, TTE, XZ, outcome=TIMED),
    "matching-again-and-again": row(M, TTE, XZ, outcome=AGAIN),
    "matching-imputed": row(M, NUM, X, more=FILLED),
    "matching-subgroup": row(M, NUM, XZ, more=SUBGROUP),
    "weighting": row(W, NUM, XZP),
    "weighting-ate": row(W, NUM, XZ, design='estimand = "ATE"', settings="trim = 0.05"),
    "weighting-overlap": row(W, NUM, XZ, design='estimand = "ATO"', settings='kind = "overlap"'),
    "weighting-entropy": row(W, NUM, XZP, settings='kind = "entropy"\ninterval = "t"'),
    "weighting-clustered": row(W, NUM, XZ, design=SITE),
    "weighting-weighed": row(W, NUM, XZ, design='estimand = "ATE"', more=WEIGHED),
    "weighting-imputed": row(W, NUM, X, more=FILLED),
    "weighting-binary": row(W, BIN, XZ),
    "weighting-odds": row(W, BIN, XZ, design='estimand = "ATE"', outcome=ODDS),
    "weighting-risk": row(W, BIN, XZ, settings='kind = "entropy"', outcome=RISK),
    "weighting-rate": row(W, CNT, XZ, outcome=RATE),
    "weighting-hazard": row(W, TTE, XZ, outcome=TIMED, design='estimand = "ATE"'),
    "weighting-again": row(W, TTE, XZ, outcome=AGAIN),
    "robust": row(D, NUM, XZP, settings="repeats = 1"),
    "robust-att": row(D, NUM, XZ, design='estimand = "ATT"', settings="folds = 2\nrepeats = 1\ntrim = 0.05"),
    "robust-whole": row(D, NUM, XZ, settings="folds = 1"),
    "robust-tmle": row(D, NUM, XZ, settings='estimator = "tmle"\nfolds = 1\ninterval = "t"'),
    "robust-boosted": row(D, BIN, XZ, settings='learner = "gradient-boosting"\nfolds = 2\nrepeats = 1'),
    "robust-clustered": row(D, NUM, XZ, design=SITE, settings="folds = 2\nrepeats = 1"),
    "robust-explore": row(D, NUM, XZ, settings="folds = 2\nrepeats = 1\nexplore = true"),
    "robust-binary": row(D, BIN, XZ, settings="repeats = 1"),
    "robust-risk": row(D, BIN, XZ, settings="repeats = 1", outcome=RISK),
    "robust-odds": row(D, BIN, XZ, settings="folds = 1\nestimator = \"tmle\"", outcome=ODDS),
    "robust-rate": row(D, CNT, XZ, settings="folds = 2\nrepeats = 1", outcome=RATE),
    "robust-weighed": row(D, NUM, XZ, settings="folds = 2\nrepeats = 1", more=WEIGHED),
    "robust-imputed": row(D, NUM, X, settings="folds = 2\nrepeats = 1", more=FILLED),
    "cut-off": row(R, NUM, settings=CUT),
    "cut-off-adjusted": row(R, NUM, XP, settings=CUT + 'bandwidth = "mse-two"\nplacebo_cutoffs = [-0.5, 0.5]'),
    "cut-off-clustered": row(R, NUM, X, design=SITE, settings=CUT),
    "cut-off-plain": row(R, NUM, X, settings=CUT + 'bandwidth = 0.9\ninference = "plain"'),
    "cut-off-fuzzy": row(R, NUM, settings=CUT + 'fuzzy = "got"\nbandwidth = "cer"'),
    "cut-off-binary": row(R, BIN, X, settings=CUT + 'errors = "HC2"\norder = 2\nkernel = "uniform"'),
    "cut-off-subgroup": row(R, NUM, settings=CUT, more=SUBGROUP),
}  # fmt: skip


@cache
def plan_of(name: str) -> AnalysisPlan:
    """The plan of a row; people have a column of ids."""
    return plan_like(ROWS[name])


def plan_like(r: Row) -> AnalysisPlan:
    """The plan a row describes."""
    return make_plan(
        r.method, treatment="" if "fuzzy" in r.settings else "treat",
        kind=r.kind, covariates=r.covariates, design=f'unit = "unit"\n{r.design}', settings=r.settings,
        outcome=r.outcome, more=r.more, better="lower" if r.timed else "higher",
    )  # fmt: skip


@cache
def people(name: str) -> pl.DataFrame:
    """A sample in which nothing is wrong, with every column some row asks for."""
    frame = _sample(ROWS[name])
    draw = np.random.default_rng(77)
    n = frame.height
    noise = draw.normal(size=n)
    extra = {
        "z": noise, "side": draw.choice(["left", "right"], n).tolist(), "time": draw.uniform(0.5, 2, n),
        "site": [f"L{k}" for k in draw.integers(0, 9, n)], "w1": noise + draw.normal(size=n),
        "took": np.where(draw.uniform(size=n) < 0.85, frame["treat"].to_numpy(), 1 - frame["treat"].to_numpy()),
    }  # fmt: skip
    frame = frame.with_columns(**{k: pl.Series(v) for k, v in extra.items() if k not in frame.columns})
    return _shaped(frame, ROWS[name], draw)


def _sample(r: Row) -> pl.DataFrame:
    binary = r.kind == "binary"
    if r.sample == "intervals":
        return watched_people(N).with_columns(start=pl.lit(0.0), stop=pl.col("weeks"))
    if r.sample == "areas":
        return areas(12, binary=binary)
    if r.sample in ("wards", "crossing"):
        return wards(8, 4, crossing=r.sample == "crossing", binary=binary, each=4)
    if r.sample.startswith("classes"):
        return classes(8, within=r.sample.endswith("within"))
    if r.sample == "waves":
        return waves(8, each=9, times=3)
    if r.timed:
        pull = 0.8 if r.observed else 0.0
        if "recurrent" in r.outcome:
            return offenders(N, pull=pull).rename({"arrest": "y"})
        return watched_people(N, pull=pull)
    if r.method == R:
        return scored(20 * N, binary=binary)
    if r.method == C:
        return schools(N, binary=binary, an_arm=6)
    return observed(5 * N, binary=binary, pull=0.5) if r.observed else trial(N, binary=binary)


def _shaped(frame: pl.DataFrame, r: Row, draw: np.random.Generator) -> pl.DataFrame:
    if r.kind == "count" and r.sample != "areas":
        mean = frame["time"].to_numpy() * np.exp(0.3 * frame["y"].to_numpy())
        frame = frame.with_columns(y=pl.Series(draw.poisson(mean)).cast(pl.Float64))
    if r.kind == "ordinal":
        frame = frame.with_columns(y=pl.col("y").clip(-1, 2).round(0) + 1)
    if "missing" in r.more:
        frame = with_gaps(frame, 0.03, names=("y", "x"))
    if "waves" in r.outcome:
        frame = frame.with_columns(pl.col("w1").alias("y@w1"), pl.col("y").alias("y@w2"))
    return frame
