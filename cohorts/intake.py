"""A partner's table and its mapping to clean people and observations, with a report of all that is wrong.

Pure: a table in, a value out. Identifiers turn into tokens here and are forgotten; no error, report or repr
holds a cell, an identifier or a token.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from cohorts.errors import CohortError
from cohorts.lives.reading import LifeRows, joined_life, read_life
from cohorts.partner_files.aside import BATCH_BYTES, HELD_BYTES, Aside, Spread, bytes_of, spread
from cohorts.partner_files.batches import by_name, contents, judged, two_index_dates, whole_block
from cohorts.partner_files.cleaning import trimmed
from cohorts.partner_files.extracts import RawTable, StreamedTable
from cohorts.partner_files.gathering import Rows, gather
from cohorts.partner_files.headings import heading_faults, refuse_headless
from cohorts.partner_files.joining import Joined, join_rows
from cohorts.partner_files.mapping import MISSING_REASONS, IdentifierColumn, SourceMapping
from cohorts.partner_files.observations import Block, conflicts, labels_of, missing_counts, observe, recorded
from cohorts.partner_files.problems import (
    IntakeRefused,
    IntakeReport,
    Mark,
    Problem,
    describe,
    marked_rows,
    refused,
)
from cohorts.partner_files.reading import Part, read_part
from cohorts.pseudonyms import PseudonymKey, tokenise

__all__ = ["MISSING_REASONS", "Intake", "IntakeRefused", "IntakeReport", "Problem", "take_in"]


PART_ROWS = 100_000  # rows whose text is held at a time


@dataclass(frozen=True, slots=True)
class Later:
    """Observations of a file that is not held: ``block`` takes those of a variable and wave from where they lie."""

    names: frozenset[tuple[str, str]]
    block: Callable[[str, str], Block] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file holds once it is clean.

    Attributes
    ----------
    people : pl.DataFrame
        One row a person: ``person`` (UInt32, from 0 in the order of the tokens, so that the order of the file
        is lost), one Binary column a kind of identifier, ``index_date`` (Date or null).
    blocks : tuple of Block
        The observations, a block for each variable and wave that occurs, sorted by their names.
    categories : mapping
        For each category variable its labels; the value is the place in this tuple, from 0.
    report : IntakeReport
        What was found wrong or missing.
    life : LifeRows
        Spells, events, exposures, observability and relations, each with its ``person``.
    later : Later, optional
        Of a file too large to be held: its observations, in place of ``blocks``.
    """

    people: pl.DataFrame = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    categories: dict[str, tuple[str, ...]] = field(repr=False)
    report: IntakeReport
    life: LifeRows = field(default_factory=LifeRows, repr=False)
    later: Later | None = field(default=None, repr=False)

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """The variables and waves that occur."""
        return self.later.names if self.later else frozenset((b.variable, b.wave) for b in self.blocks)

    def block(self, variable: str, wave: str) -> Block:
        """The observations of a variable at a wave that occurs."""
        if self.later is not None:
            return self.later.block(variable, wave)
        return next(b for b in self.blocks if (b.variable, b.wave) == (variable, wave))

    @property
    def observations(self) -> pl.DataFrame:
        """The blocks as one table: ``person, variable, wave, value, missing``, sorted by the first three."""
        kinds = {"person": pl.UInt32, "variable": pl.String, "wave": pl.String}
        frames = [pl.DataFrame(schema={**kinds, "value": pl.Float64, "missing": pl.String})]
        frames += [
            pl.DataFrame({"person": block.person}).select(
                "person",
                pl.lit(block.variable).alias("variable"),
                pl.lit(block.wave).alias("wave"),
                block.value.alias("value"),
                block.missing.cast(pl.String).alias("missing"),
            )
            for block in (self.block(*name) for name in sorted(self.names))
        ]
        return pl.concat(frames).sort("person", "variable", "wave")


