"""Effects put together: an average, how far they differ, where the next would lie, what it hangs on (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.errors import EvaluationError
from evaluation.evidence.figures import Measured, printed
from evaluation.evidence.model import Reading, Scale
from evaluation.evidence.pool_rows import Candidate, LeftOut, choose_scale
from evaluation.evidence.readings import Question, design_level, read_effect_with
from evaluation.inference import critical
from evaluation.regression.linear import Array
from evaluation.reporting.signs import ASSOCIATED, LOW_SECURITY
from evaluation.synthesis.dependent import DependentAverage, average_dependent
from evaluation.synthesis.missing_studies import FEWEST_STUDIES, egger_test, trim_and_fill
from evaluation.synthesis.random_effects import Average, average_effects

LEVEL = 0.95
FEWEST_DF = 4.0  # below it Satterthwaite's degrees of freedom are not to be relied on (Tipton 2015)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is put together and how: the outcome, and what the person chose."""

    outcome: str
    scale: Scale | None = None
    margin: float | None = None
    moderator: str = ""
    without_disputed: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """One effect in the pool with its share of the weight."""

    candidate: Candidate
    found: Measured
    weight: float


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
class Otherwise:
    """The average under another setting, and whether the answer would be another."""

    name: str
    value: float
    conf_low: float
    conf_high: float
    answer: str
    flips: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """A pooled answer. Everything is on the scale of analysis (ratios as logs); views print ratios."""

    asked: Asked
    question: Question
    rows: tuple[Weighed, ...]
    left_out: tuple[LeftOut, ...]
    model: str
    average: Coefficient
    moderators: tuple[Coefficient, ...]
    spread: Spread
    predicted: tuple[float, float] | None
    reading: Reading
    new_place: str
    otherwise: tuple[Otherwise, ...]
    asymmetry: tuple[float, int, float] | None
    filled: int | None
    margin_source: str

    @property
    def flipped_by(self) -> tuple[str, ...]:
        """The settings under which the answer is another one."""
        return tuple(other.name for other in self.otherwise if other.flips)

    @property
    def studies(self) -> tuple[str, ...]:
        """The studies in it, each once."""
        return tuple(dict.fromkeys(row.candidate.study for row in self.rows))


def pool_effects(candidates: Sequence[Candidate], left_out: Sequence[LeftOut], asked: Asked) -> Pool:
    """Average effects of one outcome.

    Estimand: the mean true effect of studies like these. Independent effects: random effects by REML with Hartung and
    Knapp's errors. Several effects of one study: three levels, and errors robust by study beside. A disputed finding
    stays in, and the average without it stands beside, unless ``without_disputed``.

    Raises
    ------
    EvaluationError
        Directions that differ (LC546), no common scale (LC556), fewer than two studies or too many moderators (LC557).
    """
    out = list(left_out)
    kept = [one for one in candidates if not (asked.without_disputed and one.disputed)]
    out += [LeftOut(one.label, "disputed, and left out on request") for one in candidates if one not in kept]
    _refuse_few(kept, out, asked)
    scale = choose_scale(kept, asked.scale)
    out += [
        LeftOut(o.label, f"cannot be brought to the scale '{scale}'") for o in kept if o.on(scale) is None
    ]
    kept = [one for one in kept if one.on(scale) is not None]
    if asked.moderator:
        out += [LeftOut(o.label, f"has no '{asked.moderator}'") for o in kept if _moderator(o, asked) is None]
        kept = [one for one in kept if _moderator(one, asked) is not None]
    _refuse_few(kept, out, asked)
    question, source = _question(kept, scale, asked)
    return _pooled(kept, tuple(out), asked, question, source)


def _refuse_few(kept: Sequence[Candidate], out: Sequence[LeftOut], asked: Asked) -> None:
    studies = {one.study for one in kept}
    if len(studies) < 2:
        left = "; ".join(f"{one.label}: {one.reason}" for one in out[:3])
        raise EvaluationError(
            "LC557",
            f"it takes two studies of '{asked.outcome}' to average; {len(studies)} can be used",
            f"Left out: {left}." if left else "lifecourse evidence list says what there is.",
        )


