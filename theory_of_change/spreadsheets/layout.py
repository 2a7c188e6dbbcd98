"""What the workbook of a theory looks like: its sheets, its columns, and what each column means (pure).

The columns are those of a box and a link, so that no key of theory.toml can be forgotten here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from theory_of_change.model import BOX_KINDS, DIRECTIONS, FACTOR_SIGNS, TERMS, TIERS, Box, Link
from theory_of_change.theory_text import keys_of

Form = Literal["text", "list", "date", "whole", "number", "yes"]
FORMS: dict[str, Form] = {
    "str": "text",
    "tuple[str, ...]": "list",
    "dt.date | None": "date",
    "int | None": "whole",
    "float | None": "number",
    "bool": "yes",
}
HEAD, BOXES, LINKS, HELP = "Theory", "Boxes", "Links", "Help"
TAKE_OUT = "take out"  # the last column of a table: rows marked there are not taken over
ROWS = 500  # rows of each sheet that are ready for entries
LONGEST = 32_000  # letters in a cell; Excel ends at 32,767
CHOICES = {
    "kind": BOX_KINDS, "term": TERMS, "tier": TIERS, "factor_sign": FACTOR_SIGNS, "direction": DIRECTIONS,
    "feedback": ("yes", "no"),
}  # fmt: skip
WIDE = {
    "text": 46, "because": 46, "assumption": 34, "could_harm": 34, "not_measurable": 30, "rivals": 28, "evidence": 28,
}  # fmt: skip
HEAD_KEYS: dict[str, Form] = {"title": "text", "owner": "text", "review_by": "date", "note": "text"}
MEANINGS = {
    "title": "what the theory is about",
    "owner": "who looks after it",
    "note": "a line that is printed below the title of a drawing",
    "id": "one to four letters and a number: A4, O12. Never use an id again for something else",
    "kind": "what sort of box it is: activity, output, outcome, impact or factor (outside your hands)",
    "text": "what it is, in a few words",
    "term": "outcomes only: short, medium or long",
    "tier": "activities only: primary (everyone), secondary (people at risk), tertiary (already involved)",
    "priority": "your own words for sorting, one a line",
    "place": "where",
    "age_band": "for whom: 11-16",
    "factor_sign": "factors only: risk or protective",
    "measures": "how it would show: ids of measures, one a line (see below)",
    "not_measurable": "if it has no measure: why it cannot be measured yet",
    "review_by": "when to look at it again: 2027-03-31",
    "from": "id of the box where the link starts",
    "to": "id of the box where it ends",
    "because": "why the one leads to the other. A link without it fails the check",
    "assumption": "what must hold for the step to work",
    "expect": "what should be seen, in words: fewer, more",
    "worthwhile": "how much would be worth it, in words: 3 per 1,000 pupils",
    "lag_months": "how many months it takes",
    "could_harm": "how well-meant work could do harm here",
    "direction": "which way the measure at the far end should move, if not the way that is better: lower or higher",
    "worthwhile_size": "the smallest move that would be worth it, as a number",
    "rivals": "what else could bring about the same change, one a line",
    "test": "the plan that tests it",
    "evidence": "evidence for it, one a line",
    "feedback": "yes when it is meant to lead back a stage or close a circle",
    "take_out": "yes in this column takes the box or link out of the theory",
    "factors": "ids of outside factors that bear upon this step, one a line",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its key in theory.toml and what its cells hold."""

    key: str
    form: Form

    @property
    def heading(self) -> str:
        """The key in plain words: ``lag months``."""
        return self.key.replace("_", " ")


def columns_of(kind: type[Box] | type[Link]) -> tuple[Column, ...]:
    """The columns of the sheet of boxes or of links."""
    forms = {field.name: FORMS[str(field.type)] for field in fields(kind) if field.name != "line"}
    return tuple(Column(key, forms[name]) for key, name in keys_of(kind).items())


def cell_name(column: int, row: int) -> str:
    """``D14`` for column 3 and row 14; columns are counted from 0, rows from 1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
