"""A partner's table to the people it is about: pseudonyms of their identifiers, and the fields to compare (pure).

Names stay inside the value that :func:`read_people` returns until :func:`cohorts.linking.side.make_side` has hashed
them; they are shown by no repr and written nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from cohorts.errors import CohortError
from cohorts.linking.identities import read_identifiers
from cohorts.partner_files.cleaning import trimmed, without_missing
from cohorts.partner_files.dates import parse_dates
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.headings import heading_faults
from cohorts.partner_files.joining import join_rows
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey
from cohorts.store import StoredCohort


@dataclass(frozen=True, slots=True)
class LinkPeople:
    """The people of one file.

    Attributes
    ----------
    tokens : pl.DataFrame
        ``person`` (UInt32, from 0 in the order of the tokens) and one Binary column a kind of identifier.
    fields : pl.DataFrame
        The matching columns by kind, in the same order; plain text, for hashing at once.
    left_out : int
        Rows without any usable identifier, or of people with two identifiers of one kind.
    hashed : bool
        The partner hashed the fields: they are the columns of ``cohorts.linking.derived.DERIVED`` as UInt64.
    """

    tokens: pl.DataFrame = field(repr=False)
    fields: pl.DataFrame = field(repr=False)
    left_out: int
    hashed: bool = False


def read_people(raw: RawTable, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> LinkPeople:
    """Read who a file is about and what they are compared by.

    An identifier that fails its check is as good as none. Of several rows of one person the commonest value of
    each field counts, the first in the alphabet among equals, so that the order of rows decides nothing.

    Raises
    ------
    CohortError
        ``LC883`` the source names no matching column; ``LC811`` a column is missing from the file.
    """
    _check_columns(raw, mapping)
    headings = dict.fromkeys(
        [*(i.column for i in mapping.identifiers), *(m.column for m in mapping.matching)]
    )
    cells = pl.DataFrame([trimmed(raw.frame[heading]).rename(heading) for heading in headings])
    numbers = pl.Series(range(cells.height), dtype=pl.UInt32)
    tokens, _ = read_identifiers(cells, numbers, mapping, key, project_id)
    named = tokens.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    tokens, cells = tokens.filter(named), cells.filter(named)
    if tokens.is_empty():
        raise CohortError(
            "LC812", "no row has a usable identifier", "lifecourse source inspect says why.", where=raw.name
        )
    joined = join_rows(tokens)
    clashing = (
        pl.DataFrame([flags for _, flags in joined.clashes]).select(pl.any_horizontal(pl.all())).to_series()
    )
    frame = pl.concat([tokens, _fields(cells, mapping)], how="horizontal").with_columns(
        joined.group.alias("group")
    )
    good = frame.filter(~clashing)
    people = _one_row_each(good, tokens.columns, [item.kind for item in mapping.matching])
    left_out = raw.frame.height - good.height
    return LinkPeople(
        people.select("person", *tokens.columns), people.drop("person", *tokens.columns), left_out
    )


def _check_columns(raw: RawTable, mapping: SourceMapping) -> None:
    if not mapping.matching:
        raise CohortError(
            "LC883",
            f"source '{mapping.id}' names no column by which people can be compared",
            'Add [[matching]] tables: column = "…", kind = "forename" and so on.',
        )
    wanted = [*(item.column for item in mapping.identifiers), *(item.column for item in mapping.matching)]
    known = {*mapping.columns, *mapping.ignore, *wanted}
    faults = heading_faults(raw.name, raw.frame.columns, dict.fromkeys(wanted), known)
    if absent := [
        fault for fault in faults if fault.code == "LC811"
    ]:  # columns beside them are no matter here
        raise CohortError.gather(absent)


def _fields(cells: pl.DataFrame, mapping: SourceMapping) -> pl.DataFrame:
    """The matching columns, one a kind; codes for no value are blank, birth dates are dates."""
    found = []
    for item in mapping.matching:
        text = without_missing(cells[item.column], mapping.missing)
        if item.kind == "date-of-birth":
            text = parse_dates(text, mapping.dates)[0]
        found.append(text.rename(item.kind))
    return pl.DataFrame(found)


def _one_row_each(rows: pl.DataFrame, kinds: list[str], fields: list[str]) -> pl.DataFrame:
    tokens = rows.group_by("group").agg(pl.col(*kinds).min())
    for name in fields:
        values = rows.select("group", name).drop_nulls().group_by("group", name).len()
        best = (
            values.sort("len", name, descending=[True, False]).group_by("group", maintain_order=True).first()
        )
        tokens = tokens.join(best.select("group", name), on="group", how="left")
    ordered = tokens.sort(kinds, nulls_last=True)
    return ordered.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"), *kinds, *fields)


def refuse_pair(cohort: StoredCohort, left: SourceMapping, right: SourceMapping) -> None:
    """Refuse two sources that cannot be linked for this cohort: ``LC882``."""
    names = (cohort.definition.name, cohort.cohort_id)
    why = (
        f"source '{left.id}' does not enrol" if not left.enrols
        else "both sides are the same source" if left.id == right.id
        else next((f"source '{m.id}' feeds another cohort" for m in (left, right) if m.cohort not in names), "")
    )  # fmt: skip
    if why:
        raise CohortError(
            "LC882",
            f"these two sources cannot be linked: {why}",
            f"lifecourse link run --cohort {cohort.definition.name} ENROLLING=FILE OTHER=FILE",
        )
