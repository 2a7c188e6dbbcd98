"""A drawing in words, for those who do not see it (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from theory_of_change.drawing.columns import Columns
from theory_of_change.drawing.letters import clean
from theory_of_change.drawing.signs import STATES
from theory_of_change.model import Theory


def describe(theory: Theory, columns: Columns, states: Mapping[str, str]) -> str:
    """Columns from left to right with their boxes, then every link with what is known of it."""
    return " ".join([*_boxes(theory, columns), *_links(theory, states)])


def _boxes(theory: Theory, columns: Columns) -> Iterator[str]:
    yield f"A logic model in {len(columns.headings)} columns, from left to right."
    for heading, nodes in zip(columns.headings, columns.nodes, strict=True):
        boxes = [box for node in nodes if (box := theory.box(node))]
        yield f"{heading}: {'; '.join(f'{box.id}, {clean(box.text)}' for box in boxes)}."


def _links(theory: Theory, states: Mapping[str, str]) -> Iterator[str]:
    for key, state in STATES.items():
        named = [f"{link.from_box} to {link.to_box}" for link in theory.links if states[link.id] == key]
        if named:
            yield f"Links, {state.words}: {', '.join(named)}."
