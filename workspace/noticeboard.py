"""Where each floor posts its lines for ``status`` and its checks for ``doctor``.

The foundations may not import the floors above them, so the floors come down and post here. A posted
function is only called when the command runs, which keeps start-up light.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workspace.project import Project

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One line of ``lifecourse status``: a heading, what there is, and what to do next."""

    heading: str
    text: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class HealthReading:
    """One line of ``lifecourse doctor``."""

    name: str
    result: Literal["pass", "warn", "fail"]
    note: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PostedResult:
    """A result that rests on a cohort: its id, what it is about, when it was made.

    ``analysed`` holds how many people each measure rested on: exact, to be shown under the disclosure profile only.
    """

    result_id: str
    about: str
    made: str
    analysed: tuple[tuple[str, int], ...] = ()


ResultLister = Callable[[Project, str], list[PostedResult]]
StatusReporter = Callable[[Project], list[StatusLine]]
HealthCheck = Callable[[Project], list[HealthReading]]
PlanReader = Callable[["Session", Project, str, str], AbstractSet[tuple[str, str]]]

STATUS: dict[int, StatusReporter] = {}
HEALTH: list[HealthCheck] = []
RESULTS: list[ResultLister] = []
PLANS: list[PlanReader] = []


def post_status(reporter: StatusReporter, *, floor: int) -> None:
    """Add a floor's lines to ``lifecourse status``: 0 theory, 1 cohorts, 2 evaluation, whatever is imported first."""
    STATUS[floor] = reporter


def post_health(check: HealthCheck) -> None:
    """Add a floor's checks to ``lifecourse doctor``."""
    if check not in HEALTH:
        HEALTH.append(check)


def post_results(lister: ResultLister) -> None:
    """Let a floor name the results that rest on a cohort, given by its id: who is who may change under them."""
    if lister not in RESULTS:
        RESULTS.append(lister)


def results_of(project: Project, cohort_id: str) -> list[PostedResult]:
    """Every posted result that rests on a cohort, oldest first."""
    found = [result for lister in RESULTS for result in lister(project, cohort_id)]
    return sorted(found, key=lambda result: (result.made, result.result_id))


def post_plan_reader(reader: PlanReader) -> None:
    """Let a floor say what its locked plans read of a cohort."""
    if reader not in PLANS:
        PLANS.append(reader)


def columns_of_plan(session: Session, project: Project, cohort_id: str, plan: str) -> set[tuple[str, str]]:
    """The (variable, wave) that a locked plan reads of a cohort; refused by its floor when it is not locked."""
    return {column for reader in PLANS for column in reader(session, project, cohort_id, plan)}
