"""Run the grid: ``python -m benchmarks.calibration run [--draws 1000] [--only WORD …] [--out FILE]``.

Every draw goes the way of a user's data: the plan is read, checks are made, a verdict is given. What was counted for a
world is kept as soon as it is there, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import gc
import hashlib
import json
import math
import platform
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.calibration.parts import SPARED, World
from benchmarks.calibration.readings import Reading, read_line
from evaluation.errors import EvaluationError
from evaluation.finding import gather_finding
from evaluation.plan import AnalysisPlan
from evaluation.plan_file import read_plan
from evaluation.study_table import StudyTable
from workspace.clock import today
from workspace.toml_source import parse_toml

SEED = 20_261_122
PACKAGES = ("numpy", "scipy", "polars")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the draws of one world. Shares are of the draws that gave an interval, unless named otherwise.

    ``false_works``: said to work where the truth is nought or harm; ``false_harms``: the other way round;
    ``false_none``: said to have no meaningful effect where the truth is as large as what matters.
    ``not_assessable``: share of all draws that gave no answer. ``warned``: share of all draws with a check that is
    not a pass, other than on the plan's lock; ``doubts``: the same of checks that lower trust or block the verdict,
    ``doubted``: of any of them. ``missed_quietly``: share of the intervals that miss the truth while no such check
    warns. ``fragile``: share of the answers that another planned setting turns round. What was drawn before these were
    counted has ``None``.
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
    doubts: dict[str, float] | None = None
    doubted: float | None = None
    missed_quietly: float | None = None
    fragile: float | None = None
    drawn_on: str = ""
    versions: str = ""


@dataclass(slots=True)
class _Count:
    """What is added up over the draws of a world."""

    answers: Counter[str]
    warned: Counter[str]
    doubts: Counter[str]
    values: list[float]
    errors: list[float]
    covered: int = 0
    apart: int = 0
    doubted: int = 0
    quietly: int = 0
    fragile: int = 0


def run_world(world: World, draws: int, seed: int = SEED) -> Tally:
    """Draw a world again and again. The generator depends on the seed and the world's name only."""
    name = int.from_bytes(hashlib.sha256(world.name.encode()).digest()[:8], "big")
    draw = np.random.default_rng([seed, name])
    plan = read_plan(parse_toml(world.plan, "plan.toml", EvaluationError))
    count = _Count(Counter(), Counter(), Counter(), [], [])
    began = time.process_time()
    with patch(world.spared, lambda *_, **__: SPARED[world.spared]) if world.spared else nullcontext():
        for turn in range(draws):
            if turn < 2:
                gc.freeze()  # a library collects garbage at every call: what is loaded is not looked through each time
            _add(count, world, _one(world, plan, draw))
    return _tally(world, draws, seed, count, (time.process_time() - began) / draws)


def _one(world: World, plan: AnalysisPlan, draw: np.random.Generator) -> Reading | None:
    drawn = world.draw(draw)
    table = drawn if isinstance(drawn, StudyTable) else StudyTable(drawn, "world.csv", 2)
    try:
        finding = gather_finding(table, plan, "locked before outcomes")
    except EvaluationError:
        return None
    return read_line(finding.outcomes[0], world.line)


def _add(count: _Count, world: World, found: Reading | None) -> None:
    """Count one draw."""
    if found is None:
        count.answers["refused"] += 1
        return
    count.answers[found.answer] += 1
    count.warned.update(found.warned)
    count.doubts.update(found.doubts)
    count.doubted += bool(found.doubts)
    count.fragile += found.fragile
    if found.value is None or found.low is None or found.high is None:
        return
    count.values.append(math.log(found.value) if world.is_ratio else found.value)
    count.errors.append(found.std_error if found.std_error is not None else math.nan)
    held = found.low <= world.truth <= found.high
    count.covered += held
    count.quietly += not held and not found.doubts
    none = 1.0 if world.is_ratio else 0.0
    count.apart += not found.low <= none <= found.high


def _tally(world: World, draws: int, seed: int, count: _Count, seconds: float) -> Tally:
    values, held = np.array(count.values), len(count.values)
    truth = math.log(world.truth) if world.is_ratio else world.truth
    answers = count.answers
    given = sum(n for answer, n in answers.items() if answer not in ("refused", "not-assessable"))
    tiny, verdicts = 1e-12, world.line != "difference between groups"

    def share(part: int, of: int, asked: bool = True) -> float | None:
        return part / of if of and asked else None

    claims = answers["works"] + answers["too-small-to-matter"]
    errors = [error for error in count.errors if math.isfinite(error)]
    return Tally(
        world.name, world.method, world.kind, world.setting, world.truth, world.holds, draws, seed, held,
        bias=float(values.mean() - truth) if held else None,
        spread=float(values.std(ddof=1)) if held > 1 else None,
        std_error=float(np.mean(errors)) if errors else None,
        rmse=float(np.sqrt(np.mean((values - truth) ** 2))) if held else None,
        coverage=share(count.covered, held),
        rejected=share(count.apart, held),
        false_works=share(claims, given, verdicts and world.benefit <= tiny),
        false_harms=share(answers["harms"], given, verdicts and world.benefit >= -tiny),
        false_none=share(
            answers["no-meaningful-effect"], given, verdicts and abs(world.benefit) >= world.least - tiny
        ),
        not_assessable=1 - given / draws,
        answers=dict(sorted(answers.items())),
        warned={name: n / draws for name, n in sorted(count.warned.items())},
        seconds_a_draw=round(seconds, 4),
        doubts={name: n / draws for name, n in sorted(count.doubts.items())},
        doubted=count.doubted / draws,
        missed_quietly=share(count.quietly, held),
        fragile=share(count.fragile, given, not world.spared),
        drawn_on=today().isoformat(),
        versions=versions(),
    )  # fmt: skip


def versions() -> str:
    """What counted: the versions that bear on numbers."""
    found = (f"{name} {version(name)}" for name in ("lifecourse", *PACKAGES))
    return f"{', '.join(found)}, Python {platform.python_version()}"


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
