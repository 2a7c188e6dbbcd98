"""Answers become scores by the instruments' keys, offences become harm, and nothing is guessed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from theory_of_change.commands import measure_app
from theory_of_change.errors import TheoryError
from theory_of_change.instruments.harm import harm_score, read_weights
from theory_of_change.instruments.scoring import banded, score
from theory_of_change.scales import Scale, Scoring
from theory_of_change.store import load_catalogue
from workspace import console

CATALOGUE = load_catalogue()


def key_of(measure: str) -> Scoring:
    key = CATALOGUE[measure].scoring
    assert key is not None
    return key


SDQ, SWEMWBS = key_of("sdq-total"), key_of("swemwbs")


def answers(key: Scoring, value: float, **other: float) -> dict[int, np.ndarray[Any, np.dtype[np.float64]]]:
    """One person who gives the same answer to every item but those named, as ``i7=2``."""
    named = {int(name[1:]): number for name, number in other.items()}
    return {item: np.array([named.get(item, value)]) for item in key.items}


def test_items_scored_the_other_way_round_are_turned() -> None:
    found = score(SDQ, answers(SDQ, 2))
    assert {name: scores[0] for name, scores in found.scales.items()} == {
        "emotional": 10, "conduct": 8, "hyperactivity": 6, "peer": 6, "prosocial": 10,
    }  # fmt: skip
    assert found.total[0] == 30  # prosocial stays out


def test_a_scale_of_three_answers_is_scaled_up_and_rounded_and_one_of_two_has_no_score() -> None:
    three = score(SDQ, answers(SDQ, 1, i3=float("nan"), i8=float("nan"), i13=2))
    assert three.scales["emotional"][0] == 7  # 4 of 3 items: 6.67 of 5
    assert three.prorated == 1
    two = score(SDQ, answers(SDQ, 1, i3=float("nan"), i8=float("nan"), i13=float("nan")))
    assert np.isnan(two.scales["emotional"][0])
    assert np.isnan(two.total[0])


def test_a_half_is_rounded_upwards() -> None:
    key = Scoring(0, 2, 4, (Scale("s", (1, 2, 3, 4, 5)),), whole=True)
    four = {1: 1.0, 2: 1.0, 3: 0.0, 4: 0.0, 5: float("nan")}
    assert score(key, {item: np.array([value]) for item, value in four.items()}).total[0] == 3  # 2.5


@pytest.mark.parametrize(
    ("raw", "metric"), [(7, 7.0), (8, 9.51), (21, 19.25), (24, 21.54), (34, 32.55), (35, 35.0)]
)
def test_the_short_wellbeing_scale_is_converted_by_its_table(raw: int, metric: float) -> None:
    values = [1] * 7
    for place in range(raw - 7):
        values[place % 7] += 1
    found = score(
        SWEMWBS, {item: np.array([float(value)]) for item, value in zip(SWEMWBS.items, values, strict=True)}
    )
    assert found.total[0] == raw
    assert found.metric is not None
    assert found.metric[0] == metric


def test_conversion_rises_and_needs_every_answer() -> None:
    assert list(SWEMWBS.conversion) == sorted(set(SWEMWBS.conversion))
    assert len(SWEMWBS.conversion) == 29
    found = score(SWEMWBS, answers(SWEMWBS, 3, i1=float("nan")))
    assert found.metric is not None
    assert np.isnan(found.metric[0])


@pytest.mark.parametrize("wrong", [3.0, -1.0, 0.5])
def test_an_answer_outside_the_range_is_refused_without_being_quoted(wrong: float) -> None:
    with pytest.raises(TheoryError, match="answers to item 7 are not whole numbers from 0 to 2") as error:
        score(SDQ, answers(SDQ, 1, i7=wrong))
    assert str(wrong) not in str(error.value)


def test_a_missing_item_is_named() -> None:
    given = answers(SDQ, 1)
    del given[25]
    with pytest.raises(TheoryError, match="no answers to item 25"):
        score(SDQ, given)


def test_bands_say_nothing_where_there_is_no_score() -> None:
    bands = next(b for b in CATALOGUE["sdq-total"].bands if b.informant == "teacher" and b.scale == "total")
    assert banded(bands, np.array([11.0, 12.0, 40.0, np.nan, 41.0])) == [
        "close to average", "slightly outside", "far outside", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("conversion", [(1.0,), tuple(range(30))])
def test_a_conversion_that_does_not_fit_is_refused(conversion: tuple[float, ...]) -> None:
    with pytest.raises(TheoryError) as error:
        Scoring(1, 5, 7, SWEMWBS.scales, conversion=conversion)
    assert error.value.code == "LC336"


def test_harm_is_a_sum_and_its_range_that_of_poisson_counts() -> None:
    weights = {"murder": 5475.0, "wounding": 1460.0, "theft": 2.0}
    found = harm_score(weights, {"murder": 2, "wounding": 30, "theft": 400})
    assert found.score == 2 * 5475 + 30 * 1460 + 400 * 2
    assert found.offences == 432
    error = (2 * 5475**2 + 30 * 1460**2 + 400 * 4) ** 0.5
    # percentiles of 4,000 draws of a slightly skewed sum: within a fifth of a standard error of the normal ones
    assert found.conf_low == pytest.approx(found.score - 1.96 * error, abs=0.2 * error)
    assert found.conf_high == pytest.approx(found.score + 1.96 * error, abs=0.2 * error)
    assert found.heaviest_share == pytest.approx((2 * 5475 + 2 * 1460) / found.score)  # 4 of 432 offences
    assert harm_score(weights, {"murder": 2, "wounding": 30, "theft": 400}) == found
    assert harm_score(weights, {"theft": 0}).score == 0


@pytest.mark.parametrize(
    ("counts", "said"), [({"arson": 1}, "no weight for offence code arson"), ({"theft": -1}, "at least 0")]
)
def test_an_offence_without_a_weight_is_never_nought(counts: dict[str, int], said: str) -> None:
    with pytest.raises(TheoryError, match=said):
        harm_score({"theft": 2.0}, counts)


def test_every_fault_of_a_sheet_of_weights_is_named_at_once() -> None:
    with pytest.raises(TheoryError) as error:
        read_weights(
            [["code", "weight"], ["a", "x"], ["b", "2"], ["b", "3"], ["", "4"], ["c", "-1"]], "w.csv"
        )
    assert [fault.where for fault in error.value.faults] == [
        "w.csv, row 2",
        "w.csv, row 4",
        "w.csv, row 5",
        "w.csv, row 6",
    ]


def run(*words: str, exit_code: int = 0, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(measure_app, list(words), catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Three children: all answers 1, two items unanswered, none answered."""
    path = tmp_path / "sdq.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["child", *(f"sdq_{item}" for item in SDQ.items)])
        writer.writerow(["c1", *(["1"] * 25)])
        writer.writerow(["c2", *["", ""], *(["1"] * 23)])
        writer.writerow(["c3", *([""] * 25)])
    return path


