"""Steps for tests of rights: name somebody, withdraw or erase them, look at what is left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cohorts.custody.token_store import find_holders
from cohorts.requests.actions import Done, Order, erase, name_people, withdraw
from cohorts.requests.people_named import Named
from tests.cohorts.loading import load, nhs, people_rows, pnc
from workspace.database import writing
from workspace.project import Project
from workspace.statements import run


def named(project: Project, *identifiers: str, kind: str = "nhs-number") -> Named:
    """People by their identifiers, as typed at the prompt."""
    return name_people(project, kind, "", None, list(identifiers))


def erased(project: Project, *people: int) -> Done:
    """Erase people by their numbers in the made-up file."""
    return erase(project, named(project, *(nhs(i) for i in people)), Order("erasure"))


def withdrawn(project: Project, *people: int, scope: str = "all", kind: str = "withdrawal") -> str:
    """Withdraw people by their numbers in the made-up file."""
    return withdraw(project, named(project, *(nhs(i) for i in people)), Order(kind, scope)).request_id


def full(project: Project, n: int = 60) -> Project:
    """The project with so many people and their outcomes."""
    load(project, "people", people_rows(n))
    load(project, "outcomes", ["pnc,arrests", *(f"{pnc(i)},{i % 3}" for i in range(n))])
    return project


def numbers_of(project: Project, *identifiers: str, kind: str = "nhs-number") -> list[int]:
    """The numbers of those who are held."""
    with writing(project) as session:
        return sorted(find_holders(session, named(project, *identifiers, kind=kind).people)["participant_id"])


def count(project: Project, table: str, where: str = "1 = 1") -> int:
    """How many rows a table holds."""
    with writing(project) as session:
        return int(run(session, f"SELECT count(*) FROM {table} WHERE {where}").scalar())


def holding(folder: Path, patterns: Iterable[bytes], *, but: tuple[str, ...] = ("inbox",)) -> list[str]:
    """The files below a folder in whose bytes one of the patterns stands."""
    sought = list(patterns)
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not set(path.relative_to(folder).parts) & set(but)
        and any(pattern in path.read_bytes() for pattern in sought)
    ]
