"""Scoring keys, bands and breaks of a measure, kept as data: numbers and names, never item text."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from theory_of_change.errors import TheoryError
from workspace.errors import Fault


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale of an instrument: the numbers of its items, and those scored the other way round."""

    name: str
    items: tuple[int, ...]
    reverse: tuple[int, ...] = ()
    in_total: bool = True

    def __post_init__(self) -> None:
        wrong = not self.items or len(set(self.items)) < len(self.items) or min(self.items) < 1
        if wrong or not set(self.reverse) <= set(self.items):
            raise TheoryError(
                "LC336",
                f"the scale '{self.name}' needs its own item numbers, from 1 up, each once",
                where="scoring",
            )


@dataclass(frozen=True, slots=True)
class Scoring:
    """How item answers become scale scores: each item's range, and how many answers a scale needs.

    A scale with fewer answers than items is scaled up to all of them; ``whole`` rounds it to a whole number, a half
    upwards. ``conversion`` gives the metric score of each total from the lowest one on, where an instrument has one.
    """

    item_minimum: int
    item_maximum: int
    minimum_answered: int
    scales: tuple[Scale, ...]
    whole: bool = False
    conversion: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.item_minimum >= self.item_maximum:
            raise TheoryError("LC336", "the items' range is upside down or empty", where="scoring")
        if self.conversion and len(self.conversion) != self.highest - self.lowest + 1:
            said = f"the conversion needs a value for each total from {self.lowest} to {self.highest}"
            raise TheoryError("LC336", said, where="scoring")

    @property
    def items(self) -> tuple[int, ...]:
        """The numbers of all items."""
        return tuple(sorted({item for scale in self.scales for item in scale.items}))

    @property
    def lowest(self) -> int:
        """The lowest total."""
        return self.item_minimum * sum(len(scale.items) for scale in self.scales if scale.in_total)

    @property
    def highest(self) -> int:
        """The highest total."""
        return self.item_maximum * sum(len(scale.items) for scale in self.scales if scale.in_total)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A score below which a scale calls for a closer look, for one age or form; never a diagnosis."""

    scale: str
    age: str
    below: float
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of scores, both ends included."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BandSet:
    """The bands of one scale for one informant, from one version of the scoring guide."""

    informant: str
    ages: str
    scale: str
    version: str
    source: str
    verified: bool
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        stretches = sorted((band.low, band.high) for band in self.bands)
        broken = any(low > high for low, high in stretches) or any(
            later[0] - earlier[1] != 1 for earlier, later in itertools.pairwise(stretches)
        )
        if broken or not stretches:
            raise TheoryError.gather(
                [
                    Fault(
                        "LC336",
                        "bands",
                        f"the bands of '{self.scale}' ({self.informant}) leave a gap or overlap",
                        "Each band starts one above the end of the band below it.",
                    )
                ]
            )

    def band_of(self, score: float) -> str:
        """The band a score falls in; nothing when it falls in none, never a guess."""
        return next((band.name for band in self.bands if band.low <= score <= band.high), "")


@dataclass(frozen=True, slots=True)
class Break:
    """A change in how a measure was taken: figures before and after it are not compared."""

    at: str
    note: str
