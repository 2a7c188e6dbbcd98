"""What the user sees: text and tables for people, JSON for machines, nothing else on standard output.

The settings are those of one run of the program. ``cli.py`` sets them once; commands only read them.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The global options of one run."""

    json: bool = False
    plain: bool = False
    no_input: bool = False
    verbose: bool = False
    dry_run: bool = False
    project: Path | None = None
    quiet: bool = False


_current = RunSettings()
_captured: list[Mapping[str, Any]] | None = None


def configure(settings: RunSettings) -> None:
    """Set the options of this run."""
    global _current  # noqa: PLW0603 - one program run has one console
    _current = settings


def current() -> RunSettings:
    """The options of this run."""
    return _current


@contextlib.contextmanager
def borrowed(**changes: Any) -> Iterator[list[Mapping[str, Any]]]:
    """Run inner commands with other options; what they present is collected, and the options come back."""
    global _captured  # noqa: PLW0603
    before, outer = _current, _captured
    configure(replace(before, **changes))
    _captured = []
    try:
        yield _captured
    finally:
        configure(before)
        _captured = outer


def present(payload: Mapping[str, Any], view: Callable[[], None]) -> None:
    """Show a result: the payload as JSON when asked for, else the view made for people."""
    if _captured is not None:
        _captured.append(payload)
    if _current.json:
        if not _current.quiet:
            write_json(payload)
    elif not _current.quiet:
        view()


def write(stream: TextIO, text: str) -> None:
    """Write a text; a character that the stream's encoding does not have becomes a question mark."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))


def write_json(payload: Any) -> None:
    """One JSON document on standard output; beyond ASCII it is escaped where the output is not Unicode."""
    text = to_json(payload)
    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        text = json.dumps(json.loads(text), indent=2)
    sys.stdout.write(text + "\n")


def to_json(payload: Any) -> str:
    """JSON with two-space indents; numbers that are not finite become null."""
    return json.dumps(_finite(payload), indent=2, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def say(text: str = "") -> None:
    """One line for people on standard output; nothing in JSON mode."""
    if not _current.json and not _current.quiet:
        write(sys.stdout, text + "\n")


def whisper(text: str) -> None:
    """Progress and asides: standard error, only on a terminal or with --verbose."""
    if _current.verbose or (sys.stderr.isatty() and not _current.json and not _current.quiet):
        write(sys.stderr, text + "\n")


def is_styled() -> bool:
    """May boxes and colour be used? Never when piped, never with --plain, never with NO_COLOR."""
    return sys.stdout.isatty() and not _current.plain and not os.environ.get("NO_COLOR")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Show a table: boxed on a terminal, plain aligned columns everywhere else."""
    if _current.json or _current.quiet:
        return
    if is_styled():
        _boxed(headings, rows, title)
        return
    if title:
        say(title)
    widths = [max(len(str(row[i])) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        say("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _boxed(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=title or None, title_justify="left", header_style="bold")
    for heading in headings:
        grid.add_column(heading)
    for row in rows:
        grid.add_row(*(Text(str(cell)) for cell in row))
    Console().print(grid)
