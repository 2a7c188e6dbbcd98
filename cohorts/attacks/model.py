"""What came of one attack: who could try it, what was tried, what was found, and whether it succeeded (values)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["pass", "fail", "not-applicable"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One attack. ``pass`` means that it failed to hurt anybody; ``found`` never holds a value or a token."""

    name: str
    title: str
    knowledge: str
    tried: str
    found: tuple[str, ...]
    defence: str
    verdict: Result
    limits: str = ""


def judged(succeeded: bool) -> Result:
    """An attack that succeeded is a failure of the defence."""
    return "fail" if succeeded else "pass"


def some(count: int, threshold: int, noun: str, plural: str = "") -> str:
    """A count of things that may be people, as the report may say it."""
    many = plural or f"{noun}s"
    if count == 0:
        return f"no {noun}"
    if count < threshold:
        return f"fewer than {threshold} {many}"
    return f"about {5 * round(count / 5):,} {many}"
