"""What a replication pack holds, that the same input gives the same bytes, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from evaluation.actions import run_on_file
from evaluation.errors import EvaluationError
from evaluation.methods.registry import METHODS
from evaluation.replication.actions import pack_of_file
from evaluation.replication.codebook import codebook_of
from evaluation.replication.reproduced import METHODS_IN_R
from evaluation.store import load_plan
from tests.replication.made_up import NUMBER, STRATA, TEXT, UNIT, people
from tests.replication.plans import COUNT, PEOPLE_Y, TRIAL, YES, Case
from theory_of_change.store import load_catalogue
from workspace import console
from workspace.settings import DisclosureProfile

ROOT = Path(__file__).parents[2]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    people().write_csv(path)
    return path


def written_plan(case: Case, folder: Path) -> Path:
    path = folder / "plan.toml"
    path.write_text(case.text(), encoding="utf-8")
    return path


def refused(case: Case, table: Path, folder: Path) -> EvaluationError:
    with pytest.raises(EvaluationError) as problem:
        pack_of_file(written_plan(case, folder), table, folder / "pack")
    return problem.value


TRIAL_CASE = Case("", "people", "randomised", design=TRIAL, outcomes=(PEOPLE_Y, YES))


def test_a_pack_holds_the_plans_exact_text_the_rows_and_a_sum_of_every_file(
    table: Path, tmp_path: Path
) -> None:
    plan = written_plan(TRIAL_CASE, tmp_path)
    done = pack_of_file(plan, table, tmp_path / "pack")
    pack = tmp_path / "pack"
    assert (pack / "plan.toml").read_bytes() == plan.read_bytes()
    found = {p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file()}
    assert found == {
        "README.md", "SHA256SUMS", "amendments.json", "codebook.csv", "codebook-categories.csv", "data.csv",
        "expected.json", "plan.canonical.json", "plan.toml", "R/analysis.R", "R/functions.R", "python/analysis.py",
    }  # fmt: skip
    lines = [line.split("  ") for line in (pack / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums.keys() == found - {"SHA256SUMS"}
    assert all(
        hashlib.sha256((pack / name).read_bytes()).hexdigest() == digest for name, digest in sums.items()
    )
    canonical = (pack / "plan.canonical.json").read_bytes().rstrip(b"\n")
    about = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    assert about["plan_sha256"] == hashlib.sha256(canonical).hexdigest()
    assert about["plan_sha256"] in (pack / "README.md").read_text(encoding="utf-8")
    assert done.in_r == done.outcomes == 2


def test_the_numbers_of_a_pack_are_those_of_a_run_on_the_file_itself(table: Path, tmp_path: Path) -> None:
    case = Case("", "people", "matching", {"order": "data"}, {"treatment": "t", "unit": UNIT, "covariates": [NUMBER]},
                (PEOPLE_Y,))  # fmt: skip
    plan = written_plan(case, tmp_path)
    pack_of_file(plan, table, tmp_path / "pack")
    own = run_on_file(plan, table, None).payload["outcomes"][0]["estimate"]
    numbers = json.loads((tmp_path / "pack" / "expected.json").read_text(encoding="utf-8"))["numbers"]
    assert {one["number"]: one["expected"] for one in numbers} == {
        one["number"]: own[one["number"]] for one in numbers
    }
    assert len(numbers) == 10


def test_peoples_own_names_stay_behind_and_their_order_stays(table: Path, tmp_path: Path) -> None:
    pack_of_file(written_plan(TRIAL_CASE, tmp_path), table, tmp_path / "pack")
    with (tmp_path / "pack" / "data.csv").open(encoding="utf-8", newline="") as file:
        heading, *cells = csv.reader(file)
    rows = pl.DataFrame(cells, schema=heading, orient="row")
    own = people()
    assert not set(rows[UNIT].to_list()) & set(own[UNIT].to_list())
    assert rows[UNIT].rank().to_list() == own[UNIT].rank().to_list()
    assert set(rows.columns) == {UNIT, NUMBER, TEXT, STRATA, "trial", "y%", "b"}


def test_the_same_input_gives_the_same_bytes(table: Path, tmp_path: Path) -> None:
    plan = written_plan(TRIAL_CASE, tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pack_of_file(plan, table, tmp_path / name / "pack")
    first, second = (tmp_path / name / "pack.zip" for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(io.BytesIO(first.read_bytes())) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("pack/plan.toml") == plan.read_bytes()


def test_the_python_script_finds_the_numbers_and_fails_on_another_one(table: Path, tmp_path: Path) -> None:
    pack_of_file(written_plan(replace(TRIAL_CASE, outcomes=(PEOPLE_Y,)), tmp_path), table, tmp_path / "pack")
    pack = tmp_path / "pack"
    script = [sys.executable, "python/analysis.py"]
    env = {"PYTHONPATH": str(ROOT), "PATH": "", "XDG_CONFIG_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(script, cwd=pack, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("  same\n") == 10
    expected = pack / "expected.json"
    text = expected.read_text(encoding="utf-8")
    value = json.loads(text)["numbers"][0]["expected"]
    expected.write_text(text.replace(repr(value), repr(value * (1 + 2e-6)), 1), encoding="utf-8")
    done = subprocess.run(script, cwd=pack, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 numbers DIFFER" in done.stderr


def test_the_codebook_withholds_small_categories_and_rounds_the_others(tmp_path: Path) -> None:
    plan = load_plan(written_plan(TRIAL_CASE, tmp_path), load_catalogue())
    frame = pl.DataFrame(
        {TEXT: ["a"] * 57 + ["b"] * 3, STRATA: ["n"] * 31 + ["s"] * 29, UNIT: [f"x{i}" for i in range(60)],
         "y%": [1.5] * 57 + [None] * 3}
    )  # fmt: skip
    found = {one.name: one for one in codebook_of(frame, plan, DisclosureProfile(threshold=10, rounding=5))}
    assert found[TEXT].categories == (("a", "[c]"), ("b", "[c]"))
    assert found[STRATA].categories == (("n", "30"), ("s", "30"))
    assert found[UNIT].categories == ()
    assert found["y%"].missing == "[c]"
    assert found["y%"].used_as == ("primary outcome",)
    assert found[TEXT].used_as == ("covariate",)


def test_a_codebook_of_nasty_names_reads_back(table: Path, tmp_path: Path) -> None:
    pack_of_file(written_plan(TRIAL_CASE, tmp_path), table, tmp_path / "pack")
    with (tmp_path / "pack" / "codebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types = {row["column"]: row["type"] for row in rows}
    assert types == {UNIT: "text", NUMBER: "number", TEXT: "text", STRATA: "text", "trial": "number", "y%": "number",
                     "b": "number"}  # fmt: skip


def test_what_r_does_not_repeat_is_said_with_its_reason(table: Path, tmp_path: Path) -> None:
    ordered = {"measure": "o", "kind": "ordinal", "effect": "odds-ratio"}
    done = pack_of_file(
        written_plan(replace(TRIAL_CASE, outcomes=(PEOPLE_Y, ordered)), tmp_path), table, tmp_path / "pack"
    )
    assert done.in_r == 1
    [(label, why)] = done.not_in_r
    assert label == "o"
    assert "proportional odds" in why
    readme = (tmp_path / "pack" / "README.md").read_text(encoding="utf-8")
    assert "proportional odds" in readme
    numbers = json.loads((tmp_path / "pack" / "expected.json").read_text(encoding="utf-8"))["numbers"]
    assert {one["outcome"]: one["in_r"] for one in numbers} == {1: True, 2: False}


def test_a_method_without_a_script_is_refused(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(METHODS_IN_R, "matching")
    case = Case(
        "", "people", "matching", {}, {"treatment": "t", "unit": UNIT, "covariates": [NUMBER]}, (PEOPLE_Y,)
    )
    problem = refused(case, table, tmp_path)
    assert problem.code == "LC752"
    assert "randomised" in problem.faults[0].hint


def test_a_plan_of_which_nothing_can_be_repeated_is_refused(table: Path, tmp_path: Path) -> None:
    case = Case("", "people", "matching", {"distance": "mahalanobis"},
                {"treatment": "t", "unit": UNIT, "covariates": [NUMBER]}, (PEOPLE_Y,))  # fmt: skip
    problem = refused(case, table, tmp_path)
    assert problem.code == "LC753"
    assert "Mahalanobis" in str(problem)
    assert not (tmp_path / "pack").exists()


def test_a_folder_that_holds_something_is_not_written_over(table: Path, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").write_text("mine", encoding="utf-8")
    assert refused(TRIAL_CASE, table, tmp_path).code == "LC755"
    (tmp_path / "pack" / "mine.txt").unlink()
    (tmp_path / "pack.zip").write_bytes(b"mine")
    assert refused(TRIAL_CASE, table, tmp_path).code == "LC755"


def test_file_mode_without_a_table_says_what_is_missing(tmp_path: Path) -> None:
    assert refused(TRIAL_CASE, Path("synthetic"), tmp_path).code == "LC754"


def test_data_without_an_estimate_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    people().with_columns(n=pl.lit(0)).write_csv(table)
    problem = refused(replace(TRIAL_CASE, outcomes=(COUNT,)), table, tmp_path)
    assert problem.code == "LC758"


def test_a_dry_run_writes_nothing(table: Path, tmp_path: Path) -> None:
    plan = written_plan(TRIAL_CASE, tmp_path)
    before = console.current()
    console.configure(replace(before, dry_run=True))
    try:
        done = pack_of_file(plan, table, tmp_path / "pack")
    finally:
        console.configure(before)
    assert len(done.files) == 13
    assert not (tmp_path / "pack").exists()
    assert not (tmp_path / "pack.zip").exists()


def test_the_reference_says_of_every_method_whether_it_is_repeated() -> None:
    text = (ROOT / "docs" / "reference" / "replication.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", text, re.MULTILINE))
    assert rows.keys() == METHODS.keys()
    assert {name for name, said in rows.items() if said != "no script"} == set(METHODS_IN_R)
