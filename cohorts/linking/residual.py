"""The people whom no match key settles: weighed pair by pair with Splink (Fellegi and Sunter), on tokens alone.

Splink runs on a DuckDB of its own, in memory, which may neither spill to disk nor reach outside, or on a Spark of its
own (``engines.py``). They are optional extras (``pip install 'lifecourse[linkage]'`` or ``'lifecourse[spark]'``).
Whatever they would say is held back: their messages may quote data.
"""

from __future__ import annotations

import contextlib
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import polars as pl

from cohorts.errors import CohortError
from cohorts.linking.agreement_pattern import FREQUENT, LEVELS, sql_levels
from cohorts.linking.derived import DERIVED
from cohorts.linking.engines import DUCKDB, SPARK, splink_database, spoken
from cohorts.linking.spark_session import require_spark
from workspace.errors import GateNotMet

MOST_PAIRS = 1e6
FEWEST_NAMES = 2000
LEFT_OVER = 0.09
FLOOR = -6.0  # pairs below are of no interest to anybody
_BLOCKS = (
    "fn_root dob", "sn dob", "sn_sdx fn_1 dob", "dob pc", "dob pc_sector sex", "fn_3 dob", "sn_3 dob sex",
    "fn_sdx dob pc_district", "fn_root sn pc", "fn_root sn dob_ym", "fn_root sn dob_yd", "fn_root sn dob_md",
    "fn_sdx sn_sdx pc", "fn_root pc", "sn pc dob_ym sex",
    "sn pc dob_yd sex", "sn pc dob_md sex",
)  # fmt: skip
_CROSSED = (
    "l.sn_a = r.sn_b AND l.dob = r.dob",
    "l.sn_b = r.sn_a AND l.dob = r.dob",
    "l.fn_root = r.fn_root AND l.sn_sdx = r.sn_sdx AND l.dob = r.dob_sw",
)


def untrained_settings() -> dict[str, Any]:
    """The model's shape: what is compared, in which levels, and which pairs are looked at."""
    return {
        "link_type": "link_only",
        "unique_id_column_name": "person",
        "source_dataset_column_name": "side",
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "probability_two_random_records_match": 1e-5,
        "blocking_rules_to_generate_predictions": [
            {
                "blocking_rule": " AND ".join(f"l.{name} = r.{name}" for name in block.split()),
                "sql_dialect": "duckdb",
            }
            for block in _BLOCKS
        ]
        + [{"blocking_rule": rule, "sql_dialect": "duckdb"} for rule in _CROSSED],
        "comparisons": [_comparison(field) for field in LEVELS],
    }


def _comparison(field: str) -> dict[str, Any]:
    there, frequent = LEVELS[field][0], FREQUENT.get(field)
    missing = {"sql_condition": f"{there}_l IS NULL OR {there}_r IS NULL", "label_for_charts": "missing"}
    written: list[dict[str, Any]] = [missing | {"is_null_level": True}]
    for label, condition in sql_levels(field):
        level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
        if frequent and label == "same":
            level |= {"tf_adjustment_column": frequent, "tf_adjustment_weight": 1.0}
        written.append(level)
    written.append({"sql_condition": "ELSE", "label_for_charts": "differs"})
    return {"output_column_name": field, "comparison_levels": written}


def score_pairs(
    left: pl.DataFrame,
    right: pl.DataFrame,
    model: Mapping[str, Any],
    frequencies: Mapping[str, pl.DataFrame],
    expected: float,
    engine: str = DUCKDB,
) -> pl.DataFrame:
    """Weigh the pairs that might be one person.

    Parameters
    ----------
    left, right : pl.DataFrame
        ``person`` and field tokens of those left over.
    model : mapping
        A trained Splink model: settings with m and u probabilities.
    frequencies : mapping
        For each column of ``FREQUENT`` a frame ``token, share``: how common each value is among all people.
    expected : float
        About how many of the left have a partner on the right: sets the prior, so that weights mean the same at
        every size.
    engine : str
        Where it is worked out: ``duckdb`` or ``spark``. The pairs are the same and the weights agree to 1e-6.

    Returns
    -------
    pl.DataFrame
        ``left, right, weight``; weight is the posterior log2 odds.

    Raises
    ------
    GateNotMet
        ``LC880``: Splink or the engine is not installed.
    CohortError
        ``LC881``: they could not finish.
    """
    if left.is_empty() or right.is_empty():
        return pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64, "weight": pl.Float64})
    prior = min(max(expected, 0.5) / (left.height * right.height), 0.5)
    settings = dict(model) | {"probability_two_random_records_match": prior}
    with _linker(left, right, settings, frequencies, engine) as linker:
        found = linker.inference.predict(
            threshold_match_weight=FLOOR, warning_mode="never"
        ).as_pyarrow_table()
    frame = pl.DataFrame(pl.from_arrow(found))
    return frame.select(
        pl.col("person_l").alias("left"),
        pl.col("person_r").alias("right"),
        pl.col("match_weight").alias("weight"),
    ).sort("left", "right")


