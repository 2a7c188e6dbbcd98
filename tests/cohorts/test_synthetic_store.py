"""A synthetic twin out of either store."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cohorts.errors import CohortError
from cohorts.twins.store import Wish, make_twin
from tests.cohorts import agreements
from tests.cohorts.loading import load, make_project, people_rows
from workspace.errors import GateNotMet

SAME_BYTES: dict[str, str] = {}


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))


def test_both_stores_give_the_same_twin(tmp_path: Path, database_url: str) -> None:
    project = make_project(tmp_path)
    load(project, "people", people_rows(60))
    made = make_twin(project, Wish("leavers", project.root / "x.csv", seed=2))
    assert (made.people, made.columns, made.basis) == (60, 5, "summaries")
    digest = hashlib.sha256((project.root / made.table).read_bytes()).hexdigest()
    assert SAME_BYTES.setdefault("twin", digest) == digest


def test_a_cohort_of_fewer_than_the_threshold_is_refused_unless_nobody_is_read(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    load(project, "people", people_rows(9))
    with pytest.raises(CohortError, match="LC819"):
        make_twin(project, Wish("leavers", project.root / "x.csv"))
    made = make_twin(project, Wish("leavers", project.root / "x.csv", dictionary_only=True))
    assert (made.people, made.basis) == (100, "dictionary")


def test_data_under_a_lapsed_agreement_make_no_twin(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    agreements.keep(project)
    agreements.name_it(project, "people")
    load(project, "people", people_rows(60))
    agreements.keep(project, days=-1)
    with pytest.raises(GateNotMet, match="LC874"):
        make_twin(project, Wish("leavers", project.root / "x.csv"))
