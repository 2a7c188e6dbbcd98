"""Effects put together: an average, how far they differ, where the next would lie, what it hangs on (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.errors import EvaluationError
from evaluation.evidence.figures import Measured, printed
from evaluation.evidence.model import Reading, Scale
from evaluation.evidence.pool_fit import (
    LEVEL,
    Coefficient,
    PoolFit,
    Spread,
    arrays_of,
    coefficients_of,
    fit_pool,
    measured_on,
    moderator_of,
)
from evaluation.evidence.pool_rows import Candidate, LeftOut, choose_scale
from evaluation.evidence.readings import Question, design_level, read_effect_with
from evaluation.inference import critical
from evaluation.reporting.signs import ASSOCIATED, LOW_SECURITY
from evaluation.synthesis.missing_studies import FEWEST_STUDIES, egger_test, trim_and_fill
from evaluation.synthesis.random_effects import Average, average_effects

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
        having = [one for one in kept if moderator_of(one, asked.moderator) is not None]
        out += [LeftOut(one.label, f"has no '{asked.moderator}'") for one in kept if one not in having]
        kept = having
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


def _pooled(
    kept: Sequence[Candidate], out: tuple[LeftOut, ...], asked: Asked, question: Question, source: str
) -> Pool:
    fit = fit_pool(kept, asked.moderator, question.scale)
    average = fit.coefficients[0]
    reading = read_effect_with(average.value, average.std_error, average.df, question)
    reading = _worded(reading, kept)
    if asked.moderator:
        words = "with a moderator the average is that where the moderator is 0: no verdict"
        reading = Reading("not-assessable", "moderator", words)
    _, v = arrays_of(kept, question.scale)
    weights = 1 / (v + fit.spread.tau2)
    independent = fit.robust is None and not asked.moderator
    tests = len(kept) >= FEWEST_STUDIES and independent
    y = arrays_of(kept, question.scale)[0]
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
            Weighed(one, measured_on(one, question.scale), float(w / weights.sum()))
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


def _otherwise(
    kept: Sequence[Candidate], asked: Asked, question: Question, reading: Reading, fit: PoolFit
) -> list[Otherwise]:
    found = []
    if fit.robust is not None:
        name = "with errors robust by study" + ("" if (fit.robust.df or 0) >= FEWEST_DF else " (few studies)")
        found.append(_another(name, fit.robust, question, reading))
    else:
        wide = _not_narrowed(kept, question.scale)
        if wide.std_error > fit.coefficients[0].std_error:
            found.append(
                _another("with errors that are not narrowed where studies agree", wide, question, reading)
            )
    studies = list(dict.fromkeys(one.study for one in kept))
    if len(studies) > 2:
        for study in studies:
            rest = [one for one in kept if one.study != study]
            found.append(
                _another(
                    f"without {study}",
                    fit_pool(rest, asked.moderator, question.scale).coefficients[0],
                    question,
                    reading,
                )
            )
    agreed = [one for one in kept if not one.disputed]
    if len(agreed) < len(kept) and len({one.study for one in agreed}) > 1:
        plain = fit_pool(agreed, asked.moderator, question.scale).coefficients[0]
        found.append(_another("without what is disputed", plain, question, reading))
    return found


def _not_narrowed(kept: Sequence[Candidate], scale: Scale) -> Coefficient:
    """Hartung and Knapp's errors fall below the plain ones where studies agree by chance; here they may not.

    Source: Knapp and Hartung (2003), the factor of the variance held at 1 or above; t on studies less one.
    """
    plain = _plain(average_effects(*arrays_of(kept, scale), errors="normal"))
    df = float(len(kept) - 1)
    half = critical(LEVEL, df, "t") * plain.std_error
    return replace(plain, conf_low=plain.value - half, conf_high=plain.value + half, df=df)


def _plain(found: Average) -> Coefficient:
    return coefficients_of(found, ("average",))[0]


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
