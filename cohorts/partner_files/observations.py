"""Rows to observations of people: one value or reason a person, variable and wave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from cohorts.partner_files.cleaning import REASON
from cohorts.partner_files.gathering import Rows
from cohorts.partner_files.mapping import NOT_RECORDED, SourceMapping
from cohorts.partner_files.problems import Mark
from cohorts.partner_files.reading import waves_of

_WAVE = 2**32  # a slot is the number of the wave times this, and the number of the person


@dataclass(frozen=True, slots=True)
class Block:
    """One variable at one wave: aligned series, sorted by person, nobody twice.

    ``person`` (UInt32), ``value`` (Float64) and ``missing`` (a reason), of which in every row one speaks.
    """

    variable: str
    wave: str
    person: pl.Series = field(repr=False)
    value: pl.Series = field(repr=False)
    missing: pl.Series = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What all rows say of one variable: ``slot, spec, row, value, missing``, sorted by slot.

    A slot (UInt64) is a wave and a person; ``doubled`` says that a slot may stand in several rows.
    """

    name: str
    frame: pl.DataFrame = field(repr=False)
    doubled: bool


def observe(mapping: SourceMapping, rows: Rows, person: pl.Series) -> Iterator[Facts]:
    """Sort what the rows say by variable, wave and person. Variables of one wave share one sorting."""
    sorting: dict[str, tuple[pl.Series, pl.DataFrame, bool]] = {}
    for name in sorted({spec.name for spec in mapping.variables}):
        parts = []
        for place, spec in enumerate(mapping.variables):
            if spec.name != name:
                continue
            if spec.wave not in sorting:
                sorting[spec.wave] = _sorted(mapping, rows, person, spec.wave)
            order, frame, doubled = sorting[spec.wave]
            value, missing = (rows.cells[f"{letter}{place}"].gather(order) for letter in "vm")
            parts.append(
                frame.with_columns(
                    pl.lit(place, dtype=pl.UInt16).alias("spec"),
                    value.alias("value"),
                    missing.alias("missing"),
                )
            )
        if len(parts) == 1:
            yield Facts(name, parts[0], doubled)
        else:
            yield Facts(name, pl.concat(parts).sort("slot", maintain_order=True), doubled=True)


def _sorted(
    mapping: SourceMapping, rows: Rows, person: pl.Series, wave: str
) -> tuple[pl.Series, pl.DataFrame, bool]:
    """The order of the rows by slot, their slots in that order, and whether any stands twice."""
    waves = rows.cells["wave"]
    number = pl.lit(waves_of(mapping).index(wave), dtype=pl.UInt64) if wave else pl.lit(waves.cast(pl.UInt64))
    slot = pl.select(number * _WAVE + pl.lit(person).cast(pl.UInt64)).to_series()
    order = slot.arg_sort()
    frame = pl.DataFrame({"slot": slot.gather(order), "row": rows.cells["row"].gather(order)})
    slots = frame["slot"]
    return order, frame, bool((slots.slice(1) == slots.head(max(slots.len() - 1, 0))).any())


def conflicts(facts: Facts, mapping: SourceMapping) -> list[tuple[int, Mark]]:
    """Rows that disagree about one person, variable and wave, with the place of the column in the mapping.

    A blank never disagrees.
    """
    if not facts.doubled:
        return []
    said = facts.frame.filter(pl.col("missing").is_null() | (pl.col("missing") != NOT_RECORDED))
    again = said.filter(pl.col("slot").is_duplicated())
    answers = again.select("slot", "value", "missing").unique()
    disputed = answers.filter(pl.col("slot").is_duplicated())["slot"].unique()
    rows = again.filter(pl.col("slot").is_in(disputed.implode()))
    return [
        (place, Mark("LC833", spec.column, rows.filter(pl.col("spec") == place)["row"]))
        for place, spec in enumerate(mapping.variables)
        if spec.name == facts.name
    ]


def labels_of(facts: Facts, rows: Rows, mapping: SourceMapping) -> tuple[str, ...]:
    """The labels of a category variable: as declared, or all that occur, sorted."""
    spec = next(spec for spec in mapping.variables if spec.name == facts.name)
    found = facts.frame["value"].drop_nulls().unique().cast(pl.UInt32)
    return spec.codes or tuple(rows.labels[facts.name].gather(found).sort())


def recorded(facts: Facts, rows: Rows, labels: tuple[str, ...], mapping: SourceMapping) -> Iterator[Block]:
    """Write facts as blocks, each person once; ``labels`` are those of a category, whose values are places in it."""
    frame = _once(facts)
    if facts.name in rows.labels:
        final = {label: float(number) for number, label in enumerate(labels)}
        values = rows.labels[facts.name].replace_strict(final, default=None, return_dtype=pl.Float64)
        frame = frame.with_columns(values.gather(frame["value"].cast(pl.UInt32)).alias("value"))
    slots, names = frame["slot"], waves_of(mapping)
    ends = [int(slots.search_sorted(number * _WAVE)) for number in range(len(names) + 1)]
    for wave, start, end in zip(names, ends, ends[1:], strict=False):
        part = frame.slice(start, end - start)
        if part.height:
            person = (part["slot"] % _WAVE).cast(pl.UInt32)
            yield Block(facts.name, wave, person, part["value"], part["missing"])


def _once(facts: Facts) -> pl.DataFrame:
    """Each slot once, and a blank only where nothing else is said."""
    if not facts.doubled:
        return facts.frame
    blank = (pl.col("missing") == NOT_RECORDED).fill_null(value=False)
    ordered = facts.frame.with_columns(blank.alias("blank")).sort("slot", "blank")
    return ordered.unique("slot", keep="first", maintain_order=True).drop("blank")


def missing_counts(blocks: tuple[Block, ...]) -> tuple[tuple[str, str, int], ...]:
    """How many observations of each variable lack a value, by reason."""
    counts: dict[tuple[str, str], int] = {}
    for block in blocks:
        for reason, count in block.missing.drop_nulls().value_counts().iter_rows():
            counts[block.variable, reason] = counts.get((block.variable, reason), 0) + count
    return tuple((variable, reason, counts[variable, reason]) for variable, reason in sorted(counts))


def blocks_of(observations: pl.DataFrame) -> tuple[Block, ...]:
    """Blocks of a table ``person, variable, wave, value, missing`` in which nobody stands twice."""
    ordered = observations.sort("variable", "wave", "person")
    return tuple(
        Block(str(variable), str(wave), part["person"], part["value"], part["missing"].cast(REASON))
        for (variable, wave), part in ordered.group_by("variable", "wave", maintain_order=True)
    )