def test_a_file_of_answers_is_scored_and_the_answers_stay_behind(sheet: Path, tmp_path: Path) -> None:
    to = tmp_path / "scores.csv"
    words = ("score", "sdq-total", str(sheet), "--items", "sdq_#", "--keep", "child", "--bands", "parent")
    assert "Would write" in run(*words, "--to", str(to), dry_run=True)
    assert not to.exists()
    done = json.loads(run(*words, "--to", str(to), json=True))
    assert (done["rows"], done["scored"], done["prorated"]) == (3, 2, 1)
    rows = list(csv.DictReader(to.read_text("utf-8").splitlines()))
    assert [row["child"] for row in rows] == ["c1", "c2", "c3"]
    assert [row["total"] for row in rows] == ["20.0", "20.0", ""]
    assert rows[0]["band"] == "far outside"
    assert not any(name.startswith("sdq_") for name in rows[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sdq-totl",), "nothing here has the id"),
        (("absence-rate",), "no scoring key"),
        (("sdq-total", "--items", "q#"), "there is no column 'q1'"),
        (("sdq-total", "--items", "sdq_#", "--keep", "school"), "there is no column 'school'"),
        (("sdq-total", "--items", "sdq_#", "--bands", "friend"), "no bands of 'sdq-total' for 'friend'"),
    ],
)
def test_what_cannot_be_scored_says_why(
    sheet: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(TheoryError, match=said):
        run("score", words[0], str(sheet), *words[1:], "--to", str(tmp_path / "o.csv"))
    assert not (tmp_path / "o.csv").exists()


def test_a_word_among_answers_is_named_by_row_and_never_quoted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("q1,q2,q3,q4,q5,q6,q7\n1,2,3,4,5,Mary,1\n", "utf-8")
    with pytest.raises(TheoryError, match="column q6: what stands in row 2 is no number") as error:
        run("score", "swemwbs", str(path), "--items", "q#", "--to", str(tmp_path / "o.csv"))
    assert "Mary" not in str(error.value)


def test_harm_is_weighed_by_period(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("code,weight\nmurder,5475\ntheft,2\n", "utf-8")
    (tmp_path / "c.csv").write_text(
        "period,code,count\n2020,murder,1\n2020,theft,100\n2021,theft,90\n", "utf-8"
    )
    found = json.loads(run("harm", str(tmp_path / "w.csv"), str(tmp_path / "c.csv"), json=True))["periods"]
    assert [(p["period"], p["score"], p["offences"]) for p in found] == [
        ("2020", 5675.0, 101),
        ("2021", 180.0, 90),
    ]
    assert "From the heaviest hundredth" in run("harm", str(tmp_path / "w.csv"), str(tmp_path / "c.csv"))
    (tmp_path / "c.csv").write_text("code,count\ntheft,x\n", "utf-8")
    with pytest.raises(TheoryError, match="needs a code and a count"):
        run("harm", str(tmp_path / "w.csv"), str(tmp_path / "c.csv"))
