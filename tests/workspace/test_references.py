"""A bulk session looks references up once at the end, and still lets nothing point nowhere."""

from __future__ import annotations

import polars as pl
import pytest
from sqlmodel import Session

from workspace.audit import read_log
from workspace.database import reading, writing
from workspace.errors import WorkspaceError
from workspace.project import Project
from workspace.statements import insert_frame, noted, run, run_many

PEOPLE = "INSERT INTO participant (participant_id, state, added) VALUES (?, 'active', '2026-01-01')"
ENROLLED = pl.DataFrame({"cohort_id": ["C", "C"], "participant_id": [1, 2], "index_date": ["2026-01-01"] * 2})


def begin(session: Session) -> None:
    """Two people, a cohort, a variable at a wave and a delivery."""
    run_many(session, PEOPLE, [(1,), (2,)])
    run(
        session,
        "INSERT INTO cohort (cohort_id, name, definition, created) VALUES ('C', 'c', '{}', '2026-01-01')",
    )
    run(session, "INSERT INTO wave (wave_id, cohort_id, name, months) VALUES (1, 'C', 'w', 0.0)")
    run(
        session,
        "INSERT INTO variable (variable_id, cohort_id, name, kind, unit, labels) "
        "VALUES (1, 'C', 'v', 'number', '', '[]')",
    )
    run(
        session,
        "INSERT INTO delivery (delivery_id, cohort_id, source, file_sha256, mapping_sha256, key_id, rows, accepted, "
        "people, unknown_people, sealed, loaded_at) VALUES (1, 'C', 's', 'f', 'm', 'k', 1, 1, 1, 0, 0, '2026-01-01')",
    )


def load(project: Project, frame: pl.DataFrame, *, keep: bool = True) -> None:
    """Begin, and write values, in one bulk session."""
    with writing(project, keep=keep, bulk=True) as session:
        begin(session)
        insert_frame(session, "observation", frame)


def carry_out(project: Project, *statements: str) -> None:
    """Run statements in one bulk session, the first frame of enrolments before them."""
    with writing(project, bulk=True) as session:
        insert_frame(session, "enrolment", ENROLLED)
        for statement in statements:
            run(session, statement)


def renew(project: Project, person: int, delivery: int) -> None:
    """Say that a value came with a delivery, under a note."""
    with (
        writing(project, bulk=True) as session,
        noted(session, "observation", values(person, delivery=delivery)),
    ):
        statement = "UPDATE observation SET delivery_id = ? WHERE participant_id = ?"
        run_many(session, statement, [(delivery, person)])


def values(*people: int, delivery: int = 1) -> pl.DataFrame:
    """One value of each of these people."""
    return pl.DataFrame(
        {
            "variable_id": [1] * len(people),
            "wave_id": [1] * len(people),
            "participant_id": list(people),
            "value": [float(person) for person in people],
            "missing": pl.Series([None] * len(people), dtype=pl.String),
            "delivery_id": [delivery] * len(people),
        }
    )


def held(project: Project) -> int:
    with reading(project) as session:
        return int(run(session, "SELECT COUNT(*) FROM observation").scalar())


def test_what_points_to_something_is_kept(project: Project) -> None:
    load(project, values(1, 2))
    carry_out(project)
    assert held(project) == 2


@pytest.mark.parametrize("frame", [values(1, 3), values(1, delivery=9)], ids=["person", "delivery"])
def test_a_frame_that_points_nowhere_is_refused_and_nothing_is_kept(
    project: Project, frame: pl.DataFrame
) -> None:
    with pytest.raises(WorkspaceError) as error:
        load(project, frame)
    assert error.value.code == "LC110"
    assert "rule of the store" in str(error.value)
    assert held(project) == 0
    assert read_log(project) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO enrolment VALUES ('C', 7, '2026-01-01')",
        "INSERT INTO enrolment VALUES ('D', 1, '2026-01-01')",
        "UPDATE observation SET participant_id = 7",
        "UPDATE observation SET delivery_id = 9",
        "UPDATE participant SET participant_id = 7 WHERE participant_id = 1",
        "DELETE FROM participant WHERE participant_id = 1",
        "DELETE FROM delivery",
    ],
)
def test_a_statement_of_any_kind_that_leaves_an_orphan_is_refused(project: Project, statement: str) -> None:
    load(project, values(1, 2))
    with pytest.raises(WorkspaceError) as error:
        carry_out(project, statement)
    assert error.value.code == "LC110"
    assert held(project) == 2


def test_rows_renewed_under_a_note_are_looked_for_by_their_values(project: Project) -> None:
    load(project, values(1, 2))
    renew(project, 1, 1)
    with pytest.raises(WorkspaceError) as error:
        renew(project, 1, 9)
    assert error.value.code == "LC110"


def test_a_dry_run_refuses_what_a_load_would_refuse(project: Project) -> None:
    with pytest.raises(WorkspaceError) as error:
        load(project, values(3), keep=False)
    assert error.value.code == "LC110"


def test_the_next_session_checks_every_row_again(project: Project) -> None:
    with writing(project, bulk=True) as session:
        begin(session)
    with writing(project) as session:
        assert run(session, "PRAGMA foreign_keys").scalar() == 1
