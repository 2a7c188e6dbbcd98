"""A Parquet file part by part. A damaged one is found before its first row is given, and nothing of it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import polars as pl

from cohorts.errors import CohortError
from workspace.quiet import nothing_on_stderr

DAMAGE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
LOOKED_AT = 100_000  # rows at a time when the file is read through for damage
Found = TypeVar("Found")


class ParquetFile:
    """A Parquet file that was read through once: every page of it can be decoded, and it has the rows it says.

    The reader may end early where a page is damaged, with no more than a message of its own on standard error; so the
    rows are counted, and what is printed is kept back.

    Raises
    ------
    CohortError
        ``LC813``: it is no Parquet file, or it is damaged.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.lazy = self._asked(lambda: pl.scan_parquet(path, glob=False))
        self.schema = self._asked(self.lazy.collect_schema)
        self.height = int(self._asked(lambda: self.lazy.select(pl.len()).collect().item()))
        self._asked(lambda: sum(part.height for part in self._read(LOOKED_AT)))

    def parts(self, rows: int) -> Iterator[pl.DataFrame]:
        """The rows in order, about so many at a time."""
        parts = self._read(rows)
        while (part := self._asked(lambda: next(parts, None))) is not None:
            yield part

    def _read(self, rows: int) -> Iterator[pl.DataFrame]:
        seen = 0
        for part in self.lazy.collect_batches(chunk_size=rows, maintain_order=True):
            seen += part.height
            yield part
        if seen != self.height:
            raise ValueError("fewer rows than the file says")

    def _asked(self, call: Callable[[], Found]) -> Found:
        try:
            with nothing_on_stderr():
                return call()
        except DAMAGE:
            raise CohortError(
                "LC813",
                "the file is not a Parquet file that can be read",
                "Save it again in the format its name promises.",
                where=self.name,
            ) from None
