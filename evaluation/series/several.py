"""Where an arm holds several series: what each says on its own, beside the answer on all of them (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.figures import FactTable
from evaluation.model import Check
from evaluation.regression.linear import Array
from evaluation.series.effect import Effect
from evaluation.series.many import ManyEffects, clustered_error, many_effects, pooled
from evaluation.series.model import Answered, Question
from evaluation.series.shown import comparison_rank, each_table, pooled_words

MANY_SERIES = 10


def single_series(
    found: Answered, alpha: float
) -> tuple[tuple[FactTable, ...], tuple[tuple[str, Effect], ...], tuple[Check, ...]]:
    """Where an arm holds several series: each on its own, their mean, errors by series, the treated one's rank."""
    data, question = found.question.data, found.question
    count, ratio = data.series[0], found.joint.log_link
    checks: list[Check] = []
    if len(data.series) > 1 and count == 1 and data.series[1] >= MANY_SERIES - 1:
        # Errors as if periods were independent: they differ less by chance from series to series.
        alone = replace(question, settings=replace(question.settings, errors="model"))
        rank = comparison_rank(
            _each(alone, data.units, data.unit_exposure), _each(alone, data.other_units, data.other_exposure)
        )
        if rank:
            note = (
                f"Asked as if it were the programme's, a share of {rank[0]:.2f} of {rank[1]} series (this one among "
                "them) changed as clearly at the start."
            )
            checks.append(Check("placebo series", "info", rank[0], None, "none", note))
    if count < 2:
        return (), (), tuple(checks)
    each = _each(question, data.units, data.unit_exposure)
    tables = (each_table(data.names, each, alpha, ratio=ratio),)
    lines = tuple(_by_series(found, each)) if len(data.series) == 1 else ()
    pool = pooled(each)
    if pool is not None:
        checks.append(
            Check("series differ", "info", pool.p_value, None, "none", pooled_words(pool, ratio=ratio))
        )
    return tables, lines, tuple(checks)


def _each(question: Question, units: Array, exposure: Array | None) -> ManyEffects:
    return many_effects(
        units, question.settings, question.axis, question.lag, counts=question.counts, exposure=exposure
    )


def _by_series(found: Answered, each: ManyEffects) -> Iterator[tuple[str, Effect]]:
    """Errors clustered by series, and the mean of the series' own effects."""
    data = found.question.data
    if data.series[0] >= MANY_SERIES:
        error = clustered_error(found.joint, found.effect.direction, data.units, data.unit_exposure)
        if error > 0:
            effect = replace(found.effect, std_error=error, df=float(data.series[0] - 1))
            yield "errors clustered by series", effect
    pool = pooled(each)
    if pool is not None and pool.series >= 3:
        df = float(pool.series - 1)
        yield "mean of the series' own effects", Effect(pool.value, pool.std_error, df, np.empty(0), 1.0)
