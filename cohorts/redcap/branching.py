"""REDCap branching logic as far as one row can decide it: was this field shown, and so asked (pure).

Read are comparisons of ``[field]`` or ``[checkbox(code)]`` with a text, a number or another field of the same
event, joined by ``and``, ``or`` and brackets. Functions, fields of other events and smart variables other than
``[event-name]`` are not decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

EVENT = "redcap_event_name"
_TOKEN = re.compile(
    r"""\s*(?:(?P<field>\[[a-z][a-z0-9_]*(?:\([^()\[\]]+\))?\]|\[event-name\])(?!\s*\[)
    |(?P<text>'[^']*'|"[^"]*")|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<word>and\b|or\b)|(?P<sign><>|!=|<=|>=|=|<|>|\(|\)))""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_SIGNS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Branching logic read: the columns it looks at, and true (shown), false (hidden) or null (cannot be told)."""

    columns: tuple[str, ...]
    shown: pl.Expr = field(repr=False)


class _Undecided(Exception):  # noqa: N818 - this logic is beyond what a row can decide; it never leaves this file
    pass


def checkbox_column(name: str, code: str) -> str:
    """The heading REDCap gives to one option of a checkbox field: ``reasons`` and ``-1`` give ``reasons____1``."""
    return f"{name}___{re.sub(r'[^a-z0-9_]', '_', code.strip().lower())}"


def asked(logic: str) -> Asked | None:
    """Read branching logic; ``None`` when a row alone cannot decide it."""
    try:
        tokens = _tokens(logic)
        reader = _Reader(tokens)
        shown = reader.either()
    except _Undecided:
        return None
    if reader.place != len(tokens):
        return None
    return Asked(tuple(dict.fromkeys(reader.columns)), shown)


def _tokens(logic: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = logic.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _Undecided
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.columns: list[str] = []

    def _next(self) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            raise _Undecided
        self.place += 1
        return self.tokens[self.place - 1]

    def _follows(self, *wanted: str) -> bool:
        here = self.place < len(self.tokens) and self.tokens[self.place][1].lower() in wanted
        self.place += here
        return here

    def either(self) -> pl.Expr:
        shown = self._both()
        while self._follows("or"):
            shown = shown | self._both()
        return shown

    def _both(self) -> pl.Expr:
        shown = self._one()
        while self._follows("and"):
            shown = shown & self._one()
        return shown

    def _one(self) -> pl.Expr:
        if self._follows("("):
            shown = self.either()
            if not self._follows(")"):
                raise _Undecided
            return shown
        left, blank_left = self._operand()
        kind, sign = self._next()
        right, blank_right = self._operand()
        if kind != "sign" or sign in "()":
            raise _Undecided
        return _compared(left, right, sign, about_blank=blank_left or blank_right)

    def _operand(self) -> tuple[pl.Expr, bool]:
        """A value, and whether it is the empty text: ``[x] <> ''`` can be told of a blank cell too."""
        kind, text = self._next()
        if kind == "number":
            return pl.lit(text), False
        if kind == "text":
            return pl.lit(text[1:-1]), text[1:-1] == ""
        if kind != "field":
            raise _Undecided
        name, _, code = text.strip("[]").rstrip(")").partition("(")
        column = EVENT if name.lower() == "event-name" else checkbox_column(name, code) if code else name
        self.columns.append(column)
        return pl.col(column), False


def _compared(left: pl.Expr, right: pl.Expr, sign: str, *, about_blank: bool) -> pl.Expr:
    """Two texts held against each other, as numbers where both are; blank gives null unless blank is asked for."""
    if about_blank:
        same = left.fill_null("") == right.fill_null("")
        return same if sign == "=" else ~same if sign in ("<>", "!=") else pl.lit(None, dtype=pl.Boolean)
    numbers = [
        pl.when(side.str.strip_chars().str.contains(_NUMBER)).then(side.str.strip_chars()).cast(pl.Float64)
        for side in (left, right)
    ]
    if sign in _SIGNS:
        return _SIGNS[sign](*numbers)
    same = pl.coalesce(numbers[0] == numbers[1], left == right)
    return same if sign == "=" else ~same
