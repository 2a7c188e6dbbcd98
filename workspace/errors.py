"""The error tree. Every error names what is wrong, where, and one thing to do about it.

::

    LifecourseError            70  our bug, unless a branch below says otherwise
    ├── WorkspaceError          2  wrong usage, no project here, settings that cannot be read
    ├── GateNotMet              4  plan not locked, key missing, agreement lapsed
    ├── TheoryError            10  a problem in theory.toml or a measure
    ├── CohortError            11  a problem in a source, a partner file or a key
    ├── EvaluationError        12  a problem in a plan or in the data it is run on
    └── DisclosureError        13  a problem in a disclosure profile

Codes: LC1xx workspace, LC2xx theory, LC3xx measures, LC4xx plans, LC5xx evidence, LC6xx wording,
LC7xx register and site, LC8xx cohorts and keys, LC9xx disclosure.

No message ever holds a cell of a data file, an identifier or a pseudonym: column, row number, rule.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``lifecourse explain CODE`` prints."""

    title: str
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: its code, where it stands, what was found and what to do."""

    code: str
    where: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        """One line, the place first, as editors understand it."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.code} {self.problem}"


class LifecourseError(Exception):
    """The root. Carries one or more faults; the first is the headline."""

    exit_code: ClassVar[int] = 70

    def __init__(self, code: str, problem: str, hint: str = "", *, where: str = "") -> None:
        self.faults: tuple[Fault, ...] = (Fault(code, where, problem, hint),)
        super().__init__(str(self.faults[0]))

    @classmethod
    def gather(cls, faults: Iterable[Fault]) -> Self:
        """Build one error out of every fault found, so that all can be mended in one go."""
        found = tuple(faults)
        first = found[0]
        error = cls(first.code, first.problem, first.hint, where=first.where)
        error.faults = found
        return error

    @property
    def code(self) -> str:
        """The code of the first fault."""
        return self.faults[0].code


class WorkspaceError(LifecourseError):
    """Wrong usage, or a project folder that cannot be used."""

    exit_code = 2


class GateNotMet(LifecourseError):  # noqa: N818 - it is a gate, not an error
    """Something must happen first: a lock, a key, an agreement."""

    exit_code = 4


EXPLANATIONS: dict[str, Explanation] = {}


def declare(codes: Mapping[str, tuple[str, str, str]]) -> None:
    """Add one floor's codes to what ``lifecourse explain`` knows."""
    for code, (title, meaning, remedy) in codes.items():
        EXPLANATIONS[code] = Explanation(title, meaning, remedy)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


declare(
    {
        "LC101": (
            "No project here",
            "The command needs a project folder: one that holds lifecourse.toml. None was found in this "
            "folder or any above it.",
            "Go into the project folder, name it with --project DIR, or make one: lifecourse init DIR.",
        ),
        "LC102": (
            "The folder is already in use",
            "A new project is only made in an empty or new folder, so that nothing is overwritten.",
            "Name a new folder.",
        ),
        "LC103": (
            "A file is not valid TOML",
            "The file could not be read as TOML. The line named is where the reader gave up; the slip is "
            "often on that line or the one before it.",
            "Mend the line. Text needs quotation marks; dates are written 2026-03-31.",
        ),
        "LC104": (
            "An unknown setting",
            "lifecourse.toml holds a key the program does not know. Unknown keys are refused because a "
            "misspelt setting would otherwise be ignored in silence.",
            "Correct the spelling or remove the line.",
        ),
        "LC105": (
            "A setting is missing",
            "lifecourse.toml lacks a key it must have.",
            "Add the key. A fresh project made with lifecourse init shows all of them.",
        ),
        "LC106": (
            "A setting has the wrong kind of value",
            "A key in lifecourse.toml holds a value of the wrong type or outside its range.",
            "Give a value of the kind the message names.",
        ),
        "LC107": (
            "The file cannot be read or written",
            "The operating system refused: the file is missing, is a folder, rights are lacking, or the disk is full.",
            "Check the path and the rights.",
        ),
        "LC108": (
            "The file is not text",
            "A text file was expected, in UTF-8.",
            "Save it again as plain text in UTF-8.",
        ),
        "LC110": (
            "The database cannot be opened",
            "The path of the database is a folder, is not a SQLite file, or cannot be reached.",
            "Look at [database] url in lifecourse.toml, or run lifecourse doctor.",
        ),
        "LC111": (
            "The database has another layout than this program",
            "The database was made by an older or a newer version of Lifecourse.",
            "Older database: lifecourse doctor --upgrade. Newer database: update the program.",
        ),
        "LC112": (
            "The database is busy",
            "Another command is writing to the same database and did not finish in time.",
            "Wait for it and try again.",
        ),
        "LC113": (
            "This database is not supported",
            "A project is kept in an embedded SQLite file or in a PostgreSQL database.",
            'Use url = "sqlite:///data/cohort.sqlite", or "postgresql://host/database".',
        ),
        "LC114": (
            "The database driver is missing",
            "PostgreSQL is reached through a driver that is installed only when asked for.",
            "pip install 'lifecourse[postgresql]'",
        ),
        "LC115": (
            "The database is another project's",
            "One database holds one project: its people were given pseudonyms for that project alone. A new "
            "project on a server needs an empty database.",
            "Look at [database] url, or LIFECOURSE_DATABASE_URL, and at [project] id.",
        ),
        "LC116": (
            "The backup cannot be read",
            "The archive is cut short, was changed after it was written, or is not a Lifecourse backup. Nothing of "
            "it was used.",
            "Take another copy of it, or an older backup.",
        ),
        "LC117": (
            "The backup does not fit this project",
            "The archive or its key list belongs to another project, or was made by another layout of the database.",
            "Look at [project] id in lifecourse.toml; use the version of the program that made the backup.",
        ),
        "LC118": (
            "There is something already where the backup is to go",
            "A backup is only restored into a missing or empty database, and only written to a new file outside "
            "the project.",
            "Move what is there away, or name another place.",
        ),
        "LC119": (
            "The key list of the backup cannot be used",
            "The people in a backup are sealed under keys of their own, which stand in a separate list. It is "
            "missing, or cannot be opened with the key given.",
            "Name it with --keys, and the officer's age identity with --identity.",
        ),
        "LC120": (
            "The audit log does not add up",
            "An entry was changed, removed or reordered after it was written: its fingerprint no longer "
            "follows from the entry before it.",
            "Stop, keep the file as it is, restore a backup beside it and compare.",
        ),
        "LC130": (
            "An unknown code",
            "lifecourse explain knows the codes that the program prints.",
            "Look at the code again: LC and three digits.",
        ),
        "LC199": (
            "A fault in the program",
            (
                "Something happened that the program did not expect. A short record without "
                "any data was written."
            ),
            "Send the record to the people who look after Lifecourse.",
        ),
    }
)