def _question(kept: Sequence[Candidate], scale: Scale, asked: Asked) -> tuple[Question, str]:
    ways = {one.better for one in kept}
    if len(ways) > 1:
        named = ", ".join(one.label for one in kept if one.better == "higher")
        raise EvaluationError(
            "LC546",
            f"better is higher in some ({named}) and lower in others",
            "Record one event in all studies.",
        )
    units = {one.unit for one in kept}
    if scale == "difference" and len(units) > 1:
        raise EvaluationError(
            "LC556",
            "plain differences are in different units",
            "Choose --scale smd, or record them in one unit.",
        )
    margins = {one.margin for one in kept if one.margin is not None and one.effects[0][0] == scale}
    if asked.margin is not None:
        return Question(scale, kept[0].better, asked.margin), "given with --margin"
    if len(margins) == 1:
        return Question(scale, kept[0].better, margins.pop()), "the one the studies were planned with"
    said = "the studies were planned with different ones" if margins else "none was set"
    return Question(scale, kept[0].better), f"{said}; set one with --margin"


@dataclass(frozen=True, slots=True)
class _Fit:
    coefficients: tuple[Coefficient, ...]
    spread: Spread
    predicted: tuple[float, float] | None
    model: str
    robust: Coefficient | None = None


def _pooled(
    kept: Sequence[Candidate], out: tuple[LeftOut, ...], asked: Asked, question: Question, source: str
) -> Pool:
    fit = _fit(kept, asked, question.scale)
    average = fit.coefficients[0]
    reading = read_effect_with(average.value, average.std_error, average.df, question)
    reading = _worded(reading, kept)
    if asked.moderator:
        words = "with a moderator the average is that where the moderator is 0: no verdict"
        reading = Reading("not-assessable", "moderator", words)
    _, v = _arrays(kept, question.scale)
    weights = 1 / (v + fit.spread.tau2)
    independent = fit.robust is None and not asked.moderator
    tests = len(kept) >= FEWEST_STUDIES and independent
    y = _arrays(kept, question.scale)[0]
    egger = egger_test(y, v) if tests else None
    filled = trim_and_fill(y, v, between="reml", errors="hartung-knapp") if tests else None
    others = [] if asked.moderator else _otherwise(kept, asked, question, reading, fit)
    if filled is not None and not asked.moderator:
        others.append(
            _another("with the studies that seem to be missing", _plain(filled.average), question, reading)
        )
    return Pool(
        asked=asked,
        question=question,
        rows=tuple(
            Weighed(one, _measured(one, question.scale), float(w / weights.sum()))
            for one, w in zip(kept, weights, strict=True)
        ),
        left_out=out,
        model=fit.model,
        average=average,
        moderators=fit.coefficients[1:],
        spread=fit.spread,
        predicted=fit.predicted,
        reading=reading,
        new_place=new_place(fit.predicted, question),
        otherwise=tuple(others),
        asymmetry=(egger.statistic, egger.df, egger.p_value) if egger else None,
        filled=filled.missing if filled else None,
        margin_source=source,
    )


def _worded(reading: Reading, kept: Sequence[Candidate]) -> Reading:
    """Where no design is known to answer what causes what, an effect is only associated with what was done."""
    levels = [design_level(one.design) for one in kept]
    words = ASSOCIATED.get(reading.answer)
    if words is None or any(level is not None and level > LOW_SECURITY for level in levels):
        return reading
    return replace(reading, sentence=f"{words}; no design in it is known to tell what causes what")


def _measured(one: Candidate, scale: Scale) -> Measured:
    found = one.on(scale)
    if found is None:
        raise ValueError(scale)
    return found


def _arrays(kept: Sequence[Candidate], scale: Scale) -> tuple[Array, Array]:
    found = [_measured(one, scale) for one in kept]
    return np.array([f.value for f in found]), np.array([float(f.std_error or 0.0) ** 2 for f in found])


def _fit(kept: Sequence[Candidate], asked: Asked, scale: Scale) -> _Fit:
    y, v = _arrays(kept, scale)
    names, matrix = _matrix(kept, asked)
    studies = [one.study for one in kept]
    try:
        if len(set(studies)) == len(studies):
            return _of_average(average_effects(y, v, moderators=matrix), names)
        return _of_dependent(average_dependent(y, v, studies, moderators=matrix), names)
    except ValueError:
        raise EvaluationError(
            "LC557",
            f"there are too few studies for the moderator '{asked.moderator}', or it is the same in all",
            "Pool without --moderator, or with one that differs between more studies.",
        ) from None


def _moderator(one: Candidate, asked: Asked) -> float | str | None:
    if asked.moderator == "design":
        return one.design
    return dict(one.moderators).get(asked.moderator)


