"""What differs between two texts of a plan, in words: which key, from what to what (pure).

Outcomes are told apart by their measure and wave. A measure that stands once in both texts with another wave is the
same outcome redefined, not one dropped and another added.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evaluation.amending.model import Change, What

Table = Mapping[str, Any]
RANK = {"exploratory": 0, "secondary": 1, "primary": 2}
MARGIN = ("minimum_important_difference", "mid_source")
ASSUMED = ("expected_sd", "expected_rate", "expected_r2", "icc", "cluster_r2")
BESIDE = ("title", "links", "reason", "reported_by", "assumed")  # of the plan itself: they change no number
PLACES = {"title": "plan", "links": "plan", "reason": "plan", "reported_by": "reporting"}
TABLES = {"assumed": "power", "selection": "population"}  # tables of the plan's file by other names
UNSET = "not set"


def changes(old: str, new: str, *, seen: bool = False) -> tuple[Change, ...]:
    """Everything that differs between two canonical texts; ``seen``: outcomes could be seen when it was changed."""
    before, after = json.loads(old), json.loads(new)
    return (*outcome_changes(before, after, seen=seen), *analysis_changes(before, after))


def outcome_changes(before: Table, after: Table, *, seen: bool = False) -> Iterator[Change]:
    """Outcomes added, dropped, promoted, demoted or redefined."""
    for one, other in pairs(before["outcomes"], after["outcomes"]):
        if other is None and one is not None:
            label = outcome_label(one)
            yield Change(
                "dropped", label, "role", one["role"], "", f"{label}: dropped (it was {one['role']})"
            )
        elif one is None and other is not None:
            label = outcome_label(other)
            yield Change("added", label, "role", "", other["role"], f"{label}: added as {other['role']}")
        elif one is not None and other is not None:
            yield from _same_outcome(one, other, seen=seen)


def pairs(before: Iterable[Table], after: Iterable[Table]) -> list[tuple[Table | None, Table | None]]:
    """Outcomes of two texts side by side, in the order of the first text, then what only the second has."""
    old, new = list(before), list(after)
    found: list[tuple[Table | None, Table | None]] = []
    left = list(new)
    for one in old:
        same = [other for other in left if _key(other) == _key(one)]
        if not same and _once(one, old) and _key(one) not in [_key(other) for other in new]:
            same = [other for other in left if other["measure"] == one["measure"] and _once(other, new)]
        if same:
            left.remove(same[0])
        found.append((one, same[0] if same else None))
    return found + [(None, other) for other in left]


def _key(outcome: Table) -> tuple[str, str]:
    return str(outcome["measure"]), str(outcome.get("wave", ""))


def _once(outcome: Table, among: list[Table]) -> bool:
    return [other["measure"] for other in among].count(outcome["measure"]) == 1


def outcome_label(outcome: Table) -> str:
    """An outcome by its measure and wave."""
    wave = f" at {outcome['wave']}" if outcome.get("wave") else ""
    return f"outcome '{outcome['measure']}'{wave}"


def _same_outcome(one: Table, other: Table, *, seen: bool) -> Iterator[Change]:
    label = outcome_label(one)
    if one["role"] != other["role"]:
        moved: What = moved_to(one["role"], other["role"])
        text = f"{label}: {moved} from {one['role']} to {other['role']}"
        yield Change(moved, label, "role", one["role"], other["role"], text)
    for key, was, now in _flat({**one, "role": ""}, {**other, "role": ""}):
        yield _redefined(label, key.removeprefix("timing."), was, now, seen=seen)


def moved_to(before: str, after: str) -> What:
    """Whether an outcome now carries more or less of the answer."""
    return "promoted" if RANK[after] > RANK[before] else "demoted"


def _redefined(label: str, key: str, was: Any, now: Any, *, seen: bool) -> Change:
    said = f"{_worded(was)} to {_worded(now)}"
    if key in ASSUMED:
        return Change("assumption", label, key, _worded(was), _worded(now), f"{label}: {key} from {said}")
    text = f"{label}: redefined, {key} from {said}"
    if key in MARGIN:
        text = f"{label}: redefined, the difference that matters ({key}) from {said}"
        text += "; changed after outcomes could be seen" if seen else ""
    return Change("redefined", label, key, _worded(was), _worded(now), text)


def analysis_changes(before: Table, after: Table) -> Iterator[Change]:
    """What differs outside the outcomes, key by key as the plan's file has them."""
    one, other = ({**text, "outcomes": None} for text in (before, after))
    for key, was, now in _flat(one, other):
        name = _as_in_the_file(key, after if now is not None else before)
        top = key.partition(".")[0]
        what: What = "assumption" if key.rpartition(".")[2] in ASSUMED or top in BESIDE else "changed"
        text = f"{name} from {_worded(was)} to {_worded(now)}"
        yield Change(what, "", name, _worded(was), _worded(now), text)


def _as_in_the_file(key: str, text: Table) -> str:
    if key in PLACES:
        return f"{PLACES[key]}.{key}"
    if key.startswith("design.settings."):
        return f"design.{text['design']['method']}.{key.removeprefix('design.settings.')}"
    top, dot, rest = key.partition(".")
    return "subgroup" if key == "subgroups" else f"{TABLES.get(top, top)}{dot}{rest}"


def _flat(one: Table, other: Table, within: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every key whose value differs, tables opened; a list is a value."""
    for key in dict.fromkeys((*one, *other)):
        was, now = one.get(key), other.get(key)
        if was == now or (_unset(was) and _unset(now)):
            continue
        if isinstance(was, Mapping) or isinstance(now, Mapping):
            yield from _flat(was or {}, now or {}, f"{within}{key}.")
        else:
            yield f"{within}{key}", was, now


def _unset(value: Any) -> bool:
    """A key that came later is left out where it is not used; that is no change."""
    return value is None or value in ("", [])


def _worded(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if _unset(value):
        return UNSET
    if isinstance(value, list):
        return ", ".join(_worded(part) for part in value)
    if isinstance(value, Mapping):
        return " ".join(_worded(part) for part in value.values() if not isinstance(part, bool))
    return f"{value:g}" if isinstance(value, float) else str(value)
