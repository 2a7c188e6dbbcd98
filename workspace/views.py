"""How the foundations' results look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workspace.audit import ChainReading, Entry
from workspace.console import say, table
from workspace.errors import Explanation
from workspace.noticeboard import HealthReading, StatusLine
from workspace.project import Project

SIGNS = {"pass": "ok", "warn": "look", "fail": "FAIL"}


def made(project: Project) -> None:
    """A fresh project and the first steps."""
    say(f"Made the project '{project.settings.name}' in {project.root.name}.")
    say("Next:")
    say(f"  cd {project.root.name}")
    say("  lifecourse key create       the pseudonym key, kept outside the project")
    say("  lifecourse theory new       boxes, links and measures")
    say("  lifecourse cohort new NAME --template prison-leavers")


def status(project: Project, lines: Sequence[StatusLine]) -> None:
    """What there is, and what to do next."""
    practice = "   practice project: made-up people only" if project.settings.practice else ""
    say(f"{project.settings.name}{practice}")
    table(["", "", "Next"], [[line.heading, line.text, line.next_step] for line in lines])


def health(readings: Sequence[HealthReading]) -> None:
    """One line a check, then the count."""
    table(["Check", "Result", "Note"], [[r.name, SIGNS[r.result], r.note] for r in readings])
    for reading in readings:
        if reading.hint and reading.result != "pass":
            say(f"{reading.name}: {reading.hint}")
    failed = sum(r.result == "fail" for r in readings)
    warned = sum(r.result == "warn" for r in readings)
    say(f"{len(readings)} checks, {failed} failed, {warned} to look at")


def explanation(code: str, found: Explanation) -> None:
    """A code in words."""
    say(f"{code}  {found.title}")
    say()
    say(found.meaning)
    say(f"What to do: {found.remedy}")


def log(entries: Sequence[Entry]) -> None:
    """The audit log."""
    rows = [[str(e.sequence), e.at, e.actor, e.action, e.subject, e.details] for e in entries]
    table(["No", "When (UTC)", "Who", "What", "Which", "Details"], rows)


def chain(reading: ChainReading) -> None:
    """The outcome of walking the chain."""
    if reading.first_bad is None:
        say(f"{reading.entries} entries, the chain holds. Head {reading.head}")
    else:
        say(f"LC120 entry {reading.first_bad}: {reading.reason}. Entries before it hold.")


def practice(findings: Mapping[str, Any]) -> None:
    """What the demonstration found, failures as plainly as successes."""
    say()
    say("What was found")
    rows = [[f["evaluation"], f["title"], f["sentence"], f["security"]] for f in findings["findings"]]
    for evaluation, title, sentence, security in rows:
        say(f"  {evaluation}  {title}")
        say(f"            {sentence}  Security {security} of 5.")
    say()
    say("Reports, each one file that opens in any browser:")
    for finding in findings["findings"]:
        say(f"  {finding['report']}")
    say()
    say(
        f"Took {findings['seconds']:.0f} seconds. Look around:  cd {findings['folder']} "
        " then  lifecourse status"
    )
