"""Whatever stands in a file: one of our errors or a value, no cell of a person in the words, no file left behind.

This is the fast slice. ``python -m benchmarks.fuzz run all --minutes 5`` goes on from here.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz.judging import CANARIES, Judgement, Parser, judge
from benchmarks.fuzz.loop import judged
from benchmarks.fuzz.mutations import mutate
from benchmarks.fuzz.parsers import PARSERS
from benchmarks.fuzz.seeds import people_books
from benchmarks.fuzz.texts import NAME, NUMBER
from workspace.zip_files import unpacks_to_too_much

CRASHES = Path(__file__).parent / "crashes"
KEPT = sorted(path for path in CRASHES.rglob("*") if path.is_file())
REFUSED, READ = Judgement("refused"), Judgement("read")
SLICE = settings(
    max_examples=6, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@cache
def valid(name: str) -> tuple[bytes, ...]:
    """The valid files of a parser."""
    return tuple(PARSERS[name].seeds())


@pytest.mark.parametrize("name", PARSERS)
@SLICE
@given(number=st.integers(0, 2**32))
def test_a_file_broken_anyhow_is_refused_in_our_words_or_read(name: str, number: int) -> None:
    parser, chance = PARSERS[name], random.Random(number)
    data = mutate(chance.choice(valid(name)), parser.kind, chance)
    found = judged(parser, data)
    assert not found.bad, found


@pytest.mark.parametrize("name", PARSERS)
def test_the_files_that_are_broken_are_read_before_they_are(name: str) -> None:
    assert READ in [judged(PARSERS[name], data) for data in valid(name)]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_broke_a_reader_no_longer_does(path: Path) -> None:
    found = judged(PARSERS[path.parent.name], path.read_bytes())
    assert not found.bad, found


NESTED = "[" * 200_000
JSON_READERS = [name for name, parser in PARSERS.items() if parser.kind == "json"]


@pytest.mark.parametrize("name", JSON_READERS)
@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe{}", b"null", b'{"a": ' + NESTED.encode(), (NESTED + "]" * 200_000).encode(), b'{"n": 1e999}'],
    ids=["empty", "UTF-16", "null", "nested", "nested and closed", "too large a number"],
)  # fmt: skip
def test_json_of_another_world_is_refused(name: str, data: bytes) -> None:
    assert judged(PARSERS[name], data) == REFUSED


def bomb(like: bytes, part: str) -> bytes:
    """The same package with one part that unpacks to 200 million bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(like)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w") as file:
            for _ in range(200):
                file.write(b" " * 1_000_000)
    return made.getvalue()


@cache
def bombs() -> dict[str, bytes]:
    """Bombs of every kind of package."""
    word, sheet, pack = valid("claims-docx")[0], people_books()[0], valid("pack")[0]
    xlsx = bomb(sheet, "xl/worksheets/sheet1.xml")
    return {
        "xlsx": xlsx,
        "theory-workbook": xlsx,
        "figures-workbook": xlsx,
        "return-workbook": xlsx,
        "ods": bomb(valid("ods")[0], "content.xml"),
        "claims-docx": bomb(word, "word/document.xml"),
        "pack": bomb(pack, "people.csv"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["xlsx", "ods", "theory-workbook", "figures-workbook", "return-workbook", "claims-docx", "pack"]
)
def test_a_package_that_unpacks_to_far_too_much_is_refused(name: str) -> None:
    assert judged(PARSERS[name], bombs()[name]) == REFUSED


def test_a_large_workbook_of_people_is_no_bomb() -> None:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(4_000):
            sheet.write_row(row, 0, [NUMBER, NAME, "01/02/1990", row % 2])
    data = made.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        packs_to = sum(part.file_size for part in archive.infolist()) / len(data)
    assert packs_to < 20  # of the 200 at which a package is called a bomb
    assert not unpacks_to_too_much(data)


ENTITIES = (
    b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">%s]><w:document>&k;</w:document>"""
    % b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("c"), ord("l"))
    )
)


@pytest.mark.parametrize(("name", "part"), [("claims-docx", "word/document.xml"), ("ods", "content.xml")])
def test_entities_that_expand_are_not_expanded(name: str, part: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(valid(name)[0])) as old, zipfile.ZipFile(made, "w") as new:
        for each in old.namelist():
            new.writestr(each, ENTITIES if each == part else old.read(each))
    assert judged(PARSERS[name], made.getvalue()) == REFUSED


PLACES = ["every cell", "quoted and open", "without headings"]


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("name", ["csv", "xlsx", "area-csv", "answers"])
def test_a_person_in_the_wrong_place_of_a_table_is_not_quoted(name: str, where: str, tmp_path: Path) -> None:
    rows = [["NHS", "Born", "Out", "Aid", "Area", "Convictions", "Surname"], [NUMBER, *[NAME] * 6]]
    if where == "every cell":
        rows = [rows[0], [NAME] * 7, [NUMBER] * 7]
    elif where == "quoted and open":
        rows[1][3] = f'"{NAME}'
    else:
        rows = [rows[1], [NUMBER, *[f"{NAME}{i}" for i in range(6)]]]
    if name == "xlsx":
        from benchmarks.fuzz.seeds import book_of

        data = book_of(People=rows)
    else:
        data = "\n".join(",".join(row) for row in rows).encode()
    found = judge(PARSERS[name], data, tmp_path)
    assert not found.bad, (found, where)


def test_the_judge_sees_each_kind_of_defect(tmp_path: Path) -> None:
    def left(path: Path) -> object:
        path.with_name("left").write_text("x")
        return None

    def bug(_: Path) -> object:
        raise KeyError(NAME)

    def prints(_: Path) -> object:
        print(f"read {CANARIES[0]}")
        return None

    def found(read: object, folder: str) -> str:
        (tmp_path / folder).mkdir()
        parser = Parser("x", "text", ".txt", lambda: [b""], read, people=True)  # type: ignore[arg-type]
        return judge(parser, b"", tmp_path / folder).what

    assert found(left, "a") == "left a file behind"
    assert found(bug, "b") == "KeyError"
    assert found(prints, "c") == "data in a message"
    assert found(lambda path: json.dumps(path.name), "d") == "read"
