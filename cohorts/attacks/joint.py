"""Several commands over one cohort solved together: what each prints is safe alone, but they share counts (pure).

Counts with the same words are one count, whichever command printed them. What one command withholds and another
shows is then known, and sums of both tie the rest.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from cohorts.attacks.insider import Said
from cohorts.attacks.margins import Cell, Puzzle, Reading, read
from cohorts.attacks.model import Trial, judged
from cohorts.attacks.printed import PUZZLES
from workspace.settings import DisclosureProfile

Label = tuple[Hashable, ...]
_ROWS = {
    "deliveries": ("source",),
    "steps": ("step",),
    "observed": ("variable", "wave"),
    "followed": ("wave",),
    "follow_up": ("wave", "variable"),
    "variables": ("wave", "variable"),
    "waves": ("wave",),
    "groups": ("source", "by", "group"),
    "missing": ("reason",),
    "lost": ("reason",),
}
_ARMED = ("arms", "allocated")


def labels_of(words: str, payload: dict[str, Any]) -> dict[int, Label]:
    """The words of every row of a payload that another run of the same command prints as well, by the row's id."""
    found: dict[int, Label] = {}
    if payload.get("waves") and any("source" in row for row in payload["waves"]):
        payload = {
            key: value for key, value in payload.items() if key != "waves"
        }  # a row a source: not told apart
    for row, label in _walk(payload, (words, str(payload.get("cohort", "")))):
        found[id(row)] = label
    doubled = {label for label in found.values() if list(found.values()).count(label) > 1}
    return {row: label for row, label in found.items() if label not in doubled}


def _walk(node: dict[str, Any], label: Label) -> Iterator[tuple[dict[str, Any], Label]]:
    for key, rows in node.items():
        if not isinstance(rows, list) or key in _ARMED:
            continue
        names = _ROWS.get(key)
        for row in rows:
            if names and isinstance(row, dict) and all(name in row for name in names[:1]):
                mine = (*label, key, *(row.get(name) for name in names))
                yield row, mine
                yield from _walk(row, mine)


def together(runs: Sequence[tuple[str, dict[str, Any]]], profile: DisclosureProfile) -> Puzzle:
    """One puzzle of several runs over one cohort; ``runs`` are the words of a command and what it printed."""
    whole = Puzzle("together", profile)
    shared: dict[Label, int] = {}
    for words, payload in runs:
        verb = " ".join(words.split()[:2])
        part = PUZZLES[verb](payload, profile)
        labels = labels_of(verb, payload)
        places = []
        for cell, held in enumerate(part.cells):
            row, key = part.places.get(cell, ({}, ""))
            label = labels.get(id(row))
            places.append(_put(whole, held, (*label, key) if label else None, shared))
        whole.sums += [(places[one], tuple(places[p] for p in parts)) for one, parts in part.sums]
        whole.plain += part.plain
    return whole


def _put(whole: Puzzle, cell: Cell, label: Label | None, shared: dict[Label, int]) -> int:
    """A cell in the common puzzle: a new one, or the one with the same words, known as closely as both say."""
    place = shared.get(label) if label else None
    if place is None:
        whole.cells.append(cell)
        place = len(whole.cells) - 1
    else:
        before = whole.cells[place]
        low, high = max(before.low, cell.low), min(before.high, cell.high)
        if low <= high:  # else people came or went between the two
            whole.cells[place] = Cell(low, high, before.hidden or cell.hidden)
    if label:
        shared[label] = place
    return place


def readings(said: Sequence[Said], profile: DisclosureProfile) -> list[Reading]:
    """Every cohort over which more than one solvable command was run."""
    cohorts: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for one in said:
        if " ".join(one.words.split()[:2]) in PUZZLES and one.payload.get("cohort"):
            cohorts.setdefault(str(one.payload["cohort"]), []).append((one.words, one.payload))
    found = []
    for name, runs in sorted(cohorts.items()):
        if len(runs) > 1:
            puzzle = together(runs, profile)
            puzzle.name = f"{len(runs)} commands over {name}"
            found.append(read(puzzle))
    return found


def joint(said: Sequence[Said], profile: DisclosureProfile) -> Trial:
    """What all reading commands print of a cohort, solved as one."""
    solved = readings(said, profile)
    found = [
        f"{r.name}: {r.exact} small cells known exactly, {r.narrowed} to fewer numbers than withholding promises"
        for r in solved
        if r.exact or r.narrowed
    ]
    return Trial(
        "joint",
        "Several outputs put together",
        "The screens of several commands over one cohort, kept and laid side by side.",
        f"{sum(r.cells for r in solved):,} hidden counts of {len(solved)} cohorts; counts with the same words are one.",
        tuple(found) or ("no small cell is known better than withholding promises",),
        "Each command keeps second counts back by the same rule; what becomes public is tied together by the ledger.",
        judged(any(r.exact for r in solved)) if solved else "not-applicable",
        "It succeeds where a count below the threshold is known exactly; counts known more closely than one command "
        "alone promises are said and do not fail: every command keeps its own promise. Counts of "
        "different words are not equated, even where somebody who knows the cohort could.",
    )
