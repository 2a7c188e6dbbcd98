"""Frequency: a value that many people share stands out by its count, whatever it is encrypted to (pure).

Measured on field tokens of names: the ten commonest surnames fell 8 times in 10 by rank alone, without any key.
Composite keys of names and birth dates had at most two or three people, and nothing fell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cohorts.attacks.model import Trial, judged

MOST_ALIKE = 3
SHARED_AT_MOST = 0.01


@dataclass(frozen=True, slots=True)
class Field:
    """A column of tokens: how often its commonest value stands there, and how many rows share a value."""

    table: str
    column: str
    rows: int
    most: int
    sharing: int

    @property
    def is_ranked(self) -> bool:
        """Say whether its values could be matched by rank."""
        return self.most > MOST_ALIKE or self.sharing > SHARED_AT_MOST * max(self.rows, 1)


def _trial(name: str, title: str, knowledge: str, fields: Sequence[Field], defence: str) -> Trial:
    ranked = [field for field in fields if field.is_ranked]
    found = [f"{field.table}.{field.column}: values that stand out by their count" for field in ranked]
    words = ", ".join(f"{field.table}.{field.column}" for field in fields)
    return Trial(
        name,
        title,
        knowledge,
        f"the multiplicity of every value in {words}."
        if fields
        else "no column of this kind is in the store.",
        tuple(found) or (("no value stands out",) if fields else ()),
        defence,
        judged(bool(ranked)) if fields else "not-applicable",
        f"A column passes when no value stands for more than {MOST_ALIKE} rows and at most "
        f"{100 * SHARED_AT_MOST:.0f} % of rows share one.",
    )


def frequency(fields: Sequence[Field]) -> Trial:
    """Rank matching of single tokens against public lists of names."""
    return _trial(
        "frequency",
        "Matching tokens by how common they are",
        "A copy of the database; national ranks of names and dates. No key.",
        fields,
        "Only identifiers that one person has are kept as tokens; tokens of names never stay in the store.",
    )


def composite(fields: Sequence[Field]) -> Trial:
    """The same, on composite keys."""
    return _trial(
        "composite-keys",
        "Matching composite keys by how common they are",
        "A copy of the database; lists of names with birth dates. No key.",
        fields,
        "Composite keys combine several facts, so that hardly any two people share one.",
    )


def siblings(pairs: int | None, joined: int | None) -> Trial:
    """Pairs that must not be joined, such as a child's old and new number.

    ``pairs`` is None where the register is empty; ``joined`` is None where the keys to its marks are not at hand.
    """
    tried = "nothing: the do-not-link register is empty."
    if pairs is not None:
        tried = "the pairs of the do-not-link register" + (
            ", whose marks cannot be read without the project's keys: not tried."
            if joined is None
            else ": the marks of everybody's tokens were worked out and looked for in it."
        )
    return Trial(
        "cannot-link",
        "People who must not be joined",
        "Somebody who knows one of two identities of a protected child or adult.",
        tried,
        ()
        if joined is None
        else (f"{'a pair' if joined else 'no pair'} of the register is one person in the store",),
        "The register is looked at before any two records are joined.",
        "not-applicable" if joined is None else judged(joined > 0),
        "Twins and siblings joined by mistake cannot be told from the store alone.",
    )
