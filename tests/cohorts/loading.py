"""A small project to load files into."""

from __future__ import annotations

from pathlib import Path

from cohorts.actions import Loaded, load_file, new_cohort
from cohorts.identifiers import nhs_number, pnc_id
from cohorts.keys import create_key
from workspace.database import create_database
from workspace.files import write_atomically
from workspace.project import Project, create_project

PEOPLE = """[source]
id = "people"
title = "People"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
wave = "release"
data_until = 2024-12-31
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[index_date]]
column = "out"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
"""
OUTCOMES = """[source]
id = "outcomes"
title = "Outcomes"
cohort = "leavers"
enrols = false
dates = "dd/mm/yyyy"
wave = "12-months"
data_until = 2024-12-31
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[variable]]
column = "arrests"
name = "arrests"
kind = "number"
minimum = 0
"""


def nhs(i: int) -> str:
    """A made-up NHS number of the test range; bodies without a check digit are stepped over."""
    return nhs_number(f"9990{i:05d}") if (i_check(i)) else nhs_number(f"9991{i:05d}")


def i_check(i: int) -> bool:
    """Has the body a check digit?"""
    from cohorts.errors import CohortError

    try:
        nhs_number(f"9990{i:05d}")
    except CohortError:
        return False
    return True


def pnc(i: int) -> str:
    """A made-up PNC ID."""
    return pnc_id(2001, 9_000_000 + i)


def make_project(root: Path) -> Project:
    """A project with a key, a cohort and two mappings."""
    project = create_project(root / "project", "Test")
    create_database(project)
    create_key(project)
    new_cohort(project, "leavers", "prison-leavers", "", "")
    write_atomically(project.sources / "people.toml", PEOPLE)
    write_atomically(project.sources / "outcomes.toml", OUTCOMES)
    return project


def load(
    project: Project, source: str, rows: list[str], *, sealed: bool = False, replace: bool = False
) -> Loaded:
    """Write rows to a file in the inbox and load it."""
    path = project.inbox / f"{source}.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return load_file(project, source, path, sealed=sealed, replace=replace)


def people_rows(n: int, *, areas: tuple[str, ...] = ("north", "south")) -> list[str]:
    """A file of n people."""
    body = [f"{nhs(i)},{pnc(i)},{1 + i % 28:02d}/03/2022,{i % 2},{areas[i % len(areas)]}" for i in range(n)]
    return ["nhs,pnc,out,aid,area", *body]
