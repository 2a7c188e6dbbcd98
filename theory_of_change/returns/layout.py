"""What the workbook of a quarterly return looks like: its sheets, columns and questions (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from theory_of_change.delivery.model import PROGRESS

HEAD, PROJECTS, ACTIONS, WORDS, VOICES = "Return", "Projects", "Actions", "Words", "Voices"
SHEETS = (HEAD, PROJECTS, ACTIONS, WORDS, VOICES)
EVERYBODY = "all partners"
NEW_ROWS = 40  # empty rows for what is new


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its cells hold (``text``, ``day``, ``money``, ``number``), and whether it is locked."""

    key: str
    heading: str
    form: str = "text"
    locked: bool = False
    choices: tuple[str, ...] = ()
    wide: int = 18


COLUMNS: dict[str, tuple[Column, ...]] = {
    PROJECTS: (
        Column("id", "id", locked=True, wide=10),
        Column("name", "project", locked=True, wide=34),
        Column("awarded", "awarded", "money", locked=True),
        Column("so_far", "spent before", "money", locked=True),
        Column("spent", "spent this quarter", "money"),
        Column("planned", "planned", "number"),
        Column("delivered", "delivered", "number"),
        Column("unit", "of what", wide=24),
        Column("note", "note", wide=44),
    ),
    ACTIONS: (
        Column("id", "id", locked=True, wide=10),
        Column("text", "what", wide=50),
        Column("owner", "owner"),
        Column("due", "due", "day"),
        Column("progress", "progress", choices=PROGRESS),
        Column("note", "note", wide=44),
    ),
    VOICES: (
        Column("id", "id", locked=True, wide=10),
        Column("theme", "theme"),
        Column("who", "who", wide=26),
        Column("text", "what was said", wide=50),
        Column("heard", "heard on", "day"),
        Column("answer", "what was done about it", wide=50),
    ),
}
HEAD_ROWS = {"partner": "partner", "quarter": "quarter", "by": "filled in by (a role)"}
QUESTIONS = {
    "went_well": "What went well?",
    "did_not": "What did not, and why?",
    "needs": "What do you need from us?",
}
HELP = (
    "Fill in the white cells of the sheets Projects, Actions, Words and Voices; grey cells are locked.",
    "A row left blank says nothing. What is new goes below the last row, without an id.",
    "Money in pounds, days written 2026-10-31. No names of people, anywhere.",
    "Save the file; then: lifecourse project import FILE.xlsx",
)
