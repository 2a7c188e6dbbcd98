"""Values made coarser before they leave: bands of numbers, categories put together, index dates by month (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cohorts.errors import CohortError
from workspace.errors import did_you_mean

INDEX = "index_date"
PERIODS = ("month", "quarter", "year", "none")
SMALL, OTHER = "small", "other"
BANDED = ("number", "age", "age-months", "date")
WIDEST = 1e6


@dataclass(frozen=True, slots=True)
class Coarsening:
    """What is made coarser: ``bands`` variable to width, ``merged`` variable to groups of labels put together.

    Labels of the variables in ``pooled`` that fewer people have than the threshold become one. ``period`` is what is
    left of the index date.
    """

    bands: Mapping[str, float]
    merged: Mapping[str, tuple[tuple[str, ...], ...]]
    pooled: frozenset[str] = frozenset()
    period: str = "month"

    def of(self, name: str) -> str:
        """What happens to a variable, in words."""
        if name in self.bands:
            return f"bands of {self.bands[name]:g}"
        said = ["put together: " + " or ".join(group) for group in self.merged.get(name, ())]
        if name in self.pooled:
            said.append(f"labels of few people put together as '{OTHER}'")
        return "; ".join(said)


def read_coarsening(bands: Sequence[str], merges: Sequence[str], kinds: Mapping[str, str]) -> Coarsening:
    """Read ``VARIABLE=WIDTH`` and ``VARIABLE=LABEL+LABEL`` (or ``=small``), held against the kinds of the variables."""
    widths = dict(_band(text, kinds) for text in bands)
    merged: dict[str, tuple[tuple[str, ...], ...]] = {}
    pooled, period = set(), "month"
    for text in merges:
        name, _, value = text.partition("=")
        if name == INDEX:
            period = _period(value)
            continue
        _refuse_kind(name, kinds, ("category",), "--coarsen is for categories, and for index_date")
        if value == SMALL:
            pooled.add(name)
            continue
        labels = tuple(label.strip() for label in value.split("+"))
        if len(labels) < 2 or "" in labels:
            raise _wrong(
                "--coarsen names fewer than two labels", f"Write {name}=LABEL+LABEL, or {name}={SMALL}."
            )
        merged[name] = (*merged.get(name, ()), labels)
    return Coarsening(widths, merged, frozenset(pooled), period)


def _band(text: str, kinds: Mapping[str, str]) -> tuple[str, float]:
    name, _, value = text.partition("=")
    _refuse_kind(name, kinds, BANDED, "--band is for numbers, ages and dates")
    try:
        width = float(value)
    except ValueError:
        width = 0.0
    if not 0 < width <= WIDEST:
        raise _wrong("the width of a band is a number above 0", f"Write --band {name}=5.")
    return name, width


def _period(value: str) -> str:
    if value not in PERIODS:
        raise _wrong(
            "the index date leaves by month or coarser, or not at all", f"One of: {', '.join(PERIODS)}."
        )
    return value


def _refuse_kind(name: str, kinds: Mapping[str, str], wanted: Iterable[str], said: str) -> None:
    if name not in kinds:
        near = did_you_mean(name, kinds)
        raise _wrong(f"no variable '{name}' is to be released.{near}", "Write VARIABLE=…, without its wave.")
    if kinds[name] not in wanted:
        raise _wrong(f"{said}: '{name}' is of kind {kinds[name]}", "lifecourse cohort show COHORT")


def _wrong(problem: str, hint: str) -> CohortError:
    return CohortError("LC962", problem, hint)


def index_period(days: pl.Series, period: str) -> pl.Series:
    """The index date as it may leave: ``2026-03``, ``2026-Q1`` or ``2026``."""
    if period == "quarter":
        made = days.dt.strftime("%Y-Q") + days.dt.quarter().cast(pl.String)
    else:
        made = days.dt.strftime("%Y-%m" if period == "month" else "%Y")
    return made.alias(f"index_{period}")


def banded(values: pl.Series, width: float) -> pl.Series:
    """The band each number is in, as text: ``25 to under 30``. Bands start at whole multiples of the width."""
    low = (values / width).floor()
    names = {
        float(k): f"{k * width:g} to under {(k + 1) * width:g}" for k in low.drop_nulls().unique().to_list()
    }
    return low.replace_strict(names, default=None, return_dtype=pl.String)


def merged(values: pl.Series, groups: Sequence[Sequence[str]], known: Sequence[str], name: str) -> pl.Series:
    """Labels of a group become one: ``North or South``. A label the variable does not have is refused."""
    if any(
        label not in known for group in groups for label in group
    ):  # its labels may be out of the data: not said
        raise _wrong(
            f"'{name}' lacks one of the labels that are to be put together", "Write them as they are stored."
        )
    together = {label: " or ".join(group) for group in groups for label in group}
    return values.replace(together) if together else values


def pooled(values: pl.Series, threshold: int) -> pl.Series:
    """Labels that fewer people than the threshold have become ``other``; no value stays none."""
    sizes = values.drop_nulls().value_counts()
    few = sizes.filter(sizes["count"] < threshold)[values.name].to_list()
    return values.replace(dict.fromkeys(few, OTHER)) if few else values
