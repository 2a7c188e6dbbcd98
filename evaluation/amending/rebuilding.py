"""A plan made again from its canonical text, so that a registered version can be run without its file (pure)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
from typing import Any, Union, get_args, get_origin, get_type_hints

from evaluation.methods.registry import METHODS
from evaluation.plan import ADDED, ADDED_SETTINGS, AnalysisPlan, canonical


def rebuilt(text: str) -> AnalysisPlan | None:
    """The plan whose canonical text this is; ``None`` where this version of the program would read it otherwise.

    Keys that came later are left out of a canonical text where they are not used: they come back as unused. The plan
    is right or it is not given: its own canonical text must be the one it was made from, letter by letter.
    """
    try:
        whole = json.loads(text)
        settings = whole["design"].get("settings")
        if isinstance(settings, dict):
            whole["design"]["settings"] = _settings(whole["design"]["method"], settings)
        plan = _made(AnalysisPlan, whole)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return plan if isinstance(plan, AnalysisPlan) and canonical(plan) == text else None


def _settings(method: str, found: dict[str, Any]) -> Any:
    """A method's own settings; of several classes of one method, the one that has these keys."""
    first = type(METHODS[method].read_settings(None))
    unused = ADDED_SETTINGS.get(method, {})
    for kind in (first, *first.__subclasses__()):
        names = {field.name for field in dataclasses.fields(kind)}
        if set(found) <= names:
            return _made(kind, {**{k: v for k, v in unused.items() if k in names}, **found})
    raise ValueError


def _made(hint: Any, value: Any) -> Any:
    """A value of the type a field asks for, out of what JSON has."""
    if value is None or hint is Any:
        return value
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _made(next(part for part in get_args(hint) if part is not type(None)), value)
    if origin is tuple:
        inner = get_args(hint)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        return tuple(_made(kind, part) for kind, part in zip(kinds, value, strict=True))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _dataclass(hint, value)
    if hint is dt.date:
        return dt.date.fromisoformat(value)
    return value


def _dataclass(kind: type, value: Any) -> Any:
    hints = get_type_hints(kind)
    given: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        if field.name in value:
            given[field.name] = _made(hints[field.name], value[field.name])
        elif field.name in ADDED:
            given[field.name] = ADDED[field.name]
    if set(value) - {field.name for field in dataclasses.fields(kind)}:
        raise ValueError
    return kind(**given)
