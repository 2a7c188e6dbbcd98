"""Run the grid: ``python -m benchmarks.calibration run [--draws 1000] [--only WORD …] [--out FILE]``.

Every draw goes the way of a user's data: the plan is read, checks are made, a verdict is given. What was counted for a
world is kept as soon as it is there, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.calibration.parts import World
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from evaluation.study_table import StudyTable
from workspace.toml_source import parse_toml

SEED = 20_261_122


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the draws of one world. Shares are of the draws that gave an interval, unless named otherwise.

    ``false_works``: said to work where the truth is nought or harm; ``false_harms``: the other way round;
    ``false_none``: said to have no meaningful effect where the truth is as large as what matters.
    ``not_assessable``: share of all draws that gave no answer. ``warned``: share of all draws with a check that is
    not a pass, other than on the plan's lock.
    """

    name: str
    method: str
    kind: str
    setting: str
    truth: float
    holds: bool
    draws: int
    seed: int
    with_interval: int
    bias: float | None
    spread: float | None
    std_error: float | None
    rmse: float | None
    coverage: float | None
    rejected: float | None
    false_works: float | None
    false_harms: float | None
    false_none: float | None
    not_assessable: float
    answers: dict[str, int]
    warned: dict[str, float]
    seconds_a_draw: float


def run_world(world: World, draws: int, seed: int = SEED) -> Tally:
    """Draw a world again and again. The generator depends on the seed and the world's name only."""
    name = int.from_bytes(hashlib.sha256(world.name.encode()).digest()[:8], "big")
    draw = np.random.default_rng([seed, name])
    plan = read_plan(parse_toml(world.plan, "plan.toml", EvaluationError))
    values, errors, covered, apart = [], [], 0, 0
    answers: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    began = time.process_time()
    for _ in range(draws):
        found = _one(world, plan, draw)
        if found is None:
            answers["refused"] += 1
            continue
        value, std_error, low, high, answer, checks = found
        answers[answer] += 1
        warned.update(checks)
        if value is None or low is None or high is None:
            continue
        values.append(math.log(value) if world.is_ratio else value)
        errors.append(std_error if std_error is not None else math.nan)
        covered += low <= world.truth <= high
        none = 1.0 if world.is_ratio else 0.0
        apart += not low <= none <= high
    seconds = (time.process_time() - began) / draws
    return _tally(
        world, draws, seed, np.array(values), np.array(errors), covered, apart, answers, warned, seconds
    )


def _one(
    world: World, plan: AnalysisPlan, draw: np.random.Generator
) -> tuple[float | None, float | None, float | None, float | None, str, set[str]] | None:
    try:
        finding = gather_finding(StudyTable(world.draw(draw), "world.csv", 2), plan, "locked before outcomes")
    except EvaluationError:
        return None
    outcome = finding.outcomes[0]
    e = outcome.estimate
    doubted = {check.name for check in outcome.checks if check.result in ("warn", "fail")}
    return e.value, e.std_error, e.conf_low, e.conf_high, outcome.verdict.answer, doubted


def _tally(
    world: World,
    draws: int,
    seed: int,
    values: np.ndarray,
    errors: np.ndarray,
    covered: int,
    apart: int,
    answers: Counter[str],
    warned: Counter[str],
    seconds: float,
) -> Tally:
    held = len(values)
    truth = math.log(world.truth) if world.is_ratio else world.truth
    given = sum(n for answer, n in answers.items() if answer not in ("refused", "not-assessable"))
    tiny = 1e-12

    def share(count: int, of: int, asked: bool = True) -> float | None:
        return count / of if of and asked else None

    claims = answers["works"] + answers["too-small-to-matter"]
    return Tally(
        world.name, world.method, world.kind, world.setting, world.truth, world.holds, draws, seed, held,
        bias=float(values.mean() - truth) if held else None,
        spread=float(values.std(ddof=1)) if held > 1 else None,
        std_error=float(np.nanmean(errors)) if held else None,
        rmse=float(np.sqrt(np.mean((values - truth) ** 2))) if held else None,
        coverage=share(covered, held),
        rejected=share(apart, held),
        false_works=share(claims, given, world.benefit <= tiny),
        false_harms=share(answers["harms"], given, world.benefit >= -tiny),
        false_none=share(answers["no-meaningful-effect"], given, abs(world.benefit) >= world.least - tiny),
        not_assessable=1 - given / draws,
        answers=dict(sorted(answers.items())),
        warned={name: count / draws for name, count in sorted(warned.items())},
        seconds_a_draw=seconds,
    )  # fmt: skip


def read_tallies(file: Path) -> dict[str, Tally]:
    """The tallies kept so far, by the name of the world."""
    if not file.is_file():
        return {}
    held = json.loads(file.read_text(encoding="utf-8"))
    return {name: Tally(**values) for name, values in held.items()}


def keep(file: Path, tally: Tally) -> None:
    """Add a tally to those that are kept; the file is written whole or not at all."""
    held = {name: asdict(values) for name, values in read_tallies(file).items()} | {tally.name: asdict(tally)}
    lines = [f" {json.dumps(name)}: {json.dumps(held[name])}" for name in sorted(held)]
    beside = file.with_suffix(".part")
    beside.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    beside.replace(file)
