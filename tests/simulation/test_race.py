"""The harness of the races: who is run, what is kept, who agrees, and that the page is that of the numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from benchmarks.race import contest
from benchmarks.race.__main__ import PAGE, RESULTS, chosen, keep, listed, read_results
from benchmarks.race.contest import Contender, Place, Race, agrees, run_size, waiting
from benchmarks.race.entries import RACES
from benchmarks.race.page import page_of, ratios, slope

OURS, QUICK, LARGE = (
    Contender("ours", "ours", "a:b"), Contender("quick", "R", "c.R"), Contender("large", "people", "d:e", most=10),
)  # fmt: skip
SMALL = Race("small", "A small race", "lines", (10, 100), "a:make", (OURS, QUICK, LARGE))


def took(cpu: float, **found: float) -> dict[str, Any]:
    return {"cpu": cpu, "wall": cpu, "peak_mb": 10.0, "before_mb": 5.0, "found": found, "version": "1"}


def test_the_committed_page_is_made_of_the_committed_numbers() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_of(RACES, read_results(RESULTS))


def test_every_race_has_its_own_name_and_lifecourse_first() -> None:
    assert len({race.name for race in RACES}) == len(RACES)
    assert all(race.contenders[0].name == "Lifecourse" for race in RACES)
    assert [race.name for race in chosen(["two-way"])] == ["two-way", "two-way-gaps"]
    assert "Cox regression" in listed(list(RACES))


def test_contenders_take_turns_forwards_and_backwards_and_the_slow_stay_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order: list[str] = []

    def run_once(contender: Contender, rows: int, folder: Path, place: Place) -> dict[str, Any]:
        order.append(contender.name)
        return {"failed": "no R"} if contender is QUICK else took(len(order), value=1.0)

    monkeypatch.setattr(contest, "run_once", run_once)
    monkeypatch.setattr(contest, "data_of", lambda race, rows, place: tmp_path)
    done = run_size(SMALL, 10, Place(tmp_path, tmp_path, repeats=2))
    assert order == ["ours", "quick", "large", "large", "ours"]
    assert done["failed"] == {"quick": "no R"}
    assert done["runs"]["ours"]["cpu"] == [1, 5]
    order.clear()
    run_size(SMALL, 100, Place(tmp_path, tmp_path, repeats=1))
    assert order == ["ours", "quick"]  # without the slow one
    keep(tmp_path / "kept.json", {**done, "date": "d", "commit": "c", "machine": "m", "load": 1.0})
    page = page_of((SMALL,), read_results(tmp_path / "kept.json"))
    assert "| 10 | large | 3.50 [3.00–4.00] | 3.50 | 10 | 1.90 [0.80–3.00] |" in page
    assert "| 10 | quick | did not run | | | |" in page


def test_what_is_kept_with_the_same_settings_is_not_run_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    one = {"race": "small", "rows": 10, "repeats": 3, "contenders": ["ours", "quick", "large"]}
    keep(file, one)
    assert waiting([SMALL], read_results(file), 3, ()) == [(SMALL, 100)]
    assert waiting([SMALL], read_results(file), 4, (10,)) == [(SMALL, 10)]
    keep(file, {**one, "contenders": ["ours"]})
    assert waiting([SMALL], read_results(file), 3, ()) == [(SMALL, 10), (SMALL, 100)]
    assert len(read_results(file)) == 1


def test_numbers_agree_within_a_share_of_themselves_or_of_their_error() -> None:
    assert agrees({"value": 1.0, "std_error": 0.0}, {"value": 1.0 + 1e-7}, 1e-6)
    assert not agrees({"value": 1.0}, {"value": 1.001}, 1e-6)
    assert agrees({"value": 0.0, "std_error": 2.0}, {"value": 0.1, "other": 9}, 0.1)
    assert not agrees({"checksum": "a"}, {"checksum": "b"}, 1.0)


def test_a_slope_of_one_is_linear_growth() -> None:
    assert slope((10, 1.0), (1000, 100.0)) == pytest.approx(1)
    assert slope((10, 1.0), (100, 20.0)) == pytest.approx(1 + math.log10(2))
    assert ratios([2.0, 9.0], [1.0, 3.0]) == [2, 3]
