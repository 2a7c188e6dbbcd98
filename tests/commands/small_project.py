"""A small project of invented prison leavers: one cohort, sources, an open, a weak and a locked plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cohorts.identifiers import nhs_number, pnc_id, upn
from tests.commands.program import Program
from workspace.project import Project
from workspace.settings import read_settings

PEOPLE = 80
HEADINGS = ("Prison number", "Date of birth", "Release date", "Aid", "Area", "Convictions", "Surname")
RELEASES = """[source]
id = "releases"
title = "Releases"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
rejects = "stop"
wave = "release"
ignore = ["Surname"]

[[identifier]]
column = "Prison number"
kind = "prison-number"
required = true

[[index_date]]
column = "Release date"

[[variable]]
column = "Date of birth"
name = "age_at_release"
kind = "age"

[[variable]]
column = "Aid"
name = "aid"
kind = "binary"

[[variable]]
column = "Area"
name = "area"
kind = "category"
codes = ["North", "South"]

[[variable]]
column = "Convictions"
name = "convictions"
kind = "number"
minimum = 0
maximum = 100
"""
ARRESTS = """[source]
id = "arrests"
title = "Arrests"
cohort = "leavers"
dates = "dd/mm/yyyy"
wave_column = "Visit"
waves = { "12" = "12-months", "24" = "24-months" }
data_until = 2025-12-31

[[identifier]]
column = "Prison number"
kind = "prison-number"

[[variable]]
column = "Arrested"
name = "arrested"
kind = "binary"
"""
CLINIC = """[source]
id = "clinic"
title = "Clinic"
cohort = "leavers"
wave = "release"

[[identifier]]
column = "Number"
kind = "KIND"

[[variable]]
column = "Seen"
name = "seen"
kind = "binary"
"""
PLAN = """[plan]
id = "aid"
title = "Did aid on release reduce arrests?"

[population]
cohort = "leavers"

[design]
method = "randomised"
treatment = "aid"
covariates = ["convictions"]
seed = 1

[[outcome]]
measure = "arrested"
wave = "12-months"
role = "primary"
kind = "binary"
better = "lower"
minimum_important_difference = 0.4
mid_source = "break-even"
expected_rate = 0.4

[reporting]
reported_by = 2030-12-31
"""
WEAK = PLAN.replace('"aid"\ntitle', '"weak"\ntitle').replace("= 0.4\nmid", "= 0.02\nmid")
LOCKED = PLAN.replace('"aid"\ntitle', '"locked"\ntitle')


def project_at(root: Path) -> Project:
    """The project in a folder, as the program sees it."""
    return Project(root, read_settings(root / "lifecourse.toml"))


def prison_number(i: int) -> str:
    """The prison number of person ``i``."""
    return f"Z{1001 + i}KD"


def release_row(i: int) -> list[str]:
    """Person ``i``, complete and correct."""
    return [
        prison_number(i),
        f"{1 + i % 28:02d}/0{1 + i % 9}/19{70 + i % 30}",
        f"{1 + i % 28:02d}/03/2021",
        str(i % 2),
        "North" if i % 3 else "South",
        str(i % 7),
        f"Quilbrax{i:03d}",
    ]


def arrest_row(i: int) -> list[str]:
    """Whether person ``i`` was arrested."""
    return [prison_number(i), "12", str(int((i * 7) % 10 < 4))]


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV."""
    return "".join(",".join(row) + "\n" for row in [headings, *rows])


def releases(rows: Iterable[Sequence[str]]) -> str:
    """A releases file."""
    return csv_text(HEADINGS, rows)


def good_identifier(kind: str) -> str:
    """A correct identifier of a kind, outside the ranges that are issued."""
    return {
        "nhs-number": nhs_number("999123456"),
        "upn": upn("999123456789"),
        "pnc-id": pnc_id(2001, 9_123_456),
        "prison-number": prison_number(0),
    }[kind]


def make_small_project(program: Program, root: Path) -> None:
    """Make the project with the program's own commands."""
    program.well("init", root, "--name", "Small project")
    program.well("key", "create", cwd=root)
    program.well("theory", "new", cwd=root)
    program.well("cohort", "new", "leavers", "--template", "prison-leavers", cwd=root)
    for name, text in (("releases", RELEASES), ("arrests", ARRESTS)):
        (root / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    for name, text in (("aid", PLAN), ("weak", WEAK), ("locked", LOCKED)):
        (root / "plans" / f"{name}.toml").write_text(text, encoding="utf-8")
    inbox = root / "inbox"
    (inbox / "releases.csv").write_text(releases(map(release_row, range(PEOPLE))), encoding="utf-8")
    arrests = csv_text(("Prison number", "Visit", "Arrested"), map(arrest_row, range(PEOPLE)))
    (inbox / "arrests.csv").write_text(arrests, encoding="utf-8")
    program.well("source", "load", "releases", "inbox/releases.csv", cwd=root)
    program.well("source", "load", "arrests", "inbox/arrests.csv", "--sealed", cwd=root)
    program.well("plan", "lock", "locked", cwd=root)
