"""Made-up people out of a blueprint: one row each, alike in shape to a cohort and drawn from nobody (pure).

A Gaussian copula: correlated normal scores, each turned into a value of its column by the column's own shares or
knots. The same blueprint, number and seed give the same rows. No row of a real person is an input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from cohorts.twins.summary import INDEX, Blueprint, Matrix, Portrait, positive

MARK = "synthetic"
PARTICIPANT = "participant"
SIZED = ("number", "binary", "age", "age-months")


@dataclass(frozen=True, slots=True)
class PlantedEffect:
    """A known effect: ``size`` is added for the treated, on the raw scale or as a difference in risk."""

    outcome: str
    arm: str
    size: float


class CannotPlant(Exception):  # noqa: N818 - the edge turns it into LC856
    """Why an effect cannot be planted, in words without data."""


def synthesise(
    blueprint: Blueprint, people: int, seed: int, effects: Sequence[PlantedEffect] = ()
) -> pl.DataFrame:
    """Draw made-up people.

    Parameters
    ----------
    blueprint : Blueprint
        Summaries, or the dictionary alone.
    people : int
        How many rows.
    seed : int
        Same seed, same rows.
    effects : sequence of PlantedEffect
        Everything measured after the arm becomes independent of it given what was measured before; then the size
        is added for the treated. So an analysis that adjusts for what came before finds the size.

    Returns
    -------
    pl.DataFrame
        ``synthetic`` (always 1), ``participant`` (S000001 on), ``index_date`` where there is one, a column for each
        variable and, where values are missing, ``NAME!`` with the reason.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    matrix = blueprint.correlations
    for effect in effects:
        matrix = _without_arm(matrix, blueprint.columns, effect)
    values = _draw(blueprint, matrix, people, chance)
    gone = values[:, len(blueprint.columns) :]
    columns = [_value(p, values[:, i]) for i, p in enumerate(blueprint.columns)]
    _put_in_order(columns, blueprint.orders)
    for effect in effects:
        _plant(columns, blueprint.columns, effect, chance)
    return _frame(blueprint.columns, columns, gone, people)


def _draw(blueprint: Blueprint, matrix: Matrix, people: int, chance: np.random.Generator) -> Matrix:
    """Uniform numbers with the correlations of the blueprint: column by column, rows are people."""
    eigenvalues, vectors = np.linalg.eigh(positive(matrix))
    root = (
        vectors * np.sqrt(np.maximum(eigenvalues, 0))
    ) @ vectors.T  # symmetric: the signs of vectors cancel
    normal = chance.standard_normal((people, len(matrix))) @ root
    uniform: Matrix = np.round(ndtr(normal), 12)  # beyond twelve digits machines may differ
    return uniform


def _value(portrait: Portrait, uniform: Matrix) -> Matrix:
    """Values of one column: the number of a level, or a number between the knots."""
    if portrait.levels:
        edges = np.cumsum(portrait.shares)[:-1]
        return np.searchsorted(edges, uniform, side="right").astype(np.float64)
    drawn = np.interp(uniform, portrait.probabilities, portrait.knots)
    if portrait.whole:
        return np.round(drawn)
    low, high = portrait.facts.minimum, portrait.facts.maximum
    step = 10.0 ** (np.floor(np.log10(max(float(np.ptp(portrait.knots)), 1e-6))) - 3)
    rounded = np.round(np.round(drawn / step) * step, 10)
    result: Matrix = rounded if low is None and high is None else np.clip(rounded, low, high)
    return result


def _put_in_order(columns: list[Matrix], orders: Sequence[tuple[int, int]]) -> None:
    for _ in range(len(columns) if orders else 0):
        before = [column.copy() for column in columns]
        for earlier, later in orders:
            columns[later] = np.maximum(columns[later], columns[earlier])
        if all(np.array_equal(a, b) for a, b in zip(before, columns, strict=True)):
            return


def place_of(columns: Sequence[Portrait], name: str) -> int:
    """The column of that heading, or of that variable where it stands at one wave only."""
    exact = [
        i for i, p in enumerate(columns) if name in (p.facts.heading, f"{p.facts.variable}@{p.facts.wave}")
    ]
    found = exact or [i for i, p in enumerate(columns) if p.facts.variable == name]
    if not found or columns[found[0]].facts.heading == INDEX:
        raise CannotPlant(f"the cohort has no variable '{name}'")
    if len(found) > 1:
        raise CannotPlant(f"'{name}' is there at several waves; write {columns[found[0]].facts.heading}")
    return found[0]


def _places(columns: Sequence[Portrait], effect: PlantedEffect) -> tuple[int, int]:
    outcome, arm = place_of(columns, effect.outcome), place_of(columns, effect.arm)
    if columns[arm].facts.kind != "binary":
        raise CannotPlant(f"'{effect.arm}' is of kind {columns[arm].facts.kind}; an arm is binary")
    if columns[outcome].facts.kind not in SIZED:
        raise CannotPlant(f"'{effect.outcome}' is of kind {columns[outcome].facts.kind}; it takes no effect")
    if outcome == arm:
        raise CannotPlant("the arm cannot be its own outcome")
    if columns[outcome].facts.months < columns[arm].facts.months:
        raise CannotPlant(f"'{effect.outcome}' comes before the arm '{effect.arm}'")
    return outcome, arm


