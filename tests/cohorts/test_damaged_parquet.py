"""A damaged Parquet file gives its whole table or one error of ours, and nothing of it is printed."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cohorts.errors import CohortError
from cohorts.partner_files.extracts import read_extract

ROWS = 400
FILES = 300
NAME = "Quilbrax"


def table() -> pl.DataFrame:
    """Whole and broken numbers, days, times, yes and no, repeated texts and names."""
    rows = range(ROWS)
    return pl.DataFrame(
        {
            "code": [str(row % 7) for row in rows],
            "number": [row * 1.5 for row in rows],
            "day": [dt.date(2020, 1, 1) + dt.timedelta(days=row) for row in rows],
            "yes": [row % 2 == 0 for row in rows],
            "name": [f"{NAME} {row}" for row in rows],
            "time": [dt.datetime(2020, 1, 1, row % 24) for row in rows],
        }
    )


def whole_files() -> list[bytes]:
    """The table packed in each way, in several groups of rows."""
    made = []
    for packing in ("zstd", "snappy", "uncompressed", "lz4"):
        file = io.BytesIO()
        table().write_parquet(file, compression=packing, row_group_size=100)
        made.append(file.getvalue())
    return made


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, most often near the end, where the sizes and places of all pages stand."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        low = 4 if chance.random() < 0.6 else max(4, len(data) - 1500)
        place = chance.randrange(low, len(data) - 4)
        changed[place] = chance.choice((0, 255, changed[place] ^ (1 << chance.randrange(8))))
    return bytes(changed)


def test_of_many_damaged_files_each_is_read_whole_or_refused_and_none_prints(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chance, files, path, ends = random.Random(20261122), whole_files(), tmp_path / "x.parquet", Counter[str]()
    said = ""
    for _ in range(FILES):
        path.write_bytes(damaged(chance.choice(files), chance))
        try:
            assert read_extract(path).frame.height in range(1, ROWS + 1)
            ends["read"] += 1
        except CohortError as error:
            said += str(error)
            ends[error.faults[0].code] += 1
    assert capfd.readouterr() == ("", "")
    assert NAME not in said
    assert ends["read"] > 30, ends
    assert ends["LC813"] > 30, ends
    assert sum(ends.values()) == FILES


def test_a_file_that_ends_before_all_of_its_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.parquet"
    table().write_parquet(path)
    short = [table().head(ROWS - 1)]
    monkeypatch.setattr(pl.LazyFrame, "collect_batches", lambda *_, **__: iter(short))
    with pytest.raises(CohortError, match="LC813"):
        read_extract(path)


@pytest.mark.parametrize(
    "days",
    [
        pl.Series("day", np.array([0, 2**31 - 1], dtype=np.int32)).cast(pl.Date),
        pl.Series("day", np.array([0, 2_932_897], dtype=np.int32)).cast(pl.Date),
        pl.Series("day", np.array([0, -(2**63) + 1])).cast(pl.Datetime("us")),
        pl.Series("day", np.array([0, 2**63 - 1])).cast(pl.Datetime("ms")),
    ],
    ids=["no calendar", "the day after the last", "before the first", "in thousandths"],
)
def test_days_that_no_calendar_has_are_refused_by_their_column(
    days: pl.Series, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"id": ["a", "b"], "day": days}).write_parquet(path)
    with pytest.raises(CohortError, match="LC813 column 2 holds days that no calendar has"):
        read_extract(path)
    assert capfd.readouterr().err == ""


def test_the_first_and_the_last_day_of_the_calendar_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"day": [dt.date.min, dt.date.max, None]}).write_parquet(path)
    assert read_extract(path).frame["day"].to_list() == ["0001-01-01 00:00:00", "9999-12-31 00:00:00", None]
