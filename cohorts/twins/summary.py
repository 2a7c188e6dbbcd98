"""What a synthetic twin may know of a cohort: summaries that meet the disclosure profile, nothing else (pure).

Every summary stands for at least ``threshold`` people on either side: shares come from rounded counts, rare
categories are merged or given one declared share, quantiles have ``threshold`` people on both sides and between
two of them, a minimum or maximum is never taken, and a correlation is rounded so far that no cell of the
two-by-two table behind it can be told to within ``threshold`` people. Nothing is hidden by noise: a seed that is
printed would give noise back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from cohorts.disclosure import publish_count
from workspace.settings import DisclosureProfile

Matrix = NDArray[np.float64]
OTHER = "other"
INDEX = "index_date"
BINS = 20
CORRELATION_STEP = 0.05
LARGEST_CORRELATION = 0.95
SEALED_CORRELATION = 0.5
SMALLEST_EIGENVALUE = 0.01
ASSUMED_RANGE = (0.0, 100.0)
ASSUMED_DAYS = (18_262.0, 19_357.0)  # 2020 to 2022, in days since 1970
PLACEHOLDERS = ("category 1", "category 2", "category 3")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What the dictionary says of one variable at one wave; ``codes`` are declared by a source, or none are."""

    heading: str
    variable: str
    wave: str
    months: float
    kind: str
    unit: str = ""
    label: str = ""
    labels: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Portrait:
    """One column of the twin: shares of its levels, or knots of its distribution, and why values are missing.

    ``basis`` says where it comes from: ``summaries`` of the people, or the ``dictionary`` alone. ``probabilities``
    and ``knots`` describe a number; ``levels`` and ``shares`` a category or a binary. ``missing`` holds a reason
    and its share; the reason is empty where nothing came at all.
    """

    facts: ColumnFacts
    basis: str
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()
    knots: tuple[float, ...] = ()
    whole: bool = False
    missing: tuple[tuple[str, float], ...] = ()

    @property
    def missing_share(self) -> float:
        """The share without a value."""
        return min(sum(share for _, share in self.missing), 1.0)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All a twin is made from. ``correlations`` covers the columns' values, then their missingness, in order.

    ``orders`` are pairs of columns (earlier, later) of dates of which the later is never before the earlier. Tables
    of spells or events can be added as columns of their own: an entry and, in an order with it, an exit.
    """

    people: int
    columns: tuple[Portrait, ...]
    correlations: Matrix
    orders: tuple[tuple[int, int], ...] = ()


def from_dictionary(facts: ColumnFacts) -> Portrait:
    """A column that knows nothing of the people: flat over its codes or its range."""
    if facts.kind == "binary":
        return Portrait(facts, "dictionary", ("0", "1"), (0.5, 0.5), whole=True)
    if facts.kind == "category":
        levels = facts.codes or PLACEHOLDERS
        return Portrait(facts, "dictionary", levels, (1 / len(levels),) * len(levels), whole=True)
    low, high = range_of(facts)
    whole = float(low).is_integer() and float(high).is_integer()
    return Portrait(facts, "dictionary", probabilities=(0.0, 1.0), knots=(low, high), whole=whole)


def range_of(facts: ColumnFacts) -> tuple[float, float]:
    """The declared range; where an end is not declared an assumed one, 100 wide."""
    low, high = facts.minimum, facts.maximum
    if facts.kind == "date" and low is None and high is None:
        return ASSUMED_DAYS
    if low is None:
        low = min(ASSUMED_RANGE[0], high - 100) if high is not None else ASSUMED_RANGE[0]
    return low, high if high is not None else low + 100


def summarise(
    frame: pl.DataFrame, facts: Sequence[ColumnFacts], profile: DisclosureProfile, *, index: bool = True
) -> Blueprint:
    """Summarise a wide frame: a column and a ``heading!`` column of reasons for each fact that is not sealed.

    Parameters
    ----------
    frame : pl.DataFrame
        One row a person; ``index_date`` as a date.
    facts : sequence of ColumnFacts
        What the dictionary says; sealed ones are not looked up in the frame.
    profile : DisclosureProfile
        Threshold and rounding that every summary meets.
    index : bool
        Describe the index date as well.
    """
    everything = [ColumnFacts(INDEX, INDEX, "", -math.inf, "date"), *facts] if index else list(facts)
    values, portraits, absent = [], [], []
    for fact in everything:
        if fact.sealed or fact.heading not in frame.columns:
            portraits.append(from_dictionary(fact))
            values.append(np.full(frame.height, np.nan))
            absent.append(np.full(frame.height, np.nan))
            continue
        column = frame[fact.heading].cast(pl.Int32 if fact.heading == INDEX else pl.Float64).cast(pl.Float64)
        reasons = frame[f"{fact.heading}!"] if f"{fact.heading}!" in frame.columns else None
        portraits.append(_portrait(column, reasons, fact, profile, frame.height))
        values.append(column.to_numpy().astype(np.float64))
        absent.append(column.is_null().to_numpy().astype(np.float64))
    correlations = _correlations(values, absent, portraits, profile)
    people = publish_count(frame.height, profile) or profile.threshold
    return Blueprint(people, tuple(portraits), correlations, _orders(values, portraits, profile))


def _portrait(
    values: pl.Series, reasons: pl.Series | None, facts: ColumnFacts, profile: DisclosureProfile, people: int
) -> Portrait:
    there = values.drop_nulls()
    missing = _missing(values, reasons, profile, people)
    if there.len() < 2 * profile.threshold:
        plain = from_dictionary(facts)
        return Portrait(
            facts, plain.basis, plain.levels, plain.shares, plain.probabilities, plain.knots, plain.whole, missing
        )  # fmt: skip
    if facts.kind in ("binary", "category"):
        levels, shares = _shares(there, facts, profile)
        return Portrait(facts, "summaries", levels, shares, whole=True, missing=missing)
    numbers = there.to_numpy()
    whole = bool(np.all(numbers == np.round(numbers)))
    probabilities, knots = _quantiles(numbers, facts, profile, whole=whole)
    return Portrait(facts, "summaries", (), (), probabilities, knots, whole, missing)


def _missing(
    values: pl.Series, reasons: pl.Series | None, profile: DisclosureProfile, people: int
) -> tuple[tuple[str, float], ...]:
    """Shares by reason from rounded counts; reasons of too few people go together into the commonest."""
    empty = values.is_null()
    if not empty.any():
        return ()
    said = reasons if reasons is not None else pl.Series([None] * values.len(), dtype=pl.String)
    counts = {
        str(r): int(n)
        for r, n in said.filter(empty).fill_null("").value_counts().sort("count", said.name).rows()
    }
    common = max(counts, key=lambda reason: counts[reason])
    merged = {common: 0}
    for reason, n in counts.items():
        kept = reason if n >= profile.threshold else common
        merged[kept] = merged.get(kept, 0) + n
    return tuple((reason, _declared(n, people, profile)) for reason, n in sorted(merged.items()))


def _declared(count: int, people: int, profile: DisclosureProfile) -> float:
    """A share out of rounded counts; any count below the threshold has one and the same share."""
    whole = publish_count(people, profile) or people
    shown = publish_count(count, profile) if count >= profile.threshold else profile.threshold / 2
    return min((shown or 0) / whole, 1.0)


def _shares(
    values: pl.Series, facts: ColumnFacts, profile: DisclosureProfile
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Levels and shares. Declared codes stay, rare ones with one share for all; other rare ones are merged.

    Common levels share out what is left: a difference from the whole would tell how many the rare ones are.
    """
    counts = {float(v): int(n) for v, n in values.value_counts().rows()}
    names = ("0", "1") if facts.kind == "binary" else facts.labels
    declared = dict.fromkeys(names if facts.kind == "binary" else facts.codes)
    common = {
        name: n for code, name in enumerate(names) if (n := counts.get(float(code), 0)) >= profile.threshold
    }
    rare = [name for name in declared if name not in common]
    rare += (
        [OTHER] if any(n and names[int(code)] not in {*common, *rare} for code, n in counts.items()) else []
    )
    left = 1 - len(rare) * _declared(0, values.len(), profile)
    parts = {name: round(n / sum(common.values()), 2) or 0.01 for name, n in common.items()}
    found = {name: part * left / sum(parts.values()) for name, part in parts.items()}
    found |= dict.fromkeys(rare, _declared(0, values.len(), profile) if common else 1 / len(rare))
    ordered = [name for name in dict.fromkeys((*names, *declared, OTHER)) if name in found]
    return tuple(ordered), tuple(found[name] for name in ordered)


