"""The people a rights request is about: typed identifiers or a small file, as tokens (pure).

What is needed to look for what may be left of them in files afterwards is kept beside the tokens, in memory
only; it has no repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, normalise
from cohorts.linking.identities import identifier_cells, read_identifiers
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.mapping import IdentifierColumn, SourceMapping
from cohorts.partner_files.problems import marked_rows
from cohorts.pseudonyms import PseudonymKey
from workspace.errors import did_you_mean

COLUMN = "identifier"


@dataclass(frozen=True, slots=True)
class Named:
    """People who were named: ``person`` and one column of tokens a kind; and what they were named by."""

    people: pl.DataFrame = field(repr=False)
    identifiers: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def tokens(self) -> list[bytes]:
        """All their tokens."""
        kinds = [name for name in self.people.columns if name != "person"]
        return [token for kind in kinds for token in self.people[kind].drop_nulls().to_list()]

    @property
    def held(self) -> pl.DataFrame:
        """Their tokens with their kinds: columns kind, token."""
        kinds = [name for name in self.people.columns if name != "person"]
        parts = [
            self.people.select(pl.lit(kind).alias("kind"), pl.col(kind).alias("token")).drop_nulls()
            for kind in kinds
        ]
        return pl.concat([pl.DataFrame(schema={"kind": pl.String, "token": pl.Binary}), *parts])


def typed_people(
    values: list[str], kind: str, of: SourceMapping | None, key: PseudonymKey, project_id: str
) -> Named:
    """People by typed identifiers of one kind, one a person; a local id belongs to a source's organisation."""
    if kind not in KINDS:
        raise CohortError(
            "LC897",
            f"there is no kind of identifier '{kind}'.{did_you_mean(kind, KINDS)}",
            f"Kinds: {', '.join(KINDS)}.",
        )
    if kind == "local-id" and of is None:
        raise CohortError("LC893", "a local id belongs to one source", "Name it with --source.")
    raw = RawTable(pl.DataFrame({COLUMN: values}, schema={COLUMN: pl.String}), "what was typed", "csv")
    return _named(raw, _mapping(kind, of), key, project_id)


def listed_people(raw: RawTable, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> Named:
    """People by a small file with the identifier columns of a source; its other columns are not read."""
    there = tuple(item for item in mapping.identifiers if item.column in raw.frame.columns)
    if not there:
        raise CohortError(
            "LC893",
            "the file has none of the source's identifier columns",
            f"It needs one of: {', '.join(item.column for item in mapping.identifiers)}.",
            where=raw.name,
        )
    bare = replace(mapping, identifiers=there, variables=(), index_date="", wave_column="", enrols=False)
    return _named(raw, bare, key, project_id)


def _mapping(kind: str, of: SourceMapping | None) -> SourceMapping:
    if of is not None:
        identifiers = (IdentifierColumn(COLUMN, kind),)
        return replace(of, identifiers=identifiers, variables=(), index_date="", wave_column="", enrols=False)
    return SourceMapping(
        id="request", title="", organisation="", cohort="", enrols=False, encoding="auto", sheet="",
        dates="dd/mm/yyyy", rejects="stop", wave="", wave_column="", waves={}, data_until=None, ignore=(),
        missing={}, identifiers=(IdentifierColumn(COLUMN, kind),), index_date="", variables=(),
    )  # fmt: skip


def _named(raw: RawTable, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> Named:
    cells, numbers = identifier_cells(raw, mapping)
    tokens, marks = read_identifiers(cells, numbers, mapping, key, project_id)
    bad = marked_rows(marks).len()
    if bad:
        raise CohortError(
            "LC896",
            f"{bad} of {cells.height} identifiers do not have the form of their kind, or do not fit their check",
            "Look at the request again; nothing was changed.",
            where=raw.name,
        )
    people = tokens.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"))
    used: list[tuple[str, str]] = []
    for item in mapping.identifiers:
        written = cells[item.column].drop_nulls()
        both = [*written.to_list(), *normalise(written, item.kind).drop_nulls().to_list()]
        used += [(item.kind, text) for text in both]
    return Named(people, tuple(dict.fromkeys(used)))