def take_in(
    raw: RawTable,
    mapping: SourceMapping,
    key: PseudonymKey,
    project_id: str,
    *,
    part_rows: int = PART_ROWS,
    aside: Aside | None = None,
    held_bytes: int = HELD_BYTES,
    batch_bytes: int = BATCH_BYTES,
) -> Intake:
    """Clean a partner's table, replace identifiers by tokens and join the rows of each person.

    The table is read in parts of ``part_rows`` rows; their size changes nothing in what comes out. With ``aside`` a
    file that is read in parts is held up to ``held_bytes`` of rows; beyond that its rows are set aside, and its
    people are told apart ``batch_bytes`` of rows at a time. Files that say anything about lives are held.

    Raises
    ------
    CohortError
        ``LC810``, ``LC811``: the columns are not those of the mapping; ``LC812``: every row is blank.
    IntakeRefused
        There are faulty rows and ``rejects`` is ``stop``, or no good row is left.
    """
    _check_columns(raw, mapping)

    def tokens_of(values: pl.Series, spec: IdentifierColumn) -> pl.Series:
        namespace = mapping.namespace if spec.kind == "local-id" else ""
        return tokenise(values, spec.kind, key, project_id, namespace)

    lives: list[LifeRows] = []
    parts = _parts(raw, mapping, part_rows, key, project_id, lives)
    if aside is not None and isinstance(raw, StreamedTable) and not mapping.life:
        few = list(_up_to(parts, held_bytes))
        if bytes_of(few) > held_bytes:
            return _from_aside(
                spread(
                    itertools.chain(_let_go(few), parts), mapping, tokens_of, raw.name, aside, batch_bytes
                ),
                mapping,
                raw,
            )
        parts = iter(few)
    gathered = gather(parts, mapping, tokens_of, raw.name)
    rows = gathered.rows
    life = joined_life(lives).within(rows.cells["row"])
    alone = (*gathered.marks, *life.marks)
    good = rows.without(marked_rows(alone))
    joined = join_rows(good.cells.select(list(good.tokens)))
    people = _people(good, joined.group)
    placed = _placed(people, joined.group)
    marks = [*alone, *_person_marks(good, joined, mapping)]
    disputed = [found for facts in observe(mapping, good, placed) for found in conflicts(facts, mapping)]
    marks += [mark for _, mark in sorted(disputed, key=lambda found: found[0])]
    rejected = marked_rows(marks)
    accepted = rows.cells.height - rejected.len()
    problems, warnings = describe(marks, raw), describe(gathered.warnings, raw)
    counts = (mapping.id, gathered.height, accepted, rejected.len())
    if problems and (mapping.rejects == "stop" or not accepted):
        raise refused(IntakeReport(*counts, 0, problems, warnings, ()), raw.name)
    left = good.without(rejected)
    if left is not good:
        group = joined.group.filter(~good.cells["row"].is_in(rejected.implode()))
        people = _people(left, group)
        placed = _placed(people, group)
    blocks, categories = _recorded(mapping, left, placed)
    report = IntakeReport(*counts, people.height, problems, warnings, missing_counts(blocks))
    whose = life.of(_persons(left.cells["row"], placed, raw)) if mapping.life else LifeRows()
    return Intake(_with_tokens(people, left), blocks, categories, report, whose)


def _up_to(parts: Iterator[Part], held_bytes: int) -> Iterator[Part]:
    """Parts until they take more than so many bytes, or the file is over."""
    held = 0
    for part in parts:
        held += bytes_of((part,))
        yield part
        if held > held_bytes:
            return


def _let_go(parts: list[Part]) -> Iterator[Part]:
    """The parts, each forgotten when it is given out."""
    parts.reverse()
    while parts:
        yield parts.pop()


def _from_aside(table: Spread, mapping: SourceMapping, raw: RawTable) -> Intake:
    """The intake of a file whose rows are set aside."""
    between, again = judged(table, mapping)
    marks = [*table.marks, *between]
    rejected = marked_rows(marks)
    accepted = table.height - table.dropped - again.rows.len() - rejected.len()
    problems, warnings = describe(marks, raw), describe((*table.warnings, again), raw)
    counts = (mapping.id, table.height, accepted, rejected.len())
    if problems and (mapping.rejects == "stop" or not accepted):
        raise refused(IntakeReport(*counts, 0, problems, warnings, ()), raw.name)
    found = contents(table, mapping, rejected)
    shelves = by_name(table, mapping, rejected, found)
    tokens = [pool.gather(found.people[kind]).alias(kind) for kind, pool in table.tokens.items()]
    report = IntakeReport(*counts, found.people.height, problems, warnings, found.missing)
    return Intake(
        found.people.select("person", *tokens, "index_date"),
        (),
        found.categories,
        report,
        later=Later(found.names, lambda variable, wave: whole_block(table.aside, shelves, variable, wave)),
    )


