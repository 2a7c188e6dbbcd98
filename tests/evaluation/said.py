"""What an error or an outcome says, for tests to look at."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult


def codes(problem: pytest.ExceptionInfo[EvaluationError]) -> set[str]:
    """The codes of an error's faults."""
    return {fault.code for fault in problem.value.faults}


def told(problem: pytest.ExceptionInfo[EvaluationError]) -> str:
    """All that an error says."""
    return " ".join(f"{fault.problem} {fault.hint}" for fault in problem.value.faults)


def check(found: OutcomeResult, name: str) -> Any:
    """The check of that name."""
    return next(item for item in found.checks if item.name == name)


def ways(found: OutcomeResult) -> dict[str, Any]:
    """Sensitivity lines by name."""
    return {way.name: way.estimate for way in found.sensitivity}
