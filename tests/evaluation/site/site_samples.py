"""A made-up project as its site would see it: every state of a plan, every answer, every page. Nobody in it is real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cohorts.definition import CohortDefinition, MeasureWindow, Wave
from evaluation.evidence.actions import Library
from evaluation.evidence.claim_readings import assess
from evaluation.evidence.gap_map import Placed, build_map
from evaluation.evidence.model import Claim, Study, Version
from evaluation.evidence.readings import read_version
from evaluation.model import LinkReading, Result
from evaluation.protection import masked, released
from evaluation.register.model import Collected, Note, NoteKind, Planned, RunLine
from evaluation.register.states import build_register
from evaluation.saved.model import Whole
from evaluation.site.building import LIST, site_files
from evaluation.site.model import CohortFacts, Held
from tests.evaluation.report_samples import SAMPLES
from theory_of_change.delivery.model import Action, Voice
from theory_of_change.model import Theory
from theory_of_change.store import EXAMPLES, load_catalogue
from theory_of_change.theory_file import read_theory
from theory_of_change.tracking.actions import Kept
from theory_of_change.tracking.checks import check_figures
from theory_of_change.tracking.model import Break, FigureRow, Stated, Tracked
from theory_of_change.tracking.moves import Series, moves_of
from theory_of_change.tracking.periods import Period
from workspace.settings import DisclosureProfile

TODAY = dt.date(2026, 11, 22)
PROFILE = DisclosureProfile()
VERSION = "0.1.0"


def theory() -> Theory:
    """The forty boxes that come with the program."""
    return read_theory(EXAMPLES / "violence-reduction.toml", load_catalogue(), "theory.toml")


def planned(name: str, day: int, **changes: Any) -> Planned:
    """A plan locked on a day of March 2026."""
    return replace(
        Planned(
            name, f"Did {name} help?", "9f2c" * 16, f"2026-03-{day:02d}T09:00:00+00:00", "somebody",
            "nothing collected", "", "2027-06-30",
        ),
        **changes,
    )  # fmt: skip


def run(number: int, plan: str, result: Result, day: int = 1) -> RunLine:
    """A run in September 2026."""
    primary = result.primary.verdict
    return RunLine(
        f"EVAL-{number:03d}", plan, result.plan.state, primary.answer, primary.security,
        f"2026-09-{day:02d}T10:00:00+00:00", "ab12" * 16, "there",
    )  # fmt: skip


def note(number: int, kind: NoteKind, about: str, said: str, **changes: Any) -> Note:
    """A note of October 2026, by somebody whose name stays inside."""
    made = Note(
        number, kind, about, said, "Jo Bloggs", "", "", "", None, f"2026-10-{number:02d}T08:00:00", "jb"
    )
    return replace(made, **changes)


def results(samples: Mapping[str, Any] = SAMPLES) -> dict[str, Result]:
    """One result a plan, numbered in order."""
    first = theory().links[0]
    tested = LinkReading(first.id, "A", "B", "because", "fewer", "works", "held", security=3)
    found = {}
    for number, (name, make) in enumerate(samples.items(), 1):
        made = make()
        plan = replace(made.plan, id=name, title=f"Did {name} help?")
        found[name] = released(
            masked(replace(made, evaluation=f"EVAL-{number:03d}", plan=plan, links=(tested,)), PROFILE),
            PROFILE,
        )
    return found


def held(**changes: Any) -> Held:
    """The whole project: nine findings, one stopped, one registered, one disputed."""
    made = results()
    plans = [planned(name, day) for day, name in enumerate(made, 1) if name != "unlocked"]
    does, hopes = (
        next(box.id for box in theory().boxes if box.kind == kind) for kind in ("activity", "outcome")
    )
    plans += [planned("stopped-one", 20), planned("ahead", 21, links=(f"{does}>{hopes}",))]
    runs = [run(n, name, one, n) for n, (name, one) in enumerate(made.items(), 1)]
    notes = [
        note(1, "stop", "stopped-one", "The provider closed", data_state="nothing collected"),
        note(2, "dispute", "EVAL-001", "Two months of records were missing"),
        note(3, "publish", "EVAL-002", "Education journal", day="2026-10-03"),
    ]
    register = build_register(plans, runs, notes, {"ahead": Collected(False)}, TODAY.isoformat())
    kept = measures()
    whole = Held(
        name="Practice partnership",
        practice=True,
        contact="the evidence lead",
        profile=PROFILE,
        today=TODAY,
        register=register,
        wholes={one.evaluation: Whole(one, PROFILE, "c0ffee" * 8, practice=True) for one in made.values()},
        once_locked=tuple(plan.plan_id for plan in plans),
        library=library(register),
        gaps=build_map([Placed("EVAL-001", "own", "O1", "A1", "works", 3, None)], theory(), "activity"),
        theory=theory(),
        measures=kept,
        concerns=tuple(check_figures(kept.measures, kept.rows)),
        actions=(
            Action("ACT-001", "Agree data", "Data lead", "2026-09-30"),
            Action("ACT-002", "Meet", "Lead", "2027-01-01"),
        ),
        voices=voices(),
        cohorts=(cohort(),),
    )
    return replace(whole, **changes)


def library(register: Any) -> Library:
    """One study of others and one claim."""
    claim = Claim(
        "hotspots", "Patrols cut violence by 36% in the worst streets", "Press office", "2026-03-01"
    )
    version = Version("2024-01-01", "a journal", "odds-ratio", 0.8, conf_low=0.7, conf_high=0.9)
    study = Study("study-1", "Somebody 2024", "violence", "lower", "randomised", (version,))
    readings = ((version, read_version(study, version)),)
    return Library(((study, readings),), (assess(claim),), register, (), ())


def voices() -> tuple[Voice, ...]:
    """One answered, one story that everybody may read, two that not everybody may."""
    return (
        Voice("VOI-001", "places", "Year 9 pupils", "Somewhere safe", "2026-05-02", answer="Two centres opened."),
        Voice("VOI-002", "sport", "a young man", "My boxing", "2026-05-02", True, "a.docx", "public", "2027-01-01"),
        Voice("VOI-003", "sport", "a young woman", "What he told me", "2026-10-02", True, "b.docx", "partners"),
        Voice("VOI-004", "sport", "a father", "An ended consent", "2026-10-02", True, "c.docx", "public", "2026-10-31"),
    )  # fmt: skip


def year(number: int) -> Period:
    """A calendar year."""
    return Period(dt.date(number, 1, 1), dt.date(number, 12, 31))


def measures() -> Kept:
    """A whole with two parts, one of them small in a year; and a series with a break and a printed change."""
    tracked = {
        one.id: one
        for one in (
            Tracked("MEA-101", "Serious violence", "reduce", owner="local", source="Police"),
            Tracked("MEA-102", "Homicide", "reduce", owner="home-office", part_of="MEA-101"),
            Tracked("MEA-103", "Other violence", "reduce", owner="local", part_of="MEA-101"),
            Tracked(
                "MEA-104",
                "Absence",
                "reduce",
                "per cent",
                breaks=(Break(dt.date(2021, 9, 1), "counted anew"),),
            ),
        )
    }
    rows = [
        FigureRow("MEA-101", year(2020), 39_386),
        FigureRow("MEA-101", year(2021), 40_490, stated=Stated(15.0, None, year(2020))),
        FigureRow("MEA-102", year(2020), 14), FigureRow("MEA-102", year(2021), 7),
        FigureRow("MEA-103", year(2020), 39_372), FigureRow("MEA-103", year(2021), 40_483),
        FigureRow("MEA-104", year(2019), 21.5, of=60_000), FigureRow("MEA-104", year(2022), 24.5, of=61_000),
    ]  # fmt: skip
    series = Series(rows)
    return Kept(tracked, rows, series, moves_of(tracked, series), [])


def cohort() -> CohortFacts:
    """A cohort with a withheld count."""
    definition = CohortDefinition(
        "leavers", "People leaving prison", "prison-leavers", "1", "release from custody", "", "Everyone released.",
        (Wave("12-months", 12),), (MeasureWindow("reoffended", "12-months", 12, 6),),
    )  # fmt: skip
    row = {
        "variable": "reoffended", "wave": "12-months", "due": 400, "seen": 390, "seen_share": 0.98, "overdue": None,
        "not_yet_due": 0, "missing": [{"reason": "moved away", "n": None}],
    }  # fmt: skip
    return CohortFacts("COH-001", definition, PROFILE, ({"step": "enrolled", "n": 400},), (row,))


def files(whole: Held | None = None) -> dict[str, bytes]:
    """The site of a project as bytes by name."""
    return {one.name: one.data for one in site_files(whole or held(), VERSION)}


def written(folder: Path, made: Mapping[str, bytes]) -> None:
    """Put files into a folder."""
    for name, data in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


__all__ = ["LIST", "files", "held", "written"]
