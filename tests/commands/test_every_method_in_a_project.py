"""Every method and its main options from a plan, in a project and on a file of the same people."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evaluation.locking import open_plan
from evaluation.methods.registry import METHODS
from evaluation.study import table_from_cohort
from tests.commands import method_project as made
from tests.commands.conftest import isolate
from tests.commands.method_project import make_method_project, plan_text
from tests.commands.program import Outcome, Program
from tests.commands.small_project import project_at
from tests.commands.test_results_json import RESULT, misfits, small_counts, strict
from workspace.database import reading

SHARED = ("value", "std_error", "conf_low", "conf_high", "p_value")
COVARIATES = 'covariates = ["age_at_release", "convictions", "score_before"]\n'
PRISON = 'cluster = "prison"\n'


@dataclass(frozen=True)
class Case:
    """A plan: what it is called, its design and its outcomes."""

    name: str
    method: str
    treatment: str
    outcomes: str
    design: str = ""
    settings: str = ""
    more: str = ""

    @property
    def text(self) -> str:
        return plan_text(
            self.name, self.method, self.treatment, self.design, self.settings, self.outcomes, self.more
        )


def cases(method: str, treatment: str, *rows: tuple[str, ...]) -> list[Case]:
    short = {"cluster-randomised": "cluster", "doubly-robust": "robust"}.get(method, method)
    return [Case(f"{short}-{name}", method, treatment, *rest) for name, *rest in rows]


RANDOMISED = cases(
    "randomised",
    "aid",
    ("score", made.SCORE + 'baseline = "score_before"\n' + made.LATER, COVARIATES),
    ("strata", made.SCORE, 'strata = "district"\n', 'adjust = "lin"\nrandomisation_p = true\ncompliance = "got"'),
    ("risk", made.ARRESTED, COVARIATES, 'model = "logistic"'),
    ("risk-ratio", made.RISK_RATIO, COVARIATES),
    ("odds-ratio", made.ODDS_RATIO, COVARIATES),
    ("count", made.OFFENCES, COVARIATES),
    ("ordinal", made.RATING),
    ("ordinal-odds", made.RATING_ODDS, COVARIATES),
    ("times", made.TIMES, COVARIATES),
    ("competing", made.COMPETING),
    ("imputed", made.SCORE, COVARIATES, "", made.IMPUTED),
    ("weighed", made.SCORE, COVARIATES, "", made.WEIGHED),
    ("waves", made.WAVES),
    ("subgroups", made.SCORE, COVARIATES, "", made.BY_AREA),
)  # fmt: skip
CLUSTERS = [
    *cases(
        "cluster-randomised",
        "hub",
        ("score", made.SCORE, PRISON + COVARIATES, "draws = 199"),
        ("means", made.SCORE, PRISON + 'strata = "district"\n', 'model = "cluster-means"\ndraws = 199'),
        ("risk", made.ARRESTED, PRISON, "draws = 199"),
        ("risk-ratio", made.RISK_RATIO, PRISON, 'ratio_model = "marginal"\ndraws = 199'),
        ("count", made.OFFENCES, PRISON, "draws = 199"),
        ("imputed", made.SCORE, PRISON, "draws = 199", made.IMPUTED),
        ("subgroups", made.SCORE, PRISON, "draws = 199", made.BY_AREA),
    ),
    *cases(
        "cluster-randomised",
        "aid",
        ("individual", made.SCORE, PRISON, 'intervention_level = "individual"\nrandom_slope = true'),
        ("waves", made.WAVES, PRISON, 'intervention_level = "individual"'),
    ),
    *cases(
        "cluster-randomised",
        "wing_hub",
        ("wings", made.SCORE, PRISON, 'intervention_level = "subcluster"\nsubcluster = "wing"\ndraws = 199'),
    ),
    *cases(
        "cluster-randomised",
        "rolled_out",
        ("wedge", made.SCORE, PRISON, 'layout = "stepped-wedge"\nperiod = "quarter"\ndraws = 199'),
    ),
    *cases(
        "cluster-randomised",
        "turned",
        ("crossover", made.SCORE, PRISON, 'layout = "crossover"\nperiod = "quarter"\ndraws = 199'),
    ),
]
MATCHING = cases(
    "matching",
    "chosen",
    ("nearest", made.SCORE, COVARIATES),
    ("replaced", made.SCORE, COVARIATES, 'replace = true\nerrors = "abadie-imbens"'),
    ("mahalanobis", made.ARRESTED, COVARIATES, 'distance = "mahalanobis"\norder = "closest"'),
    ("classes", made.SCORE, COVARIATES, 'kind = "subclassification"'),
    ("coarsened", made.SCORE, COVARIATES, 'kind = "coarsened-exact"\n[design.matching.cutpoints]\nconvictions = [2, 5]'),
    ("count", made.OFFENCES, COVARIATES),
    ("competing", made.COMPETING, COVARIATES),
    ("imputed", made.SCORE, COVARIATES, "", made.IMPUTED),
    ("subgroups", made.SCORE, COVARIATES, "", made.BY_AREA),
)  # fmt: skip
WEIGHTING = cases(
    "weighting",
    "chosen",
    ("att", made.SCORE, COVARIATES),
    ("trimmed", made.ARRESTED, COVARIATES + 'estimand = "ATE"\n', "trim = 0.02"),
    ("overlap", made.RISK_RATIO, COVARIATES + 'estimand = "ATO"\n', 'kind = "overlap"'),
    ("entropy", made.SCORE, COVARIATES, 'kind = "entropy"'),
    ("count", made.OFFENCES, COVARIATES),
    ("competing", made.COMPETING, COVARIATES),
    ("weighed", made.SCORE, COVARIATES, "", made.WEIGHED),
)
ROBUST = cases(
    "doubly-robust",
    "chosen",
    ("aipw", made.SCORE, COVARIATES, "folds = 3\nrepeats = 2\nexplore = true"),
    ("tmle", made.ARRESTED, COVARIATES, 'estimator = "tmle"\nfolds = 2\nrepeats = 1'),
    ("risk-ratio", made.RISK_RATIO, COVARIATES, "folds = 2\nrepeats = 1"),
    ("count", made.OFFENCES, COVARIATES + 'estimand = "ATT"\n', "folds = 2\nrepeats = 1"),
    ("clustered", made.SCORE, COVARIATES + PRISON, "folds = 2\nrepeats = 1"),
    ("weighed", made.SCORE, COVARIATES, "folds = 2\nrepeats = 1", made.WEIGHED),
    ("subgroups", made.SCORE, COVARIATES, "folds = 2\nrepeats = 1", made.BY_AREA),
)
CASES = [*RANDOMISED, *CLUSTERS, *MATCHING, *WEIGHTING, *ROBUST]
every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once; every case adds a plan and a run of its own."""
    base = tmp_path_factory.mktemp("methods")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, base / "config", base / "temporary")
        make_method_project(Program(patch), base / "project")
    return base


