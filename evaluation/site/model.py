"""What a site is made of. Frozen; none of it is written before it has passed the gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohorts.definition import CohortDefinition
from cohorts.gate.outputs import Cell, Output
from cohorts.gate.outputs import Table as Counted
from evaluation.edits.model import Shown
from evaluation.edits.sentences import edited_page
from evaluation.evidence.actions import Library
from evaluation.evidence.gap_map import GapMap
from evaluation.protection import profile_for
from evaluation.register.model import Register
from evaluation.reporting.page_one import PageOne, page_one
from evaluation.reporting.tables import Table
from evaluation.saved.model import Whole
from theory_of_change.delivery.model import Action, Voice
from theory_of_change.model import Theory
from theory_of_change.tracking.actions import Kept
from theory_of_change.tracking.model import Concern
from workspace.settings import DisclosureProfile

SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("findings", "index.html", "Findings"),
    ("model", "model.html", "Logic model"),
    ("map", "map.html", "Evidence map"),
    ("measures", "measures.html", "Success measures"),
    ("cohorts", "cohorts.html", "Cohorts"),
    ("plans", "plans.html", "Evaluations"),
    ("claims", "claims.html", "Claims"),
    ("actions", "actions.html", "Actions"),
    ("voice", "voice.html", "Voice"),
    ("about", "about.html", "About"),
)


@dataclass(frozen=True, slots=True)
class CohortFacts:
    """One cohort as it may be shown: its definition, and counts that passed disclosure; ``counts`` are for the gate."""

    id: str
    definition: CohortDefinition
    profile: DisclosureProfile
    steps: tuple[Mapping[str, Any], ...] = ()
    follow_up: tuple[Mapping[str, Any], ...] = ()
    left_out: tuple[str, ...] = ()
    counts: Counted | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """All that a project holds for its site, on one day. ``once_locked`` are the plans whose lock the log tells of.

    ``worded`` are the sentences of reports, as the team may have worded them; ``editions`` the counts of the site's
    editions that are out, by universe and name.
    """

    name: str
    practice: bool
    contact: str
    profile: DisclosureProfile
    today: dt.date
    register: Register
    wholes: Mapping[str, Whole]
    once_locked: tuple[str, ...]
    library: Library
    gaps: GapMap
    theory: Theory | None = None
    measures: Kept | None = None
    concerns: tuple[Concern, ...] = ()
    actions: tuple[Action, ...] = ()
    voices: tuple[Voice, ...] = ()
    cohorts: tuple[CohortFacts, ...] = ()
    worded: Mapping[str, tuple[Shown, ...]] = field(default_factory=dict)
    editions: Mapping[str, Mapping[str, Sequence[Cell]]] = field(default_factory=dict)

    def first_page(self, whole: Whole) -> PageOne:
        """Page one of a finding's report, in the words that the report itself shows."""
        result = whole.result
        first = page_one(result, profile_for(result.primary.units, whole.profile))
        return edited_page(first, self.worded.get(result.evaluation, ()))


@dataclass(frozen=True, slots=True)
class Page:
    """One page before it is rendered: where it goes, its heading, and the values its template shows."""

    path: str
    title: str
    section: str
    template: str
    view: Mapping[str, Any] = field(default_factory=dict)
    lead: str = ""
    subjects: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def up(self) -> str:
        """The way back to the top folder, relative to this page."""
        return "../" * self.path.count("/")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, what is said under it, and its tables."""

    heading: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """How many numbers stand in the site's tables, and how many were withheld."""

    numbers: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Built:
    """A site as it was written: its pages, their size, and the release check."""

    folder: str
    pages: int
    files: int
    size: int
    released: Released
    removed: tuple[str, ...]


def parts(page: str, *shown: Part, **more: Any) -> dict[str, Any]:
    """The view of a page made of headings, words and tables."""
    return {"page_name": page, "parts": [part for part in shown if part], **more}
