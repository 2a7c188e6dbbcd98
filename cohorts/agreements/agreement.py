"""agreements/<id>.toml: what two partners agreed about data, read strictly, with the line of every fault (pure)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cohorts.errors import AGREEMENT_KEYS, CohortError
from workspace.days import days_after
from workspace.errors import Fault, did_you_mean
from workspace.settings import DisclosureProfile
from workspace.toml_source import Section, TomlSource, toml_text, top

GATEWAYS = (
    "consent",
    "public task",
    "serious violence duty",
    "crime and disorder act s115",
    "research",
    "other",
)
AGGREGATE, ROWS = "aggregate", "rows"
OUTPUTS = (AGGREGATE, ROWS)
PURPOSES = ("evaluation", "linkage", "synthetic data", "operational")
IDENTIFIERS, INDEX_DATE = "identifiers", "index_date"
WRONG = AGREEMENT_KEYS.wrong
_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
_NEVER = dt.date.min


@dataclass(frozen=True, slots=True)
class Agreement:
    """What may be loaded, joined and published, on which ground, and until when.

    ``fields`` names variables, ``identifiers`` and ``index_date``. The agreement is in force from ``starts`` to
    the end of its last day ``expires``, once ``signed`` and until ``suspended``. Data loaded by then may be used until
    ``use_until`` where it is given. Without ``purposes`` any is allowed. Without a ``threshold`` or ``rounding`` the
    project's hold. ``outputs`` of ``rows`` lets row-level data go to the ``safe_settings`` alone: there at most the
    share in ``unique_limits`` of the people (none by default) may be alone with what others may know of them, the
    ``quasi_identifiers`` where they are declared.
    """

    id: str
    title: str
    version: str
    parties: tuple[str, ...]
    purpose: str
    lawful_basis: str
    gateway: str
    sources: tuple[str, ...]
    fields: tuple[str, ...]
    linkages: tuple[str, ...]
    outputs: str
    starts: dt.date
    expires: dt.date
    signed: dt.date | None = None
    review_by: dt.date | None = None
    supersedes: str = ""
    threshold: int | None = None
    rounding: int | None = None
    purposes: tuple[str, ...] = ()
    use_until: dt.date | None = None
    suspended: dt.date | None = None
    safe_settings: tuple[str, ...] = ()
    unique_limits: tuple[tuple[str, float], ...] = ()
    quasi_identifiers: tuple[str, ...] = ()

    def may_join(self, source: str) -> bool:
        """May its data be joined with those of a source? Its own sources may always be."""
        return source in self.sources or source in self.linkages

    def unique_limit(self, setting: str) -> float:
        """The share of people who may be alone in a release to a safe setting."""
        return dict(self.unique_limits).get(setting, 0.0)


def read_agreement(source: TomlSource, project: DisclosureProfile) -> Agreement:
    """Read an agreement, gathering every fault in it before refusing. It may be stricter than the project only."""
    faults: list[Fault] = []
    file = top(source, faults, AGREEMENT_KEYS)
    head = file.table("agreement", required=True)
    file.finish()
    if head is None:
        raise CohortError.gather(faults)
    found = _read_head(head, project)
    head.finish()
    _check(head, found)
    if faults:
        raise CohortError.gather(faults)
    return found


def _read_head(head: Section, project: DisclosureProfile) -> Agreement:
    return Agreement(
        id=head.text("id", required=True),
        title=head.text("title", required=True),
        version=head.text("version", required=True),
        parties=_names(head, "parties"),
        purpose=head.text("purpose", required=True),
        lawful_basis=head.text("lawful_basis", required=True),
        gateway=head.text("gateway", required=True, one_of=GATEWAYS),
        sources=_names(head, "sources"),
        fields=_names(head, "fields"),
        linkages=_names(head, "linkages", required=False),
        outputs=head.text("outputs", "aggregate", one_of=OUTPUTS),
        starts=head.date("starts", required=True) or _NEVER,
        expires=head.date("expires", required=True) or _NEVER,
        signed=head.date("signed"),
        review_by=head.date("review_by"),
        supersedes=head.text("supersedes"),
        threshold=_at_least(head, "threshold", project.threshold),
        rounding=_at_least(head, "rounding", project.rounding),
        purposes=_purposes(head),
        use_until=head.date("use_until"),
        suspended=head.date("suspended"),
        safe_settings=_names(head, "safe_settings", required=False),
        unique_limits=_limits(head),
        quasi_identifiers=_names(head, "quasi_identifiers", required=False),
    )


def _names(head: Section, key: str, *, required: bool = True) -> tuple[str, ...]:
    found = tuple(name.strip() for name in head.texts(key, required=required))
    if "" in found or (required and head.values.get(key) == []):
        head.fault(WRONG, key, f"'{key}' is empty or has a blank entry", "Name at least one.")
    if len(set(found)) < len(found):
        head.fault(WRONG, key, f"'{key}' has the same entry twice", "Keep one.")
    return found


def _purposes(head: Section) -> tuple[str, ...]:
    found = _names(head, "purposes", required=False)
    if head.values.get("purposes") == []:
        head.fault(
            WRONG, "purposes", "'purposes' is empty, which would allow nothing", "Name one, or leave it out."
        )
    for name in found:
        if name and name not in PURPOSES:
            said = f"'{name}' is not a purpose the program knows.{did_you_mean(name, PURPOSES)}"
            head.fault(WRONG, "purposes", said, f"One of: {', '.join(PURPOSES)}.")
    return found


def _at_least(head: Section, key: str, project: int) -> int | None:
    found = head.integer(key, low=1)
    if found is not None and found < project:
        head.fault(
            WRONG,
            key,
            f"'{key}' is {found}, which is less strict than the project's {project}",
            f"Leave {key} out, or make it larger.",
        )
    return found


def _limits(head: Section) -> tuple[tuple[str, float], ...]:
    """The share of people who may be alone, by safe setting."""
    table = head.table("unique_limits")
    if table is None:
        return ()
    found = [(name, table.number(name, low=0.0, high=1.0)) for name in table.values]
    return tuple((name, limit) for name, limit in found if limit is not None)


def _check_rows(head: Section, found: Agreement) -> None:
    """Row-level data go to named places, and only where rows may leave at all."""
    if found.outputs == ROWS and not found.safe_settings:
        said = "'outputs' is \"rows\", but no safe setting is named"
        head.fault(WRONG, "outputs", said, 'Add safe_settings = ["…"]: where row-level data may go.')
    for key in ("safe_settings", "unique_limits", "quasi_identifiers"):
        if found.outputs == AGGREGATE and head.has(key):
            said = f"'{key}' is about row-level data, which outputs = \"aggregate\" does not let out"
            head.fault(WRONG, key, said, f'Remove {key}, or agree on outputs = "rows".')
    for key, known, named in (
        ("unique_limits", found.safe_settings, [name for name, _ in found.unique_limits]),
        ("quasi_identifiers", found.fields, found.quasi_identifiers),
    ):
        for name in named if found.outputs == ROWS else ():
            if name not in known:
                other = "safe_settings" if key == "unique_limits" else "fields"
                said = f"'{key}' names '{name}', which is not among '{other}'.{did_you_mean(name, known)}"
                head.fault(WRONG, key, said, f"Add it to {other}, or correct the name.")


def _check(head: Section, found: Agreement) -> None:
    _check_rows(head, found)
    if found.id and not _ID.fullmatch(found.id):
        head.fault(WRONG, "id", "'id' must be small letters, digits and hyphens", "Like police-2026.")
    if found.expires < found.starts and _NEVER not in (found.expires, found.starts):
        head.fault(WRONG, "expires", "'expires' lies before 'starts'", "Correct one of the two.")
    if found.use_until and found.use_until < found.expires:
        head.fault(WRONG, "use_until", "'use_until' lies before 'expires'", "Correct one of the two.")
    if found.supersedes and found.supersedes == found.id:
        head.fault(WRONG, "supersedes", "an agreement cannot supersede itself", "Name the older one.")


def starter_agreement(
    name: str, title: str, sources: Sequence[str], fields: Sequence[str], today: dt.date
) -> str:
    """The text of a first agreement file: complete enough to be read, unsigned, and so without any force."""
    listed = {key: ", ".join(map(toml_text, items)) for key, items in (("s", sources), ("f", fields))}
    return f"""# What was agreed about these data. The paper that was signed rules; this file lets the program hold
# loads, linkage, counts and evaluations to it. Until 'signed' has a date the agreement has no force.
[agreement]
id = "{name}"
title = {toml_text(title)}
version = "1"
parties = ["To be named"]
purpose = "To be written: what the data are used for"
lawful_basis = "To be written: the article and the condition relied on"
gateway = "other"            # {", ".join(GATEWAYS)}
sources = [{listed["s"]}]    # sources that come under it
fields = [{listed["f"]}]     # variables it allows; "identifiers" and "index_date" are named so
linkages = []                # other sources these data may be joined with
outputs = "aggregate"        # or "rows": then say where row-level data may go
# safe_settings = ["…"]
# purposes = ["evaluation"]  # {", ".join(PURPOSES)}; left out, any
# threshold = 10             # only when stricter than the project's
# rounding = 5
# signed = {today.isoformat()}
starts = {today.isoformat()}
expires = {days_after(today, 365).isoformat()}         # the last day
# use_until = {days_after(today, 730).isoformat()}     # what was loaded may be used until then
# suspended = {today.isoformat()}     # from this day nothing is loaded or used
# review_by = {days_after(today, 180).isoformat()}
# supersedes = "older-agreement"
"""
