"""How the cohort floor's results look in a terminal. Counts of people are shown under the disclosure profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cohorts.definition import CohortDefinition
from cohorts.deliveries import LoadResult
from cohorts.disclosure import is_small, shown_count
from cohorts.intake import IntakeReport, Problem
from cohorts.store import StoredCohort, StoredVariable
from workspace.console import say, table
from workspace.errors import Fault
from workspace.settings import DisclosureProfile

KEPT_BACK = "withheld"


def intake(report: IntakeReport) -> None:
    """The intake report: rules, columns, row numbers; never a value. Its reader has the partner's file."""
    say(
        f"{report.source}: {report.rows:,} rows read, {report.accepted_rows:,} "
        f"accepted, {report.rejected_rows:,} set aside"
    )
    if report.problems:
        table(["Code", "Column", "Rule", "Rows", "First at"], [_problem(p) for p in report.problems])
    if report.warnings:
        table(["Code", "Column", "Noted", "Rows", "First at"], [_problem(p) for p in report.warnings])
    if report.missing:
        table(
            ["Variable", "No value because", "Rows"],
            [[name, reason, f"{n:,}"] for name, reason, n in report.missing],
        )


def report_payload(report: IntakeReport) -> dict[str, Any]:
    """An intake report as plain data: rules and row numbers, never a value."""
    problems = [
        [
            {"code": p.code, "column": p.column, "rule": p.rule, "count": p.count, "rows": list(p.rows)}
            for p in group
        ]
        for group in (report.problems, report.warnings)
    ]
    return {
        "rows": report.rows,
        "accepted": report.accepted_rows,
        "set_aside": report.rejected_rows,
        "problems": problems[0],
        "warnings": problems[1],
    }


def intake_payload(report: IntakeReport | None) -> dict[str, Any]:
    """The same with the reasons why there is no value; nothing for a file that was loaded before."""
    if report is None:
        return {}
    missing = [{"variable": v, "reason": r, "count": n} for v, r, n in report.missing]
    return {**report_payload(report), "missing": missing}


def _problem(problem: Problem) -> list[str]:
    return [problem.code, problem.column, problem.rule, f"{problem.count:,}", "; ".join(problem.places[:5])]


def loaded(source: str, result: LoadResult, *, sealed: bool, profile: DisclosureProfile) -> None:
    """What a load did."""
    say(f"Loaded {source}{' (sealed: unreadable until a plan is locked)' if sealed else ''}")
    say(
        f"  people          {shown_count(result.people, profile)}, of them new "
        f"{shown_count(result.new_people, profile)}"
    )
    if result.unknown_people:
        say(f"  not in cohort   {shown_count(result.unknown_people, profile)}; nothing was kept of them")
    if result.withdrawn:
        say(f"  withdrawn       {shown_count(result.withdrawn, profile)}; nothing of theirs was stored")
    say(
        f"  values          {result.observations:,} added, {result.unchanged:,} already "
        f"held, {result.replaced:,} replaced"
    )
    for kind, count in result.lives:
        say(f"  {kind:<15} {shown_count(count, profile)} records added or renewed")


def held_words(people: int, values: int, deliveries: int, profile: DisclosureProfile) -> str:
    """What a store holds, for ``status``: people as they may be shown, values as so many each, in whole numbers.

    The number of all values is not said. Divided by how many each person has it gives the exact number of people, and
    before and after a withdrawal it says what there was of one.
    """
    said = f"{shown_count(people, profile)} people"
    whole = 0 if is_small(people, profile) or not people else round(values / people)
    each = f", about {whole:,} {'value' if whole == 1 else 'values'} each," if whole else ""
    return f"{said}{each} from {deliveries} {'delivery' if deliveries == 1 else 'deliveries'}"


def cohort_list(cohorts: Sequence[StoredCohort]) -> None:
    """All cohorts."""
    if not cohorts:
        say("No cohort yet. lifecourse cohort new NAME --template prison-leavers")
        return
    table(
        ["Id", "Name", "Title", "Template"],
        [
            [
                c.cohort_id,
                c.definition.name,
                c.definition.title,
                f"{c.definition.template} {c.definition.template_version}",
            ]
            for c in cohorts
        ],
    )


def cohort(
    stored: StoredCohort,
    variables: Sequence[StoredVariable],
    enrolled: int | None,
    profile: DisclosureProfile,
) -> None:
    """One cohort: definition, waves, variables; ``enrolled`` is None where it may not be read."""
    definition = stored.definition
    say(f"{stored.cohort_id} {definition.name}: {definition.title}")
    say(f"  index date   {definition.index_event}")
    say(f"  eligible     {_eligibility(definition)}")
    say(f"  enrolled     {'not shown' if enrolled is None else shown_count(enrolled, profile)}")
    table(["Wave", "Months", "Title"], [[w.name, f"{w.months:g}", w.title] for w in definition.waves])
    rows = [
        [m.measure, m.wave, f"{m.follow_up_months:g} + {m.waiting_months:g} months"]
        for m in definition.measures
    ]
    table(["Measure", "Wave", "Ripe after index date"], rows)
    if variables:
        table(
            ["Variable", "Kind", "Unit", "Waves", "Sealed"],
            [[v.name, v.kind, v.unit, ", ".join(v.waves), ", ".join(v.sealed_waves)] for v in variables],
        )


def left_out(why: Sequence[Fault]) -> None:
    """Why counts are left out, one line a reason."""
    if why:
        say("Counts are not shown:")
    for fault in why:
        say(f"  {fault}")


def _eligibility(definition: CohortDefinition) -> str:
    words = definition.eligibility_words
    return (
        f"{words} ({definition.eligibility})"
        if words and definition.eligibility
        else words or definition.eligibility or "everyone enrolled"
    )


def flow(stored: StoredCohort, payload: Mapping[str, Any], profile: DisclosureProfile) -> None:
    """From rows delivered to people with a value; only published figures reach these tables."""
    say(f"{stored.cohort_id} {stored.definition.name}: from delivery to follow-up")
    counts = ("rows", "accepted", "people", "not_in_cohort")
    table(
        ["Delivery", "Rows", "Accepted", "People", "Not in cohort", ""],
        [
            [d["source"], *(published(d, key, profile) for key in counts), "sealed" if d["sealed"] else ""]
            for d in payload["deliveries"]
        ],
    )
    table(["Step", "People"], [[step["step"], published(step, "n", profile)] for step in payload["steps"]])
    if payload["observed"]:
        table(
            ["Variable", "Wave", "With a value"],
            [[row["variable"], row["wave"], published(row, "n", profile)] for row in payload["observed"]],
        )


def published(row: Mapping[str, Any], key: str, profile: DisclosureProfile) -> str:
    """A count of a payload in words: a number, that it is small, or that it is kept back for another's sake."""
    count = row[key]
    if count is None:
        return KEPT_BACK if key in row.get("not_shown", ()) else f"fewer than {profile.threshold}"
    return f"{count:,}"
