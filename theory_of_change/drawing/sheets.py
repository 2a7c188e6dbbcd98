"""A theory on several sheets, each readable on its paper: every link once, with what leads to which sheet (pure).

Links are dealt out by their far ends: on each sheet those that have most boxes in common. A sheet is full when another
far end with all its links would make the letters too small. Sheets are drawn as any theory is, so what holds for a
drawing holds for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from theory_of_change.drawing.columns import arrange
from theory_of_change.drawing.paper import Paper
from theory_of_change.drawing.parts import only_boxes
from theory_of_change.drawing.picture import Drawing, draw_theory
from theory_of_change.model import Link, Theory

Part = tuple[tuple[str, ...], tuple[Link, ...]]  # boxes and links of one sheet
MANY = 8  # more sheets or boxes than this are not listed one by one


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its number, what it is about, its part of the theory, and the drawing of it."""

    number: int
    heading: str
    theory: Theory
    drawing: Drawing


def sheets_of(
    theory: Theory, paper: Paper, verdicts: Mapping[str, str] | None = None, subtitle: str = ""
) -> tuple[Sheet, ...]:
    """The sheets of a theory with at least one box; one where the whole can be read on it."""
    whole = draw_theory(theory, verdicts, subtitle)
    if paper.holds(whole.scene):
        return (Sheet(1, "The whole theory", theory, whole),)

    def fits(part: Part) -> bool:
        dummy = dict.fromkeys(part[0], "← sheets 10, 11, 12 → sheets 10, 11, 12")
        head = _head("99", "99", _heading(part), subtitle)
        drawn = draw_theory(_theory_of(theory, part), verdicts, head, dummy, paper.free_width)
        return paper.holds(drawn.scene)

    parts = [*_dealt(theory, fits), *_alone(theory, fits)]
    found = []
    for i, chosen in enumerate(parts):
        part, heading = _theory_of(theory, chosen), _heading(chosen)
        head = _head(str(i + 1), str(len(parts)), heading, subtitle)
        drawing = draw_theory(part, verdicts, head, _marks(parts, i), paper.free_width)
        found.append(Sheet(i + 1, heading, part, drawing))
    return tuple(found)


def _head(number: str, of: str, heading: str, subtitle: str) -> str:
    said = f"Sheet {number} of {of}: {heading}"
    return f"{subtitle}. {said}" if subtitle else said


def _heading(part: Part) -> str:
    """What a sheet shows: what leads to the boxes at the ends of its links."""
    ends = list(dict.fromkeys(link.to_box for link in part[1]))
    if not ends:
        return "boxes that no link joins"
    if len(ends) > MANY:
        return f"what leads to {', '.join(ends[:MANY])} and {len(ends) - MANY} more"
    return f"what leads to {' and '.join([*([', '.join(ends[:-1])] if ends[1:] else []), ends[-1]])}"


def _theory_of(theory: Theory, part: Part) -> Theory:
    kept = only_boxes(theory, part[0])
    chosen = {link.id for link in part[1]}
    return replace(kept, links=tuple(link for link in kept.links if link.id in chosen))


def _with(part: Part, links: Sequence[Link]) -> Part:
    boxes = dict.fromkeys((*part[0], *(end for link in links for end in (link.from_box, link.to_box))))
    return tuple(boxes), (*part[1], *links)


def _dealt(theory: Theory, fits: Callable[[Part], bool]) -> Iterator[Part]:
    """Links on sheets: all that lead to one box together where they fit, beside those they have most boxes with."""
    waiting = list(_by_end(theory))
    while waiting:
        *full, now = _split(waiting.pop(0), fits)
        yield from full
        while (chosen := _next(now, waiting, fits)) is not None:
            now = _with(now, waiting.pop(chosen))
        yield now


def _next(now: Part, waiting: Sequence[list[Link]], fits: Callable[[Part], bool]) -> int | None:
    """The far end that goes best on a sheet and still fits; the first of the drawing where several go as well."""
    there = set(now[0])

    def apart(i: int) -> tuple[float, int]:
        ends = {end for link in waiting[i] for end in (link.from_box, link.to_box)}
        return -len(ends & there) / len(ends), i

    return next((i for i in sorted(range(len(waiting)), key=apart) if fits(_with(now, waiting[i]))), None)


def _split(links: Sequence[Link], fits: Callable[[Part], bool]) -> list[Part]:
    """The links to one box, on as few sheets as it takes; a single link is drawn however small it comes out."""
    parts: list[Part] = [((), ())]
    for link in links:
        wider = _with(parts[-1], [link])
        if parts[-1][1] and not fits(wider):
            parts.append(_with(((), ()), [link]))
        else:
            parts[-1] = wider
    return parts


def _by_end(theory: Theory) -> Iterator[list[Link]]:
    """The links to each box, stage by stage, in the order of the whole drawing; what only links back comes last."""
    columns = arrange(theory)
    order = {node: i for column in columns.nodes for i, node in enumerate(column)}
    stage = columns.column_of()
    back = set(columns.returning)
    ends = [
        sorted(
            (link for link in theory.links if link.to_box == node),
            key=lambda link: (stage[link.from_box], order[link.from_box]),
        )
        for column in columns.nodes
        for node in column
    ]
    yield from sorted(filter(None, ends), key=back.issuperset)


def _alone(theory: Theory, fits: Callable[[Part], bool]) -> Iterator[Part]:
    """Boxes that no link joins, as many to a sheet as fit."""
    joined = {end for link in theory.links for end in (link.from_box, link.to_box)}
    now: tuple[str, ...] = ()
    for box in theory.boxes:
        if box.id in joined:
            continue
        if now and not fits(((*now, box.id), ())):
            yield now, ()
            now = ()
        now = (*now, box.id)
    if now:
        yield now, ()


def _marks(parts: Sequence[Part], i: int) -> dict[str, str]:
    """For each box of a sheet: on which others something leads to it, and on which it leads on."""
    said = {}
    for box in parts[i][0]:
        into = [n for n, (_, links) in enumerate(parts, 1) if n != i + 1 and _any_to(links, box)]
        on = [n for n, (_, links) in enumerate(parts, 1) if n != i + 1 and _any_from(links, box)]
        words = [f"{arrow} {_sheets(numbers)}" for arrow, numbers in (("←", into), ("→", on)) if numbers]
        if words:
            said[box] = "  ".join(words)
    return said


def _sheets(numbers: Sequence[int]) -> str:
    if len(numbers) > MANY:
        return f"sheets {numbers[0]} to {numbers[-1]}"
    return f"sheet{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _any_to(links: Sequence[Link], box: str) -> bool:
    return any(link.to_box == box for link in links)


def _any_from(links: Sequence[Link], box: str) -> bool:
    return any(link.from_box == box for link in links)
