"""How we would read somebody else's figures: the rows of the verdict table, on what was published (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evaluation.evidence.figures import Measured, measured, printed
from evaluation.evidence.model import RATIO_SCALES, Reading, Scale, Study, Version
from evaluation.inference import critical, two_sided_p
from evaluation.methods.registry import METHODS
from evaluation.model import Better, Check, Effect, Estimate
from evaluation.verdict import orient, rule, under_ceiling
from evaluation.wording import ANSWER_WORDS, DETAIL_WORDS

ALPHA = 0.05
NO_DESIGN = "other-without-comparison"


@dataclass(frozen=True, slots=True)
class Question:
    """What decides how an effect is read: its scale, which way is better, and the difference that matters."""

    scale: Scale
    better: Better
    margin: float | None = None

    @property
    def is_ratio(self) -> bool:
        """Say whether the effect is a ratio."""
        return self.scale in RATIO_SCALES


def estimate_of(found: Measured, question: Question, df: float | None = None) -> Estimate:
    """An effect on the scale of analysis dressed as an estimate, ratios as ratios."""
    error = found.std_error
    ends: list[float | None] = [None] * 4
    if error is not None:
        wide, narrow = (critical(level, df, "t") * error for level in (1 - ALPHA, 1 - 2 * ALPHA))
        ends = [found.value - wide, found.value + wide, found.value - narrow, found.value + narrow]
    low, high, narrow_low, narrow_high = (
        printed(end, question.scale) if end is not None else None for end in ends
    )
    return Estimate(
        estimand="average",
        effect=_effect(question.scale),
        value=printed(found.value, question.scale),
        std_error=error,
        conf_low=low,
        conf_high=high,
        conf_level=1 - ALPHA,
        p_value=two_sided_p(found.value, error, df, "t") if error else None,
        df=df,
        n_treated=0,
        n_comparison=0,
        n_clusters=None,
        treated_mean=None,
        comparison_mean=None,
        narrow_low=narrow_low,
        narrow_high=narrow_high,
    )


def _effect(scale: Scale) -> Effect:
    """A standardised difference is read as a difference."""
    if scale in ("odds-ratio", "risk-ratio", "rate-ratio", "hazard-ratio", "risk-difference"):
        return scale
    return "difference"


def read_effect(
    found: Measured | None, question: Question, *, level: int = 5, checks: tuple[Check, ...] = ()
) -> Reading:
    """The row of the verdict table that an effect comes to. ``level`` 0: a design with nothing to compare with."""
    if found is None or found.std_error is None:
        return Reading("not-assessable", "no-inference", "cannot be assessed: no interval can be had", checks)
    view = orient(estimate_of(found, question), question.better, question.margin, is_ratio=question.is_ratio)
    ruling = under_ceiling(rule(view, checks), level)
    return Reading(ruling.answer, ruling.detail, _sentence(ruling.answer, ruling.detail, question), checks)


def read_effect_with(value: float, std_error: float, df: float | None, question: Question) -> Reading:
    """The same for an average, whose interval may rest on few degrees of freedom."""
    estimate = estimate_of(Measured(value, std_error, "average"), question, df)
    ruling = rule(orient(estimate, question.better, question.margin, is_ratio=question.is_ratio), ())
    return Reading(ruling.answer, ruling.detail, _sentence(ruling.answer, ruling.detail, question))


def _sentence(answer: str, detail: str, question: Question) -> str:
    words = ANSWER_WORDS[answer]
    said = f"{words}: {DETAIL_WORDS[detail]}" if detail in DETAIL_WORDS else str(words)
    return said if question.margin is not None else f"{said} (no difference that matters was set)"


def design_level(design: str) -> int | None:
    """The most a design can earn; nothing where the record does not say which it was."""
    if design in METHODS:
        return METHODS[design].design_level
    return 0 if design == NO_DESIGN else None


def read_version(study: Study, version: Version) -> Reading:
    """A version of a study as we would read it, on its own scale."""
    if version.scale == "unclear":
        return Reading(
            "not-assessable", "scale", "cannot be assessed: the source does not say which scale it is"
        )
    level = design_level(study.design)
    question = Question(version.scale, study.better, study.minimum_important_difference)
    return read_effect(measured(version), question, level=5 if level is None else level)


def figure_words(version: Version) -> str:
    """A version's effect as it was published."""
    if version.effect is None:
        c = version.counts
        said = (
            f"{c.events_treated}/{c.n_treated} v {c.events_comparison}/{c.n_comparison}" if c else "no figure"
        )
    else:
        said = f"{version.effect:g}"
        if version.conf_low is not None and version.conf_high is not None:
            said += f" [{version.conf_low:g}, {version.conf_high:g}]"
        elif version.std_error is not None:
            said += f" (se {version.std_error:g})"
    return f"{said} {version.scale.replace('-', ' ')}"


def is_finite(found: Measured | None) -> bool:
    """Say whether there is an effect with an error that can be averaged."""
    return (
        found is not None
        and found.std_error is not None
        and math.isfinite(found.value)
        and found.std_error > 0
    )
