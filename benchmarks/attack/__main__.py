"""``python -m benchmarks.attack list | run | table``: attack what is kept and let out, and count what came of it."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import os
import platform
import sqlite3
from pathlib import Path
from typing import Any

from rich.progress import Progress

from benchmarks.attack.bench import ENTRIES, SEED
from benchmarks.attack.measure import Measured, held, keep
from benchmarks.attack.page import page

RESULTS = Path(__file__).parent / "results.json"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "attack-results.md"


def _head(seed: int, seconds: float) -> dict[str, Any]:
    versions = {name: importlib.metadata.version(name) for name in ("lifecourse", "polars", "numpy", "scipy")}
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "seed": seed,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "seconds": round(seconds),
        **versions,
    }


def _used() -> float:
    """Processor time of this process and of the commands it ran."""
    return sum(os.times()[:4])


def run(seed: int, only: list[str], out: Path) -> int:
    """Run the attacks; with ``only``, their rows take the place of what was there."""
    chosen = [entry for entry in ENTRIES if not only or entry.name in only]
    before: dict[str, list[Measured]] = {}
    rows: list[Measured] = []
    seconds = 0.0
    if only and out.exists():
        head, earlier = held(out)
        seconds = float(head["seconds"])
        for row in earlier:
            before.setdefault(head["of"][f"{row.attack}|{row.against}|{row.target}"], []).append(row)
    began = _used()
    with Progress() as bar:
        task = bar.add_task("attacks", total=len(chosen))
        for entry in chosen:
            bar.update(task, description=entry.name)
            before[entry.name] = entry.full(seed)
            rows = _keep(before, out, seed, seconds + _used() - began)
            bar.advance(task)
    broken = [row for row in rows if not row.holds]
    for row in broken:
        print(f"DOES NOT HOLD: {row.attack}, {row.against}: {row.succeeded} of {row.tried}")
    return 1 if broken else 0


def _keep(found: dict[str, list[Measured]], out: Path, seed: int, seconds: float) -> list[Measured]:
    """Everything that was counted so far, in the order of the bench."""
    ordered = {entry.name: found[entry.name] for entry in ENTRIES if entry.name in found}
    rows = [row for some in ordered.values() for row in some]
    of = {f"{r.attack}|{r.against}|{r.target}": name for name, some in ordered.items() for r in some}
    keep(out, _head(seed, seconds) | {"of": of}, rows)
    return rows


def main() -> int:
    """Run, list, or make the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("list", "run", "table"))
    parser.add_argument(
        "--only", nargs="*", default=[], choices=[entry.name for entry in ENTRIES], metavar="ATTACK"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=RESULTS)
    words = parser.parse_args()
    if words.verb == "list":
        for entry in ENTRIES:
            print(entry.name + ("" if entry.fast else "  (full only)"))
    elif words.verb == "table":
        PAGE.write_text(page(*held(words.out)), encoding="utf-8")
        print(f"Wrote docs/reference/{PAGE.name}")
    else:
        return run(words.seed, words.only, words.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
