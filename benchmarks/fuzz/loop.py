"""Coverage-guided fuzzing: a broken file that reaches lines no other reached is kept, and broken further.

Two engines with the same mutations and the same judge. ``own`` follows lines with ``sys.settrace`` and needs nothing;
``atheris`` (libFuzzer for Python) counts branches and is several times as fast, where it is installed.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from benchmarks.fuzz.judging import ROOT, Judgement, Parser, judge
from benchmarks.fuzz.mutations import mutate

OURS = tuple(str(ROOT / floor) for floor in ("workspace", "theory_of_change", "cohorts", "evaluation"))
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
        self.ends[end.what if end.bad else end.what] += 1
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
    for valid in corpus:
        tally.note(lines.follow(lambda valid=valid: judged(parser, valid)), valid)  # type: ignore[misc]
    began = monotonic()
    while monotonic() - began < seconds:
        data = mutate(chance.choice(corpus), parser.kind, chance)
        tally.note(lines.follow(lambda: judged(parser, data)), data)
        if lines.new and len(data) < LONGEST:
            corpus.append(data)
    tally.corpus, tally.seconds = len(corpus), monotonic() - began
    return tally


def run_atheris(parser: Parser, seconds: float, seed: int) -> Tally:
    """Fuzz for a while with libFuzzer; it ends this process, so the tally is written by the caller's ``done``."""
    import atheris

    tally = Tally(parser.name, "atheris")
    valid = parser.seeds()
    for data in valid:
        judged(parser, data)  # everything is imported, so that it can be instrumented
    with atheris.instrument_imports(include=[]):
        pass
    _instrument(atheris)
    began = monotonic()

    class Enough(Exception):  # noqa: N818 - it ends the engine, it is no error
        pass

    def one(data: bytes) -> None:
        if monotonic() - began >= seconds:
            raise Enough
        tally.note(judged(parser, data), data)

    def change(data: bytes, most: int, number: int) -> bytes:
        return mutate(data or valid[0], parser.kind, random.Random(number))[:most]

    with tempfile.TemporaryDirectory(prefix="fuzz-corpus-") as place:
        for number, data in enumerate(valid):
            (Path(place) / str(number)).write_bytes(data)
        words = ["fuzz", place, f"-seed={seed}", "-verbosity=0", "-print_final_stats=0", f"-max_len={LONGEST}", "-timeout=600", "-rss_limit_mb=4096"]
        atheris.Setup(words, one, custom_mutator=change)
        try:
            atheris.Fuzz()
        except Enough:
            pass
        tally.corpus = len(list(Path(place).iterdir()))
    tally.seconds = monotonic() - began
    return tally


def _instrument(atheris: Any) -> None:
    """Count the branches of every function of ours that is loaded."""
    for module in [m for m in sys.modules.values() if str(getattr(m, "__file__", "")).startswith(OURS)]:
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", "") == module.__name__ and hasattr(value, "__code__"):
                setattr(module, name, atheris.instrument_func(value))


def name_of(end: Judgement, data: bytes) -> str:
    """What the file of a defect is called."""
    return f"{end.what.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:10]}"
