"""Pairs of identifiers for the do-not-link register, as they are typed (pure); no message quotes one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, faults_in, normalise
from cohorts.pseudonyms import PseudonymKey, tokenise
from workspace.errors import Fault


@dataclass(frozen=True, slots=True)
class Side:
    """What one of two identifiers is: its kind and, for a local id, the source it belongs to."""

    kind: str
    source: str = ""


def check_side(side: Side) -> None:
    """Refuse a kind that is not known, and a local id of no source: ``LC889``."""
    if side.kind not in KINDS:
        raise CohortError("LC889", "the kind of identifier is not known", f"One of: {', '.join(KINDS)}")
    if side.kind == "local-id" and not side.source:
        raise CohortError(
            "LC889", "a local id needs the source it belongs to", "--source NAME, --other-source NAME"
        )


def tokens_of_side(
    texts: list[str], kind: str, namespace: str, key: PseudonymKey, project_id: str
) -> pl.DataFrame:
    """One side of the pairs, columns identifier, token; an identifier that is not of its kind is named by its place."""
    values = normalise(pl.Series("id", texts, dtype=pl.String), kind)
    faulty = [place for place, code in enumerate(faults_in(values, kind), start=1) if code]
    if faulty:
        raise CohortError.gather(
            Fault("LC889", "", f"pair {place}: not a good {kind}", "Type it again.") for place in faulty
        )
    return pl.DataFrame({"identifier": values, "token": tokenise(values, kind, key, project_id, namespace)})


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
