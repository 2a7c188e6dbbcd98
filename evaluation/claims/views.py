"""What the check of claims shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.claims.model import ClaimFinding
from workspace import console


def as_payload(name: str, results: Sequence[str], findings: Sequence[ClaimFinding]) -> Mapping[str, Any]:
    """The findings as plain data."""
    return {
        "document": name,
        "results": list(results),
        "errors": sum(one.severity == "error" for one in findings),
        "warnings": sum(one.severity == "warning" for one in findings),
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "where": one.where,
                "heading": one.heading,
                "phrase": one.phrase,
                "why": one.why,
                "instead": one.instead,
            }
            for one in findings
        ],
    }


def claims(name: str, results: Sequence[str], findings: Sequence[ClaimFinding]) -> None:
    """Each finding in three lines: where and what, why, what to write instead."""
    for one in findings:
        under = f" (under “{_short(one.heading)}”)" if one.heading else ""
        console.say(f"{name}, {one.where}{under}: {one.severity}, {one.rule}: “{_short(one.phrase)}”")
        console.say(f"    {one.why.rstrip('.')}.")
        console.say(f"    {one.instead}")
    errors = sum(one.severity == "error" for one in findings)
    warnings = len(findings) - errors
    against = (
        f" Held against {', '.join(results)}." if results else " No result was given to hold it against."
    )
    if not findings:
        console.say(f"{name}: nothing found.{against}")
    else:
        console.say(f"{name}: {_count(errors, 'error')}, {_count(warnings, 'warning')}.{against}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _short(text: str, longest: int = 70) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
