"""On which line each value of a JSON text stands, so that faults in a record can name it (pure)."""

from __future__ import annotations

import re
from typing import Any

Path_ = tuple[str | int, ...]
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def json_lines(text: str) -> dict[Path_, int]:
    """The line (from 1) of each key and item of valid JSON."""
    found: dict[Path_, int] = {}
    frames: list[Any] = []  # the key or the number one is at, one a level; None where a key is due
    opened: list[str] = []
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        word = token[0]
        if word in "{[":
            _note(found, frames, line)
            opened.append(word)
            frames.append(None if word == "{" else 0)
        elif word in "}]":
            opened.pop()
            frames.pop()
        elif word == ",":
            frames[-1] = None if opened[-1] == "{" else frames[-1] + 1
        elif word.startswith('"') and opened and opened[-1] == "{" and frames[-1] is None:
            frames[-1] = word[1:-1]
            _note(found, frames, line)
        elif word != ":":
            _note(found, frames, line)
    return found


def _note(found: dict[Path_, int], frames: list[Any], line: int) -> None:
    if frames and None not in frames:
        found.setdefault(tuple(frames), line)
