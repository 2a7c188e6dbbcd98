"""The same rows added up to larger units: does the answer hang on where the boundaries were drawn (pure).

Rates and differences change with the size of the areas they are taken over, and with it the share of each area that the
programme really reached. Source: Openshaw (1984), The modifiable areal unit problem.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import polars as pl

from evaluation.model import Check, Estimate, Sensitivity

ZONE_RANK = ("treated", "treated-buffer", "control", "control-buffer")
FEWEST_UNITS = 2
APART = 2.0  # standard errors by which an answer must move before it is said to hang on the boundaries


def added_up(data: pl.DataFrame, larger: Mapping[str, str], *, counts: bool, zone: str = "") -> pl.DataFrame:
    """Rows of unit and period added up to larger units (``larger``: unit to the unit it lies in).

    Counts, harm, exposures and weights are added, other outcomes averaged by weight (or exposure). A larger unit is
    treated where any part of it is, first treated when its first part was; of zones (column ``zone``) it takes the
    first in the order treated, treated-buffer, control, control-buffer. Rows of units that lie in no larger one are
    left out. A larger unit and period of which any part has no outcome has none either: part of a sum is no sum.
    """
    names = pl.DataFrame(
        {"unit": list(larger), "_into": list(larger.values())}, schema_overrides={"unit": pl.String}
    )
    rows = data.join(names, on="unit", how="inner").with_columns(pl.col("period"))
    heavy = next((pl.col(name) for name in ("weight", "exposure") if name in data.columns), pl.lit(1.0))
    mean = (pl.col("outcome") * heavy).sum() / heavy.sum()
    parts = rows.group_by("_into").agg(_parts=pl.col("unit").n_unique())
    told = [pl.col("outcome").sum() if counts else mean.alias("outcome"), pl.len().alias("_seen")]
    told += [
        _combined(name, heavy, zone) for name in data.columns if name not in ("unit", "period", "outcome")
    ]
    whole = rows.group_by("_into", "period").agg(told).join(parts, on="_into")
    kept = whole.filter(pl.col("_seen") == pl.col("_parts")).drop("_seen", "_parts")
    return kept.rename({"_into": "unit"}).select(data.columns).sort("unit", "period")


def _combined(name: str, heavy: pl.Expr, zone: str) -> pl.Expr:
    """What becomes of a column besides the outcome when rows are added up."""
    column = pl.col(name)
    if name in ("weight", "exposure") or name.startswith(("s:harm of", "s:squared harm of")):
        return column.sum()
    if name == "treated":
        return column.max()
    if name in ("first", "complete"):
        return column.min()
    if name == zone:
        ranks = {named: rank for rank, named in enumerate(ZONE_RANK)}
        return column.sort_by(column.replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)).first()
    if name.startswith("x:"):
        return ((column * heavy).sum() / heavy.sum()).alias(name)
    return column.first()


def by_larger_units(
    main: Estimate, units: Mapping[str, Mapping[str, str]], again: Callable[[Mapping[str, str]], Estimate | None]
) -> tuple[tuple[Sensitivity, ...], tuple[Check, ...]]:  # fmt: skip
    """The analysis over each kind of larger unit as sensitivity lines, and a check whether the answer hangs on them.

    ``units``: the name of each kind (force, borough) to its map from unit to larger unit. ``again`` gives the estimate
    over larger units, or ``None`` where that cannot be had (too few of them).
    """
    lines: list[Sensitivity] = []
    without: list[str] = []
    for name, larger in units.items():
        found = again(larger) if len(set(larger.values())) >= FEWEST_UNITS else None
        if found is None or found.value is None:
            without.append(name)
        else:
            lines.append(Sensitivity(f"added up by {name}", found))
    return tuple(lines), _depends(main, lines, without)


def _depends(main: Estimate, lines: list[Sensitivity], without: list[str]) -> tuple[Check, ...]:
    if not lines and not without:
        return ()
    left = f" No answer by {' or '.join(without)}: too few units, or one side only." if without else ""
    if not lines or main.value is None:
        return (Check("size of units", "info", None, None, "none", f"Nothing to compare.{left}".strip()),)
    moved = {line.name.removeprefix("added up by "): _moved(main, line.estimate) for line in lines}
    worst = max(moved, key=lambda name: moved[name])
    if moved[worst] > APART:
        note = (
            f"The answer hangs on the size of the units: by {worst} it moves by {moved[worst]:.1f} of its standard "
            f"errors.{left}"
        )
        return (Check("size of units", "warn", moved[worst], APART, "none", note),)
    note = f"Added up by {', '.join(moved)} the answer moves by {moved[worst]:.1f} standard errors at most.{left}"
    return (Check("size of units", "pass", moved[worst], APART, "none", note),)


def _moved(main: Estimate, other: Estimate) -> float:
    """How far an answer moved, in standard errors of the more precise of the two."""
    errors = [e.std_error for e in (main, other) if e.std_error]
    if main.value is None or other.value is None or not errors:
        return 0.0
    ratio = main.effect.endswith("-ratio") and main.value > 0 and other.value > 0
    apart = math.log(other.value / main.value) if ratio else other.value - main.value
    return abs(apart) / min(errors)
