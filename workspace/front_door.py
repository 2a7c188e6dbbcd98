"""What the front door needs: options that may stand anywhere, errors as text or JSON, bugs without data."""

from __future__ import annotations

import gc
import hashlib
import importlib.metadata
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer

from workspace import console
from workspace.clock import now
from workspace.errors import Fault, LifecourseError

FLAGS = frozenset({"--json", "--plain", "--no-input", "--dry-run", "--verbose"})
BUG = 70


def begin() -> list[str]:
    """Set the program up; return the words that were typed, global options first.

    A command makes many objects and few circles: to look for circles at every 700 objects is a tenth of its time.
    """
    gc.set_threshold(100_000, 50, 50)
    return hoisted(sys.argv[1:])


@cache
def command_of(app: typer.Typer) -> Callable[..., Any]:
    """The commands of the program, put together once: with some hundred of them that takes a tenth of a second."""
    return typer.main.get_command(app)


def hoisted(words: Sequence[str]) -> list[str]:
    """Move the global options to the front, so that they may be typed after the command as well.

    Words after ``--`` are left where they are.
    """
    front: list[str] = []
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += [word, *queue]
            break
        if word in FLAGS or word.startswith("--project="):
            front.append(word)
        elif word == "--project" and queue:
            front += [word, queue.pop(0)]
        else:
            rest.append(word)
    return front + rest


def version(wanted: bool) -> None:
    """Print the version and stop, when asked to."""
    if wanted:
        sys.stdout.write(f"lifecourse {program_version()}\n")
        raise typer.Exit


def program_version() -> str:
    """The installed version."""
    try:
        return importlib.metadata.version("lifecourse")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def show_error(error: LifecourseError) -> int:
    """Show an error and return its exit code: JSON on standard output, or text on standard error."""
    if wants_json():
        payload = {
            "error": {"exit_code": error.exit_code, "faults": [_as_dict(fault) for fault in error.faults]}
        }
        console.write_json(payload)
        return error.exit_code
    for fault in error.faults:
        console.write(sys.stderr, _lines(fault))
    if len(error.faults) > 1:
        sys.stderr.write(f"{len(error.faults)} problems; nothing was changed.\n")
    sys.stderr.write(f"More: lifecourse explain {error.code}\n")
    return error.exit_code


def wants_json() -> bool:
    """Was --json given? Looked up in the words too: the error may come before the options are read."""
    return console.current().json or "--json" in sys.argv[1:]


def _as_dict(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "where": fault.where, "problem": fault.problem, "hint": fault.hint}


def _lines(fault: Fault) -> str:
    place = f"{fault.where}: " if fault.where else ""
    hint = f"  {fault.hint}\n" if fault.hint else ""
    return f"{fault.code} {place}{fault.problem}\n{hint}"


def show_bug(error: BaseException) -> int:
    """Write a record without any data (kinds of error and places in the program) and say where it is."""
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    body = "\n".join([type(error).__name__, *frames])
    number = hashlib.sha256(body.encode()).hexdigest()[:8]
    name = f"lifecourse-fault-{number}.txt"
    hint = f"Send {name} from the temporary folder to those who look after Lifecourse."
    try:
        record = Path(tempfile.gettempdir()) / name
        record.write_text(f"lifecourse {program_version()}\n{now()}\n{body}\n", encoding="utf-8")
    except OSError:  # a second error here would show a traceback, and with it data
        hint = "The record could not be written: the temporary folder takes no files."
    fault = Fault(
        "LC199", "", f"the program failed unexpectedly (record {number}); no data is in the record", hint
    )
    if wants_json():
        console.write_json({"error": {"exit_code": BUG, "faults": [_as_dict(fault)]}})
    else:
        console.write(sys.stderr, _lines(fault))
    return BUG
