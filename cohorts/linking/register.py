"""The do-not-link register at the edge: pairs of identifiers in, marks stored; and the gate that loads pass."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.backups.key_list import mark_stale, renew_lists
from cohorts.custody.token_store import find_holders, token_columns, tokens_held
from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, faults_in, normalise
from cohorts.keys import load_key
from cohorts.linking.decisions import REGISTER_REASONS
from cohorts.linking.marks import forbidden_pairs, long_marks, mark_of, marks_of
from cohorts.linking.store import forbid, register
from cohorts.pseudonyms import PseudonymKey, tokenise
from cohorts.store import load_mapping
from workspace import console
from workspace.audit import record
from workspace.database import writing
from workspace.errors import Fault
from workspace.project import Project


@dataclass(frozen=True, slots=True)
class Side:
    """What one of two identifiers is: its kind and, for a local id, the source it belongs to."""

    kind: str
    source: str = ""


def forbid_pairs(
    project: Project, texts: list[tuple[str, str]], sides: tuple[Side, Side], reason: str
) -> int:
    """Put pairs of identifiers on the register; return how many are new. What was typed is forgotten."""
    if reason not in REGISTER_REASONS:
        raise CohortError(
            "LC887",
            "an entry needs one of the reason codes",
            f"--reason one of: {', '.join(REGISTER_REASONS)}",
        )
    key = load_key(project)
    columns = [
        _marks(project, [pair[place] for pair in texts], side, key) for place, side in enumerate(sides)
    ]
    for_good = not console.current().dry_run
    with writing(project, keep=for_good) as session:
        added = sum(forbid(session, pair, reason) for pair in zip(*columns, strict=True))
        mark_stale(session)
        record(session, "link.forbid", "register", {"reason": reason})
    if for_good:
        with writing(project) as session:
            renew_lists(session, project)
    return added


def _marks(project: Project, texts: list[str], side: Side, key: PseudonymKey) -> list[bytes]:
    namespace = _namespace(project, side)
    values = normalise(pl.Series("id", texts, dtype=pl.String), side.kind)
    faulty = [place for place, code in enumerate(faults_in(values, side.kind), start=1) if code]
    if faulty:
        raise CohortError.gather(
            Fault("LC889", "", f"pair {place}: not a good {side.kind}", "Type it again.") for place in faulty
        )
    tokens = tokenise(values, side.kind, key, project.settings.project_id, namespace)
    return [mark_of(side.kind, token, key, "forbid") for token in tokens]


def _namespace(project: Project, side: Side) -> str:
    if side.kind not in KINDS:
        raise CohortError("LC889", "the kind of identifier is not known", f"One of: {', '.join(KINDS)}")
    if side.kind != "local-id":
        return ""
    if not side.source:
        raise CohortError(
            "LC889", "a local id needs the source it belongs to", "--source NAME, --other-source NAME"
        )
    return load_mapping(project, side.source)[0].namespace


def refuse_forbidden(session: Session, people: pl.DataFrame, key: PseudonymKey) -> None:
    """Refuse a load that would give one participant two identifiers the register keeps apart."""
    listed = register(session)
    if listed.is_empty():
        return
    known = find_holders(session, people).with_columns(pl.col("person").cast(pl.Int64))
    held = known.join(tokens_held(session, known["participant_id"]), on="participant_id")
    in_file = people.with_columns(pl.col("person").cast(pl.Int64))
    marks = pl.concat(
        [marks_of(in_file, token_columns(people), key, "forbid"), long_marks(held, key, "forbid")]
    )
    pairs = forbidden_pairs(marks.unique(), marks.unique(), listed)
    joined = pairs.filter(pl.col("left") == pl.col("right")).height
    if joined:
        raise CohortError(
            "LC885",
            "rows of the file would join people whom the do-not-link register keeps apart",
            "Ask whoever looks after the register; nothing was loaded.",
        )


def read_pairs(lines: list[str]) -> list[tuple[str, str]]:
    """Pairs of identifiers from lines ``one,other``; no message quotes a line."""
    pairs = []
    for place, line in enumerate(lines, start=1):
        parts = [part.strip() for part in line.split(",")]
        if not line.strip():
            continue
        if len(parts) != 2 or not all(parts):
            raise CohortError(
                "LC889", f"line {place} is not two identifiers with a comma between", "One pair a line."
            )
        pairs.append((parts[0], parts[1]))
    if not pairs:
        raise CohortError(
            "LC889", "there is no pair of identifiers", "Type them when asked, or send them in."
        )
    return pairs
