"""Coverage-guided fuzzing: a broken file that reaches lines no other reached is kept, and broken further.

Two engines with the same mutations and the same judge. ``own`` follows lines with ``sys.settrace`` and needs nothing;
``atheris`` (libFuzzer for Python) counts branches and is several times as fast, where it is installed.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic, process_time
from types import FrameType
from typing import Any

from benchmarks.fuzz.judging import ROOT, Judgement, Parser, judge
from benchmarks.fuzz.mutations import mutate

OURS = tuple(str(ROOT / floor) for floor in ("workspace", "theory_of_change", "cohorts", "evaluation"))
PATIENCE = 5  # times as long by the clock as in processor time, on a machine that is busy
LONGEST = 2_000_000  # bytes of an input that is broken further


@dataclass
class Tally:
    """How a parser did: executions, how they ended, and the first input of every defect."""

    parser: str
    engine: str
    ends: Counter[str] = field(default_factory=Counter)
    found: dict[Judgement, bytes] = field(default_factory=dict)
    corpus: int = 0
    seconds: float = 0.0

    @property
    def executions(self) -> int:
        """Files read."""
        return sum(self.ends.values())

    def note(self, end: Judgement, data: bytes) -> None:
        """Count one reading; keep the shortest input of a defect."""
        self.ends[end.what] += 1
        if end.bad and len(data) < len(self.found.get(end, data + b".")):
            self.found[end] = data


class Lines:
    """Which lines of our code a call reaches."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self.new = False

    def follow(self, call: Callable[[], Judgement]) -> Judgement:
        """Make the call and note whether it reached a line for the first time."""
        self.new = False
        sys.settrace(self._call)
        try:
            return call()
        finally:
            sys.settrace(None)

    def _call(self, frame: FrameType, _event: str, _value: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(OURS) else None

    def _line(self, frame: FrameType, event: str, _value: Any) -> Any:
        if event == "line":
            place = (frame.f_code.co_filename, frame.f_lineno)
            if place not in self.seen:
                self.seen.add(place)
                self.new = True
        return self._line


def judged(parser: Parser, data: bytes) -> Judgement:
    """One reading in an empty folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        return judge(parser, data, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_own(parser: Parser, seconds: float, seed: int) -> Tally:
    """Fuzz for a while with the engine that needs nothing."""
    tally, lines, chance = Tally(parser.name, "own"), Lines(), random.Random(seed)
    corpus = list(parser.seeds())
    for valid in list(corpus):
        tally.note(lines.follow(partial(judged, parser, valid)), valid)
    began, until = process_time(), monotonic() + PATIENCE * seconds
    while process_time() - began < seconds and monotonic() < until:
        data = mutate(chance.choice(corpus), parser.kind, chance)
        tally.note(lines.follow(partial(judged, parser, data)), data)
        if lines.new and len(data) < LONGEST:
            corpus.append(data)
    tally.corpus, tally.seconds = len(corpus), process_time() - began
    return tally


def run_atheris(parser: Parser, seconds: float, seed: int, done: Callable[[Tally], None]) -> None:
    """Fuzz for a while with libFuzzer, hand the tally over and end the process: the engine never returns."""
    atheris: Any = importlib.import_module("atheris")
    tally = Tally(parser.name, "atheris")
    valid = parser.seeds()
    for data in valid:
        tally.note(judged(parser, data), data)  # what it needs is imported now, and can be instrumented
    _instrument(atheris)
    began, until = process_time(), monotonic() + PATIENCE * seconds
    place = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for number, data in enumerate(valid):
        (place / str(number)).write_bytes(data)

    def one(data: bytes) -> None:
        tally.note(judged(parser, data), data)
        if process_time() - began >= seconds or monotonic() > until:
            tally.corpus, tally.seconds = len(list(place.iterdir())), process_time() - began
            shutil.rmtree(place, ignore_errors=True)
            done(tally)
            os._exit(0)

    def change(data: bytes, most: int, number: int) -> bytes:
        return mutate(data or valid[0], parser.kind, random.Random(number))[:most]

    words = [
        "fuzz",
        str(place),
        f"-seed={seed}",
        "-verbosity=0",
        f"-max_len={LONGEST}",
        "-timeout=600",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup(words, one, custom_mutator=change)
    atheris.Fuzz()


def fuzz(name: str, engine: str, seconds: float, seed: int, to: Connection) -> None:
    """Fuzz one parser in this process and send the tally."""
    from benchmarks.fuzz.parsers import PARSERS

    if engine == "own":
        to.send(run_own(PARSERS[name], seconds, seed))
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libFuzzer talks much
    run_atheris(PARSERS[name], seconds, seed, to.send)


def _instrument(atheris: Any) -> None:
    """Count the branches of every function of ours that is loaded."""
    for module in [m for m in sys.modules.values() if str(getattr(m, "__file__", "")).startswith(OURS)]:
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", "") == module.__name__ and hasattr(value, "__code__"):
                setattr(module, name, atheris.instrument_func(value))


def name_of(end: Judgement, data: bytes) -> str:
    """What the file of a defect is called."""
    return f"{end.what.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:10]}"
