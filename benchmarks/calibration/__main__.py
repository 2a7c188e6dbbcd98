"""``python -m benchmarks.calibration run`` draws the grid; ``… table`` prints what was found as Markdown."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from rich.progress import Progress

from benchmarks.calibration.bench import SEED, Tally, keep, read_tallies, run_world
from benchmarks.calibration.parts import World
from benchmarks.calibration.worlds import all_worlds

RESULTS = Path(__file__).parent / "results.json"
LOW, HIGH = 0.93, 0.97


def run(worlds: Iterable[World], file: Path, draws: int, seed: int, minutes: float) -> None:
    """Draw what is not there yet, for at most so many minutes; last what was drawn before doubts were counted."""
    held = read_tallies(file)
    enough = {name for name, tally in held.items() if tally.draws >= draws and tally.seed == seed}
    older = {name for name in enough if held[name].doubted is None}
    waiting = [world for world in worlds if world.name not in enough - older]
    waiting.sort(key=lambda world: world.name in older)
    until = time.monotonic() + 60 * minutes
    with Progress() as bar:
        task = bar.add_task("worlds", total=len(waiting))
        for world in waiting:
            if time.monotonic() > until:
                bar.console.print("time is up; run it again to go on")
                return
            bar.update(task, description=world.name[:60])
            keep(file, run_world(world, draws, seed))
            bar.advance(task)


def outside(tally: Tally) -> bool:
    """Say whether an interval covers too seldom or too often, by more than Monte-Carlo error explains."""
    if tally.coverage is None or tally.with_interval < 100:
        return False
    slack = 2 * (0.95 * 0.05 / tally.with_interval) ** 0.5
    return not LOW - slack <= tally.coverage <= HIGH + slack


def table(tallies: Iterable[Tally]) -> str:
    """All of it, in Markdown; shares in percent. A star: coverage outside 93 to 97 % beyond Monte-Carlo error."""
    lines = [
        "| World | Truth | Draws | Bias | SD | Mean error | Coverage | Rejects nought | False works | False harms "
        "| False none | No answer |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for t in tallies:
        cells = [
            t.name + ("" if t.holds else " (assumptions broken)"),
            f"{t.truth:g}",
            f"{t.draws:,}",
            *(_number(value) for value in (t.bias, t.spread, t.std_error)),
            _percent(t.coverage) + ("*" if outside(t) else ""),
            *(_percent(share) for share in (t.rejected, t.false_works, t.false_harms, t.false_none)),
            _percent(t.not_assessable),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def main() -> None:
    """Run or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("run", "table", "list"))
    parser.add_argument(
        "--only", nargs="*", default=[], help="words that a world's name must hold, all of them"
    )
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--minutes", type=float, default=600.0, help="stop before the next world after so long"
    )
    parser.add_argument("--out", type=Path, default=RESULTS)
    words = parser.parse_args()
    worlds = [world for world in all_worlds() if all(word in world.name for word in words.only)]
    if words.verb == "run":
        run(worlds, words.out, words.draws, words.seed, words.minutes)
    elif words.verb == "list":
        for world in worlds:
            print(world.name)
    else:
        held = read_tallies(words.out)
        print(table(held[world.name] for world in worlds if world.name in held))


if __name__ == "__main__":
    main()
