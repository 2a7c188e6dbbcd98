"""Typed outputs: what a file is about to say about people, as values the rules can read (pure).

Every cell says of whom it is (a predicate over a universe, the people of one cohort), how many they truly are, which
stays inside, and what is shown. What no type describes cannot pass without a second person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["shown", "withheld", "not-shown"]
StatisticKind = Literal["mean", "quantile", "minimum", "maximum"]
ChartKind = Literal["lines", "bars", "forest", "curve", "binned", "points"]


@dataclass(frozen=True, slots=True)
class Predicate:
    """Of whom a cell is: in each dimension named, one of these levels; nothing named is everybody.

    Terms and levels are sorted and without repeats, so that two ways of saying the same are equal.
    """

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        """Bring it to its one form."""
        tidy = tuple(sorted((name, tuple(sorted(set(levels)))) for name, levels in self.terms))
        object.__setattr__(self, "terms", tidy)

    def levels(self, dimension: str) -> tuple[str, ...] | None:
        """The levels it allows in a dimension; nothing where it does not speak of it."""
        return next((levels for name, levels in self.terms if name == dimension), None)

    def is_within(self, other: Predicate) -> bool:
        """Say whether everybody it is of must be among the other's."""
        mine = dict(self.terms)
        return all(name in mine and set(mine[name]) <= set(levels) for name, levels in other.terms)

    def words(self) -> str:
        """Of whom it is, for a reader: names of rows and columns."""
        return ", ".join(f"{name} {' or '.join(levels)}" for name, levels in self.terms) or "everybody"

    def text(self) -> str:
        """Its one written form, for the ledger."""
        return json.dumps([[name, list(levels)] for name, levels in self.terms], ensure_ascii=False)


def predicate(terms: Mapping[str, str | Iterable[str]] | None = None) -> Predicate:
    """A predicate of ``{dimension: level}`` or ``{dimension: levels}``."""
    found = (terms or {}).items()
    return Predicate(tuple((k, (v,) if isinstance(v, str) else tuple(v)) for k, v in found))


def predicate_of(text: str) -> Predicate:
    """A predicate as the ledger wrote it."""
    return Predicate(tuple((name, tuple(levels)) for name, levels in json.loads(text)))


@dataclass(frozen=True, slots=True, repr=False)
class Magnitude:
    """A total of amounts over the people of a cell, with its two largest contributions (all not negative)."""

    total: float
    largest: float
    second: float


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """A count: of whom, how many truly (never written outside), and what is shown of it.

    ``withheld`` says that it is small; ``not-shown`` says nothing. ``structural``: nobody can be there.
    """

    where: Predicate
    n: int
    shown: int | None
    state: State = "shown"
    structural: bool = False
    magnitude: Magnitude | None = None

    def __repr__(self) -> str:
        """Never the count."""
        return f"Cell({self.state})"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way people are told apart. ``parents`` maps levels to what they may be merged into, and those again.

    Cells name the finest levels, also where they are of several put together: so releases can be tied to one another.

    ``attribute``: it says something of people (an outcome), where the others say which people.
    """

    name: str
    levels: tuple[str, ...]
    parents: tuple[tuple[str, str], ...] = ()
    attribute: bool = False

    def finest(self, level: str) -> frozenset[str]:
        """The finest levels that a level is made of: itself where nothing is put together into it."""
        children = [child for child, above in self.parents if above == level and child != level]
        return frozenset(one for child in children for one in self.finest(child)) or frozenset((level,))


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage or rate as shown, of the cells at these places in the table."""

    part: int
    whole: int
    shown: float
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure of ``n`` people; ``quantile`` in 0 to 1."""

    kind: StatisticKind
    n: int
    quantile: float = 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by dimensions, totals among them. ``sensitive``: a nought in it is as telling as a small count."""

    name: str
    universe: str
    cells: tuple[Cell, ...]
    dimensions: tuple[Dimension, ...] = ()
    sensitive: bool = False
    shares: tuple[Share, ...] = ()
    statistics: tuple[Statistic, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """Estimates of a model on the people of ``cells``; ``df`` are its residual degrees of freedom."""

    name: str
    universe: str
    cells: tuple[Cell, ...]
    df: float | None
    parameters: int = 1


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series, or one step of a curve: when, of how many people, with how many events since the last."""

    at: str
    n: int
    events: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Figures over time, each of some people."""

    name: str
    universe: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival or incidence curve: its steps as they are drawn."""

    name: str
    universe: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of other outputs. ``points`` of single people are never drawn; ``embedded``: it carries other data."""

    name: str
    kind: ChartKind
    of: tuple[str, ...] = ()
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Sentences. ``edited`` by a person: then numbers may stand in them that no rule has seen."""

    name: str
    text: str
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of people. They never pass this gate: ``cohort export`` releases rows to safe settings."""

    name: str
    columns: tuple[str, ...]


Output = Table | Model | Series | Curve | Chart | Text | Rows


def cells_of(output: Output) -> tuple[Cell, ...]:
    """The counted cells of an output; nothing where it has none."""
    return output.cells if isinstance(output, Table | Model) else ()


def universe_of(output: Output) -> str:
    """Whom an output is about; empty where it counts nobody."""
    return output.universe if isinstance(output, Table | Model | Series | Curve) else ""
