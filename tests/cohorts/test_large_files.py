"""Files too large to be held: the same in the store, nothing readable on the way, nothing left behind."""

from __future__ import annotations

import functools
from pathlib import Path

import polars as pl
import pytest
from cryptography.exceptions import InvalidTag

from cohorts import intake
from cohorts.errors import CohortError
from cohorts.partner_files.sealed_shelves import SealedShelves
from cohorts.store import read_wide
from tests.cohorts.loading import PEOPLE, load, make_project, nhs, people_rows, pnc
from workspace.database import reading
from workspace.errors import LifecourseError
from workspace.files import leftovers
from workspace.project import Project
from workspace.statements import read_frame

WANTED = [("aid", "release"), ("area", "release")]


@pytest.fixture(autouse=True)
def _key_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))


@pytest.fixture
def batched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every file is large, a part has seven rows and a batch a few; the shelves that were filled are counted."""
    filled: list[int] = []
    put = SealedShelves.put

    def counted(self: SealedShelves, place: int, frame: pl.DataFrame) -> None:
        filled.append(place)
        put(self, place, frame)

    small = functools.partial(intake.take_in, held_bytes=0, batch_bytes=300, part_rows=7)
    monkeypatch.setattr(intake, "take_in", small)
    monkeypatch.setattr(SealedShelves, "put", counted)
    return filled


def held(project: Project) -> pl.DataFrame:
    with reading(project) as session:
        cohort = str(read_frame(session, "SELECT cohort_id FROM cohort", (), {"c": pl.String}).item())
        return read_wide(session, cohort, WANTED).sort("participant")


def test_a_file_in_batches_is_stored_like_one_that_is_held(
    tmp_path: Path, database_url: str, batched: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path)
    rows = people_rows(60, areas=("north", "south", "east"))
    done = load(project, "people", [*rows, *rows[5:9]])
    assert done.result is not None
    assert done.report is not None
    assert max(batched) > 5
    assert (done.result.people, done.result.new_people, done.result.observations) == (60, 60, 120)
    assert [(w.code, w.count) for w in done.report.warnings] == [("LC834", 4)]
    assert leftovers(project.root) == []
    monkeypatch.undo()
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    if database_url:
        monkeypatch.setenv("LIFECOURSE_DATABASE_URL", database_url)
    before = held(project)
    again = load(project, "people", [*rows, f"{nhs(60)},{pnc(60)},03/03/2022,1,west"])
    assert again.result is not None
    assert (again.result.new_people, again.result.unchanged, again.result.observations) == (1, 120, 2)
    assert held(project).head(60).equals(before)
    assert before["aid@release"].to_list().count(1.0) == 30


def test_a_value_that_differs_is_refused_in_batches_too(tmp_path: Path, batched: list[int]) -> None:
    project = make_project(tmp_path)
    rows = people_rows(30)
    load(project, "people", rows)
    before = held(project)
    changed = [*rows[:-1], rows[-1].replace("north", "west").replace("south", "west")]
    with pytest.raises(CohortError, match="LC858"):
        load(project, "people", changed)
    assert held(project).equals(before)
    assert leftovers(project.root) == []
    replaced = load(project, "people", changed, replace=True)
    assert replaced.result is not None
    assert replaced.result.replaced == 1


def test_people_held_as_one_are_one_across_batches(tmp_path: Path, batched: list[int]) -> None:
    project = make_project(tmp_path)
    load(project, "people", people_rows(30))
    mapping = PEOPLE.replace('kind = "nhs-number"\n', 'kind = "nhs-number"\nrequired = false\n').replace(
        'kind = "pnc-id"\n', 'kind = "pnc-id"\nrequired = false\n'
    )
    (project.sources / "people.toml").write_text(
        mapping.replace('"aid"\nname = "aid"', '"aid"\nname = "help"'), "utf-8"
    )
    # One person in two rows that share no identifier: only the store knows that they are the same.
    days = [f"{1 + i % 28:02d}/03/2022" for i in range(30)]
    apart = [row for i in range(30) for row in (f"{nhs(i)},,{days[i]},1,", f",{pnc(i)},{days[i]},1,")]
    done = load(project, "people", ["nhs,pnc,out,aid,area", *apart])
    assert done.result is not None
    assert (done.result.new_people, done.result.observations) == (0, 30)
    contradicting = [*apart, f",{pnc(3)},{days[3]},0,"]
    mapping = (project.sources / "people.toml").read_text("utf-8").replace('"help"', '"more_help"')
    (project.sources / "people.toml").write_text(mapping, "utf-8")
    with pytest.raises(CohortError, match="LC833"):
        load(project, "people", ["nhs,pnc,out,aid,area", *contradicting[:7], *contradicting[8:]])


def test_what_lies_aside_is_sealed_and_goes_whatever_happens(tmp_path: Path) -> None:
    frame = pl.DataFrame({"row": [1, 2], "token": ["SECRET-ONE", "SECRET-TWO"]})
    with pytest.raises(RuntimeError, match="stopped"):
        set_aside_and_stop(tmp_path, frame)
    assert leftovers(tmp_path) == []


def set_aside_and_stop(folder: Path, frame: pl.DataFrame) -> None:
    with SealedShelves(folder / "data") as shelves:
        shelves.put(3, frame)
        shelves.put(3, frame)
        assert pl.concat(shelves.take(3)).equals(pl.concat([frame, frame]))
        assert list(shelves.take(4)) == []
        paths = leftovers(folder)
        assert len(paths) == 1
        assert b"SECRET" not in paths[0].read_bytes()
        assert oct(paths[0].stat().st_mode)[-3:] == "600"
        other = SealedShelves(folder / "data")
        other._paths[3] = paths[0]
        with pytest.raises(InvalidTag):  # another key opens nothing
            list(other.take(3))
        raise RuntimeError("stopped")


def test_a_full_disk_while_rows_are_set_aside_is_one_error(
    tmp_path: Path, batched: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path)

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.open", full)
    with pytest.raises(LifecourseError, match=r"LC107.*set aside.*no space left"):
        load(project, "people", people_rows(30))
    monkeypatch.undo()
    assert leftovers(project.root) == []
