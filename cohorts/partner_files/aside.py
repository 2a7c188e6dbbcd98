"""Tables too large to be held: good rows are set aside as they are read, and taken up again some people at a time.

Held are people (their identifiers until these are tokens, and who is with whom), faulty, blank and repeated rows by
their numbers, and labels; of good rows only those of a batch. All rows of a person are in one batch, in the order of
the table, so that each batch can be judged by itself. Pure: where rows are set aside is somebody else's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.gathering import Faults, LabelBook, Rows, Tokenise, ranked, repeated
from cohorts.partner_files.joining import join_rows
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.problems import Mark, marked_rows
from cohorts.partner_files.reading import KEYS, Part

UNSORTED = 0  # the place of rows as they were read; batches have the places from 1
HELD_BYTES = 96 * 2**20  # of rows: beyond it they are set aside
BATCH_BYTES = 32 * 2**20


class Aside(Protocol):
    """Somewhere to put rows that need not be held; ``place`` is a shelf of it."""

    def put(self, place: int, frame: pl.DataFrame) -> None:
        """Add rows to a shelf."""

    def take(self, place: int) -> Iterator[pl.DataFrame]:
        """The rows of a shelf, as they were put there; they stay."""

    def clear(self, place: int) -> None:
        """Forget a shelf."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A table whose good rows are set aside in batches.

    Attributes
    ----------
    height : int
        All rows of the table.
    marks, warnings : tuple of Mark
        On rows that are faulty by themselves; on blank rows, and on repeated ones that are not good rows.
    dropped : int
        Rows that are blank, or repeat a faulty one.
    nodes : pl.DataFrame
        Each combination of identifiers: ``t0…`` as in the rows, a place in ``tokens`` for each kind, ``group``
        (people, from 0), ``clash0…`` (the group has two identifiers of that kind) and ``batch``.
    """

    height: int
    dropped: int
    marks: tuple[Mark, ...]
    warnings: tuple[Mark, ...]
    tokens: dict[str, pl.Series] = field(repr=False)
    labels: dict[str, pl.Series] = field(repr=False)
    nodes: pl.DataFrame = field(repr=False)
    batches: int
    aside: Aside = field(repr=False)

    def rows(self, batch: int) -> tuple[Rows, pl.Series, pl.DataFrame, pl.Series]:
        """The rows of a batch, each once; their groups; their flags of clashes; the numbers of rows that repeat."""
        frames = list(self.aside.take(batch))
        if not frames:
            empty = pl.Series(dtype=pl.UInt32)
            return Rows(pl.DataFrame(), self.tokens, self.labels), empty, pl.DataFrame(), empty
        cells = pl.concat(frames)
        again = repeated(cells)
        numbers = cells["row"].filter(again)
        cells = cells.filter(~again) if numbers.len() else cells
        keys = [name for name in self.nodes.columns if _is_key(name)]
        known = cells.select(keys).join(
            self.nodes, on=keys, how="left", nulls_equal=True, maintain_order="left"
        )
        kinds = list(self.tokens)
        cells = cells.drop(*keys, *KEYS).with_columns(known.select(kinds).get_columns())
        flags = known.select(pl.col("^clash.*$"))
        return Rows(cells, self.tokens, self.labels), known["group"], flags, numbers


def bytes_of(parts: Iterable[Part]) -> int:
    """How much the rows of some parts take."""
    return sum(int(part.cells.estimated_size()) for part in parts)


def spread(
    parts: Iterable[Part],
    mapping: SourceMapping,
    tokenise: Tokenise,
    name: str,
    aside: Aside,
    batch_bytes: int = BATCH_BYTES,
) -> Spread:
    """Read all parts, set their good rows aside and sort them into batches of people.

    Raises
    ------
    CohortError
        ``LC812``: every row is blank.
    """
    survey = _Survey(mapping, aside)
    for part in parts:
        survey.add(part)
    if survey.faults.blank_rows == survey.height:
        raise CohortError("LC812", "every row of the file is blank", "Ask for it again.", where=name)
    return survey.finished(tokenise, batch_bytes)


class _Codes:
    """Texts as numbers, the same for the same over all parts, from 0 in the order in which they come."""

    def __init__(self) -> None:
        self._categories = pl.Categories.random()
        self._alive = pl.Series([], dtype=pl.Categorical(self._categories))
        self._texts: list[pl.Series] = []
        self._known = 0

    def of(self, pool: pl.Series) -> pl.Series:
        """The numbers of a part's texts; null where there is no text."""
        coded = pool.cast(pl.Categorical(self._categories))
        codes = coded.to_physical().cast(pl.UInt32)
        if self._alive.is_empty():
            self._alive = coded  # as long as one column of them lives, the numbers stay as they are
        fresh = codes >= self._known
        if fresh.any():
            new = pl.DataFrame({"code": codes, "text": pool}).filter(fresh).unique("code").sort("code")
            self._texts.append(new["text"])
            self._known += new.height
        return codes

    def texts(self) -> pl.Series:
        """All texts so far, each at its number."""
        return pl.concat(self._texts) if self._texts else pl.Series([], dtype=pl.String)