def _parts(
    raw: RawTable,
    mapping: SourceMapping,
    part_rows: int,
    key: PseudonymKey,
    project_id: str,
    lives: list[LifeRows],
) -> Iterator[Part]:
    """The rows part by part; what each part says about lives is put into ``lives`` on the way."""
    first = 0
    for frame in raw.parts(part_rows):
        if mapping.life:
            cells = frame.select(trimmed(frame[heading]).rename(heading) for heading in mapping.columns)
            numbers = pl.int_range(first, first + frame.height, dtype=pl.UInt32, eager=True)
            lives.append(read_life(cells, numbers, mapping, key, project_id))
        yield read_part(frame, first, mapping)
        first += frame.height


def _persons(rows: pl.Series, person: pl.Series, raw: RawTable) -> pl.DataFrame:
    """Who each row is about and where it stands in the file: ``row, person, line``."""
    line = rows if raw.places is None else raw.places.gather(rows)
    return pl.DataFrame({"row": rows, "person": person, "line": line + raw.first_row})


def _recorded(
    mapping: SourceMapping, rows: Rows, placed: pl.Series
) -> tuple[tuple[Block, ...], dict[str, tuple[str, ...]]]:
    blocks: list[Block] = []
    categories: dict[str, tuple[str, ...]] = {}
    for facts in observe(mapping, rows, placed):
        labels = labels_of(facts, rows, mapping) if facts.name in rows.labels else ()
        if facts.name in rows.labels:
            categories[facts.name] = labels
        blocks += recorded(facts, rows, labels, mapping)
    return tuple(blocks), categories


def _check_columns(raw: RawTable, mapping: SourceMapping) -> None:
    """Refuse missing and unknown columns. Headings are only quoted once some of them are recognised."""
    known = {*mapping.columns, *mapping.ignore, *(item.column for item in mapping.matching)}
    faults = heading_faults(raw.name, raw.columns, mapping.columns, known)
    if faults:
        for _ in raw.parts(PART_ROWS):  # a file that is no table is told so first
            pass
    refuse_headless(raw.name, raw.columns, mapping.columns)
    if faults:
        raise CohortError.gather(faults)


def _person_marks(rows: Rows, joined: Joined, mapping: SourceMapping) -> list[Mark]:
    """Rows of people who have two identifiers of one kind, or two index dates."""
    headings = {identifier.kind: identifier.column for identifier in mapping.identifiers}
    numbers = rows.cells["row"]
    marks = [Mark("LC832", headings[kind], numbers.filter(flags)) for kind, flags in joined.clashes]
    if mapping.index_date:
        marks.append(Mark("LC835", mapping.index_date, two_index_dates(joined.group, rows)))
    return marks


def _people(rows: Rows, group: pl.Series) -> pl.DataFrame:
    """One row a group, numbered in the order of the tokens: ``group, person``, places of tokens, ``index_date``."""
    kinds = list(rows.tokens)
    frame = rows.cells.select(*kinds, "index_date").with_columns(group.alias("group"))
    people = frame.group_by("group").agg(pl.col(*kinds, "index_date").min())
    return people.sort(kinds, nulls_last=True).select(
        "group", pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"), *kinds, "index_date"
    )


def _placed(people: pl.DataFrame, group: pl.Series) -> pl.Series:
    """The person of each row."""
    frame = pl.DataFrame({"group": group})
    return frame.join(people.select("group", "person"), on="group", how="left", maintain_order="left")[
        "person"
    ]


def _with_tokens(people: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    tokens = [pool.gather(people[kind]).alias(kind) for kind, pool in rows.tokens.items()]
    return people.select("person", *tokens, "index_date")
