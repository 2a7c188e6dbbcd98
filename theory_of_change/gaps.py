"""What a theory lacks: reasons, tests, measures, a place in the chain. Pure: the day is handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from theory_of_change.model import Box, Link, Theory
from workspace.errors import Fault, did_you_mean

STAGES = {"activity": (0, 0), "output": (1, 1), "impact": (5, 5), "factor": (0, 5)}
TERM_STAGES = {"short": (2, 2), "medium": (3, 3), "long": (4, 4), "": (2, 4)}
FIRST_RESULT = 2


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing the theory lacks. Errors should stop a team; warnings should start a conversation."""

    code: str
    severity: Literal["error", "warning"]
    line: int
    subject: str
    problem: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: the gaps of a file, those of partners by their files, and where models clash."""

    source: str
    gaps: Sequence[Gap]
    partners: Mapping[str, Sequence[Gap]] = field(default_factory=dict)
    clashes: Sequence[Fault] = ()

    def everywhere(self) -> list[tuple[str, Gap]]:
        """Every gap with its file."""
        theirs = [(source, gap) for source, gaps in self.partners.items() for gap in gaps]
        return [*((self.source, gap) for gap in self.gaps), *theirs]

    def count(self, severity: str) -> int:
        """How many errors or warnings; a clash is an error."""
        found = sum(gap.severity == severity for _, gap in self.everywhere())
        return found + (len(self.clashes) if severity == "error" else 0)


def find_gaps(theory: Theory, today: dt.date) -> tuple[Gap, ...]:
    """Every gap of the theory, in the order of the file."""
    checks: tuple[Callable[[Theory], Iterable[Gap]], ...] = (
        _no_reason,
        _backwards,
        _circles,
        _no_lag,
        _unsupported,
        _unmeasured,
        _no_harm,
        _unjoined,
        _too_soon,
        _long_without_lag,
        _unlisted_priority,
    )
    gaps = [gap for check in checks for gap in check(theory)]
    gaps.extend(_overdue(theory, today))
    return tuple(sorted(gaps, key=lambda gap: (gap.line, gap.code)))


def stage_of(box: Box) -> tuple[int, int]:
    """Earliest and latest stage a box may stand in; an outcome without term and a factor span several."""
    return TERM_STAGES[box.term] if box.kind == "outcome" else STAGES[box.kind]


def box_name(box: Box) -> str:
    """``box L6 (feelings of safety)``."""
    return f"box {box.id} ({box.text})"


def link_name(theory: Theory, link: Link) -> str:
    """``link O4>S7 (knife sessions, less carrying)``."""
    ends = [box.text for id_ in (link.from_box, link.to_box) if (box := theory.box(id_))]
    return f"link {link.id} ({', '.join(ends)})"


def _link_gap(theory: Theory, link: Link, code: str, problem: str, hint: str) -> Gap:
    severity: Literal["error", "warning"] = "error" if code < "LC220" else "warning"
    return Gap(code, severity, link.line, link.id, f"{link_name(theory, link)} {problem}", hint)


def _box_gap(box: Box, code: str, problem: str, hint: str) -> Gap:
    return Gap(code, "warning", box.line, box.id, f"{box_name(box)} {problem}", hint)


def _no_reason(theory: Theory) -> Iterable[Gap]:
    for link in theory.links:
        if not link.because.strip():
            yield _link_gap(theory, link, "LC211", "does not say why", 'Add because = "…".')


def _is_backward(theory: Theory, link: Link) -> bool:
    start, end = theory.box(link.from_box), theory.box(link.to_box)
    return bool(start and end and stage_of(end)[1] < stage_of(start)[0])


def _backwards(theory: Theory) -> Iterable[Gap]:
    for link in theory.links:
        if not link.feedback and _is_backward(theory, link):
            hint = "Turn the link round, or say feedback = true."
            yield _link_gap(theory, link, "LC212", "goes back to an earlier stage", hint)


def _circles(theory: Theory) -> Iterable[Gap]:
    forward = [link for link in theory.links if not link.feedback and not _is_backward(theory, link)]
    for circle in find_circles(forward):
        path = ">".join([circle[0].from_box, *(link.to_box for link in circle)])
        hint = "Take one link of the circle out, or say feedback = true on the one that leads back."
        yield _link_gap(theory, circle[-1], "LC212", f"closes a circle: {path}", hint)


def find_circles(links: Iterable[Link]) -> list[tuple[Link, ...]]:
    """Circles met by a depth-first walk, one for each link that leads back onto the walk's own path."""
    out: dict[str, list[Link]] = {}
    for link in links:
        out.setdefault(link.from_box, []).append(link)
    done: set[str] = set()
    circles: list[tuple[Link, ...]] = []
    for start in out:
        if start not in done:
            _walk(start, out, done, circles)
    return circles


