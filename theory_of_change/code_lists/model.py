"""A definition: branches of categories, some of which only count with a mark such as a knife. Frozen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

from theory_of_change.errors import TheoryError
from workspace.errors import Fault

LIST_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
OUTSIDE = "outside the definition"


@dataclass(frozen=True, slots=True)
class Branch:
    """Categories that count: where ``needs`` names marks only with one of them, and never with one of ``not_with``."""

    name: str
    categories: tuple[str, ...]
    needs: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()

    def takes(self, category: str, marks: Collection[str]) -> bool:
        """Say whether an offence of this category with these marks counts here."""
        if category not in self.categories or any(mark in marks for mark in self.not_with):
            return False
        return not self.needs or any(mark in marks for mark in self.needs)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What a category of another scheme is here; ``to`` is empty where it has no equivalent, with the reason."""

    scheme: str
    code: str
    to: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """One version of a definition. Branches are tried in order; an offence counts in the first that takes it.

    ``known`` are all categories of the scheme, those that do not count among them: a category that is neither is an
    error, never silently outside.
    """

    id: str
    title: str
    version: str
    source: str
    verified: bool
    branches: tuple[Branch, ...]
    outside: tuple[str, ...] = ()
    crosswalk: tuple[Correspondence, ...] = ()
    valid_from: dt.date | None = None

    def __post_init__(self) -> None:
        faults = []
        if not LIST_ID.fullmatch(self.id):
            faults.append(Fault("LC340", "id", "an id is small letters, digits and hyphens"))
        if not self.branches:
            faults.append(Fault("LC340", "branch", "a definition needs at least one branch"))
        names = [branch.name for branch in self.branches]
        if len(set(names)) < len(names):
            faults.append(Fault("LC340", "branch", "two branches have the same name"))
        faults += [
            Fault("LC340", "branch", f"branch '{branch.name}' lists no category")
            for branch in self.branches
            if not branch.categories
        ]
        counted = {category for branch in self.branches for category in branch.categories}
        both = sorted(counted & set(self.outside))
        if both:
            faults.append(Fault("LC340", "outside", f"'{both[0]}' is in a branch and outside it"))
        faults += [
            Fault(
                "LC340",
                "equivalent",
                f"'{item.code}' corresponds to '{item.to}', which is not a category here",
            )
            for item in self.crosswalk
            if item.to and item.to not in counted | set(self.outside)
        ]
        if faults:
            raise TheoryError.gather(faults)

    @property
    def known(self) -> frozenset[str]:
        """Every category the definition speaks of."""
        return frozenset(self.outside).union(*(branch.categories for branch in self.branches))

    @property
    def marks(self) -> frozenset[str]:
        """Every mark that decides something."""
        return frozenset(mark for branch in self.branches for mark in (*branch.needs, *branch.not_with))

    def branch_of(self, category: str, marks: Collection[str] = ()) -> str:
        """The first branch that takes an offence; ``outside the definition`` where none does."""
        return next((branch.name for branch in self.branches if branch.takes(category, marks)), OUTSIDE)