def _matrix(kept: Sequence[Candidate], asked: Asked) -> tuple[tuple[str, ...], Array | None]:
    """A number as it is; a text as a column a level, the first by name being what the others are held against."""
    if not asked.moderator:
        return ("average",), None
    values = [_moderator(one, asked) for one in kept]
    if all(isinstance(value, float) for value in values):
        return ("intercept", asked.moderator), np.array([[value] for value in values], dtype=float)
    levels = sorted({str(value) for value in values})
    columns = np.array([[float(str(value) == level) for level in levels[1:]] for value in values])
    names = tuple(f"{asked.moderator}: {level} against {levels[0]}" for level in levels[1:])
    if not names:
        raise EvaluationError("LC557", f"'{asked.moderator}' is the same in all studies", "Pool without it.")
    return (f"intercept ({asked.moderator}: {levels[0]})", *names), columns


def _coefficients(found: Average | DependentAverage, names: Sequence[str]) -> tuple[Coefficient, ...]:
    parts = (found.values, found.std_errors, found.conf_low, found.conf_high, found.p_values)
    return tuple(
        Coefficient(name, *(float(part[i]) for part in parts), df=found.df) for i, name in enumerate(names)
    )


def _of_average(found: Average, names: Sequence[str]) -> _Fit:
    spread = Spread(found.tau2, found.tau2_low, found.tau2_high, found.i2, found.q, found.q_df, found.q_p)
    words = "random effects, REML, errors of Hartung and Knapp"
    return _Fit(_coefficients(found, names), spread, found.predicted, words)


def _of_dependent(found: DependentAverage, names: Sequence[str]) -> _Fit:
    tau2 = found.within + found.between
    spread = Spread(
        tau2, None, None, found.shares[1] + found.shares[2], None, None, None, found.within, found.between
    )
    first, robust = _coefficients(found, names), found.robust
    half = critical(LEVEL, found.df, "t") * float(np.sqrt(first[0].std_error ** 2 + tau2))
    alone = len(names) == 1
    ends = (first[0].value - half, first[0].value + half) if alone else None
    parts = (robust.values, robust.std_errors, robust.conf_low, robust.conf_high, robust.p_values)
    beside = Coefficient("robust", *(float(part[0]) for part in parts), df=float(robust.df[0]))
    words = "effects within studies within all studies, REML, t; robust errors by study (CR2) beside"
    return _Fit(first, spread, ends, words, beside)


def _otherwise(
    kept: Sequence[Candidate], asked: Asked, question: Question, reading: Reading, fit: _Fit
) -> list[Otherwise]:
    found = []
    if fit.robust is not None:
        name = "with errors robust by study" + ("" if (fit.robust.df or 0) >= FEWEST_DF else " (few studies)")
        found.append(_another(name, fit.robust, question, reading))
    studies = list(dict.fromkeys(one.study for one in kept))
    if len(studies) > 2:
        for study in studies:
            rest = [one for one in kept if one.study != study]
            found.append(
                _another(
                    f"without {study}", _fit(rest, asked, question.scale).coefficients[0], question, reading
                )
            )
    agreed = [one for one in kept if not one.disputed]
    if len(agreed) < len(kept) and len({one.study for one in agreed}) > 1:
        plain = _fit(agreed, asked, question.scale).coefficients[0]
        found.append(_another("without what is disputed", plain, question, reading))
    return found


def _plain(found: Average) -> Coefficient:
    return _coefficients(found, ("average",))[0]


def _another(name: str, one: Coefficient, question: Question, reading: Reading) -> Otherwise:
    answer = read_effect_with(one.value, one.std_error, one.df, question).answer
    return Otherwise(name, one.value, one.conf_low, one.conf_high, answer, answer != reading.answer)


def new_place(predicted: tuple[float, float] | None, question: Question) -> str:
    """What the prediction interval says for the next place, turned so that benefit is benefit."""
    if predicted is None:
        return ""
    low, high = predicted if question.better == "higher" else (-predicted[1], -predicted[0])
    margin = _log_margin(question)
    said = " to ".join(f"{printed(end, question.scale):.3g}" for end in predicted)
    head = f"In a new place the effect would lie at {said}, nineteen times in twenty"
    if margin is not None and low >= margin:
        return f"{head}: a benefit that matters can be expected."
    if low > 0:
        return f"{head}: a benefit can be expected, of a size that is uncertain."
    if high < 0:
        return f"{head}: harm can be expected."
    if margin is not None and -margin < low and high < margin:
        return f"{head}: no difference that matters can be expected."
    if margin is not None and low > -margin:
        return f"{head}: a benefit cannot be promised; a harm that matters is ruled out."
    return f"{head}: a benefit cannot be promised, and harm cannot be ruled out."


def _log_margin(question: Question) -> float | None:
    if question.margin is None:
        return None
    return abs(float(np.log(question.margin))) if question.is_ratio else question.margin