@pytest.fixture
def root(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    isolate(monkeypatch, base / "config", base / "temporary")
    monkeypatch.chdir(base)
    yield base / "project"
    assert list((base / "temporary").iterdir()) == [], "nothing is left behind"


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(monkeypatch)


def lock(program: Program, root: Path, case: Case) -> Outcome:
    """Write a plan, check it, lock it: with a reason where it cannot be decided."""
    (root / "plans" / f"{case.name}.toml").write_text(case.text, encoding="utf-8")
    checked = program("plan", "check", case.name, "--json", cwd=root)
    assert checked.code in (0, 1), checked.said
    doubts = [doubt["code"] for doubt in checked.payload["doubts"]]
    assert set(doubts) <= {"too-small", "small-pool"}, doubts
    assert checked.code == bool(doubts)
    if doubts:
        refused = program("plan", "lock", case.name, cwd=root)
        assert (refused.code, "LC423" in refused.err) == (4, True)
    waive = ("--waive", "history") if doubts else ()
    return program.well("plan", "lock", case.name, *waive, "--json", cwd=root)


def exported(root: Path, case: Case, target: Path) -> Path:
    """The same people as the plan finds them in the store, as a table for file mode."""
    project = project_at(root)
    plan, _, measures = open_plan(project, case.name)
    with reading(project) as session:
        from cohorts.store import find_cohort

        cohort = find_cohort(session, "leavers")
        table, _ = table_from_cohort(session, cohort, plan, measures, unsealed=True)
    file = target / f"{case.name}.csv"
    table.frame.sort("participant").drop("participant", "index_date").write_csv(file)
    return file


def compared(payload: Any) -> dict[str, float | None]:
    """The estimates of every outcome, and of every way of checking them, by name."""
    found = {}
    for outcome in payload["outcomes"]:
        ways = [("main", outcome["estimate"]), *((w["name"], w["estimate"]) for w in outcome["sensitivity"])]
        for way, estimate in ways:
            found |= {f"{outcome['measure']} {way} {name}": estimate[name] for name in SHARED}
    return found


@every
def test_a_plan_is_locked_and_run_and_a_file_of_the_same_people_gives_the_same_numbers(
    case: Case, program: Program, root: Path, tmp_path: Path
) -> None:
    locked = lock(program, root, case)
    assert locked.payload["data_state"] == "baseline seen"
    ran = program.well("evaluate", "run", case.name, "--json", cwd=root)
    payload = strict(ran.out)
    assert ran.err == ""
    assert list(misfits(payload, RESULT)) == []
    assert small_counts(payload) == []
    assert payload["plan"]["state"] == "locked before outcomes"
    primary = payload["outcomes"][0]
    assert primary["verdict"]["answer"] != "not-assessable", primary["checks"]
    assert primary["checks"]
    page = (root / payload["files"]["report"]).read_text("utf-8")
    assert case.name in page
    assert METHODS[case.method].assumes in page.replace("&#39;", "'")
    table = exported(root, case, tmp_path)
    filed = strict(program.well("evaluate", "run", root / "plans" / f"{case.name}.toml", "--data", table, "--json").out)
    ours, theirs = compared(payload), compared(filed)
    assert ours.keys() <= theirs.keys()
    shown = {name: value for name, value in ours.items() if value is not None}
    assert len(shown) >= 4
    assert shown == pytest.approx({name: theirs[name] for name in shown}, rel=1e-9, abs=1e-12)
