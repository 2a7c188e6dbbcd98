"""Who is in the data that a synthetic twin was made from: nearest records (pure).

A twin that remembers people has rows nearer to them than people are to one another. Distances are those of Gower
(1971): a number counts by its share of the range, a text counts nought where it is the same and one where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import rankdata

from cohorts.attacks.model import Trial, judged
from cohorts.attacks.uniqueness import FEWEST_SHARED, TIMES_CHANCE, Release

MOST_ROWS = 1_500
HALF = 0.5
STEP = 200


@dataclass(frozen=True, slots=True)
class Coded:
    """Two tables over the columns they share, as numbers; ``texts`` says which columns are only the same or not."""

    twin: Any
    people: Any
    texts: Any


def coded(twin: pl.DataFrame, people: pl.DataFrame) -> Coded | None:
    """The shared columns of both, numbers scaled to their range among the people; None where too few are shared."""
    left, right, texts = [], [], []
    for name in people.columns:
        own = next((c for c in (name, name.split("@")[0]) if c in twin.columns), "")
        if not own:
            continue
        pair = _column(twin[own], people[name])
        if pair is not None:
            left.append(pair[0])
            right.append(pair[1])
            texts.append(pair[2])
    if len(left) < FEWEST_SHARED:
        return None
    return Coded(np.column_stack(left), np.column_stack(right), np.array(texts))


def _column(one: pl.Series, other: pl.Series) -> tuple[Any, Any, bool] | None:
    first, second = (s.cast(pl.Float64, strict=False) for s in (one, other))
    if first.null_count() == one.null_count() and second.null_count() == other.null_count():
        least, most = second.min(), second.max()
        if not isinstance(least, float) or not isinstance(most, float) or most <= least:
            return None
        wide = most - least
        left, right = ((s.fill_null(least - wide).to_numpy() - least) / wide for s in (first, second))
        return left, right, False
    words = pl.concat([one.cast(pl.String), other.cast(pl.String)]).fill_null("").rank("dense").to_numpy()
    return words[: len(one)].astype(float), words[len(one) :].astype(float), True


def two_nearest(rows: Any, among: Any, texts: Any, *, itself: bool = False) -> Any:
    """The distances of each row to its nearest and second nearest; ``itself`` leaves the same place out."""
    found = []
    for begin in range(0, len(rows), STEP):
        part = rows[begin : begin + STEP]
        apart = np.zeros((len(part), len(among)))
        for column, text in enumerate(texts):
            gap = np.abs(part[:, column, None] - among[None, :, column])
            apart += (gap > 0) if text else gap
        if itself:
            apart[np.arange(len(part)), np.arange(begin, begin + len(part))] = np.inf
        found.append(np.sort(np.partition(apart, 1, axis=1)[:, :2], axis=1))
    return np.vstack(found) / max(len(texts), 1)


def much_nearer(distances: Any) -> int:
    """How many rows lie at most half as far from one record as from every other: nobody else is meant."""
    nearest, second = distances[:, 0], distances[:, 1]
    return int(np.sum((nearest <= HALF * second) & (second > 0)))


def advantage(inside: Any, outside: Any) -> float:
    """How often a member lies nearer to the twin than somebody who was not in it (the area under the curve).

    A half is guessing. ``inside`` and ``outside`` are distances of people to their nearest twin row.
    """
    ranks = rankdata(np.concatenate([-np.asarray(inside), -np.asarray(outside)]))
    n, m = len(inside), len(outside)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def remembered(twin: pl.DataFrame, people: pl.DataFrame) -> tuple[int, int, float] | None:
    """Rows of a twin that mean one person, how many were tried, and the share among people themselves."""
    pair = coded(twin.head(MOST_ROWS), people.head(MOST_ROWS))
    if pair is None or len(pair.people) <= 2 or not len(pair.twin):
        return None
    rows = much_nearer(two_nearest(pair.twin, pair.people, pair.texts))
    own = much_nearer(two_nearest(pair.people, pair.people, pair.texts, itself=True))
    return rows, len(pair.twin), own / len(pair.people)


def twins(
    releases: Sequence[Release], cohorts: Sequence[tuple[str, pl.DataFrame, tuple[str, ...]]], threshold: int
) -> Trial:
    """Every table that calls itself synthetic, against every cohort that shares its columns."""
    found, bad, tried = [], False, 0
    for release in (one for one in releases if one.marked):
        for name, people, _ in cohorts:
            held = remembered(release.frame, people)
            if held is None:
                continue
            tried += 1
            rows, total, usual = held
            near = rows >= threshold + min(TIMES_CHANCE * usual, (1 + usual) / 2) * total
            bad |= near
            said = "its rows mean single people" if near else "its rows mean no more people than people do"
            found.append(f"{release.name} beside {name}: {said}")
    return Trial(
        "twins",
        "Telling who is in a synthetic twin",
        "A synthetic twin, and a person's record from elsewhere.",
        f"{tried} pairs of a twin and a cohort: distances of up to {MOST_ROWS:,} rows to their two nearest people, "
        "against the distances of people to one another.",
        tuple(found) or ("no synthetic twin lies in the project folder",),
        "A twin is drawn from summaries that each stand for enough people; no row of a person is an input.",
        judged(bad) if tried else "not-applicable",
        "Nobody of the cohort was held out, so this finds remembered rows, not small leanings; those were measured on "
        "made-up cohorts with a held-out half.",
    )
