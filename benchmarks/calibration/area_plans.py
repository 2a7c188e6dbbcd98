"""Plans of areas and places as a file would say them, and tables of units by periods."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from benchmarks.calibration.parts import Array


def area_plan(
    method: str,
    settings: str,
    *,
    time: str,
    margin: float,
    kind: str = "continuous",
    design: str = "",
    outcome: str = "",
    unit: str = "unit",
    units: str = "areas",
) -> str:
    """A plan of a panel; less is better. ``unit`` may be empty: one series has no column of units."""
    named = f'unit = "{unit}"\n' if unit else ""
    return (
        f'[plan]\nid = "calibration"\ntitle = "A world whose truth is known"\n[population]\nunits = "{units}"\n'
        f'[design]\nmethod = "{method}"\ntime = "{time}"\nseed = 1\n{named}{design}\n[design.{method}]\n{settings}\n'
        f'[[outcome]]\nmeasure = "y"\nrole = "primary"\nkind = "{kind}"\nbetter = "lower"\n'
        f'minimum_important_difference = {margin}\nmid_source = "made up"\n{outcome}\n'
    )


def months(n: int, first: int = 2015) -> list[str]:
    """So many months from January on."""
    return [f"{first + m // 12}-{m % 12 + 1:02d}" for m in range(n)]


def long(
    values: Array, time: str, periods: Iterable[object], **of_units: Array | list[str] | list[int]
) -> pl.DataFrame:
    """A matrix of units by periods as rows; what belongs to a unit is repeated."""
    units, many = values.shape
    columns = {
        "unit": np.repeat([f"u{i:04d}" for i in range(units)], many),
        time: list(periods) * units,
        "y": values.ravel(),
    }
    repeated = {name: np.repeat(np.asarray(column), many) for name, column in of_units.items()}
    return pl.DataFrame(columns | repeated)
