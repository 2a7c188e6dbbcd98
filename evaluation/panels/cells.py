"""How few events, or people, stand behind each point a panel could show (pure)."""

from __future__ import annotations

import polars as pl

from evaluation.figures import CellFacts
from evaluation.panels.axis import NotATime
from evaluation.panels.frame import PanelFrame
from evaluation.plan import AnalysisPlan, PlannedOutcome


def cell_facts(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> CellFacts | None:
    """Counts behind the points of one outcome; ``None`` where nothing countable is known of areas.

    Of areas: the events of a count, or those behind a rate whose denominator is held. Of people: the people of a group
    in a period, and of a yes-or-no outcome those who had it and those who had not, of a count the events.
    """
    counts = _counts(panel, outcome)
    if not counts:
        return None
    data = panel.data.select("unit", "period", _group(panel, plan), *counts)
    names = [expression.meta.output_name() for expression in counts]
    together = data.group_by("group", "period").agg(pl.col(names).sum())
    own = data.group_by("unit", "period").agg(pl.col(names).sum()) if panel.units == "areas" else None
    start = _start(panel, plan)
    after = data.filter(pl.col("period") >= start) if isinstance(start, int) else _after_first(panel, data)
    treated = pl.col("group") != "comparison"
    return CellFacts(
        _smallest(together, names),
        _smallest(own, names) if own is not None else None,
        (_fewest(after.filter(treated), names), _fewest(after.filter(~treated), names)),
    )


def _counts(panel: PanelFrame, outcome: PlannedOutcome) -> list[pl.Expr]:
    value = pl.col("outcome")
    if panel.units == "areas":
        if "events" in panel.data.columns:
            return [pl.col("events").fill_null(0).alias("n")]
        return [value.alias("n")] if outcome.kind == "count" else []
    people = pl.lit(1.0).alias("n")
    if outcome.kind == "binary":
        return [people, value.alias("had"), (1 - value).alias("had_not")]
    return [people, value.alias("had")] if outcome.kind == "count" else [people]


def _group(panel: PanelFrame, plan: AnalysisPlan) -> pl.Expr:
    """Whose line a row belongs to: the treated group, each cohort of first treatment, or the comparison."""
    named = getattr(plan.design.settings, "treated_unit", "")
    units = [named] if isinstance(named, str) else list(named)
    if "treated" in panel.data.columns:
        mark = pl.when(pl.col("treated") == 1).then(pl.lit("treated"))
    elif "first" in panel.data.columns:
        mark = pl.when(pl.col("first").is_not_null()).then(pl.col("first").cast(pl.String))
    elif any(units):
        mark = pl.when(pl.col("unit").is_in([str(unit) for unit in units])).then(pl.lit("treated"))
    else:
        return pl.lit("treated").alias("group")
    return mark.otherwise(pl.lit("comparison")).alias("group")


def _start(panel: PanelFrame, plan: AnalysisPlan) -> int | None:
    start = str(getattr(plan.design.settings, "start", "") or "")
    if not start:
        return None
    try:
        return panel.axis.at_or_after(start)
    except NotATime:
        return None


def _after_first(panel: PanelFrame, data: pl.DataFrame) -> pl.DataFrame:
    """Rows from the first treated period of any unit on; all of them where nothing says when it began."""
    if "first" not in panel.data.columns:
        return data
    begun = panel.data["first"].min()
    return data if begun is None else data.filter(pl.col("period") >= begun)


def _smallest(frame: pl.DataFrame, names: list[str]) -> int | None:
    """The smallest count that is not nought."""
    found = [frame[name].round().filter(frame[name].round() > 0).min() for name in names]
    known = [int(value) for value in found if value is not None]  # type: ignore[arg-type]
    return min(known) if known else None


def _fewest(frame: pl.DataFrame, names: list[str]) -> int | None:
    """The smallest of the sums over these rows that is not nought; ``None`` where there are none."""
    sums = [round(float(frame[name].sum())) for name in names] if frame.height else []
    return min((n for n in sums if n > 0), default=None)
