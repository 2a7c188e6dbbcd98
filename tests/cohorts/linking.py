"""A project whose people are in two sources that share no identifier, for tests of the linkage."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks.two_sources import TwoSources, make_sources
from cohorts.actions import load_file, new_cohort
from cohorts.keys import create_key
from tests.cohorts.loading import nhs
from workspace.database import create_database
from workspace.files import write_atomically
from workspace.project import Project, create_project

MATCHING = """
[[matching]]
column = "first"
kind = "forename"
[[matching]]
column = "last"
kind = "surname"
[[matching]]
column = "dob"
kind = "date-of-birth"
[[matching]]
column = "postcode"
kind = "postcode"
[[matching]]
column = "sex"
kind = "sex"
"""
RELEASES = (
    """[source]
id = "releases"
title = "Releases"
cohort = "leavers"
enrols = true
dates = "yyyy-mm-dd"
wave = "release"
[[identifier]]
column = "prison"
kind = "prison-number"
[[identifier]]
column = "nhs"
kind = "nhs-number"
required = false
[[index_date]]
column = "out"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
"""
    + MATCHING
)
PROBATION = (
    """[source]
id = "probation"
title = "Probation"
cohort = "leavers"
dates = "yyyy-mm-dd"
wave = "12-months"
[[identifier]]
column = "crn"
kind = "crn"
[[identifier]]
column = "nhs"
kind = "nhs-number"
required = false
[[variable]]
column = "recalls"
name = "recalls"
kind = "number"
"""
    + MATCHING
)
FIELDS = ("first", "last", "dob", "postcode", "sex")


def prison_number(i: int) -> str:
    return f"Z{1 + i % 9999:04d}{chr(65 + i // 9999)}D"


def crn(i: int) -> str:
    return f"X{100_000 + i}"


def sources(people: int, seed: int = 1) -> TwoSources:
    """The two made-up sources."""
    return make_sources(people, seed)


def _named(table: pl.DataFrame) -> pl.DataFrame:
    ids = pl.Series("nhs", [nhs(i) if i is not None else None for i in table["nhs"]], dtype=pl.String)
    fields = dict(zip(("forename", "surname", "date-of-birth"), FIELDS, strict=False))
    return table.drop("nhs").rename(fields).with_columns(ids)


def release_rows(made: TwoSources) -> pl.DataFrame:
    table = _named(made.left)
    return table.select(
        pl.Series("prison", [prison_number(i) for i in table["record"]]), "nhs", pl.lit("2022-03-01").alias("out"),
        (pl.col("record") % 2).alias("aid"), *FIELDS,
    )  # fmt: skip


def probation_rows(made: TwoSources) -> pl.DataFrame:
    table = _named(made.right)
    return table.select(
        pl.Series("crn", [crn(i) for i in table["record"]]),
        "nhs",
        (pl.col("record") % 3).alias("recalls"),
        *FIELDS,
    )


def write_rows(project: Project, name: str, rows: pl.DataFrame, shuffled: int = 0) -> Path:
    """A file in the inbox, in another order of rows where asked for."""
    order = list(range(rows.height))
    if shuffled:
        random.Random(shuffled).shuffle(order)
    path = project.inbox / f"{name}.csv"
    rows[order].write_csv(path)
    return path


def make_linking_project(
    root: Path, made: TwoSources, *, probation: str = PROBATION
) -> tuple[Project, Path, Path]:
    """A project with the releases loaded; the files of both sources."""
    project = create_project(root / "project", "Test")
    create_database(project)
    create_key(project)
    new_cohort(project, "leavers", "prison-leavers", "", "")
    write_atomically(project.sources / "releases.toml", RELEASES)
    write_atomically(project.sources / "probation.toml", probation)
    releases = write_rows(project, "releases", release_rows(made))
    others = write_rows(project, "probation", probation_rows(made))
    load_file(project, "releases", releases, sealed=False, replace=False)
    return project, releases, others


def true_partners(made: TwoSources) -> dict[str, str]:
    """Which CRN belongs to which prison number."""
    rows: Sequence[tuple[int, int]] = made.truth.select("left", "right").rows()
    return {prison_number(left): crn(right) for left, right in rows}