def _without_arm(matrix: Matrix, columns: Sequence[Portrait], effect: PlantedEffect) -> Matrix:
    """The arm independent, given what came before, of the outcome and of everything after the arm."""
    outcome, arm = _places(columns, effect)
    months = [p.facts.months for p in columns] * 2
    later = [i % len(columns) == outcome or m > months[arm] for i, m in enumerate(months)]
    after = [i for i, flag in enumerate(later) if flag and i != arm]
    ahead = [i for i, flag in enumerate(later) if not flag and i != arm]
    made = matrix.copy()
    through = np.linalg.solve(matrix[np.ix_(ahead, ahead)], matrix[np.ix_(ahead, after)])
    made[arm, after] = matrix[arm, ahead] @ through
    made[after, arm] = made[arm, after]
    return made


def _plant(
    columns: list[Matrix], portraits: Sequence[Portrait], effect: PlantedEffect, chance: np.random.Generator
) -> None:
    outcome, arm = _places(portraits, effect)
    treated = columns[arm] == 1
    if portraits[outcome].facts.kind == "binary":
        columns[outcome] = _shift_risk(columns[outcome], treated, effect, chance)
    else:
        columns[outcome] = _shift_values(columns[outcome], treated, portraits[outcome], effect, chance)


def _shift_risk(
    values: Matrix, treated: NDArray[np.bool_], effect: PlantedEffect, chance: np.random.Generator
) -> Matrix:
    """Turn as many answers of the treated as the difference in risk asks for."""
    wanted = round(abs(effect.size) * int(treated.sum()))
    able = np.flatnonzero(treated & (values == (0 if effect.size > 0 else 1)))
    if wanted > len(able):
        raise CannotPlant(
            f"a risk of the treated that far {'above' if effect.size > 0 else 'below'} is out of range"
        )
    turned = chance.choice(able, wanted, replace=False)
    made = values.copy()
    made[turned] = 1 - made[turned]
    return made


def _shift_values(
    values: Matrix,
    treated: NDArray[np.bool_],
    portrait: Portrait,
    effect: PlantedEffect,
    chance: np.random.Generator,
) -> Matrix:
    """Add the size for the treated. Everybody first makes room for it, so that no end of the range cuts it."""
    low, high = portrait.facts.minimum, portrait.facts.maximum
    room = [low, high]
    if effect.size > 0 and high is not None:
        room[1] = high - np.ceil(effect.size) if portrait.whole else high - effect.size
    if effect.size < 0 and low is not None:
        room[0] = low - np.floor(effect.size) if portrait.whole else low - effect.size
    if room[0] is not None and room[1] is not None and room[0] >= room[1]:
        raise CannotPlant(f"the range of '{effect.outcome}' has no room for this size")
    fitted = values if room == [None, None] else np.clip(values, room[0], room[1])
    added = np.full(len(values), effect.size)
    if portrait.whole:  # whole numbers stay whole: a part of the treated gets one more
        added = np.floor(effect.size) + (chance.random(len(values)) < effect.size - np.floor(effect.size))
    result: Matrix = np.where(treated, fitted + added, fitted)
    return result


def _frame(
    portraits: Sequence[Portrait], columns: Sequence[Matrix], gone: Matrix, people: int
) -> pl.DataFrame:
    digits = max(6, len(str(people)))
    made: list[pl.Series] = [
        pl.Series(MARK, np.ones(people, dtype=np.int64)),
        pl.Series(PARTICIPANT, [f"S{number:0{digits}d}" for number in range(1, people + 1)]),
    ]
    for place, portrait in enumerate(portraits):
        reasons = _reasons(portrait, gone[:, place])
        column = _typed(portrait, columns[place])
        if reasons is None:
            made.append(column)
            continue
        absent = reasons.is_not_null()
        made.append(pl.select(pl.when(~absent).then(column)).to_series().alias(portrait.facts.heading))
        made.append(
            pl.select(pl.when(reasons != "").then(reasons)).to_series().alias(f"{portrait.facts.heading}!")
        )
    return pl.DataFrame(made)


def _reasons(portrait: Portrait, uniform: Matrix) -> pl.Series | None:
    """The reason of each person without a value, null for those who have one; the topmost scores lose theirs."""
    if not portrait.missing:
        return None
    names = [None, *(reason for reason, _ in portrait.missing)]
    edges = np.cumsum([1 - portrait.missing_share, *(share for _, share in portrait.missing)])[:-1]
    chosen = np.searchsorted(edges, uniform, side="right")
    return pl.Series("reason", [names[i] for i in chosen], dtype=pl.String)


def _typed(portrait: Portrait, values: Matrix) -> pl.Series:
    heading = portrait.facts.heading
    if portrait.facts.kind == "category":
        return pl.Series(
            heading, np.asarray(portrait.levels, dtype=object)[values.astype(int)], dtype=pl.String
        )
    if heading == INDEX:
        return pl.Series(heading, values.astype(np.int32)).cast(pl.Date)
    return pl.Series(heading, values.astype(np.int64) if portrait.whole else values)
