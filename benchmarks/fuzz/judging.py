"""One reading of one broken file, judged: whose error came out, what its words hold, how long it took, what it left.

The property: a reader gives its value or one of our errors with an exit code of the contract. Nothing else may come out
of it, no cell of a file about people may stand in the words, and no file may be left behind.
"""

from __future__ import annotations

import io
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from workspace.errors import LifecourseError

CANARIES = (
    "9434765919",
    "943 476 5919",
    "Quilbrax",
)  # an NHS-like number and a name, planted in files about people
EXIT_CODES = frozenset({1, 2, 3, 4, 10, 11, 12, 13})
SLOW = 20.0  # seconds of processor time of one reading
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Parser:
    """One reader: how its files end, how they are changed, valid ones to begin with, and whether people are in them."""

    name: str
    kind: str
    ending: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], object]
    people: bool = False
    beside: Callable[[Path], None] | None = None  # what must stand beside the file


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reading came to: ``read``, ``refused``, or what was wrong with it and where."""

    what: str
    where: str = ""

    @property
    def bad(self) -> bool:
        """Is this a defect?"""
        return self.what not in ("read", "refused")


def judge(parser: Parser, data: bytes, folder: Path) -> Judgement:
    """Read the bytes as a file of the parser in an empty folder of its own."""
    path = folder / f"given{parser.ending}"
    path.write_bytes(data)
    before = set(folder.iterdir())
    began = process_time()
    printed = io.StringIO()
    try:
        with warnings.catch_warnings(record=True) as said, redirect_stdout(printed), redirect_stderr(printed):
            warnings.simplefilter("always")
            found, what = parser.read(path), "read"
        words = printed.getvalue() + "".join(str(one.message) for one in said)
        words += _shown(found) if parser.people else ""
    except LifecourseError as error:
        if error.exit_code not in EXIT_CODES:
            return Judgement("our bug", _place(error))
        what, words = "refused", "\n".join(f"{f.where} {f.problem} {f.hint}" for f in error.faults)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the finding
        return Judgement(type(error).__name__, _place(error))
    if parser.people and any(canary in words for canary in CANARIES):
        return Judgement("data in a message", parser.name)
    if set(folder.iterdir()) != before:
        return Judgement("left a file behind", parser.name)
    return Judgement(what) if process_time() - began < SLOW else Judgement("slow", parser.name)


def _shown(found: object) -> str:
    """What a log or a screen would show of a value: its repr, and the report of an intake."""
    report = getattr(found, "report", None)
    return repr(found) + (repr(report) if report is not None else "")


def _place(error: BaseException) -> str:
    """The innermost line of our own code."""
    ours = [
        f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(str(ROOT)) and "/benchmarks/" not in frame.filename
    ]
    return ours[-1] if ours else "outside"
