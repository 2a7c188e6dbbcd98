"""Intake: what holds for every table, whatever is in it."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.errors import CohortError
from cohorts.identifiers import nhs_number
from cohorts.intake import Intake, IntakeRefused, take_in
from cohorts.partner_files.extracts import RawTable, StreamedTable, read_extract
from cohorts.partner_files.source_file import SourceMapping, read_mapping
from cohorts.pseudonyms import PseudonymKey
from workspace.toml_source import parse_toml

KEY = PseudonymKey("k", b"k" * 32)
HEADINGS = ("nhs", "local", "seen", "visit", "dob", "aid", "area", "score")
TEXT = """
[source]
id = "s"
title = "S"
cohort = "c"
enrols = true
rejects = "REJECTS"
wave_column = "visit"
waves = { "1" = "a", "2" = "b" }
missing = { "-9" = "refused" }
[[identifier]]
column = "nhs"
kind = "nhs-number"
required = false
[[identifier]]
column = "local"
kind = "local-id"
required = false
[[index_date]]
column = "seen"
[[variable]]
column = "dob"
name = "age"
kind = "age-months"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
[[variable]]
column = "score"
name = "score"
kind = "number"
maximum = 40
[[variable]]
column = "score"
name = "score_once"
kind = "number"
wave = "c"
"""


def mapping(rejects: str) -> SourceMapping:
    return read_mapping(parse_toml(TEXT.replace("REJECTS", rejects), "s.toml", CohortError))


STOP, ASIDE = mapping("stop"), mapping("set-aside")
few = settings(max_examples=35, deadline=None, derandomize=True)
# No letters or digits of which our own sentences could be made.
noise = st.text(st.sampled_from("QXZ45678é£=,'\"\n\t;/-. \u00a0٣"), max_size=14)
NUMBERS = [nhs_number(body) for body in ("943476591", "401023213", "600000004", "455555505")]
# People as they are named in a row: by one identifier, the other, or both; the last contradicts the first.
PEOPLE: list[tuple[str | None, str | None, str]] = [
    (NUMBERS[0], "QX-4471", "30/11/2020"),
    (NUMBERS[0], None, "30/11/2020"),
    (None, "QX-4471", "30/11/2020"),
    (NUMBERS[1], "-9", "29/11/2020"),
    (NUMBERS[1], "QX-4472", "29/11/2020"),
    (NUMBERS[2], "QX-4473", "30/11/2020"),
    (NUMBERS[3], None, "30/11/2020"),
    (NUMBERS[3], "QX-4471", "27/11/2020"),
]
GOOD: dict[str, list[str | None]] = {
    "visit": ["1", "2", "1.0"],
    "dob": ["28/02/1987", None],
    "aid": ["yes", "no"],
    "area": ["Northumbria", None],
    "score": ["33", "33.0", None],
}


Row = tuple[str | None, ...]


def tables(*, noisy: bool) -> st.SearchStrategy[RawTable]:
    person = st.sampled_from(PEOPLE)
    answers = st.tuples(*[st.sampled_from(GOOD[name]) for name in GOOD])
    row = st.tuples(person, answers).map(lambda parts: (*parts[0], *parts[1]))
    if noisy:
        row = st.one_of(row, row, st.tuples(row, st.integers(0, 7), noise).map(lambda parts: spoilt(*parts)))
    return st.lists(row, min_size=1, max_size=12).map(table)


def spoilt(row: Row, place: int, cell: str) -> Row:
    return (*row[:place], cell, *row[place + 1 :])


def table(rows: list[Row]) -> RawTable:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(HEADINGS, pl.String), orient="row")
    return RawTable(frame, "file.csv", "csv")


def outcome(raw: RawTable, source: SourceMapping) -> Intake | CohortError:
    try:
        return take_in(raw, source, KEY, "demo-1")
    except CohortError as error:
        return error


def said(result: Intake | CohortError) -> str:
    if isinstance(result, Intake):
        return repr(result) + repr(result.report)
    report = repr(result.report) if isinstance(result, IntakeRefused) else ""
    return f"{result} {result!r} {result.args} {result.faults} {report}"


@given(raw=tables(noisy=True))
@few
def test_only_cohort_errors_are_raised_and_no_cell_is_ever_said(raw: RawTable) -> None:
    for source in (STOP, ASIDE):
        words = said(outcome(raw, source))
        for column in raw.frame.iter_columns():
            for cell in column.drop_nulls():
                assert len(cell.strip()) < 4 or cell.strip() not in words


@given(raw=tables(noisy=True), seed=st.integers(0, 99))
@few
def test_the_order_of_rows_changes_nothing(raw: RawTable, seed: int) -> None:
    rows = raw.frame.rows()
    random.Random(seed).shuffle(rows)
    for source in (STOP, ASIDE):
        one, two = outcome(raw, source), outcome(table(rows), source)
        assert type(one) is type(two)
        if isinstance(one, Intake) and isinstance(two, Intake):
            assert one.people.equals(two.people)
            assert one.observations.equals(two.observations)
            assert one.categories == two.categories
            assert one.report.missing == two.report.missing
            assert one.report.people == two.report.people


class Shelves:
    """Rows set aside in memory; every frame goes through bytes, as on disk."""

    def __init__(self) -> None:
        self.frames: dict[int, list[bytes]] = {}

    def put(self, place: int, frame: pl.DataFrame) -> None:
        plain = io.BytesIO()
        frame.write_ipc(plain)
        self.frames.setdefault(place, []).append(plain.getvalue())

    def take(self, place: int) -> Iterator[pl.DataFrame]:
        yield from (pl.read_ipc(io.BytesIO(data)) for data in self.frames.get(place, []))

    def clear(self, place: int) -> None:
        self.frames.pop(place, None)


def in_batches(raw: RawTable, source: SourceMapping, part: int, batch_bytes: int) -> Intake | CohortError:
    streamed = StreamedTable(
        raw.frame.clear(), raw.name, raw.kind, source=lambda: iter(raw.frame.iter_slices(part))
    )
    try:
        return take_in(
            streamed,
            source,
            KEY,
            "demo-1",
            part_rows=part,
            aside=Shelves(),
            held_bytes=0,
            batch_bytes=batch_bytes,
        )
    except CohortError as error:
        return error


@given(raw=tables(noisy=True), part=st.integers(1, 5), batch_bytes=st.sampled_from([1, 100, 10_000]))
@few
def test_rows_set_aside_come_out_as_rows_that_are_held(raw: RawTable, part: int, batch_bytes: int) -> None:
    for source in (STOP, ASIDE):
        one, two = outcome(raw, source), in_batches(raw, source, part, batch_bytes)
        assert said(one) == said(two)
        if isinstance(one, Intake) and isinstance(two, Intake):
            assert two.later is not None
            assert one.people.equals(two.people)
            assert one.observations.equals(two.observations)
            assert one.categories == two.categories
            assert one.report == two.report
            assert one.names == two.names


@given(raw=tables(noisy=False))
@few
def test_what_is_taken_in_is_whole(raw: RawTable) -> None:
    result = outcome(raw, ASIDE)
    if isinstance(result, Intake):
        people, seen = result.people, result.observations
        assert people["person"].to_list() == list(range(people.height))
        assert seen.select("person", "variable", "wave").is_unique().all()
        assert (seen["value"].is_null() != seen["missing"].is_null()).all()
        assert set(seen["person"]) == set(people["person"])
        for kind in ("nhs-number", "local-id"):
            assert people[kind].drop_nulls().is_unique().all()
        counted = result.report.accepted_rows + result.report.rejected_rows
        assert counted + sum(warning.count for warning in result.report.warnings) == raw.frame.height


@given(
    data=st.one_of(
        st.binary(max_size=80), st.text(max_size=40).map(lambda text: ("a,b\n" + text).encode("utf-8"))
    )
)
@few
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        for ending in ("csv", "csv.gz", "xlsx", "parquet", "dta", "sav"):
            path = Path(folder) / f"a.{ending}"
            path.write_bytes(data)
            try:
                raw = read_extract(path)
            except CohortError:
                continue
            assert set(raw.frame.dtypes) == {pl.String()}
            assert raw.frame.height > 0


@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)] * 2),
        min_size=1,
        max_size=8,
    ),
    separator=st.sampled_from(",;\t"),
)
@few
def test_quoted_cells_come_back_as_they_were_written(rows: list[tuple[str, str]], separator: str) -> None:
    lines = [
        separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [("a", "b"), *rows]
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes("\r\n".join(lines).encode("utf-8"))
        read = read_extract(path).frame.rows()
    assert read == [tuple(cell if cell.strip() else None for cell in row) for row in rows]
