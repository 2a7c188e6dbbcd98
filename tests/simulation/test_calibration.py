"""The grid of known truths: its worlds are what they say, its counts add up, and a stopped run goes on."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.calibration.__main__ import RESULTS, VERDICTS, run
from benchmarks.calibration.bench import SEED, Tally, read_tallies, run_world
from benchmarks.calibration.parts import World
from benchmarks.calibration.shown import PAGE, beyond, fails, outside, page, refilled, summary, table, worst
from benchmarks.calibration.worlds import all_worlds
from evaluation.errors import EvaluationError
from evaluation.plan_file import read_plan
from evaluation.study_table import StudyTable, needed_columns
from workspace.toml_source import parse_toml

ROOT = Path(__file__).resolve().parents[2]
WORLDS = {world.name: world for world in all_worlds()}
NULL, EFFECT = WORLDS["randomised binary n 400, base 25%, no effect"], "weighting count n 800, at the margin"


def test_every_world_has_a_name_of_its_own_and_a_truth_within_the_margin() -> None:
    assert len(WORLDS) == sum(1 for _ in all_worlds())
    for world in WORLDS.values():
        assert world.benefit == pytest.approx(0.0) or world.benefit == pytest.approx(world.least)


@pytest.mark.parametrize("world", WORLDS.values(), ids=list(WORLDS))
def test_a_world_gives_every_column_its_plan_names(world: World) -> None:
    plan = read_plan(parse_toml(world.plan, "plan.toml", EvaluationError))
    people = rows_of(world, 1)
    needed = set(needed_columns(plan)) - {plan.outcomes[0].measure}
    assert needed <= set(people.columns)
    assert "y" in {name.split("@")[0] for name in people.columns}
    if plan.design.treatment:
        assert set(people[plan.design.treatment].unique()) == {0.0, 1.0}
    assert people.equals(rows_of(world, 1))


def rows_of(world: World, seed: int) -> pl.DataFrame:
    drawn = world.draw(np.random.default_rng(seed))
    return drawn.frame if isinstance(drawn, StudyTable) else drawn


def test_the_truth_of_a_world_is_the_one_it_says() -> None:
    """Many people at once: the difference of risks is what the world promises, to four Monte-Carlo errors."""
    people = np.random.default_rng(5)
    base, effect, n = 0.25, -0.1, 0
    rates: list[tuple[float, float]] = []
    world = WORLDS["randomised binary n 400, base 25%, at the margin"]
    for _ in range(400):
        frame = world.draw(people)
        assert isinstance(frame, pl.DataFrame)
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


def counted() -> list[Tally]:
    held = read_tallies(RESULTS)
    return [held[name] for name in WORLDS if name in held]


def test_the_page_of_results_is_what_was_counted() -> None:
    found = counted()
    missing = [name for name in WORLDS if name not in read_tallies(RESULTS)]
    made = page(found, list(read_tallies(VERDICTS).values()), missing)
    assert (ROOT / PAGE).read_text(encoding="utf-8") == made, (
        "python -m benchmarks.calibration table --page " + PAGE
    )


def test_the_page_of_what_not_to_believe_holds_what_was_counted_of_every_method() -> None:
    file = ROOT / "docs/explanation/where-not-to-believe.md"
    text = file.read_text(encoding="utf-8")
    assert text == refilled(text, counted()), "python -m benchmarks.calibration table --worst --into " + str(
        file.name
    )
    for method in {world.method for world in WORLDS.values()}:
        assert re.search(rf"<!-- worst: [^>]*\b{method}\b[^>]*-->", text), method


def test_the_page_of_results_names_every_world_drawn_or_not() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert [name for name in WORLDS if f"| {name}" not in text and f"- {name}\n" not in text] == []


def test_what_misses_too_often_is_found_and_chance_is_not_called_so() -> None:
    good = run_world(NULL, 4)
    wide = replace(good, draws=400, with_interval=400, coverage=0.95, false_works=0.03, false_harms=0.02)
    assert not outside(wide)
    assert not fails(replace(wide, not_assessable=0.0))
    assert outside(replace(wide, coverage=0.90))
    assert fails(replace(wide, coverage=0.90))
    assert beyond(0.06, 0.025, 400)
    assert not beyond(0.045, 0.025, 400), "three errors of 400 draws are 2.3 points"
    assert fails(replace(wide, false_works=0.06))
    assert fails(replace(wide, holds=False))
    assert fails(replace(wide, not_assessable=0.6))


def test_the_worst_of_each_method_are_told_with_the_checks_that_lower_trust() -> None:
    good = run_world(NULL, 4)
    bad = replace(
        good, name="bad", draws=200, with_interval=200, coverage=0.8, doubts={"a check": 0.7}, doubted=0.7,
        missed_quietly=0.05,
    )  # fmt: skip
    shown = worst([good, bad])
    assert "| bad | 80.0* |" in shown
    assert "*a check* 70.0 | 5.0 |" in shown
    assert good.name not in shown
    assert good.name in worst([good]), "of a method without faults the lowest coverage is shown"
    assert summary([bad]).splitlines()[-1].startswith("| randomised | 1 | 80.0 | 80.0 |")
    text = "before\n<!-- worst: randomised -->\nold\n<!-- /worst -->\nafter\n"
    assert "bad" in refilled(text, [bad])
    assert refilled(text, [bad]).startswith("before\n<!-- worst: randomised -->\n\n| Setting")
