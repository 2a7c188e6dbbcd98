"""A study table from a file: what becomes a number, what is missing, and which rows are named."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.store import table_from_file
from evaluation.study_checks import check_study
from tests.evaluation.studies import make_plan, primary, trial

PLAN = make_plan(covariates=["x", "place"], design='unit = "unit"')


def written(folder: Path, text: str) -> Path:
    path = folder / "study.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_only_the_plans_columns_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "study.csv"
    trial(10).with_columns(secret=pl.lit("x")).write_csv(path)
    table, sha = table_from_file(path, PLAN)
    assert set(table.frame.columns) == {"treat", "x", "place", "unit", "y", "participant"}
    assert sha == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_column_is_a_number_only_when_every_value_is(tmp_path: Path) -> None:
    path = written(tmp_path, "unit,treat,x,place,y\n1,1,1.5,3,1e3\n2,0, 2 ,n,-4\n")
    frame = table_from_file(path, PLAN)[0].frame
    assert frame["x"].to_list() == [1.5, 2.0]
    assert frame["y"].to_list() == [1000.0, -4.0]
    assert frame["place"].to_list() == ["3", "n"]


@pytest.mark.parametrize("blank", ["", " ", "NA", "NaN", "nan", "."])
def test_each_way_of_writing_missing_is_missing(blank: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"unit,treat,x,place,y\n1,1,{blank},n,1\n2,0,2,{blank},2\n")
    frame = table_from_file(path, PLAN)[0].frame
    assert frame["x"].to_list() == [None, 2.0]
    assert frame["place"].to_list() == ["n", None]


@pytest.mark.parametrize("odd", ["inf", "-inf", "Infinity", "1,5", "12 people", "0x10"])
def test_what_is_not_a_finite_number_is_named_by_row_and_never_read_as_one(odd: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'unit,treat,x,place,y\n1,1,1,n,1\n2,0,2,n,"{odd}"\n')
    table, _ = table_from_file(path, PLAN)
    with pytest.raises(EvaluationError) as error:
        check_study(table, PLAN)
    assert error.value.code == "LC454"
    assert odd not in str(error.value)


def test_the_row_named_is_the_row_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "unit,treat,x,place,y\n1,1,1,n,1\n2,0,2,n,3\n3,5,2,n,3\n")
    table, _ = table_from_file(path, PLAN)
    with pytest.raises(EvaluationError, match="row 4"):
        check_study(table, PLAN)


def test_a_missing_column_is_named_with_the_nearest_there_is(tmp_path: Path) -> None:
    path = written(tmp_path, "unit,treated,x,place,y\n1,1,1,n,1\n")
    table, _ = table_from_file(path, make_plan(covariates=["x"], treatment="treatd"))
    with pytest.raises(EvaluationError) as error:
        check_study(table, make_plan(covariates=["x"], treatment="treatd"))
    assert error.value.code == "LC453"


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "dta", "sav"])
def test_every_kind_of_file_gives_the_same_answer(ending: str, tmp_path: Path) -> None:
    import pyreadstat

    frame, path = trial(60), tmp_path / f"study.{ending}"
    if ending == "csv":
        frame.write_csv(path)
    elif ending == "csv.gz":
        path.write_bytes(gzip.compress(frame.write_csv().encode("utf-8")))
    elif ending == "parquet":
        frame.write_parquet(path)
    elif ending == "dta":
        pyreadstat.write_dta(frame, str(path))
    else:
        pyreadstat.write_sav(frame, str(path))
    table, _ = table_from_file(path, PLAN)
    found = gather_finding(table, PLAN, "unlocked").outcomes[0]
    assert found.estimate.value == pytest.approx(primary(frame, PLAN).estimate.value, rel=1e-12)
    assert found.estimate.std_error == pytest.approx(primary(frame, PLAN).estimate.std_error, rel=1e-12)