def train_model(
    left: pl.DataFrame, right: pl.DataFrame, frequencies: Mapping[str, pl.DataFrame], expected: float
) -> dict[str, Any]:
    """Train on the run's own people, unsupervised: u from random pairs, m by expectation maximisation.

    At most ``MOST_PAIRS`` pairs are looked at in each step. Takes minutes and memory where the shipped model takes
    none; for populations that the shipped model does not fit. Always on DuckDB: engines draw different random pairs,
    and one model is to come of one file.
    """
    prior = min(max(expected, 0.5) / (left.height * right.height), 0.5)
    settings = untrained_settings() | {"probability_two_random_records_match": prior}
    with _linker(left, right, settings, frequencies) as linker:
        linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=1)
        for block in (("sn", "dob"), ("fn", "pc")):
            rule = " AND ".join(f"l.{name} = r.{name}" for name in block)
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=MOST_PAIRS)
        model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def require_engine(engine: str) -> None:
    """Refuse to begin where Splink or its engine is not installed (``LC880``)."""
    if engine == SPARK:
        require_spark()
    else:
        require_splink()


def require_splink() -> None:
    """Refuse to begin where Splink or DuckDB is not installed."""
    if find_spec("splink") is None or find_spec("duckdb") is None:
        raise GateNotMet(
            "LC880",
            "linking people by names and birth dates needs Splink and DuckDB, which are not installed",
            "pip install 'lifecourse[linkage]', or link by match keys alone: --match-keys-only",
        )


@contextlib.contextmanager
def _linker(
    left: pl.DataFrame,
    right: pl.DataFrame,
    settings: Mapping[str, Any],
    frequencies: Mapping[str, pl.DataFrame],
    engine: str = DUCKDB,
) -> Iterator[Any]:
    """A Splink linker on a database of its own; nothing it says gets out."""
    with _silence():
        require_engine(engine)
        from splink import Linker

        try:
            with splink_database(engine, left.height + right.height) as register:
                sides = [
                    register(frame.select(pl.lit(side).alias("side"), "person", *DERIVED))
                    for side, frame in (("a", left), ("b", right))
                ]
                linker = Linker(sides, spoken(settings, engine), log_level=None)
                for column, table in frequencies.items():
                    named = table.rename({"token": column, "share": f"tf_{column}"})
                    linker.table_management.register_term_frequency_lookup(register(named), column)
                yield linker
        except (CohortError, GateNotMet):
            raise
        except Exception as problem:  # noqa: BLE001 - whatever they raise may quote tokens
            raise CohortError(
                "LC881",
                f"the linkage engine could not finish ({type(problem).__name__})",
                _what_to_do(engine),
            ) from None


def _what_to_do(engine: str) -> str:
    if engine == SPARK:
        return "See that Java is 17 or newer and the disk for temporary files has room, or leave out --engine spark"
    return (
        "Free some memory and try again, link on Spark, which may use the disk (--engine spark), "
        "or link by match keys alone: --match-keys-only"
    )


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("splink", "sqlglot")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
            logger.propagate = False
        try:
            yield
        finally:
            for logger, (level, propagate) in zip(loggers, before, strict=True):
                logger.setLevel(level)
                logger.propagate = propagate


def share_left_over(settled: int) -> float:
    """About how many true partners the keys leave behind, by what they settled (measured: a tenth)."""
    return settled * LEFT_OVER


def frequencies_of(left: pl.DataFrame, right: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """How common each forename and surname is among the people of both sides: ``token, share``.

    In a few records every name looks common; shares are of ``FEWEST_NAMES`` at least.
    """
    names = tuple(FREQUENT.values())
    both = pl.concat([left.select(names), right.select(names)])
    return {
        name: both[name]
        .drop_nulls()
        .value_counts(name="n")
        .select(
            pl.col(name).alias("token"),
            (pl.col("n") / pl.max_horizontal(pl.col("n").sum(), FEWEST_NAMES)).alias("share"),
        )
        .sort("token")
        for name in names
    }


def mutual_best(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs each of whom is the other's one best: nobody stands in two; where two are equally good, none.

    Adds ``margin``: by how many bits the pair beats the next best of either.
    """
    ordered = pairs.sort("weight", "left", "right", descending=[True, False, False])
    for side in ("left", "right"):
        second = pl.col("weight").shift(-1).over(side)
        ordered = ordered.with_columns(
            (pl.col("weight") - second).fill_null(math.inf).alias(f"over_{side}"),
            (pl.col("weight").rank("ordinal", descending=True).over(side)).alias(f"place_{side}"),
        )
    best = ordered.filter((pl.col("place_left") == 1) & (pl.col("place_right") == 1))
    best = best.with_columns(pl.min_horizontal("over_left", "over_right").alias("margin"))
    return best.filter(pl.col("margin") > 0).select("left", "right", "weight", "margin").sort("left", "right")