def _walk(start: str, out: dict[str, list[Link]], done: set[str], circles: list[tuple[Link, ...]]) -> None:
    """Walk from one box without recursion; ``path`` holds the links from the start to where we stand."""
    path: list[Link] = []
    places = [start]
    waiting = [iter(out[start])]
    while waiting:
        link = next(waiting[-1], None)
        if link is None:
            waiting.pop()
            done.add(places.pop())
            if path:
                path.pop()
        elif link.to_box in places:
            circles.append((*path[places.index(link.to_box) :], link))
        elif link.to_box not in done:
            path.append(link)
            places.append(link.to_box)
            waiting.append(iter(out.get(link.to_box, ())))


def _no_lag(theory: Theory) -> Iterable[Gap]:
    stages = [stage_of(box) for box in theory.boxes if box.kind != "factor"]
    last = max((high for _, high in stages), default=0)
    if last < FIRST_RESULT:
        return
    in_last = {box.id for box in theory.boxes if box.kind != "factor" and stage_of(box)[1] == last}
    for link in theory.links:
        if link.from_box in in_last and link.to_box in in_last and link.lag_months is None:
            problem = "joins two boxes of the last stage and has no lag"
            yield _link_gap(theory, link, "LC213", problem, "Add lag_months = ….")


def _unsupported(theory: Theory) -> Iterable[Gap]:
    for link in theory.links:
        if not link.is_backed:
            hint = 'Add test = "…" or evidence = ["…"] once there is one.'
            yield _link_gap(theory, link, "LC220", "has no test and no evidence", hint)


def _unmeasured(theory: Theory) -> Iterable[Gap]:
    for box in theory.boxes:
        if box.kind in ("outcome", "impact") and not (box.measures or box.not_measurable.strip()):
            yield _box_gap(
                box, "LC221", "has no measure", 'Add measures = ["…"]; see lifecourse measure list.'
            )


def _no_harm(theory: Theory) -> Iterable[Gap]:
    for link in theory.links:
        if not link.could_harm.strip():
            yield _link_gap(theory, link, "LC222", "names no harm it could do", 'Add could_harm = "…".')


def _unjoined(theory: Theory) -> Iterable[Gap]:
    left = {link.from_box for link in theory.links}
    reached = {link.to_box for link in theory.links}
    for box in theory.boxes:
        if box.id not in left | reached:
            problem = "is joined to nothing"
        elif box.id not in reached and box.kind in ("output", "outcome", "impact"):
            problem = "has no way in: nothing leads to it"
        elif box.id not in left and box.kind in ("activity", "output", "factor"):
            problem = "has no way out: it leads nowhere"
        else:
            continue
        yield _box_gap(box, "LC223", problem, "Add the missing link, or take the box out.")


def _too_soon(theory: Theory) -> Iterable[Gap]:
    for link in theory.links:
        for measure in theory.measures_of(link.to_box):
            needed = measure.follow_up_months or 0
            if link.lag_months is not None and link.lag_months < needed:
                problem = (
                    f"expects its effect after {link.lag_months} months, "
                    f"but {measure.id} follows people for {needed}"
                )
                hint = "Lengthen lag_months, or choose another measure."
                yield _link_gap(theory, link, "LC225", problem, hint)


def _long_without_lag(theory: Theory) -> Iterable[Gap]:
    """A long-term outcome is only claimed after its lag: without one, it could be claimed the next day."""
    for link in theory.links:
        end, start = theory.box(link.to_box), theory.box(link.from_box)
        if end is None or end.term != "long" or link.lag_months is not None:
            continue
        if start is None or start.kind == "factor" or start.term == "long":
            continue
        problem = "leads to a long-term outcome and does not say how long that takes"
        yield _link_gap(theory, link, "LC226", problem, "Add lag_months = ….")


def _unlisted_priority(theory: Theory) -> Iterable[Gap]:
    if not theory.priorities:
        return
    known = {name for each in theory.priorities for name in (each.id, *each.formerly)}
    for box in theory.boxes:
        for name in box.priority:
            if name not in known:
                problem = f"names the priority '{name}', which is not among the theory's.{did_you_mean(name, known)}"
                yield _box_gap(box, "LC227", problem, "Correct the name, or add a [[priority]].")


def _overdue(theory: Theory, today: dt.date) -> Iterable[Gap]:
    hint = "Review it, then set the next review_by."
    if theory.review_by and theory.review_by < today:
        problem = f"the theory was due for review by {theory.review_by.isoformat()}"
        yield Gap("LC224", "warning", theory.line, "theory", problem, hint)
    for box in theory.boxes:
        if box.review_by and box.review_by < today:
            yield _box_gap(box, "LC224", f"was due for review by {box.review_by.isoformat()}", hint)
    for link in theory.links:
        if link.review_by and link.review_by < today:
            problem = f"was due for review by {link.review_by.isoformat()}"
            yield _link_gap(theory, link, "LC224", problem, hint)
