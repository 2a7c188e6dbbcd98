"""What voices were about: codes, how many voices each, excerpts, and whether new codes still come (pure).

Counts of few voices are withheld; excerpts stand beside a number and are never counted into it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from theory_of_change.delivery.model import Voice

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EXCERPTS = 3  # excerpts shown of a code, the newest
NEWEST = 10  # coded voices that are looked at for new codes


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code: of how many voices (``None``: too few to be told), and excerpts of what may be shown."""

    code: str
    voices: int | None
    groups: int | None
    excerpts: tuple[str, ...]


def code_lines(
    voices: Iterable[Voice], to: str, today: dt.date, threshold: int, box: str = ""
) -> list[CodeLine]:
    """Every code with its voices, the most first. Only what may be shown to the readers gives excerpts."""
    coded = [voice for voice in voices if voice.codes and box in ("", voice.box)]
    found = []
    for code in sorted({code for voice in coded for code in voice.codes}):
        of_code = [voice for voice in coded if code in voice.codes]
        shown = [
            voice
            for voice in sorted(of_code, key=lambda each: each.heard, reverse=True)
            if voice.may_be_shown(to, today) and not voice.story
        ]
        few = len(of_code) < threshold
        groups = None if few else len({voice.who for voice in of_code})
        excerpts = tuple(voice.text for voice in shown[:EXCERPTS])
        found.append(CodeLine(code, None if few else len(of_code), groups, excerpts))
    return sorted(found, key=lambda line: (-(line.voices or 0), line.code))


def saturation(voices: Sequence[Voice]) -> str:
    """Whether the newest voices still brought new codes, in words."""
    coded = sorted((voice for voice in voices if voice.codes), key=lambda each: (each.heard, each.id))
    if len(coded) <= NEWEST:
        return "Too few voices are coded to say whether new ones would bring anything new."
    before = {code for voice in coded[:-NEWEST] for code in voice.codes}
    new = sorted({code for voice in coded[-NEWEST:] for code in voice.codes} - before)
    if new:
        return f"The newest {NEWEST} voices still brought something new: {', '.join(new)}."
    return f"The newest {NEWEST} voices brought nothing new."
