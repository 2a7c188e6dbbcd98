"""A race: contenders that get the same data, take turns, each in a process of its own, and must agree.

A race is run size by size. What was found for a size is kept as soon as it is there; a size that is kept with the same
settings is not run again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.race.environments import python_of

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SECONDS = 900
PREFIX = "lifecourse-race-"
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "RAYON", "NUMBA", "VECLIB_MAXIMUM")
} | {"POLARS_MAX_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Contender:
    """One way of doing the work.

    ``place``: "ours", the name of an environment of peers, or "R". ``target``: MODULE:FUNCTION beside this file, or the
    script of R. ``most``: the largest size it is run at, nought for all. ``tolerance``: how far its numbers may be
    from those of the first contender, as a share of the number or of its standard error, whichever is larger.
    """

    name: str
    place: str
    target: str
    does: str = ""
    most: int = 0
    tolerance: float = 1e-6

    def runs_at(self, rows: int) -> bool:
        return not self.most or rows <= self.most


@dataclass(frozen=True, slots=True)
class Race:
    """``make`` writes the data of a size into a folder; races that name the same ``data`` share it.

    ``shows``: numbers found that the page prints. ``compares``: whether all contenders must find the same. The first
    contender is ours; ratios are to it.
    """

    name: str
    title: str
    rows: str
    sizes: tuple[int, ...]
    make: str
    contenders: tuple[Contender, ...]
    data: str = ""
    shows: tuple[str, ...] = ()
    compares: bool = True

    @property
    def folder(self) -> str:
        """Of its data."""
        return self.data or self.name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session of races works: environments of the peers, a folder for data, repeats, seconds at most.

    ``only``: contenders by name, where not all are to run; what they give is then marked as not of one run.
    """

    peers: Path
    base: Path
    repeats: int = 3
    seconds: int = SECONDS
    only: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)


def command_of(contender: Contender, rows: int, folder: Path, peers: Path) -> list[str] | None:
    """The words that start it; ``None`` where its environment is not there."""
    if contender.place == "R":
        script = HERE / contender.target
        return ["Rscript", str(HERE / "meter.R"), str(script), str(folder / "data.csv")]
    words = [contender.target, str(rows), str(folder)]
    if contender.place == "ours":
        module, _, function = contender.target.partition(":")
        known = module if "." in module else f"benchmarks.race.{module}"
        return [sys.executable, "-m", "benchmarks.race.meter", f"{known}:{function}", *words[1:]]
    python = python_of(peers, contender.place)
    return [str(python), str(HERE / "meter.py"), *words] if python else None


def run_once(contender: Contender, rows: int, folder: Path, place: Place) -> dict[str, Any]:
    """One turn of one contender; ``{"failed": why}`` where it did not end well."""
    words = command_of(contender, rows, folder, place.peers)
    if words is None:
        return {"failed": f"the environment {contender.place} is not there"}
    env = {**os.environ, **ONE_THREAD, **place.env}
    env.pop("LIFECOURSE_DATABASE_URL", None)
    if contender.place != "ours":
        env.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, cwd=ROOT, env=env, timeout=place.seconds
        )
    except (subprocess.TimeoutExpired, OSError) as why:
        late = isinstance(why, subprocess.TimeoutExpired)
        return {"failed": f"stopped after {place.seconds} seconds" if late else "cannot be started"}
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return {"failed": last[:120] if done.returncode > 0 else "killed (memory?)"}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def run_size(race: Race, rows: int, place: Place) -> dict[str, Any]:
    """All contenders of a size in turn, the order turned round each time."""
    folder = data_of(race, rows, place)
    chosen = [
        one for one in race.contenders if one.runs_at(rows) and (not place.only or one.name in place.only)
    ]
    turns: dict[str, list[dict[str, Any]]] = {one.name: [] for one in chosen}
    failed: dict[str, str] = {}
    for turn in range(place.repeats):
        for one in chosen if turn % 2 == 0 else reversed(chosen):
            if one.name in failed:
                continue
            took = run_once(one, rows, folder, place)
            if "failed" in took:
                failed[one.name] = took["failed"]
            else:
                turns[one.name].append(took)
    return {
        "race": race.name,
        "rows": rows,
        "repeats": place.repeats,
        "contenders": [one.name for one in chosen],
        "failed": failed,
        "apart": [one.name for one in chosen] if place.only else [],
        "runs": {name: _kept(found) for name, found in turns.items() if found},
        "disagrees": disagreements(race, turns),
    }


def _kept(turns: list[dict[str, Any]]) -> dict[str, Any]:
    measured = {
        name: [round(turn[name], 4) for turn in turns] for name in ("cpu", "wall", "peak_mb", "before_mb")
    }
    return {**measured, "found": turns[0]["found"], "version": turns[0].get("version", "")}


def disagreements(race: Race, turns: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Contenders whose numbers are not those of the first, within their tolerance."""
    first: dict[str, Any] = next((found[0]["found"] for found in turns.values() if found), {})
    if not race.compares:
        return []
    return [
        one.name
        for one in race.contenders
        if turns.get(one.name) and not agrees(first, turns[one.name][0]["found"], one.tolerance)
    ]


def agrees(first: dict[str, Any], other: dict[str, Any], tolerance: float) -> bool:
    """Whether all numbers that both give are the same."""
    scale = float(first.get("std_error", 0.0))
    for name in first.keys() & other.keys():
        one, two = first[name], other[name]
        if isinstance(one, str):
            if one != two:
                return False
        elif abs(one - two) > tolerance * max(abs(one), scale):
            return False
    return True


def data_of(race: Race, rows: int, place: Place) -> Path:
    """The folder of a size's data, made where it is not there yet, in a process of its own."""
    folder = place.base / f"{race.folder}-{rows}"
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        module, _, function = race.make.partition(":")
        code = f"from pathlib import Path; from benchmarks.race.{module} import {function} as make; "
        code += f"make({rows}, Path({str(folder)!r}))"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return folder


def joined(old: dict[str, Any], new: dict[str, Any], race: Race) -> dict[str, Any]:
    """A size of which contenders were run apart: what is new beside what is held, compared again."""
    runs, failed = {**old["runs"], **new["runs"]}, {**old["failed"], **new["failed"]}
    names = [one.name for one in race.contenders if one.name in old["contenders"] + new["contenders"]]
    turns = {name: [runs[name]] for name in names if name in runs}
    apart = sorted({*old["apart"], *new["apart"]})
    beside = {"contenders": names, "failed": failed, "apart": apart, "runs": runs}
    return {**new, **beside, "disagrees": disagreements(race, turns)}


def waiting(
    races: Iterable[Race],
    kept: list[dict[str, Any]],
    repeats: int,
    sizes: tuple[int, ...],
    only: tuple[str, ...] = (),
) -> list[tuple[Race, int]]:
    """What is to be run: all but what is kept with the same contenders and as many repeats; small sizes first."""
    held = {(one["race"], one["rows"]): one for one in kept}
    found = []
    for race in races:
        for rows in sizes or race.sizes:
            one = held.get((race.name, rows))
            names = {contender.name for contender in race.contenders if contender.runs_at(rows)}
            names &= set(only) or names
            if names and (one is None or one["repeats"] < repeats or not names <= {*one["contenders"]}):
                found.append((race, rows))
    return sorted(found, key=lambda pair: pair[1])


def new_base(parent: Path | None) -> tempfile.TemporaryDirectory[str]:
    """A folder for data that a server's own user may look into: what is in it is made up."""
    base = tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent)
    Path(base.name).chmod(0o755)
    return base
