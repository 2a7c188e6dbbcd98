"""The rows of a frame as an analysis of times takes them: one a person, or one for each interval at risk (pure)."""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.times.survival import Array, Whole


def time_rows(frame: AnalysisFrame, rows: Whole | None = None) -> tuple[pl.DataFrame, Whole | None]:
    """The people (or some of them, some twice), with every interval of each; and whose each row is.

    ``rows`` are places in ``frame.data``. Columns as in ``frame.data``, with ``entry``, ``duration``, ``outcome``,
    ``competing`` and changing covariates as in each interval. Whose row it is counts people from 0 in order, and is
    ``None`` where everybody has one row.
    """
    if frame.intervals is None:
        return (frame.data if rows is None else frame.data[rows]), None
    chosen = np.arange(frame.data.height) if rows is None else rows
    size = np.bincount(frame.intervals["person"].to_numpy(), minlength=frame.data.height)
    begin = np.cumsum(size) - size
    person = np.repeat(np.arange(len(chosen)), size[chosen])
    inside = np.arange(len(person)) - np.repeat(np.cumsum(size[chosen]) - size[chosen], size[chosen])
    spells = frame.intervals[begin[chosen][person] + inside]
    named = {"start": "entry", "stop": "duration", "event": "outcome"}
    own = spells.drop("person").rename(named)
    return frame.data[chosen[person]].with_columns(own.get_columns()), person.astype(np.int64)


def time_at_risk(frame: AnalysisFrame) -> tuple[Array, Array]:
    """Each person's time at risk, and the time between first and last sight that was not: both shape (n,)."""
    data = frame.data
    stop = data["duration"].to_numpy()
    begin = data["entry"].to_numpy() if "entry" in data.columns else np.zeros(len(stop))
    if frame.intervals is not None:
        spells = frame.intervals
        length = (spells["stop"] - spells["start"]).to_numpy()
        at_risk = np.bincount(spells["person"].to_numpy(), weights=length, minlength=len(stop)).astype(
            np.float64
        )
        return at_risk, stop - begin - at_risk
    off = data["off_clock"].to_numpy() if "off_clock" in data.columns else np.zeros(len(stop))
    return stop - begin, off
