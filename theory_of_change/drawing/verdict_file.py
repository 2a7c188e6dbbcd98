"""A JSON file of verdicts on links: which link, which answer. Every fault is gathered (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from theory_of_change.drawing.signs import ANSWERS
from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from workspace.errors import Fault, did_you_mean

# What a result says of a link it tested, as the answer that is drawn; of "not tested" nothing is drawn.
FINDINGS = {
    "held": "works",
    "held, weakly": "too-small-to-matter",
    "did not hold": "no-meaningful-effect",
    "went the other way": "harms",
    "not known": "inconclusive",
    "not tested": "",
}


def read_verdicts(text: str, theory: Theory, name: str) -> dict[str, str]:
    """The answer for each tested link, by the link's id; from a file of verdicts or the result of an evaluation."""
    entries = _entries(text, name)
    faults = list(_faults(entries, theory, name))
    if faults:
        raise TheoryError.gather(faults)
    found = {"".join(entry["link"].split()): _answer(entry) for entry in entries}
    return {link: answer for link, answer in found.items() if answer}


def join_verdicts(files: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The answers of several files; two that differ about one link are refused, for a drawing has one sign."""
    answers: dict[str, str] = {}
    origin: dict[str, str] = {}
    faults = []
    for name, found in files.items():
        for link, answer in found.items():
            if answers.setdefault(link, answer) != answer:
                problem = f"link {link} has another verdict in {origin[link]}"
                faults.append(Fault("LC232", name, problem, "Keep the one the team stands by."))
            origin.setdefault(link, name)
    if faults:
        raise TheoryError.gather(faults)
    return answers


def _answer(entry: Mapping[str, Any]) -> str:
    answer = entry.get("answer")
    return str(
        answer if answer is not None else FINDINGS.get(str(entry.get("finding")), entry.get("finding"))
    )


def _entries(text: str, name: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
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
        if not (
            isinstance(entry, dict)
            and isinstance(entry.get("link"), str)
            and {"answer", "finding"} & set(entry)
        ):
            yield Fault("LC232", where, "an entry needs 'link' and 'answer'", "Add what is missing.")
            continue
        link, answer = "".join(entry["link"].split()), _answer(entry)
        if link not in known:
            problem = f"'{link}' is not a link of the theory.{did_you_mean(link, known)}"
            yield Fault("LC232", where, problem, "Correct the id; lifecourse theory show lists the links.")
        if answer and answer not in ANSWERS:
            problem = f"'{answer}' is not one of {', '.join(ANSWERS)}.{did_you_mean(answer, ANSWERS)}"
            yield Fault("LC232", where, problem, "Correct the answer.")
        if link in seen:
            yield Fault("LC232", where, f"link {link} has a verdict already", "Keep one entry for each link.")
        seen.add(link)
