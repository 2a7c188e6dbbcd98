"""Frozen values as plain data and back, without loss (pure).

Of a dataclass every field is kept under its name; a tuple becomes a list. On the way back the annotations say what
each list and each table was. A field that a later version added takes its default; one that it no longer knows, or a
value of another shape, is refused.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


class ShapeError(ValueError):
    """Plain data that are no such value; the message names places, never what stands there."""


def as_plain(value: Any) -> Any:
    """A value as lists, tables, texts and numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): as_plain(item) for key, item in value.items()}
    return value


def from_plain(kind: type[Value], plain: Any) -> Value:
    """The value of a kind that ``plain`` was made of.

    Raises
    ------
    ShapeError
        Where something is missing, unknown or of another shape.
    """
    made = _read(kind, plain, kind.__name__)
    if not isinstance(made, kind):
        raise ShapeError(kind.__name__)
    return made


def _read(kind: Any, plain: Any, place: str) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass(kind, plain, place)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _choice(inner, plain, place)
    if origin is tuple:
        return _tuple(inner, plain, place)
    if origin is dict:
        if not isinstance(plain, dict):
            raise ShapeError(place)
        return {key: _read(inner[1], item, place) for key, item in plain.items()}
    return _single(kind, origin, inner, plain, place)


def _single(kind: Any, origin: Any, inner: tuple[Any, ...], plain: Any, place: str) -> Any:
    if origin is Literal:
        fits = plain in inner
    elif kind is float:
        fits = isinstance(plain, int | float) and not isinstance(plain, bool)
    elif kind in (str, bool):
        fits = isinstance(plain, kind)
    elif kind is int:
        fits = isinstance(plain, int) and not isinstance(plain, bool)
    elif kind is type(None):
        fits = plain is None
    else:
        fits = kind is object or kind is Any
    if not fits:
        raise ShapeError(place)
    return plain


def _choice(inner: tuple[Any, ...], plain: Any, place: str) -> Any:
    for kind in inner:
        try:
            return _read(kind, plain, place)
        except ShapeError:
            continue
    raise ShapeError(place)


def _tuple(inner: tuple[Any, ...], plain: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(plain, list):
        raise ShapeError(place)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_read(inner[0], item, place) for item in plain)
    if len(inner) != len(plain):
        raise ShapeError(place)
    return tuple(_read(kind, item, place) for kind, item in zip(inner, plain, strict=True))


@functools.cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _dataclass(kind: Any, plain: Any, place: str) -> Any:
    if not isinstance(plain, dict):
        raise ShapeError(place)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := plain.keys() - fields.keys():
        raise ShapeError(f"{place}.{min(unknown)}")
    for name, field in fields.items():
        has_default = (
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        )
        if name not in plain and not has_default:
            raise ShapeError(f"{place}.{name}")
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], item, f"{place}.{name}") for name, item in plain.items()})
