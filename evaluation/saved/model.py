"""A released result with what is needed to write it down again."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.model import Result
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class Whole:
    """A result as it was released, with the profile it is shown under.

    ``result`` still holds what rendering withholds under ``profile``: it never leaves but through a renderer.
    ``audit_head`` is the head of the audit chain when it was run; ``practice``: everybody in it is made up.
    """

    result: Result
    profile: DisclosureProfile
    audit_head: str
    practice: bool
