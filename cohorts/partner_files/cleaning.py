"""One column of texts to one variable: a value, or the reason why there is none, or a fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cohorts.partner_files.dates import DateForm, age_in_months, age_in_years, parse_dates
from cohorts.partner_files.mapping import AGES, MISSING_REASONS, NOT_RECORDED, VariableColumn, plain_code

_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_THOUSANDS = r"^[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$"
REASON = pl.Enum(MISSING_REASONS)
_YES_NO = {"1": 1.0, "yes": 1.0, "y": 1.0, "true": 1.0, "0": 0.0, "no": 0.0, "n": 0.0, "false": 0.0}


@dataclass(frozen=True, slots=True)
class Reading:
    """A column read: aligned series of which, in every row, at most one speaks.

    ``value`` (Float64), ``label`` (String, categories only), ``missing`` (a reason), ``fault`` (String, a
    code).
    """

    value: pl.Series = field(repr=False)
    label: pl.Series = field(repr=False)
    missing: pl.Series = field(repr=False)
    fault: pl.Series = field(repr=False)

    def spread(self, places: pl.Series) -> Reading:
        """The readings of distinct texts, laid out over the rows in which those texts stand."""
        read = (self.value, self.label, self.missing, self.fault)
        return Reading(*(_spread(series, places) for series in read))


def _spread(series: pl.Series, places: pl.Series) -> pl.Series:
    if series.null_count() == series.len():
        return pl.repeat(None, places.len(), dtype=series.dtype, eager=True)
    return series.gather(places)


@dataclass(frozen=True, slots=True)
class Distinct:
    """A column of texts by its distinct texts: ``texts`` (trimmed, the last one null), and each row's place."""

    texts: pl.Series = field(repr=False)
    places: pl.Series = field(repr=False)


def distinct(column: pl.Series) -> Distinct:
    """Find the distinct texts of a column, so that the work is done once for each and not for every row."""
    codes = column.cast(pl.Categorical(pl.Categories.random())).to_physical().cast(pl.UInt32)
    first = codes.arg_unique()
    first = first.filter(codes.gather(first).is_not_null())
    texts = column.gather(first).gather(codes.gather(first).arg_sort())
    nothing = pl.Series([None], dtype=pl.String)
    return Distinct(pl.concat([trimmed(texts), nothing]), codes.fill_null(first.len()))


def trimmed(text: pl.Series) -> pl.Series:
    """Texts without blanks around them; empty ones become null."""
    frame = pl.DataFrame({"text": text.cast(pl.String).str.strip_chars()})
    return frame.select(pl.when(pl.col("text") != "").then("text")).to_series()


def codes_of(text: pl.Series) -> pl.Series:
    """Texts as codes are compared: :func:`cohorts.partner_files.source_file.plain_code`, a column at a time."""
    return text.str.strip_chars().str.to_lowercase().str.replace(r"^(-?[0-9]+)\.0+$", "${1}")


def without_missing(text: pl.Series, missing: Mapping[str, str]) -> pl.Series:
    """Texts with null where a missing code stands; for columns that keep no reasons."""
    if not missing:
        return text
    frame = pl.DataFrame({"text": text, "code": codes_of(text)})
    return frame.select(pl.when(~pl.col("code").is_in(list(missing))).then("text")).to_series()


def read_variable(
    text: pl.Series, spec: VariableColumn, missing: Mapping[str, str], form: DateForm, index_dates: pl.Series
) -> Reading:
    """Read one column as one variable: :func:`read_texts`, and for ages :func:`at_index`.

    Parameters
    ----------
    text : pl.Series of String
        Trimmed texts, null where the cell is blank.
    spec : VariableColumn
        What the column is to become.
    missing : mapping
        The source's missing codes. The variable's own recoding and missing codes come before them.
    form : DateForm
        The form of the source's dates.
    index_dates : pl.Series of Date
        The index date of each row, for ages.
    """
    reading = read_texts(text, spec, missing, form)
    return at_index(reading, spec, index_dates) if spec.kind in AGES else reading


def read_texts(text: pl.Series, spec: VariableColumn, missing: Mapping[str, str], form: DateForm) -> Reading:
    """Read texts on their own, so that equal texts need to be read once only; a birth date as a date."""
    code = codes_of(text)
    reason = code.replace_strict(_reasons(spec, missing), default=None, return_dtype=REASON)
    frame = pl.DataFrame({"text": text, "code": code, "reason": reason}).with_columns(
        pl.when(pl.col("text").is_null())
        .then(pl.lit(NOT_RECORDED, dtype=REASON))
        .otherwise("reason")
        .alias("reason")
    )
    read = _READERS[spec.kind](frame, spec, form)
    if spec.kind not in AGES:
        read = _bounded(read, spec)
    silent = pl.col("reason").is_not_null()
    read = read.with_columns(pl.when(~silent).then(name).alias(name) for name in ("value", "label", "fault"))
    return _reading(read.rename({"reason": "missing"}))


