"""The linkage against a known truth; one-to-one, forbidden pairs, order of rows, identifiers."""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from benchmarks.two_sources import TwoSources, make_sources
from cohorts.errors import CohortError
from cohorts.linkage import NOBODY, Blind, Outcome, link_blind, settle
from cohorts.linking import residual
from cohorts.linking.residual import frequencies_of, mutual_best, score_pairs, share_left_over, train_model
from cohorts.linking.side import LinkSide, make_side
from workspace.errors import GateNotMet

MODEL = json.loads((Path(residual.__file__).parent / "linkage_model.json").read_text(encoding="utf-8"))


@cache
def sources(people: int, seed: int = 5) -> TwoSources:
    return make_sources(people, seed)


def side_of(table: pl.DataFrame, key: bytes) -> LinkSide:
    ids = pl.DataFrame({"nhs-number": table["nhs"].cast(pl.String).cast(pl.Binary)})
    return make_side(table.drop("nhs"), key, table["record"], ids)


def linked(made: TwoSources, forbidden: pl.DataFrame = NOBODY, shuffle: int = 0) -> tuple[Blind, Outcome]:
    key = os.urandom(32)
    tables = [
        t.sample(fraction=1, shuffle=True, seed=shuffle) if shuffle else t for t in (made.left, made.right)
    ]
    left, right = (side_of(table, key) for table in tables)
    frequencies = frequencies_of(left.fields, right.fields)

    def score(ours: pl.DataFrame, theirs: pl.DataFrame, settled: int) -> pl.DataFrame:
        return score_pairs(ours, theirs, MODEL, frequencies, share_left_over(settled))

    blind = link_blind(left, right, score, forbidden)
    return blind, settle(blind)


def precision_and_recall(links: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, float]:
    good = links.join(truth, on=["left", "right"], how="semi").height
    return good / links.height, good / truth.height


@pytest.mark.slow
def test_twenty_thousand_people_are_linked_well_without_any_shared_id() -> None:
    made = sources(20_000)
    blind, outcome = linked(made)
    precision, recall = precision_and_recall(outcome.blind, made.truth)
    assert precision >= 0.997
    assert recall >= 0.96
    assert blind.calibration.calibrated
    estimated = blind.calibration.precision.value or 0.0
    assert abs(estimated - precision) <= 0.005
    assert estimated <= precision + 0.002  # cautious: a wrong id counts as a false link


@pytest.mark.slow
def test_links_are_one_to_one_and_blind_ones_do_not_know_the_ids() -> None:
    made = sources(20_000)
    _, outcome = linked(made)
    for links in (outcome.links, outcome.blind):
        assert links["left"].is_unique().all()
        assert links["right"].is_unique().all()
    without = TwoSources(
        made.left.with_columns(pl.lit(None, pl.Int64).alias("nhs")),
        made.right.with_columns(pl.lit(None, pl.Int64).alias("nhs")),
        made.truth,
    )
    blind, _ = linked(without)
    assert blind.calibration.state == "not calibrated"
    pairs = ["left", "right", "method"]
    assert blind.candidates.select(pairs).equals(linked(made)[0].candidates.select(pairs))


def test_the_order_of_rows_and_the_key_of_the_run_change_nothing() -> None:
    made = sources(3000)
    first, again = linked(made)[1], linked(made, shuffle=3)[1]
    assert first.links.select("left", "right", "method").equals(again.links.select("left", "right", "method"))
    assert first.grey.select("left", "right", "why").equals(again.grey.select("left", "right", "why"))


def test_forbidden_pairs_are_never_linked_by_keys_weights_or_ids() -> None:
    made = sources(3000)
    links = linked(made)[1].links
    apart = pl.concat(
        [links.filter(pl.col("method") == m).head(40) for m in ("identifier", "key-01", "splink")]
    )
    assert apart["method"].n_unique() == 3
    forbidden = apart.select("left", "right")
    blind, outcome = linked(made, forbidden)
    for frame in (blind.candidates, outcome.links, outcome.grey, outcome.blind):
        assert frame.join(forbidden, on=["left", "right"], how="semi").is_empty()


def test_known_forenames_that_have_nothing_in_common_are_left_to_people() -> None:
    made = sources(3000)
    blind, outcome = linked(made)
    siblings = blind.candidates.filter((pl.col("forename") == "differs") & (pl.col("weight") > 10))
    assert siblings.height > 0
    by_names = outcome.links.filter(pl.col("method") != "identifier")
    assert by_names.filter(pl.col("forename") == "differs").is_empty()
    assert "forenames differ" in outcome.grey["why"].to_list()


def test_mutual_best_pairs_leave_out_ties_and_second_choices() -> None:
    pairs = pl.DataFrame(
        [(1, 1, 9.0), (1, 2, 4.0), (2, 2, 5.0), (3, 3, 7.0), (3, 4, 7.0), (5, 3, 1.0)],
        schema=["left", "right", "weight"], orient="row",
    )  # fmt: skip
    assert mutual_best(pairs).select("left", "right", "margin").rows() == [(1, 1, 5.0), (2, 2, 1.0)]


def test_the_engine_keeps_quiet_and_leaves_nothing_behind(
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.DEBUG):
        linked(sources(600))
    assert capfd.readouterr() == ("", "")
    assert not [r for r in caplog.records if r.name.startswith(("splink", "sqlglot", "duckdb"))]
    assert list(tmp_path.iterdir()) == []


def test_nobody_left_over_needs_no_engine() -> None:
    empty = side_of(sources(600).left.head(0), os.urandom(32)).fields
    assert score_pairs(empty, empty, MODEL, {}, 1.0).is_empty()


def test_a_missing_engine_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residual, "find_spec", lambda _name: None)
    with pytest.raises(GateNotMet, match="LC880") as raised:
        linked(sources(600))
    assert "--match-keys-only" in raised.value.faults[0].hint


def test_what_the_engine_says_when_it_fails_is_not_passed_on() -> None:
    left = side_of(sources(600).left, os.urandom(32)).fields
    broken = MODEL | {"comparisons": [{"output_column_name": "Quilbrax"}]}
    with pytest.raises(CohortError, match="LC881") as raised:
        score_pairs(left, left, broken, {}, 10.0)
    assert "Quilbrax" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.slow
def test_a_model_can_be_trained_in_the_run() -> None:
    made, key = sources(6000), os.urandom(32)
    left, right = side_of(made.left, key), side_of(made.right, key)
    frequencies = frequencies_of(left.fields, right.fields)
    model = train_model(left.fields, right.fields, frequencies, left.frame.height / 2)

    def score(ours: pl.DataFrame, theirs: pl.DataFrame, settled: int) -> pl.DataFrame:
        return score_pairs(ours, theirs, model, frequencies, share_left_over(settled))

    precision, recall = precision_and_recall(settle(link_blind(left, right, score)).blind, made.truth)
    assert precision >= 0.99
    assert recall >= 0.93
