"""Primary rules: what a single output may not say, whatever else was released (pure).

Sources: the rule of ten of ONS SRS, UK LLC and ABS (threshold, residual degrees of freedom); the defaults of ACRO
(dominance 2 and 90 %, p of 10 %); the OpenSAFELY way of delaying the steps of curves. Restated from the project's
standards; numbers in ``docs/reference/rules-register.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cohorts.gate.outputs import Cell, Chart, Curve, Dimension, Model, Output, Rows, Series, Table, Text
from workspace.settings import DisclosureProfile

RESIDUAL_DF = 10
DOMINATED_BY_TWO = 0.90
P_PERCENT = 0.10
QUANTILE_SIDE = 10
CURVE_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that an output breaks, in words without a value. ``refused``: no second person can wave it through."""

    output: str
    rule: str
    said: str
    refused: bool = True


def is_small_in(cell: Cell, profile: DisclosureProfile, *, sensitive: bool) -> bool:
    """Say whether a cell is of too few: nobody counts as few in a sensitive table, unless nobody can be there."""
    if cell.structural:
        return False
    return (0 if sensitive else 1) <= cell.n < profile.threshold


def breaches(output: Output, profile: DisclosureProfile) -> tuple[Breach, ...]:
    """Every primary rule that an output breaks."""
    return tuple(_RULES[type(output)](output, profile))


def _table(table: Table, profile: DisclosureProfile) -> list[Breach]:
    found = [*_counts(table.name, table.cells, profile, sensitive=table.sensitive)]
    found += _magnitudes(table)
    found += [b for dimension in table.dimensions if dimension.attribute for b in _classes(table, dimension)]
    found += _shares(table)
    for one in table.statistics:
        found += _statistic(table.name, one.kind, one.n, one.quantile, profile)
    return found


def _counts(
    name: str, cells: tuple[Cell, ...], profile: DisclosureProfile, *, sensitive: bool = False
) -> list[Breach]:
    found = []
    shown = [cell for cell in cells if cell.state == "shown"]
    if any(is_small_in(cell, profile, sensitive=sensitive) for cell in shown):
        found.append(Breach(name, "threshold", f"a count of fewer than {profile.threshold} people is shown"))
    if any(cell.shown is not None and cell.shown % profile.rounding for cell in shown):
        found.append(Breach(name, "rounding", f"a count is not rounded to a multiple of {profile.rounding}"))
    if any(cell.structural and cell.n for cell in cells):
        found.append(Breach(name, "structural zeros", "people are where the table says that nobody can be"))
    return found


def _magnitudes(table: Table) -> list[Breach]:
    """Dominance (2, 90 %) and the p rule (10 %): who knows a large contribution must not learn another's."""
    found = []
    for cell in table.cells:
        amount = cell.magnitude
        if amount is None or cell.state != "shown" or amount.total <= 0:
            continue
        if amount.largest + amount.second > DOMINATED_BY_TWO * amount.total:
            found.append(Breach(table.name, "dominance", "two people make up more than 90 % of a total"))
        if amount.total - amount.largest - amount.second < P_PERCENT * amount.largest:
            found.append(
                Breach(
                    table.name,
                    "p per cent",
                    "the largest contribution to a total could be estimated within 10 %",
                )
            )
    return list(dict.fromkeys(found))


def _classes(table: Table, dimension: Dimension) -> list[Breach]:
    """A group in which everybody has one answer tells the answer of each: unless no other was possible."""
    groups: dict[str, list[Cell]] = {}
    classes = {dimension.finest(level) for level in dimension.levels}
    for cell in table.cells:
        levels = cell.where.levels(dimension.name)
        if levels is not None and (len(levels) == 1 or frozenset(levels) in classes):
            rest = tuple(term for term in cell.where.terms if term[0] != dimension.name)
            groups.setdefault(str(rest), []).append(cell)
    for cells in groups.values():
        possible = [cell for cell in cells if not cell.structural]
        filled = [cell for cell in possible if cell.n]
        if len(possible) > 1 and len(filled) == 1 and any(cell.state == "shown" for cell in possible):
            said = "everybody of a group is in one class"
            return [Breach(table.name, "class disclosure", said)]
    return []


def _shares(table: Table) -> list[Breach]:
    for share in table.shares:
        part, whole = table.cells[share.part], table.cells[share.whole]
        if part.shown is None or not whole.shown:
            return [Breach(table.name, "percentages", "a percentage is shown of a count that is not")]
        if abs(round(part.shown / whole.shown, share.decimals) - share.shown) > 0.5 * 10.0**-share.decimals:
            return [Breach(table.name, "percentages", "a percentage is not that of the released counts")]
    return []


def _statistic(name: str, kind: str, n: int, quantile: float, profile: DisclosureProfile) -> list[Breach]:
    if kind in ("minimum", "maximum"):
        return [Breach(name, "extremes", f"a {kind} is one person's value")]
    if n < profile.threshold:
        return [Breach(name, "threshold", f"a figure rests on fewer than {profile.threshold} people")]
    side = max(QUANTILE_SIDE, profile.threshold)
    if kind == "quantile" and min(quantile, 1 - quantile) * n < side:
        return [Breach(name, "quantiles", f"fewer than {side} people lie on one side of a quantile")]
    return []


def _model(model: Model, profile: DisclosureProfile) -> list[Breach]:
    found = _counts(model.name, model.cells, profile)
    if model.df is not None and model.df < RESIDUAL_DF:
        said = f"a model leaves fewer than {RESIDUAL_DF} residual degrees of freedom"
        found.append(Breach(model.name, "degrees of freedom", said))
    return found


def _series(series: Series, profile: DisclosureProfile) -> list[Breach]:
    if any(0 < point.n < profile.threshold for point in series.points):
        said = f"a point in time is of fewer than {profile.threshold} people: merge it with its neighbour"
        return [Breach(series.name, "series", said)]
    return []


def _curve(curve: Curve, profile: DisclosureProfile) -> list[Breach]:
    least = max(CURVE_EVENTS, profile.threshold)
    steps = [point for point in curve.points if point.events]
    found = []
    if any((point.events or 0) < least for point in steps):
        found.append(Breach(curve.name, "curve steps", f"a step of a curve is of fewer than {least} events"))
    if any(0 < point.n < profile.threshold for point in curve.points):
        said = f"a curve is drawn where fewer than {profile.threshold} people are at risk"
        found.append(Breach(curve.name, "curve ends", said))
    return found


def _chart(chart: Chart, profile: DisclosureProfile) -> list[Breach]:
    found = []
    if chart.kind == "points":
        found.append(
            Breach(chart.name, "points", "a chart draws a point for each person: put them into bins")
        )
    if chart.embedded:
        found.append(Breach(chart.name, "embedded data", "a chart carries data that it does not show"))
    return found


def _text(text: Text, profile: DisclosureProfile) -> list[Breach]:
    if not text.edited:
        return []
    said = "a person changed the sentences: no rule has seen what they say now"
    return [Breach(text.name, "edited text", said, refused=False)]


def _rows(rows: Rows, profile: DisclosureProfile) -> list[Breach]:
    return [Breach(rows.name, "rows", "rows of people leave by lifecourse cohort export alone")]


_RULES: dict[type, Callable[[Any, DisclosureProfile], list[Breach]]] = {
    Table: _table,
    Model: _model,
    Series: _series,
    Curve: _curve,
    Chart: _chart,
    Text: _text,
    Rows: _rows,
}
