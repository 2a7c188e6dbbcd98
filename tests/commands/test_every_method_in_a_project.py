"""Every method and its main options from a plan, in a project and on a file of the same people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
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
COARSENED = 'kind = "coarsened-exact"\n[design.matching.cutpoints]\nconvictions = [2, 5]'
UNDRAWN = ("randomised-score", "matching-nearest")
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
    short = {"cluster-randomised": "cluster", "doubly-robust": "robust", "regression-discontinuity": "cut"}
    short_name = short.get(method, method)
    return [Case(f"{short_name}-{name}", method, treatment, *rest) for name, *rest in rows]


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
    ("coarsened", made.SCORE, COVARIATES, COARSENED),
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
CUT = 'running = "score_before"\ncutoff = 50\n'
CUT_OFF = cases(
    "regression-discontinuity",
    "",
    ("adjusted", made.SCORE, 'covariates = ["age_at_release"]\n', CUT + 'bandwidth = "mse-two"'),
    ("below", made.ARRESTED, "", CUT + "treated_above = false\nbandwidth = 15\nbias_bandwidth = 20"),
    ("clustered", made.SCORE, PRISON, CUT + 'inference = "plain"\nbandwidth = 12'),
    ("subgroups", made.SCORE, "", CUT + "bandwidth = 20", made.BY_AREA),
)
CASES = [*RANDOMISED, *CLUSTERS, *MATCHING, *WEIGHTING, *ROBUST, *CUT_OFF]
every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once; every case adds a plan and a run of its own."""
    base = tmp_path_factory.mktemp("methods")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, base / "config", base / "temporary")
        program = Program(patch)
        make_method_project(program, base / "project")
        # All before the first run: whoever has seen one result of an outcome knows of it when locking the next plan.
        states = {case.name: lock(program, base / "project", case).payload["data_state"] for case in CASES}
    assert set(states.values()) == {"baseline seen"}
    return base


