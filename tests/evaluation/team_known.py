"""What a made-up project knew on a day, built without a store."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from evaluation.register.model import Collected, Note, Planned, RunLine
from evaluation.register.states import build_register
from evaluation.team.findings import Found, found_in
from evaluation.team.known import Entered, Known
from tests.evaluation import report_samples as samples
from tests.evaluation.report_builders import LOCKED
from tests.evaluation.team_project import FIGURES, GATES, MEASURES
from tests.theory_of_change.theories import example
from tests.theory_of_change.tracked import period
from theory_of_change.delivery.model import Event
from theory_of_change.errors import TheoryError
from theory_of_change.obligations.model import Register
from theory_of_change.tracking.measures_file import read_tracked
from theory_of_change.tracking.model import FigureRow
from workspace.settings import DisclosureProfile
from workspace.toml_source import parse_toml

DAY = dt.date(2026, 11, 22)
RUNS = (
    ("EVAL-001", "PLAN-003", samples.works, "works", 3, "2026-07-10T09:00:00+00:00"),
    ("EVAL-002", "thinking", samples.harmful, "harms", 3, "2026-08-10T09:00:00+00:00"),
    ("EVAL-003", "groups", samples.groups, "inconclusive", 4, "2026-09-10T09:00:00+00:00"),
)


def figure(
    measure: str,
    when: str,
    value: float | None,
    day: str = "2026-10-05",
    *,
    area: str = "",
    of: float | None = None,
) -> Entered:
    """A figure that was entered on a day; without a value it was only asked for."""
    status = "asked" if value is None else "final"
    row = FigureRow(measure, period(when), value, area=area, of=of, status=status)
    return Entered(dt.date.fromisoformat(day), row)


def entries() -> tuple[Entered, ...]:
    """The figures of the filled project."""
    rows = csv.DictReader(io.StringIO(FIGURES))
    held = [figure(r["measure"], r["period"], float(r["value"]), area=r["area"]) for r in rows]
    return (*held, figure("callouts", "2026-Q2", None, "2026-10-20"))


def event(subject: str, kind: str, at: str, **said: Any) -> Event:
    return Event(subject, kind, f"{at}T10:00:00+00:00", "somebody", said)


def voice(subject: str, day: str, **said: Any) -> Event:
    return event(subject, "added", day, heard=day, **said)


def events(box: str = "O1") -> tuple[Event, ...]:
    """Two projects, three actions, three voices."""
    gates = tuple(
        event("PRJ-001", "gate", "2026-01-02", gate=gate, file=f"{gate}.docx", date="2026-01-02")
        for gate in GATES
    )
    return (
        event(
            "PRJ-001", "added", "2026-01-01", name="Mentors", tier="secondary", place="Northside", outcomes=[box],
            starts="2026-01-05", ends="2027-03-31",
        ),
        *gates,
        event("PRJ-001", "awarded", "2026-01-03", state="awarded", awarded=60000.0),
        event("PRJ-001", "spent", "2026-05-01", amount=10000.0),
        event("PRJ-001", "spent", "2026-08-01", amount=11500.0),
        event("PRJ-002", "added", "2026-02-01", name="Boxing", tier="primary"),
        event("PRJ-002", "awarded", "2026-02-03", state="awarded", awarded=9000.0),
        event("ACT-001", "added", "2026-06-01", text="Send the return", owner="analyst", due="2026-08-31"),
        event("ACT-002", "added", "2026-06-01", text="Agree the schools", project="PRJ-001", due="2026-07-31"),
        event("ACT-002", "updated", "2026-07-30", progress="done"),
        event("ACT-003", "added", "2026-06-01", text="Visit the club", project="PRJ-001", due="2026-12-15"),
        voice("VOI-001", "2026-07-10", text="Nobody answers", theme="heard", who="a forum"),
        voice("VOI-002", "2026-09-01", text="The bus is not safe", theme="safety", who="pupils"),
        event("VOI-002", "answered", "2026-09-20", answer="Wardens ride along", answered="2026-09-20"),
        event(
            "VOI-003", "added", "2026-09-02", text="How I left", theme="leaving", who="a man", heard="2026-09-02",
            story=True, file="one.docx", consent="team",
        ),
    )  # fmt: skip


def found() -> tuple[Found, ...]:
    """The three findings, each under the plan of its run."""
    made = []
    for name, plan, sample, *_ in RUNS:
        result = sample()
        result = replace(result, evaluation=name, plan=replace(result.plan, id=plan))
        made.append(found_in(result, DisclosureProfile(), ("imd_decile",) if plan == "thinking" else ()))
    return tuple(made)


def register(day: dt.date, box: str = "O1") -> Any:
    """A register of the three runs, and a plan that owes its finding."""
    plans = [
        Planned(plan, f"Question of {plan}", "0" * 64, "2026-01-01T09:00:00+00:00", "lead", LOCKED, "", "2026-12-31",
                (f"A1>{box}",) if plan == "thinking" else ())
        for _, plan, *_ in RUNS
    ]  # fmt: skip
    plans.append(
        replace(plans[0], plan_id="late", title="Late", reported_by="2026-06-30", links=(), outcomes=("x",))
    )
    runs = [
        RunLine(name, plan, LOCKED, answer, security, at, "0" * 64, "there")
        for name, plan, _, answer, security, at in RUNS
    ]
    told = Note(
        1,
        "publish",
        "EVAL-001",
        "the board’s paper",
        "",
        "",
        "2026-09-15",
        "",
        None,
        "2026-09-15T09:00:00",
        "lead",
    )
    return build_register(plans, runs, [told], {"late": Collected(True)}, day.isoformat())


def known(day: dt.date = DAY, more: Sequence[Entered] = (), box: str = "O1", **changes: Any) -> Known:
    """Everything, as known on a day."""
    kept = tuple(entry for entry in (*entries(), *more) if entry.day <= day)
    base = Known(
        name="Made-up partnership",
        day=day,
        measures=read_tracked(parse_toml(MEASURES, "measures.toml", TheoryError)),
        entries=kept,
        events=tuple(each for each in events(box) if each.at[:10] <= day.isoformat()),
        register=register(day, box),
        found=found(),
        theory=example(),
        decisions=(),
        profile=DisclosureProfile(),
        obligations=Register(),
        practice=True,
    )
    return replace(base, **changes)
