"""One side of a linkage: people as numbers with opaque tokens. What the engine sees, and all it sees."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from cohorts.linking.derived import DERIVED, derive, opaque


@dataclass(frozen=True, slots=True)
class LinkSide:
    """The people of one source, ready to be compared.

    Attributes
    ----------
    frame : pl.DataFrame
        One row a person: ``person`` (Int64, unique, meaningless outside the run), the columns of
        ``cohorts.linking.derived.DERIVED`` as UInt64 tokens under the run's key (null: not known), and for each kind of
        identifier a Binary column of keyed pseudonyms (null: none).
    identifiers : tuple of str
        The kinds of identifier among the columns.
    """

    frame: pl.DataFrame = field(repr=False)
    identifiers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        missing = {"person", *DERIVED, *self.identifiers} - set(self.frame.columns)
        if missing:
            msg = f"a side lacks the columns {', '.join(sorted(missing))}"
            raise ValueError(msg)
        wrong = [name for name in DERIVED if self.frame.schema[name] != pl.UInt64]
        if wrong:
            msg = f"not opaque: {', '.join(wrong)}"
            raise ValueError(msg)
        if self.frame["person"].n_unique() != self.frame.height:
            msg = "a person stands twice on one side"
            raise ValueError(msg)

    def without(self, people: pl.Series) -> LinkSide:
        """The side without some persons."""
        return LinkSide(self.frame.filter(~pl.col("person").is_in(people.implode())), self.identifiers)

    @property
    def fields(self) -> pl.DataFrame:
        """The people and their field tokens alone."""
        return self.frame.select("person", *DERIVED)


def make_side(
    people: pl.DataFrame, key: bytes, person: pl.Series, identifiers: pl.DataFrame | None = None
) -> LinkSide:
    """Derive and hash: from names to a side, in one step, so that names go no further.

    ``people`` holds the fields of :func:`cohorts.linking.derived.derive`, ``identifiers`` Binary columns by kind in the
    same order of rows.
    """
    return _side(opaque(derive(people), key), person, identifiers)


def rekeyed_side(fields: pl.DataFrame, key: bytes, person: pl.Series, identifiers: pl.DataFrame) -> LinkSide:
    """A side of fields that a partner derived and hashed (columns ``DERIVED``, UInt64): hashed once more, as text.

    What agreed before agrees after, and the run's tokens can be compared with no other run's, nor with a pack.
    """
    return _side(opaque(fields.cast(pl.String), key), person, identifiers)


def _side(hashed: pl.DataFrame, person: pl.Series, identifiers: pl.DataFrame | None) -> LinkSide:
    tokens = hashed.select(person.cast(pl.Int64).alias("person"), pl.all())
    kinds = tuple(identifiers.columns) if identifiers is not None else ()
    frame = (
        pl.concat([tokens, identifiers], how="horizontal") if identifiers is not None and kinds else tokens
    )
    return LinkSide(frame, kinds)
