"""Train the linkage model that ships with the program, on made-up people whose truth is known.

    python -m benchmarks.train_linkage_model --people 200000

u comes from random pairs; m from the true pairs among those whom no match key settles, because that is whom the
model is asked about. Writes cohorts/linking/linkage_model.json: probabilities only, no data.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import polars as pl

from benchmarks.two_sources import make_sources
from cohorts.linking.match_keys import match_by_keys
from cohorts.linking.residual import MOST_PAIRS, _linker, frequencies_of, untrained_settings
from cohorts.linking.side import make_side

TARGET = Path(__file__).parents[1] / "cohorts" / "linking" / "linkage_model.json"
NOBODY = pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64})


def trained(people: int, seed: int) -> dict[str, object]:
    """The model of one population."""
    made, key = make_sources(people, seed), os.urandom(32)
    left = make_side(made.left.drop("nhs"), key, made.left["record"]).fields
    right = make_side(made.right.drop("nhs"), key, made.right["record"]).fields
    settled = match_by_keys(left, right, NOBODY)
    frequencies = frequencies_of(left, right)
    left = left.filter(~pl.col("person").is_in(settled["left"].implode()))
    right = right.filter(~pl.col("person").is_in(settled["right"].implode()))
    truth = made.truth.filter(
        pl.col("left").is_in(left["person"].implode()) & pl.col("right").is_in(right["person"].implode())
    )
    labels = truth.select(
        pl.lit("a").alias("side_l"), pl.col("left").alias("person_l"), pl.lit("b").alias("side_r"),
        pl.col("right").alias("person_r"), pl.lit(1.0).alias("clerical_match_score"),
    )  # fmt: skip
    with _linker(left, right, untrained_settings(), frequencies) as linker:
        linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS * 20, seed=seed)
        table = linker._db_api.register(labels.to_arrow())
        linker.training.estimate_m_from_pairwise_labels(table)
        model: dict[str, object] = linker.misc.save_model_to_json()
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=77)
    words = parser.parse_args()
    model = trained(words.people, words.seed)
    model.pop("linker_uid", None)
    TARGET.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
