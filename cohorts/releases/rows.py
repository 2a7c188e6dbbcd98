"""The rows of a release: values as they may leave, under fresh pseudonyms, in an order that says nothing (pure)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cohorts.attacks.formulas import is_formula
from cohorts.releases.coarsening import Coarsening, banded, index_period, merged, pooled
from cohorts.store import StoredVariable

PSEUDONYM = "pseudonym"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a release: the variable and wave behind it, and what happened to its values.

    ``labels`` are those of a category as they leave. ``with_value`` and ``missing`` count people exactly: to be shown
    through a profile only.
    """

    heading: str
    variable: StoredVariable
    wave: str
    unit: str
    treatment: str
    labels: tuple[str, ...]
    with_value: int
    missing: tuple[tuple[str, int], ...]


def headings_of(chosen: Sequence[tuple[StoredVariable, str]]) -> list[str]:
    """The variable's name, with its wave where several of its waves leave."""
    names = [variable.name for variable, _ in chosen]
    return [v.name if names.count(v.name) == 1 else f"{v.name}@{wave}" for v, wave in chosen]


def made_rows(
    wide: pl.DataFrame, chosen: Sequence[tuple[StoredVariable, str]], how: Coarsening, threshold: int
) -> tuple[pl.DataFrame, tuple[Column, ...]]:
    """The values of a wide table (see ``cohorts.store.read_wide``) as they may leave.

    Returns columns ``participant``, the index date's period unless it is left out, and one a variable and wave.
    Dates become days after the index date; codes become labels; what no longer needs it loses its decimals.
    """
    frame = wide.select("participant")
    if how.period != "none":
        frame = frame.with_columns(index_period(wide["index_date"], how.period))
    columns = []
    for heading, (variable, wave) in zip(headings_of(chosen), chosen, strict=True):
        label = f"{variable.name}@{wave}"
        values, unit = _as_they_leave(wide, label, variable, how, threshold)
        reasons = wide[f"{label}!"].drop_nulls().value_counts(sort=True).rows()
        frame = frame.with_columns(values.alias(heading))
        missing = tuple((str(reason), int(n)) for reason, n in sorted(reasons))
        n = values.len() - values.null_count()
        labels = tuple(sorted(values.drop_nulls().unique())) if variable.kind == "category" else ()
        columns.append(Column(heading, variable, wave, unit, how.of(variable.name), labels, n, missing))
    return frame, tuple(columns)


def _as_they_leave(
    wide: pl.DataFrame, label: str, variable: StoredVariable, how: Coarsening, threshold: int
) -> tuple[pl.Series, str]:
    values, unit, name = wide[label], variable.unit, variable.name
    if variable.kind == "category":
        codes = {float(code): text for code, text in enumerate(variable.labels)}
        texts = values.replace_strict(codes, default=None, return_dtype=pl.String)
        texts = merged(texts, how.merged.get(name, ()), variable.labels, name)
        return (pooled(texts, threshold) if name in how.pooled else texts), unit
    if variable.kind == "date":
        values = values - wide["index_date"].to_physical().cast(pl.Float64)
        unit = "days after the index date"
    if name in how.bands:
        return banded(values, how.bands[name]), unit
    whole = values.drop_nulls().is_finite().all() and (values.drop_nulls() % 1 == 0).all()
    return (values.cast(pl.Int64) if whole else values), unit


def under_pseudonyms(frame: pl.DataFrame, pseudonyms: pl.Series) -> pl.DataFrame:
    """The rows without participant numbers, sorted by pseudonym: their order gives no number away."""
    return frame.drop("participant").insert_column(0, pseudonyms.alias(PSEUDONYM)).sort(PSEUDONYM)


def table_bytes(frame: pl.DataFrame, form: str, marks: Mapping[str, str]) -> bytes:
    """The table as CSV, with texts a spreadsheet would run made harmless, or as Parquet."""
    buffer = io.BytesIO()
    if form == "parquet":
        frame.write_parquet(buffer, compression="zstd", statistics=False, metadata=dict(marks))
    else:
        made_harmless(frame).write_csv(buffer)
    return buffer.getvalue()


def made_harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with every text made harmless."""
    return frame.with_columns(
        harmless(frame[name]) for name in frame.columns if frame[name].dtype == pl.String
    )


def harmless(values: pl.Series) -> pl.Series:
    """An apostrophe before every text that a spreadsheet would run."""
    bad = [text for text in values.drop_nulls().unique().to_list() if is_formula(text)]
    return values.replace({text: f"'{text}" for text in bad}) if bad else values