class _Survey:
    """What is kept while the parts go by."""

    def __init__(self, mapping: SourceMapping, aside: Aside) -> None:
        self._mapping, self._aside = mapping, aside
        self._codes = [_Codes() for _ in mapping.identifiers]
        self._labels = LabelBook(mapping)
        self._nodes: list[pl.DataFrame] = []
        self._compact = 0
        self._bad: list[pl.DataFrame] = []
        self.faults = Faults()
        self._size = 0
        self.height = 0

    def add(self, part: Part) -> None:
        """Take one part in: its good rows are set aside."""
        codes = [
            coder.of(pool).gather(part.cells[f"t{place}"]).alias(f"t{place}")
            for place, (coder, pool) in enumerate(zip(self._codes, part.identifiers, strict=True))
        ]
        numbers = pl.int_range(self.height, self.height + part.cells.height, dtype=pl.UInt32, eager=True)
        cells = part.cells.with_columns(*codes, *self._labels.renewed(part)).insert_column(
            0, numbers.alias("row")
        )
        bad = pl.concat([part.blank, part.void, marked_rows(mark for _, mark in part.marks)]).unique()
        is_bad = cells["row"].is_in(bad.implode())
        self._bad.append(cells.filter(is_bad).select("row", *KEYS))
        good = cells.filter(~is_bad)
        if good.height:
            self._aside.put(UNSORTED, good)
            self._size += int(good.estimated_size())
            self._remember(good.select(name for name in good.columns if _is_key(name)))
        self.height += cells.height
        self.faults.add(part)

    def _remember(self, tuples: pl.DataFrame) -> None:
        self._nodes.append(tuples.unique())
        self._compact += self._nodes[-1].height
        if self._compact > 2 * self._nodes[0].height + 1_000_000:
            self._nodes = [pl.concat(self._nodes).unique()]
            self._compact = self._nodes[0].height

    def finished(self, tokenise: Tokenise, batch_bytes: int) -> Spread:
        """Tell people apart, and sort the rows into batches of them."""
        tokens, ranks = {}, []
        for spec, coder in zip(self._mapping.identifiers, self._codes, strict=True):
            places, tokens[spec.kind] = ranked(tokenise(coder.texts(), spec))
            ranks.append(places)
        batches = max(1, -(-self._size // batch_bytes))
        nodes = self._grouped(tokens, ranks, batches)
        if nodes.height:
            self._sort_out(nodes, batches)
        dropped, warnings = self.faults.left_out(pl.concat(self._bad))
        return Spread(
            self.height,
            dropped.len(),
            self.faults.marks(dropped),
            warnings,
            tokens,
            self._labels.known,
            nodes,
            batches if nodes.height else 0,
            self._aside,
        )

    def _grouped(self, tokens: dict[str, pl.Series], ranks: list[pl.Series], batches: int) -> pl.DataFrame:
        if not self._nodes:
            return pl.DataFrame()
        nodes = pl.concat(self._nodes).unique()
        self._nodes.clear()
        places = [
            rank.gather(nodes[f"t{place}"]).alias(kind)
            for place, (kind, rank) in enumerate(zip(tokens, ranks, strict=True))
        ]
        joined = join_rows(pl.DataFrame(places))
        group = joined.group.rank("dense").cast(pl.UInt32) - 1
        people = int(group.max() or 0) + 1  # type: ignore[arg-type]
        batch = (group.cast(pl.UInt64) * batches // people + 1).cast(pl.UInt16)
        flags = [flag.alias(f"clash{place}") for place, (_, flag) in enumerate(joined.clashes)]
        return nodes.with_columns(*places, group.alias("group"), batch.alias("batch"), *flags)

    def _sort_out(self, nodes: pl.DataFrame, batches: int) -> None:
        keys = [name for name in nodes.columns if _is_key(name)]
        where = nodes.select(*keys, "batch")
        for frame in self._aside.take(UNSORTED):
            found = frame.select(keys).join(
                where, on=keys, how="left", nulls_equal=True, maintain_order="left"
            )["batch"]
            for batch in range(1, batches + 1):
                own = frame.filter(found == batch)
                if own.height:
                    self._aside.put(batch, own)
        self._aside.clear(UNSORTED)


def _is_key(name: str) -> bool:
    return name.startswith("t") and name[1:].isdigit()