def _quantiles(
    numbers: Matrix, facts: ColumnFacts, profile: DisclosureProfile, *, whole: bool
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Inner quantiles, rounded, with straight tails as long as the outermost step and inside the declared range."""
    bins = min(BINS, len(numbers) // profile.threshold)
    inner = np.arange(1, bins) / bins
    knots = np.quantile(numbers, inner, method="inverted_cdf")
    step = 7.0 if facts.kind == "date" else _step(float(knots[-1] - knots[0]), whole=whole)
    knots = np.round(knots / step) * step
    first = knots[0] - (knots[1] - knots[0] if len(knots) > 1 else step)
    last = knots[-1] + (knots[-1] - knots[-2] if len(knots) > 1 else step)
    every = np.concatenate([[first], knots, [last]])
    every = np.clip(every, facts.minimum, facts.maximum) if _bounded(facts) else every
    return (0.0, *map(float, inner), 1.0), tuple(map(float, np.round(every, 10)))


def _bounded(facts: ColumnFacts) -> bool:
    return facts.minimum is not None or facts.maximum is not None


def _step(spread: float, *, whole: bool) -> float:
    """A power of ten, or twice or five times one, of about a fiftieth of the spread; whole numbers step by one."""
    if spread <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(spread / 50))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= spread / 50)
    return max(1.0, float(round(step))) if whole else step


def _correlations(
    values: Sequence[Matrix],
    absent: Sequence[Matrix],
    portraits: Sequence[Portrait],
    profile: DisclosureProfile,
) -> Matrix:
    """The correlation matrix of the hidden normal scores: values first, then missingness. Positive definite."""
    usable = [_is_usable(p, v, profile) for p, v in zip(portraits, values, strict=True)]
    gone = [_has_enough(a, profile) for a in absent]
    columns = [*values, *absent]
    kept = [*usable, *gone]
    scores = np.column_stack(
        [_scores(c) if k else np.full(len(c), np.nan) for c, k in zip(columns, kept, strict=True)]
    )
    found = _pairwise(scores, np.array([*map(_spread_of, portraits), *map(_spread_gone, portraits)]), profile)
    for i, left in enumerate(portraits):
        for j, right in enumerate(portraits):
            both = left.basis == right.basis == "dictionary"
            if i != j and both and left.facts.variable == right.facts.variable:
                found[i, j] = SEALED_CORRELATION
    return positive(found)


def _is_usable(portrait: Portrait, values: Matrix, profile: DisclosureProfile) -> bool:
    """Correlations only where the column was summarised and no level that counts is rare."""
    if portrait.basis != "summaries":
        return False
    if portrait.facts.kind != "binary":
        return True
    ones = int(np.nansum(values))
    return min(ones, int((~np.isnan(values)).sum()) - ones) >= profile.threshold


def _has_enough(absent: Matrix, profile: DisclosureProfile) -> bool:
    if np.isnan(absent).any():
        return False
    gone = int(absent.sum())
    return profile.threshold <= gone <= len(absent) - profile.threshold


def _spread_of(portrait: Portrait) -> float:
    """Standard deviation of the yes-or-no that stands behind a column: its rarest level, or half against half."""
    rarest = min((share for share in portrait.shares if share > 0), default=0.5)
    return math.sqrt(rarest * (1 - rarest)) or 0.5


def _spread_gone(portrait: Portrait) -> float:
    share = portrait.missing_share
    return math.sqrt(share * (1 - share)) or 0.5


def _scores(column: Matrix) -> Matrix:
    """Normal scores of the ranks, the mean score among ties; missing stays missing."""
    there = ~np.isnan(column)
    scores = np.full(len(column), np.nan)
    ranks = rankdata(column[there], method="ordinal")
    normal = ndtri((ranks - 0.5) / max(len(ranks), 1))
    _, place, size = np.unique(column[there], return_inverse=True, return_counts=True)
    scores[there] = (np.bincount(place, normal) / size)[place]
    return scores


def _pairwise(scores: Matrix, cells: Matrix, profile: DisclosureProfile) -> Matrix:
    """Pairwise correlations, rounded, shrunk towards nothing, then freed of what ties take away.

    A step of the rounding moves at least ``threshold`` people between the cells of a two-by-two table of yes-or-no
    columns whose standard deviations are ``cells``.
    """
    there = (~np.isnan(scores)).astype(np.float64)
    filled = np.nan_to_num(scores)
    n = there.T @ there
    sums, squares, products = filled.T @ there, (filled**2).T @ there, filled.T @ filled
    safe = np.maximum(n, 1)
    covariance = products / safe - (sums / safe) * (sums.T / safe)
    spread = np.sqrt(np.maximum(squares / safe - (sums / safe) ** 2, 0))
    scale = spread * spread.T
    raw = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 1e-9)
    own = np.clip(np.round(np.diag(spread) / CORRELATION_STEP) * CORRELATION_STEP, CORRELATION_STEP, 1.0)
    counted = profile.rounding * np.round(n / profile.rounding)
    step = np.maximum(
        CORRELATION_STEP, profile.threshold / np.maximum(counted * np.outer(cells, cells), 1e-9)
    )
    rounded = np.round(raw / step) * step
    shrunk = rounded * counted / (counted + profile.threshold)
    freed = np.where(n >= 3 * profile.threshold, shrunk / np.outer(own, own), 0.0)
    found = np.clip(freed, -LARGEST_CORRELATION, LARGEST_CORRELATION)
    np.fill_diagonal(found, 1.0)
    return found


def positive(matrix: Matrix) -> Matrix:
    """The matrix with small and negative eigenvalues lifted and ones on its diagonal."""
    symmetric = (matrix + matrix.T) / 2
    eigenvalues, vectors = np.linalg.eigh(symmetric)
    lifted = (vectors * np.maximum(eigenvalues, SMALLEST_EIGENVALUE)) @ vectors.T
    spread = np.sqrt(np.diag(lifted))
    result: Matrix = lifted / np.outer(spread, spread)
    return result


def _orders(
    values: Sequence[Matrix], portraits: Sequence[Portrait], profile: DisclosureProfile
) -> tuple[tuple[int, int], ...]:
    """Pairs of date columns of which one is never before the other, seen in at least ``threshold`` people."""
    dates = [i for i, p in enumerate(portraits) if p.facts.kind == "date" and p.basis == "summaries"]
    return tuple(
        (i, j) for i in dates for j in dates if i != j and _never_before(values[i], values[j], profile)
    )


def _never_before(earlier: Matrix, later: Matrix, profile: DisclosureProfile) -> bool:
    gap = (later - earlier)[~np.isnan(later - earlier)]
    return len(gap) >= profile.threshold and bool(np.all(gap >= 0)) and bool(np.any(gap > 0))


def dictionary_blueprint(facts: Iterable[ColumnFacts], people: int, *, index: bool = True) -> Blueprint:
    """A blueprint that knows nobody: every column flat, waves of one variable alike."""
    columns = [from_dictionary(f) for f in facts]
    if index:
        columns.insert(0, from_dictionary(ColumnFacts(INDEX, INDEX, "", -math.inf, "date")))
    size = 2 * len(columns)
    matrix = np.eye(size)
    for i, left in enumerate(columns):
        for j, right in enumerate(columns):
            if i != j and left.facts.variable == right.facts.variable:
                matrix[i, j] = SEALED_CORRELATION
    return Blueprint(people, tuple(columns), positive(matrix))
