"""A table in batches of people: what is wrong between its rows, who is in it, and its observations (pure).

Each question is one sweep over the batches, and in each the answer of a batch is that of a small table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from cohorts.partner_files.aside import Aside, Spread
from cohorts.partner_files.gathering import Rows
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.observations import Block, conflicts, missing_counts, observe, recorded
from cohorts.partner_files.problems import Mark


@dataclass(frozen=True, slots=True)
class Contents:
    """What the rows of a table hold that are left: people, labels that occur, and the observations to come.

    ``people`` has one row a group: ``group, person``, the place of the token of each kind, ``index_date``; ``person``
    counts from 0 in the order of the tokens. ``names`` are the variables and waves that occur.
    """

    people: pl.DataFrame = field(repr=False)
    categories: dict[str, tuple[str, ...]] = field(repr=False)
    missing: tuple[tuple[str, str, int], ...]
    names: frozenset[tuple[str, str]]


def two_index_dates(group: pl.Series, rows: Rows) -> pl.Series:
    """The rows of people who have two index dates."""
    frame = pl.DataFrame({"group": group, "date": rows.cells["index_date"], "row": rows.cells["row"]})
    dates = frame.group_by("group").agg(
        pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    several = dates.filter(pl.col("first") != pl.col("last"))["group"]
    return frame.filter(pl.col("group").is_in(several.implode()))["row"]


def judged(spread: Spread, mapping: SourceMapping) -> tuple[list[Mark], Mark]:
    """Marks on rows that contradict others of the same person, in the order of reporting; and the rows that repeat."""
    found: dict[tuple[int, int, str, str], list[pl.Series]] = {}
    repeats = []
    for batch in _batches(spread):
        rows, group, flags, again = spread.rows(batch)
        repeats.append(again)
        numbers = rows.cells["row"]
        for place, spec in enumerate(mapping.identifiers):
            found.setdefault((0, place, "LC832", spec.column), []).append(
                numbers.filter(flags[f"clash{place}"])
            )
        if mapping.index_date:
            found.setdefault((1, 0, "LC835", mapping.index_date), []).append(two_index_dates(group, rows))
        for facts in observe(mapping, rows, group):
            for place, mark in conflicts(facts, mapping):
                found.setdefault((2, place, mark.code, mark.column), []).append(mark.rows)
    marks = [
        Mark(code, column, pl.concat(found[_, place, code, column]))
        for _, place, code, column in sorted(found)
    ]
    return marks, Mark("LC834", "", pl.concat(repeats) if repeats else pl.Series(dtype=pl.UInt32))


def contents(spread: Spread, mapping: SourceMapping, rejected: pl.Series) -> Contents:
    """What is left once the rejected rows are gone."""
    people, counts = [], dict[tuple[str, str], int]()
    occurring: dict[str, set[int]] = {name: set() for name in spread.labels}
    names: set[tuple[str, str]] = set()
    kinds = list(spread.tokens)
    for _, rows, group in _left(spread, rejected):
        frame = rows.cells.select(*kinds, "index_date").with_columns(group.alias("group"))
        people.append(frame.group_by("group").agg(pl.col(*kinds, "index_date").min()))
        for facts in observe(mapping, rows, group):
            if facts.name in occurring:
                occurring[facts.name] |= set(
                    facts.frame["value"].drop_nulls().unique().cast(pl.UInt32).to_list()
                )
            labels = tuple(spread.labels[facts.name]) if facts.name in spread.labels else ()
            blocks = tuple(recorded(facts, rows, labels, mapping))
            names |= {(block.variable, block.wave) for block in blocks}
            for variable, reason, n in missing_counts(blocks):
                counts[variable, reason] = counts.get((variable, reason), 0) + n
    whole = pl.concat(people).sort(kinds, nulls_last=True)
    return Contents(
        whole.select("group", pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"), *kinds, "index_date"),
        {name: _labels(name, spread, mapping, places) for name, places in occurring.items()},
        tuple((variable, reason, counts[variable, reason]) for variable, reason in sorted(counts)),
        frozenset(names),
    )


def by_name(
    spread: Spread, mapping: SourceMapping, rejected: pl.Series, found: Contents
) -> dict[tuple[str, str], int]:
    """Sort the observations by variable and wave, onto the shelves that are named here; the batches are done with."""
    shelves = {name: spread.batches + 1 + place for place, name in enumerate(sorted(found.names))}
    number = found.people.select("group", "person").sort("group")
    for batch, rows, group in _left(spread, rejected):
        place = number["group"].search_sorted(group)
        person = number["person"].gather(place)
        for facts in observe(mapping, rows, person):
            for block in recorded(facts, rows, found.categories.get(facts.name, ()), mapping):
                frame = pl.DataFrame({"person": block.person, "value": block.value, "missing": block.missing})
                spread.aside.put(shelves[block.variable, block.wave], frame)
        spread.aside.clear(batch)
    return shelves


def whole_block(aside: Aside, shelves: dict[tuple[str, str], int], variable: str, wave: str) -> Block:
    """The observations of a variable and wave, of everybody."""
    frame = pl.concat(aside.take(shelves[variable, wave])).sort("person")
    return Block(variable, wave, frame["person"], frame["value"], frame["missing"])


def _labels(name: str, spread: Spread, mapping: SourceMapping, places: set[int]) -> tuple[str, ...]:
    """As declared, or all that occur, sorted; as in a table that is held."""
    spec = next(spec for spec in mapping.variables if spec.name == name)
    return spec.codes or tuple(spread.labels[name].gather(sorted(places)).sort())


def _batches(spread: Spread) -> Iterator[int]:
    for batch in range(1, spread.batches + 1):
        if any(True for _ in spread.aside.take(batch)):
            yield batch


def _left(spread: Spread, rejected: pl.Series) -> Iterator[tuple[int, Rows, pl.Series]]:
    """The rows of each batch that are left, with their groups."""
    for batch in _batches(spread):
        rows, group, _, _ = spread.rows(batch)
        stays = ~rows.cells["row"].is_in(rejected.implode())
        if stays.any():
            yield batch, rows.keep(stays), group.filter(stays)
