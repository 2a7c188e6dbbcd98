"""A project filled for the reports to the board: measures with places, projects, actions, voices. All made up."""

from __future__ import annotations

from pathlib import Path

from tests.commands.program import Program
from tests.commands.small_project import project_at
from theory_of_change.delivery import store

MEASURES = """# Made up, for the tests of the reports.
[[measure]]
id = "pop"
name = "People living here"
aim = "watch"
kind = "context"
source = "mid-year estimates"
due_months = 9

[[measure]]
id = "poor"
name = "Children in low-income families"
aim = "watch"
kind = "context"
unit = "per cent"
source = "department's table"

[[measure]]
id = "knife"
name = "Admissions, assault by sharp object"
plain_name = "People hurt with a knife"
aim = "reduce"
owner = "home-office"
source = "hospital"
population = "pop"
horizon = "long"
due_months = 1

[[measure]]
id = "knife25"
name = "The same, under 25"
plain_name = "Young people hurt with a knife"
aim = "reduce"
owner = "home-office"
source = "hospital"
part_of = "knife"
due_months = 1

[[measure]]
id = "homicide"
name = "Homicides, not domestic"
plain_name = "People killed"
aim = "reduce"
owner = "home-office"
source = "police"
due_months = 1

[[measure]]
id = "sessions"
name = "Mentoring sessions held"
plain_name = "Meetings with a mentor"
aim = "increase"
kind = "activity"
source = "partner"
box = "O1"
due_months = 1

[[measure]]
id = "callouts"
name = "Ambulance call-outs, all causes"
plain_name = "Ambulances called"
aim = "reduce"
owner = "home-office"
source = "ambulance"
stands_for = "stabbings"
"""
FIGURES = """measure,area,period,value,of,source,note
pop,,2026,1400000,,,
pop,Northside,2026,300000,,,
pop,Southside,2026,200000,,,
pop,,2025,1400000,,,
pop,Northside,2025,300000,,,
pop,Southside,2025,200000,,,
poor,,2025,24.5,,,
poor,Northside,2025,31.2,,,
knife,,2025-Q3,148,,,
knife,,2026-Q3,95,,,
knife,,2025,620,,,
knife,Northside,2025,240,,,
knife,Southside,2025,70,,,
knife25,,2025-Q3,62,,,
knife25,,2026-Q3,40,,,
homicide,,2025-Q3,4,,,
homicide,,2026-Q3,7,,,
sessions,,2026-Q2,410,,,
sessions,,2026-Q3,455,,,
callouts,,2026-Q1,523,,,
"""
GATES = ("sustainability-model", "terms-of-reference", "equality-review", "vawg-review")


def fill(program: Program, root: Path, boxes: tuple[str, str] = ("O1", "O2")) -> None:
    """Enter it all with the program's own commands."""

    def well(*words: str) -> None:
        program.well(*words, cwd=root)

    (root / "measures.toml").write_text(MEASURES, encoding="utf-8")
    (root / "inbox" / "figures.csv").write_text(FIGURES, encoding="utf-8")
    well("measure", "import", "inbox/figures.csv")
    well("measure", "log", "callouts", "--period", "2026-Q2", "--asked")
    well(
        "project", "add", "Mentors in schools", "--tier", "secondary", "--place", "Northside",
        "--priority", "education", "--outcome", boxes[1], "--age-band", "11-17", "--starts", "2026-01-05",
        "--ends", "2027-03-31",
    )  # fmt: skip
    for gate in GATES:
        well("project", "gate", "PRJ-001", gate, "--file", f"papers/{gate}.docx", "--date", "2026-01-02")
    well("project", "award", "PRJ-001", "--amount", "60000")
    well("project", "spend", "PRJ-001", "--amount", "21500")
    well(
        "project", "add", "Aid after prison", "--tier", "tertiary", "--place", "Southside", "--outcome", boxes[0],
        "--ends", "2026-09-30",
    )  # fmt: skip
    for gate in GATES[1:]:
        well("project", "gate", "PRJ-002", gate, "--file", f"papers/{gate}.docx", "--date", "2026-02-01")
    well("project", "add", "Boxing club", "--tier", "primary")
    well("action", "add", "Send the third return", "--owner", "analyst", "--due", "2026-10-31")
    store.add(project_at(root), "ACT", {"text": "Agree how schools are chosen", "project": "PRJ-001"})
    well("action", "add", "Ask the hospital about its codes", "--owner", "data lead", "--due", "2027-02-01")
    well(
        "voice", "log", "Nobody tells us what became of it", "--theme", "being heard", "--who", "a youth forum",
        "--heard", "2026-07-10",
    )  # fmt: skip
    well(
        "voice", "log", "The bus home is not safe", "--theme", "safety", "--who", "pupils", "--heard", "2026-10-10",
    )  # fmt: skip
    well("voice", "answer", "VOI-002", "Two wardens ride the last bus since November")
    well(
        "voice", "log", "How I left", "--theme", "leaving", "--who", "a young man", "--heard", "2026-10-12", "--story",
        "stories/one.docx", "--consent", "team", "--until", "2027-01-01",
    )  # fmt: skip
