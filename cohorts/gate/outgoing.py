"""What is on its way out: a file's bytes, and whose numbers it bears (pure)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file before it is written.

    ``name`` is its path below the target folder, with forward slashes; ``subjects`` are the evaluations, cohorts and
    measures whose numbers it bears.
    """

    name: str
    data: bytes
    subjects: tuple[str, ...] = ()
