"""``python -m benchmarks.fuzz list``; ``python -m benchmarks.fuzz run PARSER … [--minutes N] [--engine own|atheris]``.

``run all`` takes every parser in turn, each for so long. Inputs of defects are written to ``--keep FOLDER``; nothing
else is. Exit code 1 where a defect was found.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import sys
from pathlib import Path

from benchmarks.fuzz.judging import Judgement
from benchmarks.fuzz.loop import Tally, fuzz, name_of
from benchmarks.fuzz.parsers import PARSERS


def main(words: list[str]) -> int:
    """List the parsers or fuzz some of them; the exit code."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    asked.add_argument("what", choices=("list", "run"))
    asked.add_argument("parser", nargs="*", help="names that list shows, or all")
    asked.add_argument("--minutes", type=float, default=1.0, help="of processor time, for each parser")
    asked.add_argument("--seed", type=int, default=20261122)
    best = "atheris" if importlib.util.find_spec("atheris") else "own"
    asked.add_argument("--engine", choices=("own", "atheris"), default=best)
    asked.add_argument("--keep", type=Path, help="a folder for the inputs of defects")
    said = asked.parse_args(words)
    if said.what == "list":
        for one in PARSERS.values():
            print(f"{one.name:20} {one.ending:9} broken as {one.kind}{', people' if one.people else ''}")
        return 0
    names = list(PARSERS) if said.parser == ["all"] else said.parser
    if unknown := [name for name in names if name not in PARSERS]:
        asked.error(f"unknown: {', '.join(unknown)}; python -m benchmarks.fuzz list")
    heads = ("engine", "files", "read", "refused", "kept", "a second", "defects")
    print(f"{'parser':20}" + "".join(f"{head:>9}" for head in heads), flush=True)
    defects = 0
    for name in names:
        tally = _in_its_own_process(name, said.engine, 60 * said.minutes, said.seed)
        defects += len(tally.found)
        _show(tally)
        _keep(tally, said.keep)
    return 1 if defects else 0


def _in_its_own_process(name: str, engine: str, seconds: float, seed: int) -> Tally:
    """One parser at a time, each in a fresh process: coverage and memory begin at nothing."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=fuzz, args=(name, engine, seconds, seed, theirs))
    process.start()
    theirs.close()
    try:
        tally: Tally = ours.recv()
    except EOFError:
        tally = Tally(name, engine)
        tally.found[Judgement("the process died", name)] = b""
    process.join()
    return tally


def _show(tally: Tally) -> None:
    rate = tally.executions / max(tally.seconds, 0.001)
    ends = (
        tally.executions,
        tally.ends["read"],
        tally.ends["refused"],
        tally.corpus,
        round(rate),
        len(tally.found),
    )
    print(f"{tally.parser:20}{tally.engine:>9}" + "".join(f"{end:>9}" for end in ends), flush=True)
    for end, data in tally.found.items():
        print(f"    {end.what} at {end.where} ({len(data)} bytes, {tally.ends[end.what]} times)", flush=True)


def _keep(tally: Tally, folder: Path | None) -> None:
    if folder and tally.found:
        (folder / tally.parser).mkdir(parents=True, exist_ok=True)
        for end, data in tally.found.items():
            (folder / tally.parser / name_of(end, data)).write_bytes(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