def _reading(read: pl.DataFrame) -> Reading:
    good = pl.col("fault").is_null()
    spoken = read.with_columns(pl.when(good).then(name).alias(name) for name in ("value", "label"))
    return Reading(spoken["value"], spoken["label"], spoken["missing"], spoken["fault"])


def at_index(births: Reading, spec: VariableColumn, index_dates: pl.Series) -> Reading:
    """Turn birth dates, row by row, into ages at the index date; unknown where there is none."""
    birth, index = pl.col("birth"), pl.col("index")
    age = age_in_years(birth, index) if spec.kind == "age" else age_in_months(birth, index)
    undated = birth.is_not_null() & index.is_null()
    frame = pl.DataFrame(
        {
            "birth": births.value.cast(pl.Int32).cast(pl.Date),
            "index": index_dates,
            "label": births.label,
            "missing": births.missing,
            "unreadable": births.fault,
        }
    )
    read = frame.select(
        age.cast(pl.Float64).alias("value"),
        "label",
        pl.when(undated).then(pl.lit(NOT_RECORDED, dtype=REASON)).otherwise("missing").alias("missing"),
        pl.coalesce("unreadable", pl.when(birth > index).then(pl.lit("LC836"))).alias("fault"),
    )
    return _reading(_bounded(read, spec))


def _reasons(spec: VariableColumn, missing: Mapping[str, str]) -> dict[str, str]:
    recoded = {code: value for code, value in spec.recode.items() if value in MISSING_REASONS}
    general = {code: reason for code, reason in missing.items() if code not in spec.recode}
    return {**general, **{code: str(reason) for code, reason in recoded.items()}, **spec.missing}


def _numbers(spec: VariableColumn) -> dict[str, float]:
    return {code: float(value) for code, value in spec.recode.items() if not isinstance(value, str)}


def _result(frame: pl.DataFrame, value: pl.Expr, label: pl.Expr, fault: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(
        value.cast(pl.Float64).alias("value"),
        label.cast(pl.String).alias("label"),
        fault.cast(pl.String).alias("fault"),
    )


def _read_number(frame: pl.DataFrame, spec: VariableColumn, form: DateForm) -> pl.DataFrame:
    text = pl.col("text")
    grouped = pl.when(text.str.contains(_THOUSANDS)).then(text.str.replace_all(",", "")).otherwise(text)
    number = pl.when(grouped.str.contains(_NUMBER)).then(grouped).cast(pl.Float64, strict=False)
    recoded = pl.col("code").replace_strict(_numbers(spec), default=None, return_dtype=pl.Float64)
    value = pl.coalesce(recoded, number)
    bad = value.is_null() | value.is_infinite()
    return _result(frame, value, pl.lit(None), pl.when(bad).then(pl.lit("LC826")))


def _read_binary(frame: pl.DataFrame, spec: VariableColumn, form: DateForm) -> pl.DataFrame:
    known = {**_YES_NO, **_numbers(spec)}
    value = pl.col("code").replace_strict(known, default=None, return_dtype=pl.Float64)
    return _result(frame, value, pl.lit(None), pl.when(value.is_null()).then(pl.lit("LC828")))


def _read_category(frame: pl.DataFrame, spec: VariableColumn, form: DateForm) -> pl.DataFrame:
    listed = {plain_code(code): code for code in spec.codes}
    listed.update({code: value for code, value in spec.recode.items() if isinstance(value, str)})
    label = pl.col("code").replace_strict(listed, default=None, return_dtype=pl.String)
    if not spec.codes:
        label = pl.coalesce(label, pl.col("text"))
    return _result(frame, pl.lit(None), label, pl.when(label.is_null()).then(pl.lit("LC829")))


def _read_date(frame: pl.DataFrame, spec: VariableColumn, form: DateForm) -> pl.DataFrame:
    dates, faults = parse_dates(frame["text"], form)
    days = dates.cast(pl.Int32).cast(pl.Float64)
    return _result(frame, pl.lit(days), pl.lit(None), pl.lit(faults))


_READERS = {
    "number": _read_number,
    "binary": _read_binary,
    "category": _read_category,
    "date": _read_date,
    "age": _read_date,
    "age-months": _read_date,
}


def _bounded(read: pl.DataFrame, spec: VariableColumn) -> pl.DataFrame:
    outside = pl.lit(value=False)
    if spec.minimum is not None:
        outside |= pl.col("value") < spec.minimum
    if spec.maximum is not None:
        outside |= pl.col("value") > spec.maximum
    return read.with_columns(pl.coalesce("fault", pl.when(outside).then(pl.lit("LC827"))).alias("fault"))
