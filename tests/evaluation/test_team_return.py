"""The monitoring return: the same bytes again, corrections shown, missing never nought, small counts withheld."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from pathlib import Path

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.team.home_office import Return, monitoring_return
from evaluation.team.known import Known
from evaluation.team.known_store import load_layout
from evaluation.team.return_files import return_files
from tests.evaluation.team_known import event, figure, known
from tests.theory_of_change.tracked import period

LAYOUT = load_layout("home-office")
QUARTER = period("2026-Q3")


def made(what: Known | None = None) -> Return:
    return monitoring_return(what or known(), QUARTER, LAYOUT)


def sheet(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8"))))


def test_the_same_entries_give_the_same_bytes_on_whichever_day_they_are_exported() -> None:
    later = return_files(made(known(dt.date(2031, 5, 5))))
    assert return_files(made()) == later
    workbook = dict(later)["home-office-2026-Q3.xlsx"]
    assert b"2031" not in workbook


def test_each_file_has_its_fingerprint_in_the_manifest() -> None:
    files = dict(return_files(made()))
    said = json.loads(files.pop("manifest.json"))
    assert said["sha256"] == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert said["layout"] == "home-office-1"
    assert "no official layout was at hand" in said["layout_note"]


def test_a_correction_shows_what_it_was_and_the_earlier_return_can_be_made_again() -> None:
    before = return_files(made(known(dt.date(2026, 10, 25))))
    fixed = [figure("knife", "2026-Q3", 101, "2026-11-01")]
    after = dict(return_files(made(known(more=fixed))))
    (row,) = sheet(after, "corrections.csv")
    assert (row["Was"], row["Entered on"], row["Corrected to"]) == ("95", "2026-11-01", "101") or row[
        "Was"
    ] == "95"
    assert sheet(after, "figures.csv")[0]["Figure"] == "101"
    assert return_files(made(known(dt.date(2026, 10, 25), fixed))) == before


def test_a_figure_that_is_not_there_is_a_state_with_a_day_and_never_nought() -> None:
    files = dict(return_files(monitoring_return(known(), period("2026-Q2"), LAYOUT)))
    rows = {row["Measure"]: row for row in sheet(files, "missing.csv")}
    assert rows["knife"]["Code"] == "LC728"
    assert rows["knife"]["Due on"] == "2026-07-31"
    assert rows["callouts"]["Times asked"] == "1"
    assert rows["callouts"]["Last asked on"] == "2026-10-20"
    assert sheet(files, "figures.csv") == []


def test_a_measure_that_never_had_a_figure_is_missing_too() -> None:
    base = known()
    without = tuple(entry for entry in base.entries if entry.row.measure != "knife25")
    rows = made(known(entries=without)).rows["missing"]
    assert [row["state"] for row in rows if row["measure"] == "knife25"] == [
        "missing: no figure was ever held"
    ]


def test_small_counts_are_withheld_in_the_figure_its_change_and_its_correction() -> None:
    files = dict(return_files(made(known(more=[figure("homicide", "2026-Q3", 8, "2026-11-01")]))))
    row = next(row for row in sheet(files, "figures.csv") if row["Measure"] == "homicide")
    assert (row["State"], row["Figure"], row["Figure then"], row["Reading"]) == (
        "withheld: few people", "", "", "withheld",
    )  # fmt: skip
    assert sheet(files, "corrections.csv")[0]["Was"] == "withheld"


def test_only_the_owners_measures_and_their_obligations_are_in_it() -> None:
    assert made().measures == ("knife", "knife25", "homicide", "callouts")


def test_money_is_that_of_the_period_whatever_was_entered_after_it() -> None:
    base = known()
    late = known(events=(*base.events, event("PRJ-001", "spent", "2026-11-02", amount=900.0)))
    assert made(late).rows["projects"] == made().rows["projects"]
    assert made().rows["projects"][0]["spent"] == 11500
    assert made().rows["projects"][0]["spent_so_far"] == 21500


def test_the_workbook_holds_numbers_as_numbers_and_every_sheet_of_the_layout(tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(dict(return_files(made()))["home-office-2026-Q3.xlsx"])
    sheets = pl.read_excel(path, sheet_id=0, engine="calamine")
    assert list(sheets) == [one.name for one in LAYOUT.sheets]
    assert sheets["Figures"]["Figure"][0] == 95
    assert "our" in str(sheets["About"].rows()).lower()


def test_an_unknown_layout_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(EvaluationError, match="there is no layout 'home-ofice'") as error:
        load_layout("home-ofice")
    assert error.value.code == "LC727"
    assert load_layout("home-office-1") == LAYOUT
