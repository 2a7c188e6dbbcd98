"""How strong a hidden cause would have to be to undo what matched pairs show, as a table (pure)."""

from __future__ import annotations

from evaluation.matched.rosenbaum import TERM
from evaluation.model import OutcomeResult
from evaluation.protection import may_show
from evaluation.reporting.numbers import NOT_ESTIMATED, p_text
from evaluation.reporting.tables import Table
from workspace.settings import DisclosureProfile

HEAD = (
    "A hidden cause that makes one of a pair so many times as likely to be treated",
    "Largest one-sided p-value",
)


def hidden_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table | None:
    """The largest p-value each strength of a hidden cause allows; nothing where there are no such rows."""
    rows = tuple(row for row in outcome.path if row.term.startswith(TERM))
    if not rows or not may_show(outcome.kind, outcome.estimate, profile):
        return None
    limit = (1 - outcome.estimate.conf_level) / 2
    caption = f"What a hidden cause could undo (Rosenbaum's bounds): {outcome.name}; above {limit:.3g} nothing is shown"
    cells = (
        (row.term.removeprefix(TERM), NOT_ESTIMATED if row.value is None else p_text(row.value))
        for row in rows
    )
    return Table(caption, HEAD, tuple(cells))
