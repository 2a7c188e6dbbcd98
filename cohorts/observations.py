"""Readings of rows to observations of people: one value or reason a person, variable and wave."""

from __future__ import annotations

import polars as pl

from cohorts.mapping import NOT_RECORDED, SourceMapping
from cohorts.problems import Mark
from cohorts.reading import Rows

_ANSWER = ("value", "label", "missing")


def observe(mapping: SourceMapping, rows: Rows, group: pl.Series) -> pl.DataFrame:
    """Lay the readings of all variables under each other.

    Columns: ``row`` (of the table), ``spec`` (place of the variable in the mapping), ``slot`` (a number for
    each person, variable and wave, in that order), ``group``, ``value``, ``label``, ``missing``.
    """
    names, waves = _names(mapping), _waves(mapping)
    wave_number = {wave: number for number, wave in enumerate(waves)}
    row_waves = rows.waves.replace_strict(wave_number, default=0, return_dtype=pl.Int64)
    parts = [_empty()]
    for place, (spec, reading) in enumerate(zip(mapping.variables, rows.readings, strict=True)):
        wave = pl.lit(wave_number[spec.wave], dtype=pl.Int64) if spec.wave else pl.lit(row_waves)
        person = pl.lit(group.cast(pl.Int64))
        part = pl.DataFrame({"row": rows.numbers, "group": group}).select(
            "row",
            pl.lit(place, dtype=pl.UInt16).alias("spec"),
            ((person * len(names) + names.index(spec.name)) * len(waves) + wave).alias("slot"),
            pl.col("group").cast(pl.UInt32),
            reading.value.alias("value"),
            reading.label.alias("label"),
            reading.missing.alias("missing"),
        )
        parts.append(part)
    return pl.concat(parts)


def _empty() -> pl.DataFrame:
    kinds = {"row": pl.UInt32, "spec": pl.UInt16, "slot": pl.Int64, "group": pl.UInt32}
    return pl.DataFrame(schema={**kinds, "value": pl.Float64, "label": pl.String, "missing": pl.String})


def _names(mapping: SourceMapping) -> list[str]:
    return sorted({spec.name for spec in mapping.variables})


def _waves(mapping: SourceMapping) -> list[str]:
    return sorted({mapping.wave, *mapping.waves.values(), *(spec.wave for spec in mapping.variables)})


def conflicts(facts: pl.DataFrame, mapping: SourceMapping) -> list[Mark]:
    """Rows that disagree about one person, variable and wave. A blank never disagrees."""
    said = facts.filter(pl.col("missing").is_null() | (pl.col("missing") != NOT_RECORDED))
    again = said.filter(pl.col("slot").is_duplicated())
    answers = again.select("slot", *_ANSWER).unique()
    disputed = answers.filter(pl.col("slot").is_duplicated())["slot"].unique()
    rows = again.filter(pl.col("slot").is_in(disputed))
    return [
        Mark("LC833", spec.column, rows.filter(pl.col("spec") == place)["row"])
        for place, spec in enumerate(mapping.variables)
    ]


def categories_of(facts: pl.DataFrame, mapping: SourceMapping) -> dict[str, tuple[str, ...]]:
    """Labels of each category variable: as declared, or all that occur, sorted."""
    categories: dict[str, tuple[str, ...]] = {}
    for name in _names(mapping):
        places = [place for place, spec in enumerate(mapping.variables) if spec.name == name]
        spec = mapping.variables[places[0]]
        if spec.kind == "category":
            found = facts.filter(pl.col("spec").is_in(places))["label"].drop_nulls().unique().sort()
            categories[name] = spec.codes or tuple(found)
    return categories


def recorded(
    facts: pl.DataFrame, people: pl.DataFrame, categories: dict[str, tuple[str, ...]], mapping: SourceMapping
) -> pl.DataFrame:
    """Write facts as ``person, variable, wave, value, missing``, each person, variable and wave once."""
    names, waves = _names(mapping), _waves(mapping)
    facts = facts.join(people, on="group", how="left")
    for place, spec in enumerate(mapping.variables):
        if spec.kind == "category":
            codes = {label: float(number) for number, label in enumerate(categories[spec.name])}
            value = pl.col("label").replace_strict(codes, default=None, return_dtype=pl.Float64)
            facts = facts.with_columns(
                pl.when(pl.col("spec") == place).then(value).otherwise("value").alias("value")
            )
    blank = (pl.col("missing") == NOT_RECORDED).fill_null(value=False)
    within = pl.col("slot") % (max(len(names), 1) * len(waves))
    once = facts.with_columns(within.alias("within"), blank.alias("blank")).sort("person", "within", "blank")
    return once.unique("slot", keep="first", maintain_order=True).select(
        "person",
        _named(pl.col("within") // len(waves), names).alias("variable"),
        _named(pl.col("within") % len(waves), waves).alias("wave"),
        "value",
        "missing",
    )


def _named(number: pl.Expr, names: list[str]) -> pl.Expr:
    return number.replace_strict(dict(enumerate(names)), default=None, return_dtype=pl.String)


def missing_counts(observations: pl.DataFrame) -> tuple[tuple[str, str, int], ...]:
    """How many observations of each variable lack a value, by reason."""
    counts = (
        observations.drop_nulls("missing").group_by("variable", "missing").len().sort("variable", "missing")
    )
    return tuple((str(variable), str(reason), int(count)) for variable, reason, count in counts.iter_rows())
