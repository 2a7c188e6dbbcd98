"""Which column a box stands in, and in which order: few crossings, long links in lanes of their own (pure).

Columns are the stages of the theory, so only the order within a column is free. It is found by barycentres: each
box moves to the mean place of those it is linked with, to and fro, then neighbours change places where that takes
crossings away (Sugiyama, Tagawa and Toda 1981; Eades and Wormald 1994).
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from theory_of_change.model import Box, Link, Theory

SWEEPS = 16
SWAPS = 6
TERM_COLUMN = {"short": 3, "medium": 4, "long": 5, "": 4}
KIND_COLUMN = {"activity": 1, "output": 2, "impact": 6}
HEADINGS = {
    0: "Outside factors",
    1: "What we do",
    2: "What people get",
    3: "Short-term outcomes",
    4: "Medium-term outcomes",
    5: "Long-term outcomes",
    6: "What it is for",
}
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """The ordered columns. A node is a box id, or ``link id|column`` where a long link passes through."""

    headings: tuple[str, ...]
    nodes: tuple[tuple[str, ...], ...]
    chains: Mapping[str, tuple[str, ...]]
    inside: tuple[Link, ...]
    returning: tuple[Link, ...]

    def column_of(self) -> dict[str, int]:
        """Column of every node."""
        return {node: i for i, column in enumerate(self.nodes) for node in column}

    def edges(self) -> list[list[Edge]]:
        """For each gap between two columns, what is joined across it."""
        found: list[list[Edge]] = [[] for _ in self.nodes[1:]]
        column = self.column_of()
        for chain in self.chains.values():
            for start, end in itertools.pairwise(chain):
                found[column[start]].append((start, end))
        return found


def arrange(theory: Theory) -> Columns:
    """Put every box into its column and order the columns."""
    raw = _stage_columns(theory)
    used = sorted(set(raw.values()))
    column = {id_: used.index(stage) for id_, stage in raw.items()}
    headings = tuple(_heading(stage, theory) for stage in used)
    nodes: list[list[str]] = [[] for _ in used]
    for box in theory.boxes:
        nodes[column[box.id]].append(box.id)
    chains: dict[str, tuple[str, ...]] = {}
    inside, returning = [], []
    for link in theory.links:
        start, end = column[link.from_box], column[link.to_box]
        if start == end:
            inside.append(link)
        elif end < start:
            returning.append(link)
        else:
            lanes = [f"{link.id}|{i}" for i in range(start + 1, end)]
            for i, lane in enumerate(lanes, start + 1):
                nodes[i].append(lane)
            chains[link.id] = (link.from_box, *lanes, link.to_box)
    whole = Columns(headings, tuple(map(tuple, nodes)), chains, tuple(inside), tuple(returning))
    return _ordered(whole)


def _heading(stage: int, theory: Theory) -> str:
    outcomes = [box for box in theory.boxes if box.kind == "outcome"]
    return "Outcomes" if stage == 4 and not any(box.term for box in outcomes) else HEADINGS[stage]


def _stage_columns(theory: Theory) -> dict[str, int]:
    """Stage of each box; a factor stands just before the first thing it bears upon."""
    fixed = {box.id: _stage(box) for box in theory.boxes if box.kind != "factor"}
    found = dict(fixed)
    for box in theory.boxes:
        if box.kind == "factor":
            goals = [link.to_box for link in theory.links if link.from_box == box.id]
            goals += [link.to_box for link in theory.links if box.id in link.factors]
            found[box.id] = min((fixed[goal] for goal in goals if goal in fixed), default=1) - 1
    return found


def _stage(box: Box) -> int:
    return TERM_COLUMN[box.term] if box.kind == "outcome" else KIND_COLUMN[box.kind]


# ---- order


def _ordered(columns: Columns) -> Columns:
    edges = columns.edges()
    before, after = _neighbours(edges)
    best = [list(column) for column in columns.nodes]
    least = crossings(best, edges)
    order = [list(column) for column in best]
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for i in range(1, len(order)) if forward else range(len(order) - 2, -1, -1):
            _by_barycentre(order[i], order[i - 1] if forward else order[i + 1], before if forward else after)
        _change_places(order, before, after)
        found = crossings(order, edges)
        if found < least:
            best, least = [list(column) for column in order], found
    nodes = tuple(map(tuple, best))
    return Columns(columns.headings, nodes, columns.chains, columns.inside, columns.returning)


def _neighbours(edges: Sequence[Sequence[Edge]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for start, end in (edge for gap in edges for edge in gap):
        after.setdefault(start, []).append(end)
        before.setdefault(end, []).append(start)
    return before, after


def _by_barycentre(column: list[str], beside: Sequence[str], joined: Mapping[str, Sequence[str]]) -> None:
    place = {node: i / max(len(beside) - 1, 1) for i, node in enumerate(beside)}
    old = {node: i / max(len(column) - 1, 1) for i, node in enumerate(column)}

    def centre(node: str) -> float:
        others = [place[other] for other in joined.get(node, ())]
        return sum(others) / len(others) if others else old[node]

    column.sort(key=centre)


def _change_places(
    order: list[list[str]], before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> None:
    """Swap neighbours in a column where that takes crossings away."""
    for _ in range(SWAPS):
        better = False
        place = {node: i for column in order for i, node in enumerate(column)}
        for column in order:
            for i in range(len(column) - 1):
                upper, lower = column[i], column[i + 1]
                gain = sum(
                    _crossed(joined.get(upper, ()), joined.get(lower, ()), place)
                    - _crossed(joined.get(lower, ()), joined.get(upper, ()), place)
                    for joined in (before, after)
                )
                if gain > 0:
                    column[i], column[i + 1] = lower, upper
                    place[upper], place[lower] = i + 1, i
                    better = True
        if not better:
            return


def _crossed(upper: Sequence[str], lower: Sequence[str], place: Mapping[str, int]) -> int:
    """Crossings between the links of two nodes when the first stands above the second."""
    return sum(place[a] > place[b] for a in upper for b in lower)


def crossings(order: Sequence[Sequence[str]], edges: Sequence[Sequence[Edge]]) -> int:
    """How many pairs of links cross, over all gaps."""
    place = {node: i for column in order for i, node in enumerate(column)}
    count = 0
    for gap in edges:
        ends: list[int] = []
        for _, end in sorted((place[a], place[b]) for a, b in gap):
            count += len(ends) - bisect.bisect_right(ends, end)
            bisect.insort(ends, end)
    return count
