"""A file is read in parts, and nothing that is stored or said depends on where it was cut or how it was sorted."""

from __future__ import annotations

import functools
import gzip
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cohorts.intake
import cohorts.partner_files.extracts
from cohorts.actions import load_file
from cohorts.errors import CohortError
from cohorts.intake import IntakeRefused, take_in
from cohorts.partner_files.csv_text import Layout, learn_layout, read_rows_of, whole_records
from cohorts.partner_files.extracts import open_extract, read_extract
from tests.cohorts.loading import make_project, people_rows, pnc
from workspace.database import reading
from workspace.project import Project
from workspace.statements import run

TABLES = ("participant", "pseudonym", "enrolment", "observation", "variable", "holding")
SIZES = (7, 100, 10**9)


def held(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    with reading(project) as session:
        rows = {table: [tuple(row) for row in run(session, f"SELECT * FROM {table}")] for table in TABLES}
    tokens = {row[1] for row in rows["pseudonym"]}
    assert len(tokens) == len(rows["pseudonym"])
    return {table: sorted(found, key=repr) for table, found in rows.items()}


def in_parts_of(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(cohorts.intake, "take_in", functools.partial(take_in, part_rows=rows))
    monkeypatch.setattr(cohorts.partner_files.extracts, "BLOCK", min(rows, 1 << 20))


def write(project: Project, name: str, rows: Sequence[str]) -> Path:
    path = project.inbox / f"{name}.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def with_extra_rows() -> tuple[list[str], list[str]]:
    """300 people and their outcomes with repeats, blanks, missing values and somebody unknown."""
    people = [*people_rows(300, areas=("north", "south", "  West", ""))]
    outcomes = ["pnc,arrests", *(f"{pnc(i)},{i % 4 if i % 5 else ''}" for i in range(0, 340, 2))]
    return [*people, people[5], "", people[180]], [
        *outcomes,
        outcomes[3],
        ",",
        f"{pnc(4)}, {outcomes[3][-1]}",
    ]


def test_the_size_of_the_parts_changes_nothing_that_is_stored_or_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path)
    empty = (project.root / "data" / "cohort.sqlite").read_bytes()
    people, outcomes = with_extra_rows()
    stores, reports = [], []
    for size in SIZES:
        (project.root / "data" / "cohort.sqlite").write_bytes(empty)
        in_parts_of(monkeypatch, size)
        loaded = [
            load_file(project, name, write(project, name, rows), sealed=False, replace=False)
            for name, rows in (("people", people), ("outcomes", outcomes[:-1]))
        ]
        stores.append(held(project))
        reports.append([(found.report, found.result) for found in loaded])
    assert stores[0] == stores[1] == stores[2]
    assert reports[0] == reports[1] == reports[2]
    assert len(stores[0]["participant"]) == 300
    assert len(stores[0]["observation"]) == 600 + 150


def test_shuffled_rows_give_the_same_participants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(tmp_path)
    empty = (project.root / "data" / "cohort.sqlite").read_bytes()
    in_parts_of(monkeypatch, 40)
    people, stores = people_rows(120), []
    for seed in range(3):
        (project.root / "data" / "cohort.sqlite").write_bytes(empty)
        body = people[1:]
        random.Random(seed).shuffle(body)
        load_file(
            project, "people", write(project, "people", [people[0], *body]), sealed=False, replace=False
        )
        stores.append(held(project))
    assert stores[0] == stores[1] == stores[2]


@pytest.mark.parametrize("size", SIZES)
def test_faults_are_said_alike_wherever_the_file_is_cut(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path)
    in_parts_of(monkeypatch, size)
    people = people_rows(30)
    people[29] = people[29].replace(",", "x,", 1)
    people[3] = people[3].rsplit(",", 2)[0] + ",maybe,north"
    with pytest.raises(IntakeRefused) as caught:
        load_file(project, "people", write(project, "people", people), sealed=False, replace=False)
    said = [(problem.code, problem.column, problem.rows) for problem in caught.value.report.problems]
    assert said == [("LC821", "nhs", (30,)), ("LC828", "aid", (4,))]


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
@pytest.mark.parametrize("block", [5, 64, 1 << 20])
def test_parts_put_together_are_the_file_read_whole(
    ending: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"a": ['x\n"y"', "1", None, "2"], "b": ["é", None, None, "£5"]})
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        frame.write_parquet(path, row_group_size=2)
    else:
        data = frame.write_csv().encode("cp1252")
        path.write_bytes(gzip.compress(data) if ending == "csv.gz" else data)
    monkeypatch.setattr(cohorts.partner_files.extracts, "BLOCK", block)
    opened = open_extract(path)
    assert opened.columns == ["a", "b"]
    parts = list(opened.parts(3))
    assert max(part.height for part in parts) <= 3
    assert pl.concat(parts).equals(frame)
    assert read_extract(path).frame.equals(frame)


@pytest.mark.parametrize("block", [3, 20, 1000])
def test_the_line_of_a_misfit_does_not_depend_on_the_parts(block: int) -> None:
    text = b'a,b\n1,"x\ny"\n\n2,\n3,4\n5\n6,7\n'

    def blocks() -> list[bytes]:
        return [text[i : i + block] for i in range(0, len(text), block)]

    layout = learn_layout(blocks(), "a.csv")
    with pytest.raises(CohortError, match="line 7 has 1 cells, the heading has 2"):
        list(read_rows_of(blocks(), layout, "a.csv"))


def test_text_is_cut_behind_whole_records_only() -> None:
    layout = Layout(b"a,b\n", ("a", "b"), ",")
    parts = list(whole_records([b'a,b\n1,"x', b'\ny"\n2', b",3\n4,5"], len(layout.line)))
    assert parts == [b'1,"x\ny"\n', b"2,3\n", b"4,5"]


def test_a_ragged_file_with_strange_columns_is_first_of_all_no_table(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    path = write(project, "people", ["nhs,other", "1,2", "1,2,3"])
    with pytest.raises(CohortError, match="LC814"):
        load_file(project, "people", path, sealed=False, replace=False)
