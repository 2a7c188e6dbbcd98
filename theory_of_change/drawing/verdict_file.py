"""A JSON file of verdicts on links: which link, which answer. Every fault is gathered (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from theory_of_change.drawing.signs import ANSWERS
from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from workspace.errors import Fault, did_you_mean


def read_verdicts(text: str, theory: Theory, name: str) -> dict[str, str]:
    """The answer for each tested link, by the link's id."""
    entries = _entries(text, name)
    faults = list(_faults(entries, theory, name))
    if faults:
        raise TheoryError.gather(faults)
    return {"".join(entry["link"].split()): entry["answer"] for entry in entries}


def _entries(text: str, name: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except ValueError:
        raise TheoryError("LC232", "not valid JSON", "Write the file anew.", where=name) from None
    entries = whole.get("links") if isinstance(whole, dict) else None
    if not isinstance(entries, list):
        hint = '{"links": [{"link": "A1>O1", "answer": "works"}]}'
        raise TheoryError("LC232", "the file has no list 'links'", hint, where=name)
    return entries


def _faults(entries: list[Any], theory: Theory, name: str) -> Iterator[Fault]:
    seen: set[str] = set()
    known = [link.id for link in theory.links]
    for number, entry in enumerate(entries, 1):
        where = f"{name}, entry {number}"
        link, answer = (entry.get(key) if isinstance(entry, dict) else None for key in ("link", "answer"))
        if not (isinstance(link, str) and isinstance(answer, str)):
            yield Fault(
                "LC232", where, "an entry needs 'link' and 'answer', both texts", "Add what is missing."
            )
            continue
        link = "".join(link.split())
        if link not in known:
            problem = f"'{link}' is not a link of the theory.{did_you_mean(link, known)}"
            yield Fault("LC232", where, problem, "Correct the id; lifecourse theory show lists the links.")
        if answer not in ANSWERS:
            problem = f"'{answer}' is not one of {', '.join(ANSWERS)}.{did_you_mean(answer, ANSWERS)}"
            yield Fault("LC232", where, problem, "Correct the answer.")
        if link in seen:
            yield Fault("LC232", where, f"link {link} has a verdict already", "Keep one entry for each link.")
        seen.add(link)
