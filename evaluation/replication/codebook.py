"""The codebook: every column of the data, what it is used as, its categories where they are safe to count (pure)."""

from __future__ import annotations

import csv
import io

import polars as pl

from cohorts.disclosure import publish_count
from cohorts.expressions import read_rule
from evaluation.plan import AnalysisPlan
from evaluation.replication.model import Column
from evaluation.study_table import column_of, delivery_columns
from workspace.settings import DisclosureProfile

MOST_CATEGORIES = 50
WITHHELD = "[c]"  # confidential, as statistical tables of the UK write it


def codebook_of(frame: pl.DataFrame, plan: AnalysisPlan, profile: DisclosureProfile) -> tuple[Column, ...]:
    """The columns in the order of the data. Counts are rounded, and withheld where they are small."""
    used = _uses(plan)
    units = {column_of(outcome): outcome.unit for outcome in plan.outcomes}
    found = []
    for name in frame.columns:
        series = frame[name]
        of_units = name in (plan.design.unit, "participant")
        found.append(
            Column(
                name,
                "text" if series.dtype == pl.String else "number",
                tuple(used.get(name, ("of no use in this plan",))),
                units.get(name, ""),
                _shown(series.null_count(), profile),
                () if of_units else _categories(series, profile),
            )
        )
    return tuple(found)


def _categories(series: pl.Series, profile: DisclosureProfile) -> tuple[tuple[str, str], ...]:
    known = series.drop_nulls()
    if series.dtype != pl.String and known.n_unique() > 2:
        return ()
    counts = known.value_counts(sort=False).sort(series.name)
    if counts.height > MOST_CATEGORIES:
        return ()
    labels = [value if isinstance(value, str) else f"{value:g}" for value in counts[series.name].to_list()]
    sizes = [_shown(int(n), profile) for n in counts[counts.columns[1]].to_list()]
    # One small category among many is the whole less the others: then none of them is counted.
    if any(size == WITHHELD for size in sizes):
        sizes = [WITHHELD] * len(sizes)
    return tuple(zip(labels, sizes, strict=True))


def _shown(n: int, profile: DisclosureProfile) -> str:
    if n == 0:
        return "0"
    found = publish_count(n, profile)
    return WITHHELD if found is None else str(found)


def _uses(plan: AnalysisPlan) -> dict[str, list[str]]:
    d = plan.design
    found: dict[str, list[str]] = {"synthetic": ["marks a made-up row"], "participant": ["unit"]}
    named = [
        ("treatment", d.treatment), ("unit", d.unit), ("time", d.time), ("cluster", d.cluster), ("strata", d.strata),
        ("weights", d.weights), ("first treated period", getattr(d.settings, "first_treated", "")),
        ("score with the cut-off", getattr(d.settings, "running", "")),
        ("what was taken up", getattr(d.settings, "compliance", "")),
        *(("covariate", name) for name in d.covariates), *(("matched exactly", name) for name in d.exact),
        *(("of the method's own settings", name) for name in getattr(d.settings, "columns", ())),
        *(("subgroups", one.by) for one in plan.subgroups), *(("delivery", name) for name in delivery_columns(plan)),
        *(("rule of who is in", name) for name in _in_rule(plan)),
        *(("auxiliary", name) for name in plan.analysis.auxiliary), ("definition", plan.population.definition),
        ("share of the period that is complete", plan.population.complete),
    ]  # fmt: skip
    for outcome in plan.outcomes:
        said = f"{outcome.role} outcome" if not outcome.timing else f"{outcome.role} outcome: the event"
        named += [(said, column_of(outcome)), ("outcome at baseline", outcome.baseline)]
        named += [("exposure", outcome.exposure)]
        if outcome.timing:
            t = outcome.timing
            named += [
                ("time to the event or the end of watching", t.duration),
                ("competing event", t.competing),
            ]
            named += [("time of entry", t.entry), ("time off the clock", t.off_clock)]
    for use, name in named:
        if name and use not in found.setdefault(name, []):
            found[name].append(use)
    return found


def _in_rule(plan: AnalysisPlan) -> tuple[str, ...]:
    return tuple(read_rule(plan.population.where).names) if plan.population.where else ()


def codebook_text(columns: tuple[Column, ...]) -> str:
    """A row a column."""
    rows = [(c.name, c.type, "; ".join(c.used_as), c.unit, c.missing, "an empty cell") for c in columns]
    return csv_text([("column", "type", "used_as", "unit", "rows_missing", "missing_code"), *rows])


def categories_text(columns: tuple[Column, ...]) -> str:
    """A row a category."""
    rows = [(c.name, label, n) for c in columns for label, n in c.categories]
    return csv_text([("column", "category", "rows"), *rows])


def csv_text(rows: list[tuple[str, ...]]) -> str:
    """Rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
