"""Run the program with something going wrong: ``python -m tests.faults.disturbed HOW WORDS…``.

``kill:TABLE`` after the rows of that table were written, ``kill:spilled`` likewise with a cache so small that half
the work is in the file already; ``kill:before-commit``, ``kill:after-commit``; ``kill:filed`` when a run has written
its files, ``kill:half-filed`` after the first of them; ``kill:renaming`` before a finished file takes its place;
of an erasure or a backup ``kill:STEP`` for the steps in ``STEPS``; ``kill:name:N`` after the Nth time that a finished
file took its name, ``kill:folder:N`` that a folder did; ``pause:TABLE:FILE`` waits after the rows of a table
until the file, which it makes, is taken away.
``full`` lets the database grow no further, ``read-only`` lets nothing be written to it; ``limit:BYTES`` lets no file
grow beyond that.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import Session

import cli
import cohorts.backups.store
import cohorts.custody.seal_store
import cohorts.deliveries
import cohorts.gate.writing
import cohorts.placement
import cohorts.requests.erasure
import evaluation.actions
import evaluation.store
import workspace.database
import workspace.statements

# Step of an erasure or a backup: where it is called, and whether it is still done before the kill.
STEPS: dict[str, tuple[Any, str, bool]] = {
    "next-seal": (cohorts.requests.erasure, "make_next_seal", True),
    "overwriting": (cohorts.custody.seal_store, "overwrite", True),
    "compacting": (cohorts.requests.erasure, "compact", False),
    "receipt": (cohorts.requests.erasure, "_write_receipt", True),
    "archived": (cohorts.backups.store, "renew_lists", False),
    "listed": (cohorts.backups.store, "renew_lists", True),
}


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_die(work: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*words: Any, **named: Any) -> None:
        work(*words, **named)
        _die()

    return wrapped


def _die_after_rows_of(table: str) -> None:
    _after_rows_of(table, _die)


def _pause(table: str, file: str) -> None:
    """Wait, with the rows of a table written and nothing committed."""

    def wait() -> None:
        Path(file).touch()
        while Path(file).exists():
            time.sleep(0.02)

    _after_rows_of(table, wait)


def _after_rows_of(table: str, then: Callable[[], None]) -> None:
    write = workspace.statements.insert_frame

    def wrapped(session: Any, name: str, frame: Any) -> None:
        write(session, name, frame)
        if name == table:
            then()

    for module in (cohorts.deliveries, cohorts.placement):
        module.insert_frame = wrapped  # type: ignore[attr-defined]


def _die_after_names(way: str, number: int) -> None:
    """Die when so many files (``replace``) or folders (``rename``) have got their names."""
    work, done = getattr(Path, way), 0

    def wrapped(*words: Any, **named: Any) -> Any:
        nonlocal done
        found = work(*words, **named)
        done += 1
        return _die() if done == number else found

    setattr(Path, way, wrapped)


def _pragma(text: str) -> None:
    usual = workspace.database._pragmas

    def wrapped(connection: Any, record: Any = None) -> None:
        usual(connection, record)
        connection.execute(f"PRAGMA {text}")

    workspace.database._pragmas = wrapped  # type: ignore[assignment]


def _limit(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _kill(at: str) -> None:
    if at == "spilled":
        _pragma("cache_size=20")
        _die_after_rows_of("observation")
    elif at == "before-commit":
        Session.commit = _die  # type: ignore[method-assign]
    elif at == "after-commit":
        Session.commit = _then_die(Session.commit)  # type: ignore[method-assign]
    elif at == "filed":
        evaluation.actions.save_result = _then_die(evaluation.store.save_result)  # type: ignore[attr-defined]
    elif at == "half-filed":
        cohorts.gate.writing.write_atomically = _then_die(cohorts.gate.writing.write_atomically)  # type: ignore[attr-defined]
    elif at.startswith(("name:", "folder:")):
        kind, _, number = at.partition(":")
        _die_after_names("replace" if kind == "name" else "rename", int(number))
    elif at == "renaming":
        Path.replace = _die  # type: ignore[assignment,method-assign]
    elif at in STEPS:
        room, name, done = STEPS[at]
        setattr(room, name, _then_die(getattr(room, name)) if done else _die)
    else:
        _die_after_rows_of(at)


def disturb(how: str) -> None:
    """Set the fault up."""
    kind, _, detail = how.partition(":")
    if kind == "kill":
        _kill(detail)
    elif kind == "pause":
        _pause(*detail.split(":", 1))
    elif kind == "full":
        _pragma("max_page_count=60")
    elif kind == "read-only":
        _pragma("query_only=ON")
    else:
        _limit(int(detail))


if __name__ == "__main__":
    disturb(sys.argv[1])
    sys.argv = ["lifecourse", *sys.argv[2:]]
    cli.main()
