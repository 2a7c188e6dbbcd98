"""The insider: somebody with the program who wants to read about one person, or asks until they know (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cohorts.attacks.model import Trial, judged

PERSON_WORDS = frozenset({"participant", "person", "pseudonym", "token", "nhs", "upn", "pnc"})
PERSON_KEYS = frozenset(
    {"participant", "participant_id", "person", "token", "pseudonym", "index_date", "birth_date", "values"}
)
OFTEN = 10


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: its words and the names of its arguments and options."""

    words: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed as JSON."""

    words: str
    payload: Any


def asks_for_a_person(verb: Verb) -> bool:
    """Say whether a command takes something that names one person."""
    return any(set(name.lower().replace("-", "_").split("_")) & PERSON_WORDS for name in verb.parameters)


def keys_of(value: Any) -> set[str]:
    """Every key anywhere in a payload."""
    if isinstance(value, Mapping):
        return {str(key) for key in value} | set().union(*(keys_of(item) for item in value.values()), set())
    if isinstance(value, list | tuple):
        return set().union(*(keys_of(item) for item in value), set())
    return set()


def longest_list(value: Any) -> int:
    """The length of the longest list of tables in a payload: rows of people would make it as long as a cohort."""
    if isinstance(value, Mapping):
        return max((longest_list(item) for item in value.values()), default=0)
    if isinstance(value, list | tuple):
        own = len(value) if any(isinstance(item, Mapping | list | tuple) for item in value) else 0
        return max([own, *(longest_list(item) for item in value)])
    return 0


def repeated(entries: Iterable[tuple[str, str, Mapping[str, Any]]], threshold: int) -> list[str]:
    """Actions on one subject that were done often over few people, out of the audit log."""
    counts = Counter(
        (action, str(details.get("plan") or subject))
        for action, subject, details in entries
        if isinstance(details.get("people"), int) and details["people"] <= 2 * threshold
    )
    return [
        f"{action} on {subject}: {n} times over few people"
        for (action, subject), n in counts.items()
        if n >= OFTEN
    ]


def looks(entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> int:
    """How many entries of the audit log are of somebody who looked at people's data and changed nothing."""
    return sum(details.get("looked") is True for _, _, details in entries)


def trawl(
    verbs: Sequence[Verb],
    said: Sequence[Said],
    cohort_sizes: Sequence[int],
    entries: Sequence[tuple[str, str, Mapping[str, Any]]],
    threshold: int,
    allowed: frozenset[str] = frozenset(),
) -> Trial:
    """Every command and what the reading ones print; ``allowed`` names commands of the custodian."""
    smallest = min((n for n in cohort_sizes if n >= threshold), default=0)
    found = [f"'{v.words}' takes a person" for v in verbs if asks_for_a_person(v) and v.words not in allowed]
    found += [f"'{s.words}' prints a key of a person" for s in said if keys_of(s.payload) & PERSON_KEYS]
    found += [
        f"'{s.words}' prints as many rows as there are people"
        for s in said
        if smallest and longest_list(s.payload) >= smallest
    ]
    often = repeated(entries, threshold)
    return Trial(
        "insider",
        "An insider who trawls",
        "A colleague with the program, the project and the right to read.",
        f"{len(verbs)} commands and their options; the output of {len(said)} reading commands; {len(entries):,} "
        f"entries of the audit log, {looks(entries):,} of them of people who looked at counts.",
        (*found, *often) or ("no command reads about one person, and nobody asked for few people often",),
        "There is no command that reads a person; counts of few are withheld.",
        judged(bool(found or often)),
        f"Every look is in the log, but only runs of plans say over how many people: {OFTEN} or more over few are "
        "named here. Whoever may open the database file reads all of it and leaves no entry.",
    )


def timing() -> Trial:
    """Why there is no timing attack."""
    return Trial(
        "timing",
        "Guessing by how long an answer takes",
        "Somebody who can ask a service often and measure its answers.",
        "nothing: there is no service. The program runs on the machine of whoever asks.",
        (),
        "No network answers; comparisons of tokens happen inside the database.",
        "not-applicable",
        "If a service is ever put in front, compare in constant time and answer 'not found' always alike.",
    )
