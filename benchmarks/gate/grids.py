"""The grids of attacked tables that the documentation cites: run in blocks, each kept as it ends, so it can be resumed.

``python -m benchmarks.gate.grids [--small]`` runs what is not yet in ``benchmarks/gate/attacked.csv`` and writes
``docs/reference/attacked-tables.md`` from it. A block is fifty tables of one seed; a run that was stopped goes on with
the next block. ``--small`` runs two blocks of each grid into nothing, to see that it works.
"""

from __future__ import annotations

import argparse
import csv
import math
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from benchmarks.gate.attacked_tables import Loss, counts, trials
from benchmarks.gate.hierarchies import attacked_twice

SEED, BLOCK = 20261122, 50
HERE = Path(__file__).parent
KEPT = HERE / "attacked.csv"
PAGE = HERE.parents[1] / "docs" / "reference" / "attacked-tables.md"
HEADER = (
    "grid", "block", "tables", "withheld", "exact", "closer", "held_back", "seconds",
    "day", "python", "numpy", "scipy",
)  # fmt: skip
MADE = ("sparse", "even", "one small", "edges", "lonely row")


@dataclass(frozen=True, slots=True)
class Grid:
    """Tables of one make: up to so many rows and columns, in so many blocks; ``groups``: of a hierarchy."""

    name: str
    most: tuple[int, int]
    blocks: int
    groups: bool = False


GRIDS = (
    Grid("up to 3 x 3, a sixth released twice", (3, 3), 120),
    Grid("up to 4 x 3, a sixth released twice", (4, 3), 120),
    Grid("up to 6 x 5, a sixth released twice", (6, 5), 60),
    Grid("up to 6 x 5 with hierarchies, half released twice", (6, 5), 60, groups=True),
)


def block(grid: Grid, number: int) -> Loss:
    """One block of a grid; the seed is the project's with the grid's place and the block's number."""
    place = GRIDS.index(grid)
    seed = int(np.random.SeedSequence((SEED, place, number)).generate_state(1)[0])
    total = Loss()
    for loss in _in_groups(grid, seed) if grid.groups else trials(BLOCK, seed, grid.most):
        total += loss
    return total


def _in_groups(grid: Grid, seed: int) -> Iterator[Loss]:
    rng = np.random.default_rng(seed)
    for number in range(BLOCK):
        found = counts(rng, MADE[number % len(MADE)], grid.most)
        yield attacked_twice(found, deep=number % 4 > 1, again=number % 2 == 1)


def kept() -> list[dict[str, str]]:
    """The blocks that were run."""
    if not KEPT.is_file():
        return []
    with KEPT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _keep(grid: Grid, number: int, loss: Loss, seconds: float) -> None:
    new = not KEPT.is_file()
    with KEPT.open("a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if new:
            rows.writerow(HEADER)
        versions = (platform.python_version(), np.__version__, scipy.__version__)
        rows.writerow(
            (grid.name, number, loss.tables, loss.hidden, loss.exact, loss.narrowed, loss.held_back,
             f"{seconds:.1f}", time.strftime("%Y-%m-%d", time.gmtime()), *versions)
        )  # fmt: skip


def page(rows: list[dict[str, str]]) -> str:
    """The table of the documentation."""
    lines = [
        "# Attacked tables",
        "",
        "Made-up tables of counts, made safe as the gate makes them safe, then attacked by somebody who knows every",
        "rule and holds every release (see [how a table is made safe](../explanation/disclosure.md)).",
        "A count is *recovered* where one number alone is left for it, and *told more closely* where fewer numbers are",
        "left than withholding promises (1 to 9). This page is written by `python -m benchmarks.gate.grids` from",
        "`benchmarks/gate/attacked.csv`, which has a line for each block of fifty tables.",
        "",
        "| Tables | How many | Withheld counts | Recovered | Told more closely | Others held back | Processor s |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for grid in GRIDS:
        mine = [row for row in rows if row["grid"] == grid.name]
        if mine:
            lines.append(_line(grid.name, mine))
    lines.append(_line("**all**", rows))
    days = sorted({row["day"] for row in rows})
    made = sorted({f"Python {r['python']}, NumPy {r['numpy']}, SciPy {r['scipy']} (HiGHS)" for r in rows})
    lines += [
        "",
        f"Seed {SEED}; run on {' to '.join(dict.fromkeys((days[0], days[-1])))} with {'; '.join(made)}.",
        "",
    ]
    return "\n".join(lines)


def _line(name: str, rows: list[dict[str, str]]) -> str:
    sums = [sum(int(row[key]) for row in rows) for key in HEADER[2:7]]
    seconds = sum(float(row["seconds"]) for row in rows)
    return f"| {name} | {' | '.join(f'{one:,}' for one in sums)} | {seconds:,.0f} |"


def main() -> None:
    """Run what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="two blocks of each grid, nothing kept")
    parser.add_argument("--minutes", type=float, default=math.inf, help="no block is begun after so many")
    words = parser.parse_args()
    small, until = words.small, time.monotonic() + 60 * words.minutes
    done = set() if small else {(row["grid"], int(row["block"])) for row in kept()}
    for number in range(2 if small else max(grid.blocks for grid in GRIDS)):
        for grid in GRIDS:
            if number >= grid.blocks or (grid.name, number) in done or time.monotonic() > until:
                continue
            began = time.process_time()
            loss = block(grid, number)
            if small:
                print(grid.name, loss, f"{time.process_time() - began:.1f} s", flush=True)
            else:
                _keep(grid, number, loss, time.process_time() - began)
            if loss.exact or loss.narrowed:
                print(f"{grid.name}, block {number}: {loss}", flush=True)
    if not small:
        PAGE.write_text(page(kept()), encoding="utf-8")


if __name__ == "__main__":
    main()
