"""Where everything stands: boxes as high as their words, in order down a column, near what they are linked with (pure).

Heights are kept by pooling adjacent violators (isotonic regression): each node stands as near as it can to the mean
height of its neighbours while the order and the room between nodes hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from theory_of_change.drawing.columns import Columns
from theory_of_change.drawing.letters import width, wrapped
from theory_of_change.drawing.scene import Rect
from theory_of_change.model import Box, Theory

BOX, PAD, TEXT, LEADING, SMALL, SMALL_ROW = 190.0, 7.0, 13.0, 15.5, 10.5, 13.5
PORT = 9.0  # the least room between two links that end at one side of a box
LANE = 8.0
BOX_GAP, LANE_GAP = 11.0, 7.0
GUTTER, GUTTER_MOST, PER_LINK = 46.0, 90.0, 1.2
RETURN_ROOM = 22.0
MARGIN, LOOP = 26.0, 46.0
HEAD_SIZE, HEAD_ROW = 14.0, 18.0
PASSES = 14
LANE_PULL = 3.0


@dataclass(frozen=True, slots=True)
class Card:
    """A box with its words broken into lines."""

    box: Box
    top_line: str
    lines: tuple[str, ...]
    height: float
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Every box and lane with its place. ``lefts`` are the left sides of the columns."""

    columns: Columns
    cards: Mapping[str, Card]
    rects: Mapping[str, Rect]
    lefts: tuple[float, ...]
    top: float
    bottom: float
    right: float

    def middle(self, node: str) -> float:
        """The middle of a box or lane, from above."""
        return self.rects[node].y + self.rects[node].height / 2


def place(theory: Theory, columns: Columns, top: float, marks: Mapping[str, str] | None = None) -> Places:
    """Give every box and lane a place below ``top``. ``marks`` say on which other sheets a box stands."""
    said = marks or {}
    cards = {box.id: _card(theory, box, _ports(theory, box.id), said.get(box.id, "")) for box in theory.boxes}
    heights = {
        node: cards[node].height if node in cards else LANE for column in columns.nodes for node in column
    }
    lefts, right = _lefts(columns)
    heads = max(len(wrapped(heading, BOX, HEAD_SIZE, bold=True)) for heading in columns.headings)
    start = top + heads * HEAD_ROW + 14
    middles, deep = _middles(columns, heights, set(cards))
    rects = {
        node: Rect(lefts[i], round(start + middles[node] - heights[node] / 2, 2), BOX, heights[node])
        for i, column in enumerate(columns.nodes)
        for node in column
    }
    return Places(columns, cards, rects, lefts, top, start + deep, right)


def _ports(theory: Theory, id_: str) -> int:
    """The most links that share one side of the box."""
    out = sum(link.from_box == id_ for link in theory.links)
    into = sum(link.to_box == id_ for link in theory.links)
    return out + into if out and into and out + into < 4 else max(out, into) + 1


def _card(theory: Theory, box: Box, ports: int, mark: str) -> Card:
    room = BOX - 2 * PAD - 4
    notes = _notes(theory, box)
    top_line = box.id
    for note in notes:
        longer = f"{top_line} · {note}"
        top_line = longer if width(longer, SMALL) <= room else top_line
    lines = wrapped(box.text, room, TEXT)
    marks = wrapped(mark, room, SMALL) if mark else ()
    least = 2 * PAD - 2 + SMALL_ROW * (1 + len(marks)) + LEADING * len(lines)
    return Card(box, top_line, lines, max(least, PORT * (ports + 1)), marks)


def _notes(theory: Theory, box: Box) -> list[str]:
    """What stands beside the id: tier of an activity, sign of a factor, whether an outcome is measured."""
    if box.kind == "activity":
        return [box.tier]
    if box.kind == "factor":
        return [f"outside factor{', ' + box.factor_sign if box.factor_sign else ''}"]
    if box.kind in ("outcome", "impact") and not theory.measures_of(box.id):
        return ["no measure yet"]
    return []


