"""The sentences of page one that a team may word anew, and page one with their words (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from evaluation.edits.model import Edit, Shown, Under
from evaluation.model import Result
from evaluation.protection import profile_for
from evaluation.reporting.page_one import PageOne, page_one
from evaluation.reporting.tables import Table, outcome_table
from workspace.settings import DisclosureProfile

FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


def generated_sentences(result: Result, profile: DisclosureProfile) -> tuple[Shown, ...]:
    """Each sentence as the program wrote it, under a stable id: ``can-say-1``, ``cannot-say-1``, ``next-1``."""
    first = page_one(result, profile_for(result.primary.units, profile))
    groups: tuple[tuple[Under, tuple[str, ...]], ...] = (
        ("can-say", first.can_say),
        ("cannot-say", first.cannot_say),
        ("next", first.steps),
    )
    return tuple(
        Shown(f"{under}-{i}", under, line, line) for under, lines in groups for i, line in enumerate(lines, 1)
    )


def with_edits(generated: Sequence[Shown], edits: Sequence[Edit]) -> tuple[Shown, ...]:
    """The sentences with the team's words in their place, and what the team added behind those it stands with."""
    words = {edit.id: edit.text for edit in edits if edit.generated}
    shown = [replace(one, text=words.get(one.id, one.text)) for one in generated]
    shown += [Shown(edit.id, edit.under, "", edit.text) for edit in edits if not edit.generated]
    order: tuple[Under, ...] = ("can-say", "cannot-say", "next")
    return tuple(sorted(shown, key=lambda one: order.index(one.under)))


def edited_page(first: PageOne, shown: Sequence[Shown]) -> PageOne:
    """Page one with the sentences as they are shown; without any it stays as it is."""
    if not any(one.edited for one in shown):
        return first
    said: dict[Under, tuple[str, ...]] = {
        under: tuple(one.printed for one in shown if one.under == under)
        for under in ("can-say", "cannot-say", "next")
    }
    return replace(first, can_say=said["can-say"], cannot_say=said["cannot-say"], steps=said["next"])


def figures_in_report(result: Result, profile: DisclosureProfile) -> frozenset[str]:
    """The figures of page one and of the table of planned outcomes, as printed."""
    profile = profile_for(result.primary.units, profile)
    first = page_one(result, profile)
    planned = [outcome for outcome in result.outcomes if outcome.planned]
    texts = [
        result.plan.title, first.name, first.sentence, first.detail, first.people, first.fragile,
        *first.can_say, *first.cannot_say, *first.steps, *first.deciding, *first.picture.lines,
        *(f"{drawing.headline} {drawing.caption}" for drawing in first.picture.drawings),
        *_cells(outcome_table(result, planned, profile, "")),
    ]  # fmt: skip
    return frozenset(number for text in texts for number in FIGURE.findall(text))


def _cells(table: Table) -> list[str]:
    return [cell for row in table.rows for cell in row if isinstance(cell, str)]
