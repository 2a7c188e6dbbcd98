"""A partner's table and its mapping to clean people and observations, with a report of all that is wrong.

Pure: a table in, a value out. Identifiers turn into tokens here and are forgotten; no error, report or repr
holds a cell, an identifier or a token.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from cohorts.errors import CohortError
from cohorts.extracts import RawTable
from cohorts.joining import Joined, join_rows
from cohorts.life_reading import LifeRows, read_life
from cohorts.mapping import MISSING_REASONS, SourceMapping
from cohorts.observations import categories_of, conflicts, missing_counts, observe, recorded
from cohorts.problems import IntakeRefused, IntakeReport, Mark, Problem, describe, marked_rows, refused
from cohorts.pseudonyms import PseudonymKey
from cohorts.reading import Rows, distinct_rows, read_rows
from workspace.errors import Fault, did_you_mean

__all__ = ["MISSING_REASONS", "Intake", "IntakeRefused", "IntakeReport", "Problem", "take_in"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file holds once it is clean.

    Attributes
    ----------
    people : pl.DataFrame
        One row a person: ``person`` (UInt32, from 0 in the order of the tokens, so that the order of the file
        is lost), one Binary column a kind of identifier, ``index_date`` (Date or null).
    observations : pl.DataFrame
        ``person, variable, wave, value, missing``: a Float64 value or the reason why there is none.
    categories : mapping
        For each category variable its labels; the value is the place in this tuple, from 0.
    report : IntakeReport
        What was found wrong or missing.
    life : LifeRows
        Spells, events, exposures, observability and relations, each with its ``person``.
    """

    people: pl.DataFrame = field(repr=False)
    observations: pl.DataFrame = field(repr=False)
    categories: dict[str, tuple[str, ...]] = field(repr=False)
    report: IntakeReport
    life: LifeRows = field(default_factory=LifeRows, repr=False)


def take_in(raw: RawTable, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> Intake:
    """Clean a partner's table, replace identifiers by tokens and join the rows of each person.

    Raises
    ------
    CohortError
        ``LC810``, ``LC811``: the columns are not those of the mapping; ``LC812``: every row is blank.
    IntakeRefused
        There are faulty rows and ``rejects`` is ``stop``, or no good row is left.
    """
    _check_columns(raw, mapping)
    cells, numbers, warned = distinct_rows(raw, mapping)
    rows = read_rows(cells, numbers, mapping, key, project_id)
    life = read_life(cells, numbers, mapping, key, project_id)
    alone = (*rows.marks, *life.marks)
    good = rows.keep(~numbers.is_in(marked_rows(alone).implode()))
    joined = join_rows(good.tokens)
    facts = observe(mapping, good, joined.group)
    marks = [*alone, *_person_marks(good, joined, mapping), *conflicts(facts, mapping)]
    rejected = marked_rows(marks)
    left = ~good.numbers.is_in(rejected.implode())
    problems, warnings = describe(marks, raw), describe(warned, raw)
    counts = (mapping.id, raw.frame.height, int(left.sum()), rejected.len())
    if problems and (mapping.rejects == "stop" or not left.any()):
        raise refused(IntakeReport(*counts, 0, problems, warnings, ()), raw.name)
    people = _people(good.keep(left), joined.group.filter(left))
    kept = facts.filter(~pl.col("row").is_in(rejected.implode()))
    categories = categories_of(kept, mapping)
    observations = recorded(kept, people.select("group", "person"), categories, mapping)
    report = IntakeReport(*counts, people.height, problems, warnings, missing_counts(observations))
    whose = pl.DataFrame({"row": good.numbers, "group": joined.group}).filter(left)
    persons = whose.join(people.select("group", "person"), on="group").drop("group")
    persons = persons.with_columns(line=pl.col("row") + raw.first_row)
    return Intake(people.drop("group"), observations, categories, report, life.of(persons))


def _check_columns(raw: RawTable, mapping: SourceMapping) -> None:
    """Refuse missing and unknown columns. Headings are only quoted once some of them are recognised."""
    there, wanted = raw.frame.columns, mapping.columns
    absent = [heading for heading in wanted if heading not in there]
    if len(absent) == len(wanted):
        raise CohortError(
            "LC811",
            "none of the source's columns is in the file; its heading row may be missing",
            f"The file needs these headings: {', '.join(wanted)}.",
            where=raw.name,
        )
    faults = _column_faults(raw, mapping, absent)
    if faults:
        raise CohortError.gather(faults)


def _column_faults(raw: RawTable, mapping: SourceMapping, absent: list[str]) -> list[Fault]:
    wanted = mapping.columns
    known = {*wanted, *mapping.ignore, *(item.column for item in mapping.matching)}
    strange = [name for name in raw.frame.columns if name not in known]
    faults = [
        Fault(
            "LC811",
            raw.name,
            f"there is no column '{name}'.{did_you_mean(name, strange)}",
            "Correct the heading.",
        )
        for name in absent
    ]
    faults += [
        Fault(
            "LC810",
            raw.name,
            f"the source does not know the column '{name}'",
            "Map it, or add it to ignore = […].",
        )
        for name in strange
    ]
    return faults


def _person_marks(rows: Rows, joined: Joined, mapping: SourceMapping) -> list[Mark]:
    """Rows of people who have two identifiers of one kind, or two index dates."""
    headings = {identifier.kind: identifier.column for identifier in mapping.identifiers}
    marks = [Mark("LC832", headings[kind], rows.numbers.filter(flags)) for kind, flags in joined.clashes]
    if mapping.index_date:
        frame = pl.DataFrame({"group": joined.group, "date": rows.index_dates})
        several = frame.select(
            pl.col("date").min().over("group") != pl.col("date").max().over("group")
        ).to_series()
        marks.append(Mark("LC835", mapping.index_date, rows.numbers.filter(several.fill_null(value=False))))
    return marks


def _people(rows: Rows, group: pl.Series) -> pl.DataFrame:
    """One row a group, numbered in the order of the tokens: ``group, person``, the tokens, ``index_date``."""
    kinds = rows.tokens.columns
    frame = rows.tokens.with_columns(group.alias("group"), rows.index_dates.alias("index_date"))
    people = frame.group_by("group").agg(pl.col(*kinds, "index_date").min())
    return people.sort(kinds, nulls_last=True).select(
        "group", pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"), *kinds, "index_date"
    )