def _lefts(columns: Columns) -> tuple[tuple[float, ...], float]:
    """The left sides of the columns and the right end of the page. Gutter ``i`` lies right of column ``i``."""
    column = columns.column_of()
    extra = dict.fromkeys(range(-1, len(columns.nodes)), 0.0)
    last = len(columns.nodes) - 1
    for link in columns.inside:
        i = column[link.from_box]
        extra[i] = LOOP if i == last else 8.0
    for i in {column[link.from_box] for link in columns.returning}:
        extra[i] += RETURN_ROOM
    for i in {column[link.to_box] - 1 for link in columns.returning}:
        extra[i] += RETURN_ROOM
    x, lefts = MARGIN + extra[-1], []
    for i, gap in enumerate([*columns.edges(), []]):
        lefts.append(round(x, 2))
        x += BOX + min(GUTTER_MOST, GUTTER + extra[i] + PER_LINK * len(gap))
    return tuple(lefts), lefts[-1] + BOX + extra[last] + MARGIN


# ---- heights


def _middles(
    columns: Columns, heights: Mapping[str, float], boxes: set[str]
) -> tuple[dict[str, float], float]:
    """The middle of each node from the top, and how deep the deepest column is."""
    apart = [_apart(column, heights, boxes) for column in columns.nodes]
    deep = max(
        heights[column[0]] / 2 + sum(gaps) + heights[column[-1]] / 2
        for column, gaps in zip(columns.nodes, apart, strict=True)
    )
    joined: dict[str, list[str]] = {}
    for start, end in (edge for gap in columns.edges() for edge in gap):
        joined.setdefault(start, []).append(end)
        joined.setdefault(end, []).append(start)
    middles = _spread(columns, heights, apart, deep)
    for sweep in range(PASSES):
        order = range(len(columns.nodes))
        for i in order if sweep % 2 == 0 else reversed(order):
            _settle(columns.nodes[i], apart[i], heights, joined, middles, deep, boxes)
    return middles, deep


def _apart(column: Sequence[str], heights: Mapping[str, float], boxes: set[str]) -> list[float]:
    """The least way from the middle of each node to the middle of the next."""
    found = []
    for upper, lower in itertools.pairwise(column):
        gap = BOX_GAP if upper in boxes and lower in boxes else LANE_GAP
        found.append(heights[upper] / 2 + gap + heights[lower] / 2)
    return found


def _spread(
    columns: Columns, heights: Mapping[str, float], apart: Sequence[Sequence[float]], deep: float
) -> dict[str, float]:
    """A first guess: every column packed, in the middle."""
    middles: dict[str, float] = {}
    for column, gaps in zip(columns.nodes, apart, strict=True):
        length = heights[column[0]] / 2 + sum(gaps) + heights[column[-1]] / 2
        y = (deep - length) / 2 + heights[column[0]] / 2
        for node, gap in zip(column, [*gaps, 0.0], strict=True):
            middles[node] = y
            y += gap
    return middles


def _settle(
    column: Sequence[str],
    apart: Sequence[float],
    heights: Mapping[str, float],
    joined: Mapping[str, Sequence[str]],
    middles: dict[str, float],
    deep: float,
    boxes: set[str],
) -> None:
    """Move the nodes of a column to where their neighbours are, as far as order and room allow."""
    offsets = [0.0]
    for gap in apart:
        offsets.append(offsets[-1] + gap)
    wanted, weights = [], []
    for node, offset in zip(column, offsets, strict=True):
        others = joined.get(node, ())
        aim = sum(middles[other] for other in others) / len(others) if others else middles[node]
        wanted.append(aim - offset)
        weights.append(LANE_PULL if node not in boxes else 1.0 + 0.2 * len(others) if others else 0.05)
    low = heights[column[0]] / 2
    high = deep - offsets[-1] - heights[column[-1]] / 2
    for node, offset, level in zip(column, offsets, _rising(wanted, weights), strict=True):
        middles[node] = min(max(level, low), high) + offset


def _rising(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The nearest rising sequence, by weighted least squares (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(wanted, weights, strict=True):
        mean, total, count = value, weight, 1
        while pools and pools[-1][0] > mean:
            other, heavy, many = pools.pop()
            mean = (mean * total + other * heavy) / (total + heavy)
            total, count = total + heavy, count + many
        pools.append((mean, total, count))
    return [mean for mean, _, count in pools for _ in range(count)]
