"""The average of a pool, how far effects differ, and what moderators tell of it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import EvaluationError
from evaluation.evidence.figures import Measured
from evaluation.evidence.model import Scale
from evaluation.evidence.pool_rows import Candidate
from evaluation.inference import critical
from evaluation.regression.linear import Array
from evaluation.synthesis.dependent import DependentAverage, Robust, average_dependent
from evaluation.synthesis.random_effects import Average, average_effects

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An average or a moderator's coefficient on the scale of analysis."""

    name: str
    value: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    df: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How far true effects differ. ``within`` and ``between`` of effects that depend; shares 0 to 1."""

    tau2: float
    tau2_low: float | None
    tau2_high: float | None
    i2: float
    q: float | None
    q_df: int | None
    q_p: float | None
    within: float | None = None
    between: float | None = None


@dataclass(frozen=True, slots=True)
class PoolFit:
    """Coefficients on the scale of analysis (the average first), the spread, and where a new study would lie."""

    coefficients: tuple[Coefficient, ...]
    spread: Spread
    predicted: tuple[float, float] | None
    model: str
    robust: Coefficient | None = None


def measured_on(one: Candidate, scale: Scale) -> Measured:
    """The effect on a scale it is known to be on."""
    found = one.on(scale)
    if found is None:
        raise ValueError(scale)
    return found


def arrays_of(kept: Sequence[Candidate], scale: Scale) -> tuple[Array, Array]:
    """Effects and their sampling variances on a scale."""
    found = [measured_on(one, scale) for one in kept]
    return np.array([f.value for f in found]), np.array([float(f.std_error or 0.0) ** 2 for f in found])


def fit_pool(kept: Sequence[Candidate], moderator: str, scale: Scale) -> PoolFit:
    """Average independent effects by random effects, effects that share a study on three levels.

    Raises EvaluationError (LC557) where there are too few studies for the moderator, or it is the same in all.
    """
    y, v = arrays_of(kept, scale)
    names, matrix = _matrix(kept, moderator)
    studies = [one.study for one in kept]
    try:
        if len(set(studies)) == len(studies):
            return _of_average(average_effects(y, v, moderators=matrix), names)
        return _of_dependent(average_dependent(y, v, studies, moderators=matrix), names)
    except ValueError:
        raise EvaluationError(
            "LC557",
            f"there are too few studies for the moderator '{moderator}', or it is the same in all",
            "Pool without --moderator, or with one that differs between more studies.",
        ) from None


def moderator_of(one: Candidate, moderator: str) -> float | str | None:
    """A study's fact of that name; ``design`` is one without being recorded as one."""
    if moderator == "design":
        return one.design
    return dict(one.moderators).get(moderator)


def _matrix(kept: Sequence[Candidate], moderator: str) -> tuple[tuple[str, ...], Array | None]:
    """A number as it is; a text as a column a level, the first by name being what the others are held against."""
    if not moderator:
        return ("average",), None
    values = [moderator_of(one, moderator) for one in kept]
    if all(isinstance(value, float) for value in values):
        return ("intercept", moderator), np.array([[value] for value in values], dtype=float)
    levels = sorted({str(value) for value in values})
    columns = np.array([[float(str(value) == level) for level in levels[1:]] for value in values])
    names = tuple(f"{moderator}: {level} against {levels[0]}" for level in levels[1:])
    if not names:
        raise EvaluationError("LC557", f"'{moderator}' is the same in all studies", "Pool without it.")
    return (f"intercept ({moderator}: {levels[0]})", *names), columns


def coefficients_of(found: Average | DependentAverage, names: Sequence[str]) -> tuple[Coefficient, ...]:
    """The coefficients of an average by name."""
    return tuple(_coefficient(name, found, place, found.df) for place, name in enumerate(names))


def _coefficient(
    name: str, found: Average | DependentAverage | Robust, place: int, df: float | None
) -> Coefficient:
    return Coefficient(
        name,
        float(found.values[place]),
        float(found.std_errors[place]),
        float(found.conf_low[place]),
        float(found.conf_high[place]),
        float(found.p_values[place]),
        df,
    )


def _of_average(found: Average, names: Sequence[str]) -> PoolFit:
    spread = Spread(found.tau2, found.tau2_low, found.tau2_high, found.i2, found.q, found.q_df, found.q_p)
    words = "random effects, REML, errors of Hartung and Knapp"
    return PoolFit(coefficients_of(found, names), spread, found.predicted, words)


def _of_dependent(found: DependentAverage, names: Sequence[str]) -> PoolFit:
    tau2 = found.within + found.between
    spread = Spread(
        tau2, None, None, found.shares[1] + found.shares[2], None, None, None, found.within, found.between
    )
    first, robust = coefficients_of(found, names), found.robust
    half = critical(LEVEL, found.df, "t") * float(np.sqrt(first[0].std_error ** 2 + tau2))
    alone = len(names) == 1
    ends = (first[0].value - half, first[0].value + half) if alone else None
    beside = _coefficient("robust", robust, 0, float(robust.df[0]))
    words = "effects within studies within all studies, REML, t; robust errors by study (CR2) beside"
    return PoolFit(first, spread, ends, words, beside)
