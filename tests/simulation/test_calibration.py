"""The grid of known truths: its worlds are what they say, its counts add up, and a stopped run goes on."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibration.__main__ import outside, run, table
from benchmarks.calibration.bench import SEED, read_tallies, run_world
from benchmarks.calibration.parts import World
from benchmarks.calibration.worlds import all_worlds

WORLDS = {world.name: world for world in all_worlds()}
NULL, EFFECT = WORLDS["randomised binary n 400, base 25%, no effect"], "weighting count n 800, at the margin"


def test_every_world_has_a_name_of_its_own_and_a_truth_within_the_margin() -> None:
    assert len(WORLDS) == sum(1 for _ in all_worlds())
    for world in WORLDS.values():
        assert world.benefit == pytest.approx(0.0) or world.benefit == pytest.approx(world.least)


@pytest.mark.parametrize("world", WORLDS.values(), ids=list(WORLDS))
def test_a_world_gives_every_column_its_plan_names(world: World) -> None:
    people = world.draw(np.random.default_rng(1))
    assert {"participant", "treat", "x", "z"} <= set(people.columns)
    outcomes = {name.split("@")[0] for name in people.columns}
    assert "y" in outcomes
    assert set(people["treat"].unique()) == {0.0, 1.0}
    again = world.draw(np.random.default_rng(1))
    assert people.equals(again)


def test_the_truth_of_a_world_is_the_one_it_says() -> None:
    """Many people at once: the difference of risks is what the world promises, to four Monte-Carlo errors."""
    people = np.random.default_rng(5)
    base, effect, n = 0.25, -0.1, 0
    rates: list[tuple[float, float]] = []
    world = WORLDS["randomised binary n 400, base 25%, at the margin"]
    for _ in range(400):
        frame = world.draw(people)
        y, t = frame["y"].to_numpy(), frame["treat"].to_numpy()
        rates.append((float(y[t == 1].mean()), float(y[t == 0].mean())))
        n += len(y)
    found = np.array(rates).mean(axis=0)
    assert world.truth == effect
    assert found[1] == pytest.approx(base, abs=4 * math.sqrt(base * (1 - base) / (n / 2)))
    assert found[0] - found[1] == pytest.approx(effect, abs=4 * math.sqrt(2 * base * (1 - base) / (n / 2)))


def test_a_tally_counts_each_draw_once_and_depends_on_the_seed_alone() -> None:
    one, other = run_world(NULL, 25, seed=3), run_world(NULL, 25, seed=3)
    assert {**one.answers} == other.answers
    assert (one.bias, one.coverage) == (other.bias, other.coverage)
    assert sum(one.answers.values()) == 25
    assert one.rejected == pytest.approx(1 - (one.coverage or 0.0)), "where nothing works the two are one"
    assert one.false_none is None
    assert run_world(NULL, 25, seed=4).bias != one.bias


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    run([NULL], file, 10, SEED, 10)
    first = file.read_bytes()
    run([NULL, WORLDS[EFFECT]], file, 10, SEED, 10)
    held = read_tallies(file)
    assert set(held) == {NULL.name, EFFECT}
    assert first.splitlines()[1].rstrip(b",") in file.read_bytes(), "what was counted is not counted again"
    assert len(table(held.values()).splitlines()) == 4
    assert not outside(held[EFFECT]), "ten draws show nothing"
