"""``python -m benchmarks.calibration run`` draws the grid; ``… table`` shows what was found as Markdown.

``table`` prints all worlds, ``table --page FILE`` writes the page of results, ``table --worst`` prints the settings
that should not be believed, and ``--into FILE`` fills the marked parts of a page with them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from rich.progress import Progress

from benchmarks.calibration.bench import SEED, keep, read_tallies, run_world
from benchmarks.calibration.parts import World
from benchmarks.calibration.shown import page, refilled, table, worst
from benchmarks.calibration.worlds import all_worlds

RESULTS = Path(__file__).parent / "results.json"
VERDICTS = Path(__file__).parent / "verdicts.json"


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


def show(words: argparse.Namespace, worlds: list[World]) -> None:
    """Print the table, or write the page, or fill the marked parts of one."""
    held = read_tallies(words.out)
    found = [held[world.name] for world in worlds if world.name in held]
    if words.page:
        verdicts = list(read_tallies(VERDICTS).values())
        missing = [world.name for world in worlds if world.name not in held]
        words.page.write_text(page(found, verdicts, missing), encoding="utf-8")
    elif words.worst and words.into:
        words.into.write_text(refilled(words.into.read_text(encoding="utf-8"), found), encoding="utf-8")
    else:
        print(worst(found) if words.worst else table(found))


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
    parser.add_argument("--page", type=Path, help="table: write the whole page of results there")
    parser.add_argument(
        "--worst", action="store_true", help="table: only settings that should not be believed"
    )
    parser.add_argument("--into", type=Path, help="table --worst: fill the marked parts of this page")
    words = parser.parse_args()
    worlds = [world for world in all_worlds() if all(word in world.name for word in words.only)]
    if words.verb == "run":
        run(worlds, words.out, words.draws, words.seed, words.minutes)
    elif words.verb == "list":
        for world in worlds:
            print(world.name)
    else:
        show(words, worlds)


if __name__ == "__main__":
    main()
