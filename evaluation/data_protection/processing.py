"""What is processed and why, from plans, mappings and cohorts (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from cohorts.partner_files.mapping import SourceMapping
from evaluation.data_protection.facts import Facts
from evaluation.team.paper import Block, Listing
from evaluation.team.words import grid, joined

KINDS = {
    "nhs-number": "NHS number",
    "upn": "unique pupil number",
    "pnc-id": "PNC number",
    "prison-number": "prison number",
    "crn": "probation case number",
    "local-id": "a partner's own number",
}
SET_BY = {
    "one": "partner files are read at the hub",
    "two": "partners prepare files; no identifier reaches the hub",
}


def purposes(facts: Facts) -> tuple[Block, ...]:
    """What the data are for: the evaluations that are planned."""
    rows = [(one.id, one.title, one.state) for one in facts.plans]
    nil = "No plan is locked yet: the project does not say what the data are for."
    return (
        "Signs that an assessment is needed, by the guidance of the ICO (from memory): matching of data sets, data "
        "about vulnerable people, possibly data about offences and about children, on a large scale.",
        grid("What the data are for", ("Plan", "Question", "State"), rows, nil),
    )


def nature(facts: Facts) -> tuple[Block, ...]:
    """How data are collected, used, kept and deleted."""
    store = "a PostgreSQL server" if facts.on_server else "one SQLite file on the machine of the hub"
    lines = [
        f"Keys: {facts.keys}; {SET_BY.get(facts.keys, 'as lifecourse.toml says')}.",
        "Identifiers become tokens (HMAC-SHA-256 under a secret of 256 bits) while a file is read; the store holds the "
        "tokens under a second key, the seal. Both keys lie outside the project.",
        f"The store is {store}. Values in it are not encrypted by the program.",
        f"Backups: {facts.key_lists} key lists are known; in a backup everybody's rows are under a key of their own."
        if facts.key_lists
        else "Backups: the program knows of none.",
        "Deletion: an erasure overwrites rows, changes the seal, destroys the person's key and leaves a tombstone "
        "without a token.",
        f"The audit log has {facts.log_entries:,} entries; its chain "
        + ("holds." if facts.log_holds else "DOES NOT HOLD: find out why before this assessment is used."),
        "Nobody is decided about: no score, no automated decision, no profile of a person is made.",
    ]
    lines += [f"{role}: {person}." for role, person in facts.roles]
    return (Listing(tuple(lines)),)


def scope(facts: Facts) -> tuple[Block, ...]:
    """Whose data, and roughly how many people."""
    rows = [
        (
            one.title,
            one.enrolled or "nobody yet",
            one.eligibility or "everybody who is enrolled",
            ", ".join(one.waves),
        )
        for one in facts.cohorts
    ]
    head = ("Cohort", "People", "Who is in it", "Seen at")
    return (
        grid("Whose data", head, rows, "There is no cohort yet."),
        f"Numbers below {facts.profile.threshold} are withheld, others rounded to {facts.profile.rounding}.",
    )


def data_kept(facts: Facts) -> tuple[Block, ...]:
    """Column by column: what is hashed, kept, dropped."""
    rows = [
        (
            source.title,
            source.organisation or "not said",
            source.agreement or "none named",
            joined([KINDS.get(item.kind, item.kind) for item in source.identifiers]),
        )
        for source in facts.sources
    ]
    columns = [row for source in facts.sources for row in _columns(source)]
    return (
        grid(
            "Sources",
            ("Source", "From", "Agreement", "Identifiers, kept as tokens only"),
            rows,
            "There is no source.",
        ),
        grid("Columns", ("Source", "Column", "What becomes of it"), columns, "No source names a column."),
        "A column that a mapping does not name stops the file: nothing is read that is not in this table.",
    )


def _columns(source: SourceMapping) -> Iterable[tuple[str, str, str]]:
    for item in source.identifiers:
        yield source.id, item.column, "hashed under the key, then forgotten"
    for one in source.matching:
        yield source.id, one.column, "made into tokens for linkage, for one run"
    if source.index_date:
        yield source.id, source.index_date, "kept: the day on which follow-up begins"
    for variable in source.variables:
        made = (
            "made into an age, then forgotten"
            if variable.kind.startswith("age")
            else f"kept as {variable.kind}"
        )
        yield source.id, variable.column, f"{made} ({variable.name})"
    for column in source.ignore:
        yield source.id, column, "dropped unread"


def context(facts: Facts) -> tuple[Block, ...]:
    """Children, offences, health: what identifiers and templates show; the rest is for people."""
    lines = []
    if facts.with_offences:
        lines.append(
            "Criminal-offence data (Article 10): shown by identifiers of police, prisons or probation. A partner that "
            "is a competent authority may hold them under Part 3 of the Data Protection Act 2018; using them here is "
            "another purpose and needs its own basis."
        )
    if facts.with_health:
        lines.append(
            "Health service data (Article 9): shown by NHS numbers. Duties of confidence stand beside the law."
        )
    if facts.with_children:
        lines.append(
            "Children: shown by pupil numbers or by a template for children. They merit specific protection; a new "
            "pupil number may stand for a child who must not be found, so enter such pairs in the do-not-link register."
        )
    none = "Neither identifiers nor templates show data about offences, health or children."
    return (Listing(tuple(lines)) if lines else none,)
