"""``python -m benchmarks.race list | peers PATH | run | table``: Lifecourse beside what a user would use instead.

``peers`` makes the environments of the Python peers; ``run`` races what is not kept yet, size by size, for at most so
many minutes, and keeps it in one file; ``table`` writes that file as a page. ``list`` says who races whom.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.race.contest import HERE, PREFIX, ROOT, Place, Race, joined, new_base, run_size, waiting
from benchmarks.race.entries import RACES
from benchmarks.race.environments import make_environments
from benchmarks.race.page import page_of
from benchmarks.race.private_server import stop_left

RESULTS = HERE / "results.json"
PAGE = ROOT / "docs" / "reference" / "race-results.md"


def read_results(file: Path) -> list[dict[str, Any]]:
    """What is kept."""
    if not file.exists():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def keep(file: Path, one: dict[str, Any]) -> None:
    """Put a size into the file in place of what it held of it; one process at a time."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(folder, fcntl.LOCK_EX)
        _put(file, one)
    finally:
        os.close(folder)


def _put(file: Path, one: dict[str, Any]) -> None:
    held = [old for old in read_results(file) if (old["race"], old["rows"]) != (one["race"], one["rows"])]
    held.append(one)
    held.sort(key=lambda entry: (entry["race"], entry["rows"]))
    part = file.with_suffix(".part")
    part.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(file)


def chosen(words: list[str]) -> list[Race]:
    """Races whose name holds one of the words; all without one."""
    return [race for race in RACES if not words or any(word in race.name for word in words)]


def conditions() -> dict[str, str]:
    """When, from which commit, on what."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    machine = (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    )
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return {"date": today, "commit": done.stdout.strip(), "machine": machine}


def run(asked: argparse.Namespace) -> None:
    """Race what is waiting."""
    until = time.monotonic() + 60 * asked.minutes
    kept, only = read_results(asked.out), tuple(asked.contenders)
    todo = waiting(chosen(asked.only), kept, asked.repeats, tuple(asked.sizes), only)
    with new_base(asked.folder) if asked.data is None else contextlib.nullcontext(asked.data) as folder:
        base = Path(folder).resolve()
        place = Place(asked.peers, base, asked.repeats, asked.seconds, only, _installed(base))
        try:
            _run_all(todo, place, asked.out, until)
        finally:
            stop_left(base)


def _run_all(todo: list[tuple[Race, int]], place: Place, out: Path, until: float) -> None:
    for done_so_far, (race, rows) in enumerate(todo):
        if time.monotonic() > until:
            print(f"time is up, {len(todo) - done_so_far} sizes are left; run it again to go on")
            return
        done = run_size(race, rows, place)
        held = next((o for o in read_results(out) if (o["race"], o["rows"]) == (race.name, rows)), None)
        if held and place.only:
            done = joined(held, done, race)
        keep(out, {**done, **conditions(), "load": round(os.getloadavg()[0], 1)})
        _say(done)
        if place.base.name.startswith(PREFIX) and not any(
            rows == size and race.folder == other.folder for other, size in todo[done_so_far + 1 :]
        ):
            shutil.rmtree(place.base / f"{race.folder}-{rows}", ignore_errors=True)


def _installed(base: Path) -> dict[str, str]:
    """Commands run like an installed program: their bytecode is there."""
    from benchmarks.race.made_up import as_installed

    as_installed(base / "bytecode")
    return {"PYTHONPYCACHEPREFIX": str(base / "bytecode")}


def _say(done: dict[str, Any]) -> None:
    print(f"{done['race']}, {done['rows']:,}", flush=True)
    for name, runs in done["runs"].items():
        other = "  OTHER NUMBERS" if name in done["disagrees"] else ""
        print(f"  {name:<28} CPU {runs['cpu']}  peak {max(runs['peak_mb']):,.0f} MB{other}", flush=True)
    for name, why in done["failed"].items():
        print(f"  {name:<28} {why}", flush=True)


def listed(races: list[Race]) -> str:
    """Who races whom."""
    lines = []
    for race in races:
        lines.append(
            f"{race.name:<22} {race.title}: {', '.join(f'{rows:,}' for rows in race.sizes)} {race.rows}"
        )
        lines += [f"    {one.name:<26} {one.does}" for one in race.contenders]
    return "\n".join(lines)


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("list", "peers", "run", "table"))
    parser.add_argument("path", type=Path, nargs="?", help="with peers: the folder of the environments")
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD", help="races whose name holds a word")
    parser.add_argument(
        "--sizes", nargs="*", type=int, default=[], metavar="ROWS", help="instead of their own"
    )
    parser.add_argument("--minutes", type=float, default=1e9, help="no new size is begun after so many")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=900, help="a turn is stopped after so many")
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "lifecourse-race")
    parser.add_argument("--folder", type=Path, help="where the data are made; the system's own by default")
    parser.add_argument("--data", type=Path, help="a folder whose data are kept and used again")
    parser.add_argument("--contenders", nargs="*", default=[], metavar="NAME", help="some of them, apart")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    if asked.verb == "list":
        print(listed(chosen(asked.only)))
    elif asked.verb == "peers":
        make_environments((asked.path or asked.peers).resolve())
    elif asked.verb == "run":
        run(asked)
    else:
        asked.page.write_text(page_of(RACES, read_results(asked.out)), encoding="utf-8")


if __name__ == "__main__":
    main()
