"""What libraries print past Python is kept off the terminal: a panic in compiled code can quote a cell of a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2  # the file descriptor, which compiled code writes to itself


@contextmanager
def nothing_on_stderr() -> Iterator[None]:
    """Within, nothing that is written to standard error arrives; what went wrong must be raised.

    Keep what is within short, and never show anything there: it is the standard error of the whole process.
    """
    _flush()
    try:
        before = os.dup(STDERR)
    except OSError:  # the program was started without standard error: nothing can reach it
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        _flush()
        os.dup2(before, STDERR)
        os.close(before)
        os.close(nowhere)


def _flush() -> None:
    stream = getattr(sys, "stderr", None)  # None where the program was started without
    if stream is not None:
        stream.flush()
