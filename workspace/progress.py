"""Progress on the way: a bar on standard error, on a terminal only, never in JSON mode."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from workspace import console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Steps:
    """The steps of one command: ``with Steps(names) as steps: … steps.next()``. Silent where nobody watches."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._at = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Steps:
        now = console.current()
        if sys.stderr.isatty() and not (now.json or now.plain or now.quiet):
            self._start()
        else:
            self._tell()
        return self

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(self._names[0], total=len(self._names))

    def _tell(self) -> None:
        if console.current().verbose:
            console.whisper(self._names[self._at])

    def next(self) -> None:
        """The step that was running is done; the next one begins."""
        self._at = min(self._at + 1, len(self._names) - 1)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, description=self._names[self._at])
        else:
            self._tell()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
