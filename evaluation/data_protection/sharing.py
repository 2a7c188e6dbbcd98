"""On which basis data come, how they are joined, and what has left (pure)."""

from __future__ import annotations

import datetime as dt

from cohorts.agreements.agreement import Agreement
from evaluation.data_protection.facts import Facts
from evaluation.team.paper import Block
from evaluation.team.words import day_words, grid, joined


def law(facts: Facts) -> tuple[Block, ...]:
    """Agreements with their basis and their days."""
    rows = [
        (
            f"{one.id} {one.version}",
            joined(list(one.parties)),
            one.purpose,
            one.lawful_basis,
            one.gateway or "not said",
            _standing(one, facts.day),
            day_words(one.use_until) if one.use_until else "not said",
        )
        for one in facts.agreements
    ]
    head = ("Agreement", "Parties", "Purpose", "Lawful basis", "Gateway", "In force", "May be used until")
    bare = [source.title for source in facts.sources if not source.agreement]
    enforced = (
        "Data are read only while an agreement that names source, field and purpose is in force."
        if facts.agreements_required
        else "Agreements are kept where they are named, but lifecourse.toml does not require one for every source."
    )
    return (
        grid("Agreements", head, rows, "No agreement is in the project: no lawful basis is on record here."),
        f"Without an agreement: {joined(bare)}." if bare else "Every source names its agreement.",
        enforced,
    )


def _standing(one: Agreement, day: dt.date) -> str:
    words = f"{day_words(one.starts)} to {day_words(one.expires)}"
    if one.signed is None:
        return f"{words}; NOT SIGNED"
    if one.suspended and one.suspended <= day:
        return f"{words}; SUSPENDED"
    return f"{words}; EXPIRED" if one.expires < day else words


def linkage(facts: Facts) -> tuple[Block, ...]:
    """Whether records of people are joined across sources, and how."""
    several = len([one for one in facts.sources if one.identifiers]) > 1
    lines = [
        "Records are joined across sources by tokens of identifiers."
        if several
        else "There is one source: nothing is joined across sources."
    ]
    if facts.linked:
        lines.append(
            "People without a common identifier were joined by names, dates and places made into tokens; those of "
            "single fields live in memory for one run. lifecourse link quality says how well, by group."
        )
    lines.append("Pairs in the do-not-link register are never joined.")
    return tuple(lines)


def departures(facts: Facts) -> tuple[Block, ...]:
    """Every release on record."""
    rows = [(one.id, one.day, one.what, one.people, one.state) for one in (*facts.rows_out, *facts.files_out)]
    head = ("Release", "On", "What", "Of people", "State")
    return (grid("What has left", head, rows, "Nothing has left, as far as is on record."),)
