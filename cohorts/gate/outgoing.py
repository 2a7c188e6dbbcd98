"""What is on its way out: a file's bytes, whose numbers it bears, and what it says as typed outputs (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from cohorts.gate.outputs import Output


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file before it is written.

    ``name`` is its path below the target folder, with forward slashes; ``subjects`` are the evaluations, cohorts and
    measures whose numbers it bears; ``outputs`` are the typed outputs in it that the store does not know of itself.
    """

    name: str
    data: bytes
    subjects: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
