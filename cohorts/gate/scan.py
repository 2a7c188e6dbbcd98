"""The last look at the bytes of a file before it is written (pure): identifiers, formulas, headings of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cohorts.attacks.formulas import is_formula
from cohorts.gate.documents import contents_of
from cohorts.gate.traces import token_like, traces_in

HEADINGS = re.compile(
    r"(?:(?:nhs|upn|pnc|cro|prison|noms|nomis|crn)[ _-]?(?:number|no|id)?|"
    r"(?:sur|fore|first|last|family|full)[ _-]?name|"
    r"dob|date[ _-]of[ _-]birth|birth[ _-]?date|(?:home[ _-])?address(?:[ _-]line)?[ _-]?[0-9]?|post[ _-]?code|"
    r"e-?mail|phone|mobile|free[ _-]?text|case[ _-]?notes?)",
    re.IGNORECASE,
)


PEOPLE = re.compile(r"participant(?:[ _-]?id)?|pseudonym", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """Something that may not leave: the file, the rule, and whether it can be waved through by a second person."""

    file: str
    said: str
    refused: bool = True


def scan(name: str, data: bytes, known: Callable[[set[str]], bool] | None = None) -> tuple[Found, ...]:
    """Everything in a file that may not leave.

    Parameters
    ----------
    known
        Says whether any of some words, written like pseudonyms, is one of the store's.
    """
    contents = contents_of(name, data)
    found = [Found(name, f"holds what reads as {rule}") for rule in traces_in((name, *contents.texts))]
    if known is not None and (words := token_like(contents.texts)) and known(words):
        found.append(Found(name, "holds a pseudonym of the store"))
    if contents.formulas or any(is_formula(cell) for cell in contents.cells):
        found.append(Found(name, "holds a cell that a spreadsheet would run"))
    if any(PEOPLE.fullmatch(heading.strip()) for heading in contents.headings):
        found.append(Found(name, "has a row for each person, real or made up", refused=False))
    if any(HEADINGS.fullmatch(heading.strip()) for heading in contents.headings):
        found.append(Found(name, "has a column headed like an identifier, a name, an address or free text"))
    if contents.unread:
        found.append(Found(name, f"cannot be looked into: {contents.unread}", refused=False))
    return tuple(found)


def scan_all(
    files: Iterable[tuple[str, bytes]], known: Callable[[set[str]], bool] | None = None
) -> tuple[Found, ...]:
    """The same of several files."""
    return tuple(one for name, data in files for one in scan(name, data, known))
