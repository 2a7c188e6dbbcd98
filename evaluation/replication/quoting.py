"""Texts, numbers and lists as R and TOML write them: whatever a name holds, it stays a name (pure)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

PLAIN_CODES = range(0x20, 0x7F)


def r_literal(value: object) -> str:
    """A value as an R literal: text quoted, numbers to the last digit, lists as c(...).

    Texts are plain ASCII with escapes, so that no encoding, quote, backslash or line break in a name can end the
    text early. Raises ValueError for a text with a NUL, which R cannot hold, and for values of other types.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return _r_text(value)
    if isinstance(value, int | float):
        return _r_number(float(value))
    if isinstance(value, Sequence):
        return _r_list(value)
    raise ValueError("no literal for this type")


def _r_text(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text with a NUL")
    return '"' + "".join(_r_character(ord(character)) for character in text) + '"'


def _r_character(code: int) -> str:
    if chr(code) in '"\\':
        return "\\" + chr(code)
    if code in (10, 9):
        return "\\n" if code == 10 else "\\t"
    if code in PLAIN_CODES:
        return chr(code)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _r_number(number: float) -> str:
    if math.isnan(number):
        return "NA"
    if math.isinf(number):
        return "Inf" if number > 0 else "-Inf"
    return repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _r_list(values: Sequence[object]) -> str:
    if not values:
        return "character(0)"
    return f"c({', '.join(r_literal(value) for value in values)})"


def remark(text: object) -> str:
    """A text in one line, for a comment: no character of it can begin a new line of code."""
    return "".join(c if c.isprintable() else " " for c in " ".join(str(text).split()))


def toml_literal(value: object) -> str:
    """A value of a plan as TOML writes it: texts, numbers, yes or no, and lists of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(toml_literal(item) for item in value)}]"
    return str(value)
