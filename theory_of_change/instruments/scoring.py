"""Answers to items turned into scale scores by an instrument's key (pure).

Source: the scoring guide each measure of the catalogue names. A scale with fewer answers than its key asks for has no
score, and a total needs every scale that belongs to it: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from theory_of_change.errors import TheoryError
from theory_of_change.scales import BandSet, Scale, Scoring

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of people in the order they came; NaN where there is none.

    ``scales`` by name; ``total`` of the scales that belong to it; ``metric`` of an instrument with a conversion table,
    only where every item was answered. ``prorated`` counts people with a score from fewer answers than items.
    """

    scales: dict[str, Array] = field(repr=False)
    total: Array = field(repr=False)
    metric: Array | None = field(repr=False)
    prorated: int


def score(scoring: Scoring, answers: Mapping[int, Array]) -> Scores:
    """Score people's answers.

    Parameters
    ----------
    scoring : Scoring
        The instrument's key.
    answers : mapping
        For each item number one value a person, NaN where it was not answered; all of one length.

    Raises
    ------
    TheoryError
        ``LC337``: items are missing from the table, or answers lie outside the items' range.
    """
    _refuse_misfits(scoring, answers)
    found: dict[str, Array] = {}
    partial = np.zeros(len(next(iter(answers.values()))), dtype=bool)
    for scale in scoring.scales:
        found[scale.name], some = _scale(scoring, scale, answers)
        partial |= some
    totals = [found[scale.name] for scale in scoring.scales if scale.in_total]
    total = np.sum(totals, axis=0) if totals else np.full(len(partial), np.nan)
    return Scores(found, total, _converted(scoring, total, partial), int(partial.sum()))


def _refuse_misfits(scoring: Scoring, answers: Mapping[int, Array]) -> None:
    absent = [item for item in scoring.items if item not in answers]
    if absent:
        named = ", ".join(map(str, absent[:8]))
        raise TheoryError("LC337", f"there are no answers to item {named}", "Name a column for every item.")
    faulty = []
    for item in scoring.items:
        known = answers[item][~np.isnan(answers[item])]
        wrong = (known < scoring.item_minimum) | (known > scoring.item_maximum) | (known != np.floor(known))
        if wrong.any():
            faulty.append(str(item))
    if faulty:
        allowed = f"whole numbers from {scoring.item_minimum} to {scoring.item_maximum}"
        raise TheoryError(
            "LC337",
            f"answers to item {', '.join(faulty[:8])} are not {allowed}",
            "Leave what was not answered blank.",
        )


def _scale(
    scoring: Scoring, scale: Scale, answers: Mapping[int, Array]
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """A scale's scores, and whose rest on some of its items only."""
    turned = np.array(
        [
            scoring.item_minimum + scoring.item_maximum - answers[item]
            if item in scale.reverse
            else answers[item]
            for item in scale.items
        ]
    )
    answered = (~np.isnan(turned)).sum(axis=0)
    sums = np.nansum(turned, axis=0)
    enough = answered >= min(scoring.minimum_answered, len(scale.items))
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where(enough, sums * len(scale.items) / answered, np.nan)
    if scoring.whole:
        scores = np.floor(scores + 0.5)
    return scores, enough & (answered < len(scale.items))


def _converted(scoring: Scoring, total: Array, partial: npt.NDArray[np.bool_]) -> Array | None:
    """Totals on the metric scale: a table for whole totals says nothing of scaled-up ones."""
    if not scoring.conversion:
        return None
    table = np.array(scoring.conversion)
    known = ~np.isnan(total) & ~partial
    places = np.where(known, total - scoring.lowest, 0).astype(np.int64)
    return np.where(known, table[places], np.nan)


def banded(bands: BandSet, scores: Array) -> list[str]:
    """The band of every score; nothing where there is no score, or none that it falls in."""
    names = np.full(len(scores), "", dtype=object)
    for band in bands.bands:
        names[(scores >= band.low) & (scores <= band.high)] = band.name
    return [str(name) for name in names]
