"""One contender, once, in a process of its own: what it found, and what it took.

    python -m benchmarks.race.meter MODULE:FUNCTION ROWS FOLDER      ours
    VENV/bin/python benchmarks/race/meter.py MODULE:FUNCTION ROWS FOLDER      a peer, in its own environment

``FUNCTION(rows, folder)`` loads libraries, reads the data and warms up, and gives the work to be timed: a function
that returns ``{"found": numbers, "version": text}``, and ``outside_cpu`` where a server worked for it. Where ``found``
is a function, it is asked when the clock has stopped. Only the standard library is needed here, because the
environments of peers hold nothing of the project.

Processor time is that of the process and of the children it waited for. Memory is the most held during the work: the
mark is set back before it (Linux; elsewhere it is the most the process ever held).
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")


def held_mb(line: str) -> float:
    """A line of this process's status in MB: VmRSS is held now, VmHWM the most since the mark was set back."""
    if not STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = next(text for text in STATUS.read_text(encoding="ascii").splitlines() if text.startswith(line))
    return int(found.split()[1]) / 1024


def set_mark_back() -> None:
    """The most memory held is counted from here."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def cpu_seconds() -> float:
    """Of this process, all its threads, and the children it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measured(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the work gave, with processor seconds, seconds by the clock and memory."""
    before = held_mb("VmRSS")
    set_mark_back()
    began, cpu = time.perf_counter(), cpu_seconds()
    given = work()
    took = {"cpu": cpu_seconds() - cpu + given.pop("outside_cpu", 0.0), "wall": time.perf_counter() - began}
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    took |= {"peak_mb": max(held_mb("VmHWM"), children), "before_mb": before}
    if callable(given["found"]):
        given["found"] = given["found"]()
    return {**given, **took}


def main() -> None:
    """Prepare, work, print one line of JSON; whatever a library prints on the way is thrown away."""
    module, _, function = sys.argv[1].partition(":")
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        prepare = getattr(importlib.import_module(module), function)
        done = measured(prepare(int(sys.argv[2]), Path(sys.argv[3])))
    print(json.dumps(done))


if __name__ == "__main__":
    main()
