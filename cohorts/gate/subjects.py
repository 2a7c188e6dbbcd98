"""Where a floor above says what its subjects are: their typed outputs, their documents, the cohort they rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cohorts.gate.outgoing import Outgoing
from cohorts.gate.outputs import Output
from workspace.project import Project
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be released by its name. ``cohort`` is empty where it is about no people.

    ``flow`` holds released counts; ``columns`` the (variable, wave) of the cohort that it reads;
    ``documents`` makes its files when they are asked for.
    """

    name: str
    cohort: str
    profile: DisclosureProfile
    outputs: tuple[Output, ...] = ()
    documents: Callable[[], tuple[Outgoing, ...]] = tuple
    flow: tuple[tuple[str, int | None], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


Finder = Callable[[Project, str], Subject | None]
FINDERS: list[Finder] = []


def post_subjects(finder: Finder) -> None:
    """Let a floor say what a name stands for; nothing where it is none of its own."""
    if finder not in FINDERS:
        FINDERS.append(finder)


def subject_of(project: Project, name: str) -> Subject | None:
    """What a name stands for."""
    return next((found for finder in FINDERS if (found := finder(project, name)) is not None), None)
