"""A theory back to the text of theory.toml. What did not change keeps its own lines, comments included (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace

from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.theory_file import build_theory
from workspace.toml_source import TomlSource, parse_toml, toml_text

RENAMED = {"from_box": "from", "to_box": "to"}
TABLES = ("priority", "box", "link", "measure")


def theory_text(theory: Theory) -> str:
    """The head, the boxes and the links of a theory as TOML. Its own measures and priorities are not in it."""
    parts = [head_text(theory), *map(box_text, theory.boxes), *map(link_text, theory.links)]
    return "\n".join(parts)


def head_text(theory: Theory) -> str:
    """``[theory]`` with what it says."""
    said = {"title": theory.title, "owner": theory.owner, "review_by": theory.review_by, "note": theory.note}
    return "\n".join(["[theory]", *_pairs(said)]) + "\n"


def box_text(box: Box) -> str:
    """One ``[[box]]``, without what is empty."""
    return "\n".join(["[[box]]", *_pairs(_values(box))]) + "\n"


def link_text(link: Link) -> str:
    """One ``[[link]]``, without what is empty."""
    return "\n".join(["[[link]]", *_pairs(_values(link))]) + "\n"


def keys_of(kind: type[Box] | type[Link]) -> dict[str, str]:
    """Every key of a box or link as the file spells it, with the field it fills."""
    return {RENAMED.get(field.name, field.name): field.name for field in fields(kind) if field.name != "line"}


def _values(value: Box | Link) -> dict[str, object]:
    """What a box or link says beyond its defaults, by key."""
    defaults = {field.name: field.default for field in fields(value)}
    said = {}
    for key, name in keys_of(type(value)).items():
        found = getattr(value, name)
        if defaults[name] is MISSING or found != defaults[name]:
            said[key] = found
    return said


def _pairs(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        if value not in ("", None):
            yield f"{key} = {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    return toml_text(value) if isinstance(value, str) else repr(value)


def changed_text(old: str, new: Theory, catalogue: Mapping[str, Measure], name: str = "theory.toml") -> str:
    """The old file with the boxes, links and head of another theory.

    Everything keeps its place. A box or link that says the same keeps its lines; measures and priorities, which a
    spreadsheet does not hold, stay as they are; what is new stands below the last of its kind. Raises LC239 where
    the old file is not laid out in tables with headings of their own.
    """
    source = parse_toml(old, name, TheoryError)
    before = build_theory(source, catalogue)
    preamble, pieces = _pieces(old, source)
    after: dict[str, dict[str, Box | Link]] = {
        "box": {box.id: box for box in new.boxes},
        "link": {link.id: link for link in new.links},
    }
    was: dict[str, Sequence[Box | Link]] = {"box": before.boxes, "link": before.links}
    fresh = {
        key: [_new_text(value) for id_, value in values.items() if id_ not in {v.id for v in was[key]}]
        for key, values in after.items()
    }
    written = [preamble]
    seen = dict.fromkeys(TABLES, 0)
    for key, text in pieces:
        if key == "theory":
            written.append(text if _head(before) == _head(new) else head_text(new) + "\n")
        elif key in after:
            one = was[key][seen[key]]
            seen[key] += 1
            written.append(_kept(one, text, after[key].get(one.id)))
            if seen[key] == len(was[key]):
                written += fresh.pop(key)
        else:
            written.append(text)
    written += [text for texts in fresh.values() for text in texts]
    return "".join(part if part.endswith("\n") else part + "\n" for part in written if part)


def _head(theory: Theory) -> tuple[object, ...]:
    return theory.title, theory.owner, theory.review_by, theory.note


def _new_text(value: Box | Link) -> str:
    return "\n" + (box_text(value) if isinstance(value, Box) else link_text(value))


def _kept(before: Box | Link, text: str, after: Box | Link | None) -> str:
    """The lines of a box or link: as they were, written anew below their comments, or gone."""
    if after is None:
        return ""
    if replace(before, line=0) == replace(after, line=0):
        return text
    return _comments(text) + (box_text(after) if isinstance(after, Box) else link_text(after)) + "\n"


def _comments(text: str) -> str:
    """The comment lines above a heading."""
    lines = text.splitlines(keepends=True)
    count = next((i for i, line in enumerate(lines) if not line.lstrip().startswith("#")), 0)
    return "".join(lines[:count])


def _pieces(text: str, source: TomlSource) -> tuple[str, list[tuple[str, str]]]:
    """The text cut at its headings, in its order; comments right above a heading belong to it."""
    lines = text.replace("\r\n", "\n").splitlines(keepends=True)
    starts = sorted((_with_comments(lines, number), key) for key, number in _headings(source))
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    found = [(key, "".join(lines[start:end])) for (start, key), end in zip(starts, ends, strict=True)]
    return "".join(lines[: starts[0][0]]), found


def _headings(source: TomlSource) -> Iterator[tuple[str, int]]:
    """Each table of the file with the line of its heading; a table that has none cannot be kept."""
    for key, value in source.data.items():
        paths = [(key, i) for i in range(len(value))] if isinstance(value, list) else [(key,)]
        numbers = [source.lines.get(path, 0) for path in paths]
        if 0 in numbers or len(set(numbers)) < len(numbers):
            problem = f"'{key}' is not written as tables with a heading of their own"
            hint = "Write [theory], and [[box]], [[link]] or [[measure]] above each."
            raise TheoryError("LC239", problem, hint, where=source.where((key,)))
        yield from ((key, number) for number in numbers)


def _with_comments(lines: Sequence[str], number: int) -> int:
    """Index of the first comment line that stands right above a heading."""
    start = number - 1
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start
