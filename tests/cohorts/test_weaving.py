"""The features together, on both stores: rights and linkage, who is who and lives, erasure, backups, keys, the vault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cohorts.backup_store import LEFT_OUT, back_up
from cohorts.derive_store import derive_all
from cohorts.errors import CohortError
from cohorts.key_marks import suspect
from cohorts.keys import load_key
from cohorts.link_decisions import decide_pair
from cohorts.link_marks import mark_of
from cohorts.link_register import Side, forbid_pairs
from cohorts.link_report import quality_report
from cohorts.link_review_list import decisions_of, reviews_of
from cohorts.link_store import linkage_table
from cohorts.person_tables import OWNED, TableShape, table_shapes
from cohorts.restore_store import restore
from cohorts.rights_actions import Order, change, erase
from cohorts.rotation import rotate_hub_key
from cohorts.store import find_cohort, read_wide
from cohorts.token_store import all_tokens
from cohorts.vault_store import open_vault
from tests.cohorts.linking import crn
from tests.cohorts.lives import rows
from tests.cohorts.loading import nhs, pnc
from tests.cohorts.rightful import count, named, numbers_of, withdrawn
from tests.cohorts.test_backup import elsewhere
from tests.cohorts.woven import (
    PEOPLE,
    PROBATION_HEAD,
    RELEASE_HEAD,
    bring,
    link,
    make_bare,
    make_woven,
    probation,
    release,
    releases,
    who,
)
from workspace.database import reading, writing
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.statements import run

# Tables that hold nothing about a person: why.
IMPERSONAL = {
    "audit_entry": "actions by ids of requests, runs and files; counts are rounded",
    "coverage": "what a delivery tells of, by delivery",
    "counter": "the last number of each kind of id",
    "cohort": "definitions",
    "delivery": "files as fingerprints and counts",
    "variable": "names, kinds and the labels of categories",
    "wave": "the waves of a cohort",
    "holding": "which delivery brought which variable",
    "link_run": "settings and shares over everybody",
    "key_mark": "ids of keys",
    "key_list": "where lists of keys are",
    "seal": "the id of the seal key",
    "rights_request": "codes and days; nothing says who asked",
    "rights_change": "counts",
    "tombstone": "a number that is never given again, and why: kept on purpose",
    "pending_erasure": "facts of a receipt",
    "owner": "which project the store is of",
    "plan_lock": "fingerprints of plans",
    "evaluation": "results over many people",
    "evaluation_footing": "results over many people",
    "difference_statement": "what changed between two results: for the custodian",
}
# Rows about people by way of marks of their tokens: emptied by cohorts/link_traces.py.
BY_MARK = {"cannot_link": ("mark", "other_mark"), "review_mark": ("mark",)}
SOMEBODY = 5


@pytest.fixture(autouse=True)
def _key_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))


@pytest.fixture
def woven(tmp_path: Path, database_url: str) -> tuple[Project, Path, Path]:
    """A project that uses everything, its vault, and the custodian's identity."""
    return make_woven(tmp_path)


def shapes(project: Project) -> list[TableShape]:
    with reading(project) as session:
        return table_shapes(session)


def values(project: Project, name: str, wave: str = "12-months") -> dict[int, float | None]:
    """A variable by participant number."""
    with reading(project) as session:
        cohort = find_cohort(session, "leavers").cohort_id
        frame = read_wide(session, cohort, [(name, wave)])
    return dict(frame.select("participant", f"{name}@{wave}").iter_rows())


def number(project: Project, i: int) -> int:
    return numbers_of(project, nhs(i))[0]


def marks_about(project: Project, numbers: list[int]) -> dict[str, set[bytes]]:
    """Every mark these people's tokens have, by purpose."""
    key = load_key(project)
    with reading(project) as session:
        held = all_tokens(session).filter(pl.col("participant_id").is_in(numbers))
    return {
        purpose: {mark_of(k, t, key, purpose) for k, t in held.select("kind", "token").iter_rows()}
        for purpose in ("forbid", "review")
    }


def ask_about(project: Project) -> None:
    """One open question: a record of 6's name with another forename, which nobody holds."""
    stranger = probation(60).replace(who(60), who(6).replace("Ottoline", "Oswin"))
    link(project, releases(), [probation(i, with_nhs=i % 2 == 0) for i in range(PEOPLE)] + [stranger])


def test_every_table_is_emptied_of_a_person_or_holds_nothing_about_one(
    woven: tuple[Project, Path, Path],
) -> None:
    for shape in shapes(woven[0]):
        known = bool(shape.people) + (shape.name in IMPERSONAL) + (shape.name in BY_MARK)
        assert known == 1, f"{shape.name}: does it hold anything about a person?"
    assert set(OWNED) <= set(BY_MARK)
