"""The values of the register. Frozen; none of them says how good a result is before it says when it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.lock_states import outside_lock

State = Literal[
    "registered", "running", "overdue", "stopped", "reported", "published", "disputed", "exploratory"
]
NoteKind = Literal["stop", "publish", "dispute", "resolve"]
Ruled = Literal["upheld", "not-upheld", "withdrawn"]
FileState = Literal["there", "missing", "changed"]

STATES: tuple[State, ...] = (
    "registered", "running", "overdue", "stopped", "reported", "published", "disputed", "exploratory",
)  # fmt: skip
RULED: tuple[Ruled, ...] = ("upheld", "not-upheld", "withdrawn")


@dataclass(frozen=True, slots=True)
class Planned:
    """A locked plan as the database holds it: nothing of it is read from a file that could be gone."""

    plan_id: str
    title: str
    sha256: str
    locked_at: str
    locked_by: str
    data_state: str
    waiver: str
    reported_by: str
    links: tuple[str, ...] = ()
    file_there: bool = True
    outcomes: tuple[str, ...] = ()

    def is_about(self, outcome: str) -> bool:
        """Say whether it was planned for an outcome: by its measure, its name, or a box its links lead to."""
        ends = [link.partition(">")[2] for link in self.links]
        return outcome.lower() in {name.lower() for name in (*self.outcomes, *ends)}


@dataclass(frozen=True, slots=True)
class Collected:
    """Whether any primary outcomes are there (``None``: not known), and the month in which the last is ripe."""

    outcomes: bool | None = False
    ripe_in: str = ""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the register, and whether its finding is still where it was written."""

    evaluation_id: str
    plan_id: str
    plan_state: str
    answer: str
    security: int
    run_at: str
    sha256: str
    file: FileState

    @property
    def is_exploratory(self) -> bool:
        """Say whether it was run outside a lock."""
        return outside_lock(self.plan_state)


@dataclass(frozen=True, slots=True)
class Note:
    """What was added to the register about a plan or an evaluation."""

    number: int
    kind: NoteKind
    about: str
    said: str
    by_whom: str
    data_state: str
    day: str
    outcome: str
    answers: int | None
    noted_at: str
    noted_by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One planned evaluation (or one that was run without a lock) with everything that became of it.

    ``overdue`` stands beside the state: a stopped evaluation whose outcomes were collected still owes its finding.
    ``months_to_finding`` runs from the month in which the last outcome was ripe to the first finding.
    """

    plan: Planned
    state: State
    overdue: bool
    runs: tuple[RunLine, ...]
    notes: tuple[Note, ...]
    collected: Collected
    months_to_finding: int | None = None

    @property
    def findings(self) -> tuple[RunLine, ...]:
        """The runs under the lock, newest first."""
        return tuple(run for run in self.runs if not run.is_exploratory)

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer the runs under the lock gave, newest first, each once."""
        return tuple(dict.fromkeys(run.answer for run in self.findings))

    @property
    def is_planned(self) -> bool:
        """Say whether it was locked."""
        return bool(self.plan.locked_at)


@dataclass(frozen=True, slots=True)
class Tally:
    """The register in numbers. Shares are of planned evaluations; ``due`` those whose report date has passed."""

    planned: int
    reported: int
    published: int
    stopped: int
    overdue: int
    disputed: int
    due: int
    due_reported: int
    missing: tuple[tuple[str, str, str], ...]
    answers: tuple[tuple[str, int], ...]
    months_to_finding: float | None

    @property
    def share_reported(self) -> float | None:
        """Share of planned evaluations with a finding."""
        return self.reported / self.planned if self.planned else None


@dataclass(frozen=True, slots=True)
class Register:
    """All of it, newest first; never in the order of success."""

    entries: tuple[Entry, ...]
    tally: Tally
