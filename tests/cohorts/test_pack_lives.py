"""Packs carry spells, events, sessions, observability and relations, and nothing in them is trusted."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cohorts.actions import load_file
from cohorts.errors import CohortError
from cohorts.lives.reading import SCHEMAS
from cohorts.packs.format import open_pack
from cohorts.packs.lives import life_fault, life_texts, read_lives
from cohorts.packs.store import read_pack
from cohorts.partner_files.source_file import read_mapping
from tests.cohorts.lives import CUSTODY
from tests.cohorts.loading import nhs, people_rows, pnc
from tests.cohorts.packs import Partner, make_hub, make_partner
from workspace.database import reading
from workspace.files import write_atomically
from workspace.project import Project
from workspace.statements import run
from workspace.toml_source import parse_toml

MOVES = (
    CUSTODY
    + """[[event]]
kind = "arrest"
date = "arrested"
[[relation]]
relation = "mother"
column = "mother"
kind = "nhs-number"
"""
)
ROWS = [
    "pnc,status,in,left,prison,arrested,mother",
    f"{pnc(0)},S,2020-01-01,2020-03-01,north,2020-05-05,{nhs(50)}",
    f"{pnc(1)},R,2020-02-01,,south,,{nhs(50)}",
    f"{pnc(2)},X,,,,2021-07-01,",
]
QUERIES = (
    "SELECT s.participant_id, s.kind, s.state, s.start_date, s.end_date, s.unit FROM spell s",
    "SELECT participant_id, kind, event_date, date_precision FROM event",
    "SELECT participant_id, relation FROM relation",
)


def held(project: Project) -> list[list[tuple[object, ...]]]:
    """What is stored of lives, people by their index date, which is different for each."""
    with reading(project) as session:
        dates = {row[0]: row[1] for row in run(session, "SELECT participant_id, index_date FROM enrolment")}
        found = [[tuple(row) for row in run(session, text)] for text in QUERIES]
    return [sorted(((dates[row[0]], *row[1:]) for row in rows), key=repr) for rows in found]


def people() -> list[str]:
    """People with a release day each of their own."""
    rows = people_rows(30)
    place = rows[0].split(",").index("out")
    made = [rows[0]]
    for number, row in enumerate(rows[1:]):
        cells = row.split(",")
        cells[place] = f"{number % 28 + 1:02d}/{number // 28 + 1:02d}/2019"
        made.append(",".join(cells))
    return made


def make_both(root: Path) -> tuple[Project, Partner]:
    hub = make_hub(root)
    partner = make_partner(root, hub)
    write_atomically(hub.sources / "custody.toml", MOVES)
    (partner.folder / "custody.toml").write_bytes((hub.sources / "custody.toml").read_bytes())
    load_file(hub, "people", partner.prepare("people", people()), sealed=False, replace=False)
    return hub, partner


def test_a_pack_brings_the_lives_that_the_file_itself_would_bring(tmp_path: Path, database_url: str) -> None:
    hub, partner = make_both(tmp_path / "two")
    pack = partner.prepare("custody", ROWS)
    load_file(hub, "custody", pack, sealed=False, replace=False)
    spells, events, relations = held(hub)
    assert [(row[1], row[2], row[3], row[4]) for row in spells] == [
        ("custody", "sentenced", "2020-01-01", "2020-03-01"),
        ("custody", "remand", "2020-02-01", None),
    ]
    assert [row[2] for row in events] == ["2020-05-05", "2021-07-01"]
    assert [row[1] for row in relations] == ["mother", "mother"]
    with reading(hub) as session:
        mothers = {row[0] for row in run(session, "SELECT other_id FROM relation")}
    assert len(mothers) == 1, "two children of one mother"


def test_packs_and_files_give_the_same_lives(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "one").mkdir()
    hub, partner = make_both(tmp_path / "two")
    load_file(hub, "custody", partner.prepare("custody", ROWS), sealed=False, replace=False)
    other = make_hub(tmp_path / "one", keys="one")
    write_atomically(other.sources / "custody.toml", MOVES)
    for source, rows in (("people", people()), ("custody", ROWS)):
        path = other.inbox / f"{source}.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        load_file(other, source, path, sealed=False, replace=False)
    assert held(hub) == held(other)


def test_no_identifier_of_anybody_is_in_a_pack_with_lives(tmp_path: Path) -> None:
    hub, partner = make_both(tmp_path)
    data = partner.prepare("custody", ROWS).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {"spell.csv", "event.csv", "relation.csv"} <= set(archive.namelist())
        whole = data + b"".join(archive.read(name) for name in archive.namelist())
    for identifier in (pnc(0), pnc(1), pnc(2), nhs(50)):
        assert identifier.encode() not in whole
    shuffled = [ROWS[0], *reversed(ROWS[1:])]
    assert (
        open_pack(partner.prepare("custody", shuffled).read_bytes(), "p").content
        == read_pack(hub, partner.prepare("custody", ROWS)).content
    )


def test_a_life_that_was_changed_on_the_way_is_refused(tmp_path: Path) -> None:
    _, partner = make_both(tmp_path)
    data = partner.prepare("custody", ROWS).read_bytes()
    for entry in ("spell.csv", "event.csv", "relation.csv"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
            for info in old.infolist():
                text = old.read(info)
                new.writestr(info, text.replace(b"2020", b"2019") + b"\n" if info.filename == entry else text)
        with pytest.raises(CohortError, match=f"LC838.*{entry}"):
            open_pack(buffer.getvalue(), "pack")


def test_an_entry_that_is_taken_out_or_not_listed_is_refused(tmp_path: Path) -> None:
    hub, partner = make_both(tmp_path)
    data = partner.prepare("custody", ROWS).read_bytes()
    mapping = read_mapping(parse_toml(MOVES, "custody.toml", CohortError))
    pack = open_pack(data, "pack")
    assert life_fault(pack.lives, mapping, pack.people.height) == ""
    fewer = {name: table for name, table in pack.lives.items() if name != "event"}
    assert "not those the mapping names" in life_fault(fewer, mapping, pack.people.height)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert set(json.loads(archive.read("manifest.json"))["entries"]) == set(archive.namelist()) - {
            "manifest.json"
        }
    assert hub.root.exists()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("spell", pl.col("person") + 1000),
        ("spell", pl.lit(None, dtype=pl.String).alias("state")),
        ("spell", pl.lit("1999-01-01").str.to_date().alias("end_date")),
        ("event", pl.lit(None, dtype=pl.Date).alias("event_date")),
        ("relation", pl.lit(b"short").alias("token")),
    ],
)
def test_a_life_that_cannot_be_is_refused(tmp_path: Path, name: str, change: pl.Expr) -> None:
    _, partner = make_both(tmp_path)
    pack = open_pack(partner.prepare("custody", ROWS).read_bytes(), "pack")
    mapping = read_mapping(parse_toml(MOVES, "custody.toml", CohortError))
    lives = {**pack.lives, name: pack.lives[name].with_columns(change)}
    assert f"{name}.csv" in life_fault(lives, mapping, pack.people.height)


def test_texts_read_back_as_they_were_written(tmp_path: Path) -> None:
    _, partner = make_both(tmp_path)
    _, done = partner.prepared("custody", ROWS)
    back = read_lives({name: text.encode() for name, text in life_texts(done.intake.life).items()})
    for name, table in back.items():
        columns = ["person", *SCHEMAS[name]]
        assert table.equals(done.intake.life.tables[name].select(columns).sort(columns).cast(table.schema))
    with pytest.raises(ValueError, match=r"spell\.csv"):
        read_lives({"spell.csv": b"person,other\n1,2\n"})
    assert replace(done.intake.life, tables={}).tables == {}
