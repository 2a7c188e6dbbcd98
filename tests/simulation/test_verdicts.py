"""Verdicts where the truth is known, all the way from a table to an answer: a fast slice of the long grid.

Tolerances are Monte-Carlo error: 3.3 standard errors of a share, one false alarm in a thousand, none while seeds stay.
"""

from __future__ import annotations

import math

import pytest

from benchmarks.calibration.bench import Tally, run_world
from benchmarks.calibration.verdicts import ALPHA, FREEDOM, promised, table, verdict_worlds

pytestmark = pytest.mark.simulation

WORLDS = {world.name: world for world in verdict_worlds()}
DRAWS = {  # so many as a few seconds allow; the long grid has 2,000
    "randomised continuous n 600": 200,
    "randomised binary n 1200, base 25%": 200,
    "randomised count n 1200": 40,
    "cluster-randomised continuous 20 clusters": 40,
    "matching continuous n 600": 80,
    "difference in differences, 60 units, 10 years": 15,
}
CLAIMS = ("works", "too-small-to-matter", "harms")


def drawn(name: str, truth: str) -> Tally:
    return run_world(WORLDS[f"{name}, {truth}"], DRAWS[name])


def share(found: Tally, *answers: str) -> float:
    return sum(found.answers.get(answer, 0) for answer in answers) / found.draws


def above(wanted: float, draws: int) -> float:
    """The most that chance lets a share be; of few draws at least one more than none."""
    return wanted + max(3.3 * math.sqrt(wanted * (1 - wanted) / draws), 1 / draws)


@pytest.mark.parametrize("name", DRAWS)
def test_what_does_nothing_is_seldom_said_to_work_or_harm_and_mostly_ruled_small(name: str) -> None:
    world, found = WORLDS[f"{name}, nothing"], drawn(name, "nothing")
    assert found.not_assessable == 0
    assert share(found, *CLAIMS) <= above(ALPHA, found.draws)
    df = FREEDOM.get(world.method, 1e9)
    wanted = promised(0.0, found.std_error or math.nan, world.least, df)["no-meaningful-effect"]
    assert wanted > 0.7, "the study is large enough to rule out what matters"
    slack = 3.3 * math.sqrt(wanted * (1 - wanted) / found.draws) + 0.06  # t for normal, an error that varies
    assert abs(share(found, "no-meaningful-effect") - wanted) <= slack


@pytest.mark.parametrize("name", DRAWS)
def test_what_harms_as_much_as_matters_is_hardly_ever_said_to_work_or_to_be_small(name: str) -> None:
    found = drawn(name, "as much for the worse")
    assert share(found, "works", "too-small-to-matter") <= above(ALPHA / 2, found.draws)
    assert share(found, "no-meaningful-effect") <= above(ALPHA, found.draws)
    assert share(found, "harms") >= 0.6


def test_what_is_promised_adds_up_and_is_what_the_rows_give() -> None:
    chances = promised(0.0, 0.08, 0.25)
    assert sum(chances.values()) == pytest.approx(1)
    assert chances["works"] + chances["too-small-to-matter"] == pytest.approx(0.025, abs=1e-6)
    # At nought the equivalence test succeeds with 2 Phi(m / se - 1.645) - 1 = 0.8611, the claims of row 1 to 5 apart.
    assert chances["no-meaningful-effect"] == pytest.approx(0.8611, abs=0.0005)
    narrow = promised(0.5, 0.05, 1.0)
    assert narrow["too-small-to-matter"] > 0.99


def test_the_table_shows_each_answer_beside_what_is_promised() -> None:
    name = "randomised continuous n 600, nothing"
    shown = table([(WORLDS[name], run_world(WORLDS[name], 20))])
    assert len(shown.splitlines()) == 3
    assert "no-meaningful-effect" in shown.splitlines()[0]