@pytest.fixture
def root(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    isolate(monkeypatch, base / "config", base / "temporary")
    monkeypatch.chdir(base)
    yield base / "project"
    assert list((base / "temporary").iterdir()) == [], "nothing is left behind"


@pytest.fixture(scope="module")
def on_server(tmp_path_factory: pytest.TempPathFactory, server: str) -> Path:
    """The same project with its store on a server."""
    import psycopg

    base = tmp_path_factory.mktemp("server")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE every_method")
    (base / "url").write_text(f"{server}/every_method", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, base / "config", base / "temporary")
        patch.setenv("LIFECOURSE_DATABASE_URL", f"{server}/every_method")
        make_method_project(Program(patch), base / "project")
    return base / "project"


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

        cohort = find_cohort(session, plan.population.cohort)
        table, _ = table_from_cohort(session, cohort, plan, measures, unsealed=True)
    file = target / f"{case.name}.csv"
    table.frame.sort("participant").drop("participant", "index_date").write_csv(file)
    return file


def compared(payload: Any) -> dict[str, float | None]:
    """The estimates of every outcome, and of every way of checking them, by name."""
    found: dict[str, float | None] = {}
    for outcome in payload["outcomes"]:
        ways = [("main", outcome["estimate"]), *((w["name"], w["estimate"]) for w in outcome["sensitivity"])]
        for way, estimate in ways:
            found |= {f"{outcome['measure']} {way} {name}": estimate[name] for name in SHARED}
    return found


def numbers_from_a_file(program: Program, root: Path, case: Case, target: Path) -> dict[str, float | None]:
    """The estimates of file mode on the same people."""
    words = ("evaluate", "run", root / "plans" / f"{case.name}.toml", "--data", exported(root, case, target))
    return compared(strict(program.well(*words, "--json").out))


def agree(payload: Any, other: dict[str, float | None]) -> None:
    """Every number that is shown is the other's, to 1e-9: both are the same arithmetic on the same people."""
    shown = {name: value for name, value in compared(payload).items() if value is not None}
    assert len(shown) >= 4
    assert shown == pytest.approx({name: other[name] for name in shown}, rel=1e-9, abs=1e-12)


@every
def test_a_locked_plan_is_run_and_a_file_of_the_same_people_gives_the_same_numbers(
    case: Case, program: Program, root: Path, tmp_path: Path
) -> None:
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
    agree(payload, numbers_from_a_file(program, root, case, tmp_path))


def test_every_method_and_every_kind_of_outcome_it_takes_is_among_the_cases() -> None:
    """Recurrent events and growth need several rows a person, which a cohort does not give."""
    of_people = [method for method in METHODS.values() if method.reads == "people"]
    assert {case.method for case in CASES} == {method.name for method in of_people}
    for method in of_people:
        asked = [case.outcomes for case in CASES if case.method == method.name]
        missing = [kind for kind in method.kinds if not any(f'kind = "{kind}"' in text for text in asked)]
        assert missing == [], method.name


# --- what a report says of one estimate


def section_five(root: Path, payload: Any) -> str:
    """The words of section five of a report."""
    page = (root / payload["files"]["report"]).read_text("utf-8")
    part = page.partition('id="section-5"')[2].partition('id="section-6"')[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def run(program: Program, root: Path, case: Case, *more: str) -> Any:
    """Write, lock and run a plan under a name of its own; once made it is not made again."""
    if not (root / "plans" / f"{case.name}.toml").exists():
        lock(program, root, case)
    return strict(program.well("evaluate", "run", case.name, *more, "--json", cwd=root).out)


def test_the_report_says_what_was_assumed_what_was_checked_and_what_would_change_the_answer(
    program: Program, root: Path
) -> None:
    payload = run(program, root, next(case for case in MATCHING if case.name == "matching-nearest"))
    words = section_five(root, payload)
    assumed, _, rest = words.partition("Checked")
    assert "Everything that decided who was treated and also bears on the outcome" in assumed
    assert "Whoever's outcome is missing is like those seen" in assumed
    checked, _, changing = rest.partition("Would change the answer")
    warned = [check["name"] for check in payload["outcomes"][0]["checks"] if check["result"] == "warn"]
    assert warned
    assert f"{len(warned)} with a warning ({', '.join(warned)})" in checked
    notes = {check["name"]: check["note"] for check in payload["outcomes"][0]["checks"]}
    assert notes["hidden cause"] in changing
    assert notes["e-value"] in changing
    assert "What a hidden cause could undo (Rosenbaum's bounds)" in words


def test_the_report_of_times_speaks_of_no_least_squares(program: Program, root: Path) -> None:
    payload = run(program, root, next(case for case in RANDOMISED if case.name == "randomised-times"))
    page = (root / payload["files"]["report"]).read_text("utf-8")
    assert "HC2" not in page
    assert "Cox regression with Efron" in page
    assert "Whoever was lost from sight would have gone on as the others did" in section_five(root, payload)


def test_a_report_of_times_and_scores_says_which_words_are_of_which(program: Program, root: Path) -> None:
    second = made.LATER.replace('"24-months"', '"12-months"')
    case = Case("both-sorts", "randomised", "aid", made.TIMES + second)
    page = (root / run(program, root, case)["files"]["report"]).read_text("utf-8")
    assert "Standard errors of the other outcomes" in page
    assert "<dt>Standard errors</dt>" not in page


# --- disclosure


def test_small_groups_are_withheld_and_never_one_alone(program: Program, root: Path) -> None:
    assert sum(row[-2] == "Island" for row in made.people()[0]) == made.ISLANDERS
    for case in (case for case in CASES if case.name.endswith("subgroups")):
        (groups,) = run(program, root, case)["outcomes"][0]["subgroups"]
        hidden = [group["level"] for group in groups["groups"] if group["estimate"] is None]
        assert "Island" in hidden
        assert len(hidden) >= 2
        assert groups["p_value"] is None


def test_a_plan_locked_after_a_result_of_its_outcome_was_seen_is_stamped(
    program: Program, root: Path
) -> None:
    run(program, root, RANDOMISED[0])
    seen = Case("next-score", "randomised", "aid", made.SCORE.replace('"12-months"', '"24-months"'))
    assert run(program, root, seen)["plan"]["state"] == "locked after outcomes"
    unseen = Case("free", "randomised", "aid", made.SCORE.replace('"score"', '"days_free"'))
    assert run(program, root, unseen)["plan"]["state"] == "locked before outcomes"


def test_by_compares_groups_without_the_plan_and_stamps_it(program: Program, root: Path) -> None:
    case = Case("by-district", "randomised", "aid", made.SCORE)
    payload = run(program, root, case, "--by", "district")
    (groups,) = payload["outcomes"][0]["subgroups"]
    assert (groups["by"], groups["registered"], len(groups["groups"])) == ("district", False, 4)
    assert "exploratory" in (root / payload["files"]["report"]).read_text("utf-8").lower()


def test_readings_and_words_of_checks_tell_no_exact_number_of_people(program: Program, root: Path) -> None:
    payloads = [
        run(program, root, case)
        for case in CASES
        if case.name in ("randomised-strata", "randomised-times", "randomised-weighed", "cluster-score")
    ]
    checks = [check for payload in payloads for check in payload["outcomes"][0]["checks"]]
    read = [check["reading"] for check in checks if check["reading"] is not None]
    assert [value for value in read if value != float(f"{value:.3g}")] == []
    notes = {check["name"]: check["note"] for check in checks}
    assert re.search(r"worth \d*[05] people", notes["effective follow-up"])
    assert re.search(r"have \d+ people on average", notes["cluster sizes"])
    assert re.match(r"\d+ % of those offered", notes["take-up"])


def test_each_lock_and_each_run_stands_in_the_audit_log_without_an_exact_count(
    program: Program, root: Path
) -> None:
    case = Case("audited", "weighting", "chosen", made.SCORE, COVARIATES)
    number = run(program, root, case)["evaluation"]
    shown = program.well("audit", "log", "--json", cwd=root).payload["entries"]
    locked, ran = shown[-2:]
    assert (locked["action"], locked["subject"]) == ("plan.lock", case.name)
    assert (ran["action"], ran["subject"]) == ("evaluate.run", number)
    people = json.loads(ran["details"])["people"]
    assert people % 5 == 0
    assert program.well("audit", "verify", cwd=root).code == 0


# --- on a server


@pytest.mark.parametrize("name", ["randomised-score", "cluster-imputed", "matching-nearest", "robust-aipw"])
def test_a_server_gives_the_numbers_of_a_file_and_of_the_embedded_store(
    name: str, program: Program, root: Path, on_server: Path, tmp_path: Path
) -> None:
    case = next(case for case in CASES if case.name == name)
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, on_server.parent / "config", on_server.parent / "temporary")
        patch.setenv("LIFECOURSE_DATABASE_URL", (on_server.parent / "url").read_text("utf-8"))
        there = run(program, on_server, case)
        agree(there, numbers_from_a_file(program, on_server, case, tmp_path))
    assert small_counts(there) == []
    if (
        name in UNDRAWN
    ):  # imputed values and folds are drawn in the order of numbers that hang on each store's key
        here, there = (one["outcomes"][0]["estimate"] for one in (run(program, root, case), there))
        assert there["value"] == pytest.approx(here["value"], rel=1e-9)
        assert there["std_error"] == pytest.approx(here["std_error"], rel=1e-9)
