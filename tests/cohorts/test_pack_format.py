"""A pack's bytes: the same twice, read back as written, and refused when anything about them is off."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.errors import CohortError
from cohorts.packs.container import looks_like_pack
from cohorts.packs.format import Manifest, open_pack, write_pack

MANIFEST = Manifest(
    "lc2", "demo-1", "people", "ab" * 32, "0123456789ab", dt.date(2026, 3, 1), "lifecourse 1", 4, 3, 1, 2,
    (("LC828", "aid", "neither", 1),), (), (("aid", "refused", 1),),
)  # fmt: skip
PEOPLE = pl.DataFrame(
    {
        "person": pl.Series([0, 1], dtype=pl.UInt32),
        "nhs-number": pl.Series([b"a" * 16, None], dtype=pl.Binary),
        "pnc-id": [b"b" * 16, b"c" * 16],
        "index_date": pl.Series([dt.date(2022, 3, 1), None], dtype=pl.Date),
    }
)
SEEN = pl.DataFrame(
    {
        "person": pl.Series([1, 0, 0], dtype=pl.UInt32),
        "variable": ["aid", "aid", "area"],
        "wave": ["release", "release", "release"],
        "value": [None, 1.0, 0.0],
        "missing": ["refused", None, None],
    }
)
LABELS: dict[str, tuple[str, ...]] = {"area": ('Nørth, "far"', "south\nwest", "")}
GOOD = write_pack(MANIFEST, PEOPLE, SEEN, LABELS)


def entries(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def resealed(parts: dict[str, bytes], **facts: Any) -> bytes:
    """A forged pack whose fingerprints all fit."""
    said = json.loads(parts["manifest.json"]) | facts
    said = {name: value for name, value in said.items() if value is not None}
    said["entries"] = {
        name: hashlib.sha256(data).hexdigest() for name, data in parts.items() if name != "manifest.json"
    }
    said.pop("seal", None)
    text = json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    said["seal"] = hashlib.sha256(text.encode()).hexdigest()
    return packed({**parts, "manifest.json": json.dumps(said).encode()})


def test_a_pack_is_read_back_as_it_was_written() -> None:
    pack = open_pack(GOOD, "a.lcpack")
    assert pack.manifest == MANIFEST
    assert pack.people.equals(PEOPLE)
    assert pack.observations.equals(SEEN.sort("person", "variable", "wave"))
    assert pack.categories == LABELS
    assert looks_like_pack(GOOD[:64])


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_the_rows() -> None:
    assert write_pack(MANIFEST, PEOPLE.reverse(), SEEN.reverse(), LABELS) == GOOD


def test_the_fingerprint_of_the_content_knows_nothing_of_day_and_program() -> None:
    later = replace(MANIFEST, made_on=dt.date(2027, 1, 1), program="other 9")
    assert open_pack(write_pack(later, PEOPLE, SEEN, LABELS), "b").content == open_pack(GOOD, "a").content
    fewer = write_pack(MANIFEST, PEOPLE, SEEN.head(2), LABELS)
    assert open_pack(fewer, "c").content != open_pack(GOOD, "a").content


def test_times_in_the_zip_are_fixed_and_entries_are_in_order() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = archive.namelist()
    assert names == ["manifest.json", "people.csv", "observations.csv", "categories.json"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_values_come_back_to_the_last_bit(values: list[float]) -> None:
    seen = pl.DataFrame(
        {
            "person": pl.Series(range(len(values)), dtype=pl.UInt32),
            "variable": "v",
            "wave": "w",
            "value": values,
            "missing": pl.Series([None] * len(values), dtype=pl.String),
        }
    )
    back = open_pack(write_pack(MANIFEST, PEOPLE, seen, {}), "x").observations["value"].to_list()
    assert [value.hex() for value in back] == [value.hex() for value in values]


@given(st.dictionaries(st.text(min_size=1), st.lists(st.text()).map(tuple), max_size=4))
def test_labels_come_back_as_they_were(labels: dict[str, tuple[str, ...]]) -> None:
    try:
        data = write_pack(MANIFEST, PEOPLE, SEEN, labels)
    except UnicodeEncodeError:  # half a surrogate pair is no text
        return
    assert open_pack(data, "x").categories == labels


BAD_PACKS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "not a zip": lambda: b"PK\x03\x04" + bytes(200),
    "cut in half": lambda: GOOD[: len(GOOD) // 2],
    "last byte missing": lambda: GOOD[:-1],
    "a byte of the data flipped": lambda: GOOD[:120] + bytes([GOOD[120] ^ 1]) + GOOD[121:],
    "an entry missing": lambda: packed({k: v for k, v in entries().items() if k != "people.csv"}),
    "an entry too many": lambda: packed({**entries(), "names.csv": b"x"}),
    "people changed": lambda: packed({**entries(), "people.csv": entries()["people.csv"] + b"2,,,\n"}),
    "values changed": lambda: packed(
        {**entries(), "observations.csv": entries()["observations.csv"].replace(b"1.0", b"2.0")}
    ),
    "labels changed": lambda: packed({**entries(), "categories.json": b"{}"}),
    "manifest changed": lambda: packed(
        {**entries(), "manifest.json": entries()["manifest.json"].replace(b'"rows": 4', b'"rows": 5')}
    ),
    "no seal": lambda: packed(
        {**entries(), "manifest.json": entries()["manifest.json"].replace(b'"seal"', b'"sael"')}
    ),
    "manifest is no JSON": lambda: packed({**entries(), "manifest.json": b"{"}),
    "manifest is a list": lambda: packed({**entries(), "manifest.json": b"[]"}),
    "unknown format": lambda: resealed(entries(), format="lifecourse-pack-2"),
    "a fact missing": lambda: resealed(entries(), rows=None),
    "a fact of the wrong kind": lambda: resealed(entries(), made_on="yesterday"),
    "problems of the wrong shape": lambda: resealed(entries(), problems=[["x"]]),
    "tokens too short": lambda: resealed({**entries(), "people.csv": b"person,crn,index_date\n0,abcd,\n"}),
    "an identifier for a token": lambda: resealed(
        {**entries(), "people.csv": b"person,crn,index_date\n0,X123456,\n"}
    ),
    "no identifier column": lambda: resealed({**entries(), "people.csv": b"person,index_date\n0,\n"}),
    "a person that is no number": lambda: resealed(
        {**entries(), "people.csv": b"person,crn,index_date\nx," + b"ab" * 16 + b",\n"}
    ),
    "a date that is none": lambda: resealed(
        {**entries(), "people.csv": b"person,crn,index_date\n0," + b"ab" * 16 + b",2022-13-01\n"}
    ),
    "a value that is no number": lambda: resealed(
        {**entries(), "observations.csv": b"person,variable,wave,value,missing\n0,aid,release,Smith,\n"}
    ),
    "other columns": lambda: resealed({**entries(), "observations.csv": b"person,name\n0,Smith\n"}),
    "ragged rows": lambda: resealed(
        {**entries(), "observations.csv": b"person,variable,wave,value,missing\n0,aid,release,1,,,,\n"}
    ),
    "not UTF-8": lambda: resealed({**entries(), "observations.csv": b"\xff\xfe\x00"}),
    "labels that are no lists": lambda: resealed({**entries(), "categories.json": b'{"area": "north"}'}),
    "labels that are no texts": lambda: resealed({**entries(), "categories.json": b'{"area": [1]}'}),
}


@pytest.mark.parametrize("name", BAD_PACKS)
def test_a_bad_pack_is_refused_by_name_and_never_quoted(name: str) -> None:
    with pytest.raises(CohortError) as caught:
        open_pack(BAD_PACKS[name](), "from-partner.lcpack")
    assert [fault.code for fault in caught.value.faults] == ["LC838"]
    assert caught.value.faults[0].where == "from-partner.lcpack"
    assert caught.value.__cause__ is None
    for quoted in ("Smith", "X123456", "yesterday", "61616161"):
        assert quoted not in str(caught.value)


def test_a_pack_shows_no_rows_when_printed() -> None:
    shown = repr(open_pack(GOOD, "a.lcpack"))
    assert "61616161" not in shown
    assert "refused" not in shown.replace(repr(MANIFEST), "")
