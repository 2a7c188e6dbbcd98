"""How one theory differs from another, in words (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from theory_of_change.gaps import link_name
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.theory_text import keys_of

WORDS = {
    "text": "reworded", "because": "another because", "worthwhile": "another worthwhile size",
    "worthwhile_size": "another worthwhile size", "lag_months": "another lag", "review_by": "another review date",
    "evidence": "other evidence", "could_harm": "another harm named", "measures": "other measures",
    "rivals": "other rival explanations", "factors": "other outside factors", "priority": "other priorities",
    "feedback": "leads back", "expect": "another expectation", "not_measurable": "another reason for no measure",
    "age_band": "another age band", "factor_sign": "another sign",
}  # fmt: skip
HEAD = ("title", "owner", "review_by", "note")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what was done (added, dropped, changed) to what, and a sentence about it."""

    kind: str
    subject: str
    key: str
    sentence: str


def compare(old: Theory, new: Theory) -> tuple[Change, ...]:
    """Every difference: the head, then boxes, links, and the theory's own measures and priorities."""
    return (*_head(old, new), *_boxes(old, new), *_links(old, new), *_listed(old, new))


def count_words(changes: Sequence[Change]) -> str:
    """``2 added, 1 dropped, 3 changed``, or that nothing changed."""
    counts = {
        kind: sum(change.kind == kind for change in changes) for kind in ("added", "dropped", "changed")
    }
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing changed"


def _head(old: Theory, new: Theory) -> Iterator[Change]:
    for key in HEAD:
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield Change(
                "changed", "theory", key, f"theory: {key.replace('_', ' ')} {_from_to(before, after)}"
            )


def _boxes(old: Theory, new: Theory) -> Iterator[Change]:
    for box in new.boxes:
        before = old.box(box.id)
        if before is None:
            yield Change("added", box.id, "", f"box {box.id} added: {box.text} ({box.kind})")
        else:
            yield from _changed(before, box, f"box {box.id} ({box.text})")
    for box in old.boxes:
        if new.box(box.id) is None:
            yield Change("dropped", box.id, "", f"box {box.id} dropped: {box.text} ({box.kind})")


def _links(old: Theory, new: Theory) -> Iterator[Change]:
    for link in new.links:
        before = old.link(link.id)
        if before is None:
            yield Change(
                "added", link.id, "", f"{link_name(new, link)} added, because {link.because or '(not said)'}"
            )
        else:
            yield from _changed(before, link, link_name(new, link))
    for link in old.links:
        if new.link(link.id) is None:
            yield Change("dropped", link.id, "", f"{link_name(old, link)} dropped")


def _changed(before: Box | Link, after: Box | Link, name: str) -> Iterator[Change]:
    for key, field in keys_of(type(after)).items():
        was, now = getattr(before, field), getattr(after, field)
        if was != now:
            what = WORDS.get(key, f"another {key.replace('_', ' ')}")
            yield Change("changed", after.id, key, f"{name}: {what}, {_from_to(was, now)}")


def _listed(old: Theory, new: Theory) -> Iterator[Change]:
    """Measures and priorities of the theory's own; built-in measures are no part of it."""
    for word, before, after in (
        ("measure", _own(old.measures), _own(new.measures)),
        ("priority", {each.id: each for each in old.priorities}, {each.id: each for each in new.priorities}),
    ):
        for id_ in dict.fromkeys([*after, *before]):
            kind = "added" if id_ not in before else "dropped" if id_ not in after else "changed"
            if kind != "changed" or _without_line(before[id_]) != _without_line(after[id_]):
                yield Change(kind, id_, "", f"{word} {id_} {kind}")


def _own(measures: Sequence[Measure]) -> dict[str, Any]:
    return {measure.id: measure for measure in measures if not measure.catalogue}


def _without_line(value: Any) -> list[Any]:
    return [getattr(value, name) for name in value.__slots__ if name != "line"]


def _from_to(before: object, after: object) -> str:
    if not _said(before):
        return f"now {_said(after)}"
    return f"from {_said(before)} to {_said(after)}" if _said(after) else f"was {_said(before)}, now not said"


def _said(value: object) -> str:
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(f'"{item}"' for item in value)
    return (
        value.isoformat()
        if isinstance(value, dt.date)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )
