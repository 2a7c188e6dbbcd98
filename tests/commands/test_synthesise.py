"""A synthetic twin as an academic gets it: marked, reproducible, from nobody, and good enough to try a plan on."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from tests.commands.program import Program, snapshot

PLAN = """[plan]
id = "try"
title = "Does the plan find what was planted?"
[design]
method = "randomised"
treatment = "aid"
unit = "participant"
covariates = ["age_at_release", "prior_convictions"]
[[outcome]]
measure = "OUTCOME"
role = "primary"
kind = "KIND"
better = "lower"
minimum_important_difference = 0.05
mid_source = "An example"
"""


def twin(program: Program, where: Path, *words: str) -> Path:
    said = program.well("cohort", "synthesise", *words, "--json", cwd=where).payload
    assert said["written"]
    return where / str(said["table"])


def test_a_twin_is_marked_in_its_name_its_rows_its_dictionary_and_the_log(
    program: Program, practice: Path
) -> None:
    said = program.well("cohort", "synthesise", "prison-leavers", "--out", "twin.csv", cwd=practice)
    assert "Wrote SYNTHETIC-twin.csv: 430 made-up people" in said.out
    assert (
        "Sealed, so not read; made flat from the dictionary: arrested_52_weeks, weeks_without_arrest."
        in said.out
    )
    frame = pl.read_csv(practice / "SYNTHETIC-twin.csv")
    assert frame.columns[:3] == ["synthetic", "participant", "index_date"]
    assert set(frame["synthetic"]) == {1}
    assert frame["weeks_without_arrest"].is_between(0, 52).all()
    beside = json.loads((practice / "SYNTHETIC-twin.dictionary.json").read_text("utf-8"))
    assert beside["statement"].startswith("Synthetic data. No row is a person.")
    assert (beside["seed"], beside["people"], beside["lifecourse"]) == (1, 430, "0.1.0")
    assert [column["heading"] for column in beside["columns"]] == frame.columns
    arrested = next(column for column in beside["columns"] if column["heading"] == "arrested_52_weeks")
    assert (arrested["basis"], arrested["sealed"], arrested["wave"]) == ("dictionary", True, "12-months")
    last = program.well("audit", "log", "--last", "1", "--json", cwd=practice).payload["entries"][0]
    assert (last["action"], last["subject"]) == ("cohort.synthesise", "COH-001")
    assert json.loads(last["details"]) == {"basis": "summaries", "people": 430, "planted": 0, "seed": 1}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes(form: str, program: Program, practice: Path) -> None:
    first, again, other = (
        twin(program, practice, "kindergarten", "--out", f"{name}.{form}", "--seed", seed).read_bytes()
        for name, seed in (("a", "3"), ("b", "3"), ("c", "4"))
    )
    assert first == again
    assert first != other


def test_a_parquet_twin_says_so_in_its_metadata(program: Program, practice: Path) -> None:
    path = twin(program, practice, "kindergarten", "--out", "k.parquet", "--seed", "8")
    marks = pl.read_parquet_metadata(path)
    assert marks["lifecourse.synthetic"] == "1"
    assert marks["lifecourse.seed"] == "8"
    assert "No row is a person" in marks["lifecourse.statement"]


def test_sealed_values_are_not_read_whatever_they_are(program: Program, practice: Path) -> None:
    before = twin(program, practice, "prison-leavers", "--out", "before.csv").read_bytes()
    connection = sqlite3.connect(practice / "data" / "cohort.sqlite")
    changed = connection.execute(
        "UPDATE observation SET value = 1 - value WHERE variable_id = "
        "(SELECT variable_id FROM variable WHERE name = 'arrested_52_weeks')"
    ).rowcount
    connection.commit()
    connection.close()
    assert changed > 400
    assert twin(program, practice, "prison-leavers", "--out", "after.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("outcome", "kind", "size", "within"),
    [("arrested_52_weeks", "binary", -0.1, 0.03), ("weeks_without_arrest", "continuous", 5.0, 0.6)],
)
def test_evaluate_run_in_file_mode_recovers_the_planted_effect(
    outcome: str, kind: str, size: float, within: float, program: Program, practice: Path
) -> None:
    path = twin(
        program, practice, "prison-leavers", "--out", "t.csv", "--people", "8000",
        "--effect", f"{outcome}={size}", "--arm", "aid",
    )  # fmt: skip
    (practice / "try.toml").write_text(
        PLAN.replace("OUTCOME", outcome).replace("KIND", kind), encoding="utf-8"
    )
    found = program.well("evaluate", "run", "try.toml", "--data", path, "--json", cwd=practice).payload
    estimate = found["outcomes"][0]["estimate"]
    assert estimate["value"] == pytest.approx(size, abs=within)
    assert estimate["conf_low"] < size < estimate["conf_high"]


def test_no_row_of_the_cohort_stands_in_its_twin(program: Program, practice: Path) -> None:
    connection = sqlite3.connect(practice / "data" / "cohort.sqlite")
    rows = connection.execute(
        "SELECT e.participant_id, e.index_date, v.name, o.value FROM enrolment e JOIN observation o "
        "USING (participant_id) JOIN variable v USING (variable_id) WHERE e.cohort_id = 'COH-001'"
    ).fetchall()
    connection.close()
    long = pl.DataFrame(rows, schema=["id", "index_date", "name", "value"], orient="row")
    real = long.pivot("name", index=["id", "index_date"], values="value")
    frame = pl.read_csv(twin(program, practice, "prison-leavers", "--out", "t.csv"))
    seen = ["age_at_release", "aid", "black", "work_experience", "married", "parole", "prior_convictions"]
    people = set(real.select("index_date", pl.col(seen).cast(pl.Int64)).rows())
    assert sum(row in people for row in frame.select("index_date", *seen).rows()) <= 1, (
        "430 rows, one by chance at most"
    )
    assert not set(frame["participant"]) & {str(number) for number in real["id"]}


REFUSED = [
    ("--out x.xlsx", "LC857"), ("--out x.csv --format parquet", "LC857"), ("--out x.csv --effect aid=1", "LC856"),
    ("--out x.csv --arm aid", "LC856"), ("--out x.csv --effect nobody=1 --arm aid", "LC856"),
    ("--out x.csv --effect arrested=much --arm aid", "LC856"), ("--out x.csv --people 3", "LC819"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code"), REFUSED)
def test_what_cannot_be_made_is_refused_and_nothing_is_written(
    words: str, code: str, program: Program, small: Path
) -> None:
    before = snapshot(small)
    outcome = program("cohort", "synthesise", "leavers", *words.split(), cwd=small)
    assert (outcome.code, outcome.out) == (11, "")
    assert outcome.err.startswith(code)
    assert snapshot(small) == before


def test_a_file_that_is_there_is_never_replaced(program: Program, small: Path) -> None:
    twin(program, small, "leavers", "--out", "x.csv")
    before = snapshot(small)
    assert program("cohort", "synthesise", "leavers", "--out", "x.csv", cwd=small).err.startswith("LC857")
    assert snapshot(small) == before


def test_a_dry_run_writes_nothing(program: Program, small: Path) -> None:
    before = snapshot(small)
    said = program.well("cohort", "synthesise", "leavers", "--out", "x.csv", "--dry-run", cwd=small)
    assert said.out.startswith("Would write SYNTHETIC-x.csv")
    assert snapshot(small) == before


def test_the_dictionary_alone_reads_nobody(program: Program, small: Path) -> None:
    path = twin(program, small, "leavers", "--out", "x.csv", "--dictionary-only", "--people", "400")
    frame = pl.read_csv(path)
    assert set(frame["area"]) == {"North", "South"}
    assert frame["convictions"].mean() == pytest.approx(50, abs=6), "flat over the declared 0 to 100"
    beside = json.loads(path.with_name(f"{path.stem}.dictionary.json").read_text("utf-8"))
    assert beside["made_from"] == "the dictionary alone"
    assert beside["leaks"][-1] == "Nothing else: nobody was read."
