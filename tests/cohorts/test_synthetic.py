"""Made-up people: alike in shape, drawn from nobody, the same from the same seed, with the effect that was planted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cohorts.synthetic import CannotPlant, PlantedEffect, synthesise
from cohorts.twins.summary import Blueprint, ColumnFacts, Portrait, dictionary_blueprint, summarise
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
FACTS = [
    ColumnFacts("age", "age", "start", 0, "age", "years", minimum=15, maximum=90),
    ColumnFacts("aid", "aid", "start", 0, "binary"),
    ColumnFacts(
        "area", "area", "start", 0, "category", labels=("north", "south", "isle"), codes=("north", "south")
    ),
    ColumnFacts("score@a", "score", "a", 6, "number", minimum=0, maximum=100),
    ColumnFacts("score@b", "score", "b", 12, "number", minimum=0, maximum=100),
    ColumnFacts("harm", "harm", "b", 12, "binary"),
    ColumnFacts("entry", "entry", "a", 6, "date"),
    ColumnFacts("exit", "exit", "a", 6, "date"),
]
KINDS = {"age", "aid", "score@a", "score@b", "harm"}


def people(n: int, seed: int = 1) -> pl.DataFrame:
    """People whose columns all hang on one hidden number, the arm among them."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal(n)
    area = np.where(rng.random(n) < 0.3, 1.0, 0.0)
    area[:3] = 2.0
    first = np.clip(50 + 10 * z + 5 * rng.standard_normal(n), 0, 100)
    entry = 19_000 + rng.integers(0, 300, n)
    frame = pl.DataFrame(
        {
            "index_date": [dt.date(2021, 1, 1) + dt.timedelta(days=int(d)) for d in rng.integers(0, 365, n)],
            "age": np.clip(np.round(35 + 8 * z + 4 * rng.standard_normal(n)), 15, 90),
            "aid": (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float),
            "area": area,
            "score@a": first,
            "score@b": np.clip(first + 4 * rng.standard_normal(n), 0, 100),
            "harm": (rng.random(n) < 1 / (1 + np.exp(1 + z))).astype(float),
            "entry": entry.astype(float),
            "exit": (entry + rng.integers(0, 90, n)).astype(float),
        }
    )
    gone = pl.col("score@b") < 42
    return frame.with_columns(
        pl.when(~gone).then("score@b").alias("score@b"),
        pl.when(gone).then(pl.lit("refused")).alias("score@b!"),
    )


def correlations(frame: pl.DataFrame) -> NDArray[np.float64]:
    return frame.select(sorted(KINDS)).drop_nulls().corr().to_numpy()


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return summarise(people(3000), FACTS, PROFILE)


def test_means_spreads_and_shares_are_those_of_the_people_within_what_rounding_allows(
    blueprint: Blueprint,
) -> None:
    real, made = people(3000), synthesise(blueprint, 20_000, 5)
    for name in KINDS:
        ours, theirs = (frame[name].drop_nulls().cast(pl.Float64).to_numpy() for frame in (made, real))
        assert abs(ours.mean() - theirs.mean()) < 0.12 * theirs.std(), name
        assert 0.85 < ours.std() / theirs.std() < 1.05, name
    assert made["score@b"].null_count() / made.height == pytest.approx(
        real["score@b"].null_count() / 3000, abs=0.02
    )
    assert set(made["score@b!"].drop_nulls()) == {"refused"}
    assert made["score@b!"].is_not_null().equals(made["score@b"].is_null())


def test_what_goes_together_among_people_goes_together_in_the_twin(blueprint: Blueprint) -> None:
    assert np.abs(correlations(people(3000)) - correlations(synthesise(blueprint, 20_000, 5))).max() < 0.13


def test_every_column_keeps_to_its_dictionary(blueprint: Blueprint) -> None:
    made = synthesise(blueprint, 5000, 2)
    assert set(made["area"]) == {"north", "south", "other"}, "a rare label nobody declared is merged"
    assert made["age"].dtype == pl.Int64
    assert made["age"].is_between(15, 90).all()
    assert made["aid"].is_in([0, 1]).all()
    assert made["score@a"].is_between(0, 100).all()
    assert (made["exit"] >= made["entry"]).all()
    assert (made["synthetic"] == 1).all()
    assert made["participant"][0] == "S000001"
    assert made["participant"].n_unique() == 5000


def test_the_same_seed_gives_the_same_people_and_another_gives_others(blueprint: Blueprint) -> None:
    assert synthesise(blueprint, 500, 3).equals(synthesise(blueprint, 500, 3))
    assert not synthesise(blueprint, 500, 3).equals(synthesise(blueprint, 500, 4))


def nearest(rows: NDArray[np.float64], people_: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = people_.std(axis=0)
    gaps = (rows[:, None, :] - people_[None, :, :]) / spread
    distances: NDArray[np.float64] = np.sqrt((gaps**2).sum(axis=2)).min(axis=1)
    return distances


def test_no_row_is_nearer_to_a_real_person_than_independent_people_are(blueprint: Blueprint) -> None:
    names = ["age", "aid", "score@a", "score@b", "harm", "entry", "exit"]
    real, made, others = (
        frame.select(names).drop_nulls().cast(pl.Float64).to_numpy()
        for frame in (people(3000), synthesise(blueprint, 600, 9), people(600, seed=77))
    )
    ours, theirs = nearest(made, real), nearest(others, real)
    assert np.quantile(ours, 0.05) >= 0.8 * np.quantile(theirs, 0.05)
    assert np.median(ours) >= 0.8 * np.median(theirs)
    assert (ours == 0).sum() <= (theirs == 0).sum()


def test_coarse_rows_match_real_ones_no_more_often_than_independent_people_do(blueprint: Blueprint) -> None:
    names = ["index_date", "age", "aid", "harm"]
    real = set(people(3000).select(names).cast(dict.fromkeys(names[1:], pl.Int64)).rows())
    made = sum(row in real for row in synthesise(blueprint, 3000, 9).select(names).rows())
    others = sum(
        row in real
        for row in people(3000, seed=78).select(names).cast(dict.fromkeys(names[1:], pl.Int64)).rows()
    )
    assert made <= others + 3 * np.sqrt(others)


@pytest.mark.parametrize("rare", range(10))
def test_how_many_people_are_in_a_rare_category_changes_nothing(rare: int) -> None:
    fact = ColumnFacts("area", "area", "w", 0, "category", labels=("a", "b"), codes=("a", "b"))
    found, other = (
        summarise(
            pl.DataFrame({"area": [1.0] * n + [0.0] * (205 - n)}), [fact], PROFILE, index=False
        ).columns[0]
        for n in (rare, 9)
    )
    assert found == other
    assert found.shares == pytest.approx((200 / 205, 5 / 205))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=20, max_size=400), st.integers(5, 20))
def test_a_quantile_has_the_threshold_of_people_on_both_sides(values: list[int], threshold: int) -> None:
    fact = ColumnFacts("x", "x", "w", 0, "number")
    portrait = summarise(pl.DataFrame({"x": values}, schema={"x": pl.Float64}), [fact], DisclosureProfile(threshold, 5),
                         index=False).columns[0]  # fmt: skip
    if portrait.basis == "dictionary":
        assert len(values) < 2 * threshold
        return
    inner = portrait.probabilities[1:-1]
    gaps = np.diff([0.0, *inner, 1.0]) * len(values)
    assert gaps.min() >= threshold - 1e-9
    lowest, highest = sorted(values)[threshold - 1], sorted(values)[-threshold]
    assert all(lowest <= knot <= highest for knot in portrait.knots[1:-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(60, 500), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.integers(0, 10_000))
def test_a_correlation_leaves_every_cell_of_its_table_in_a_range_of_the_threshold(
    n: int, p: float, q: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.random(n) < p).astype(float), (rng.random(n) < q).astype(float)
    if min(a.sum(), b.sum(), n - a.sum(), n - b.sum()) < 10:
        return
    facts = [ColumnFacts(name, name, "w", 0, "binary") for name in "ab"]

    def published(both: int) -> float:
        """The correlation of a table with the same margins and another number of people in its first cell."""
        ones = [1.0] * both, [1.0] * both
        left = [*ones[0], *[1.0] * (int(a.sum()) - both), *[0.0] * (n - int(a.sum()))]
        right = [*ones[1], *[0.0] * (int(a.sum()) - both), *[1.0] * (int(b.sum()) - both)]
        right += [0.0] * (n - len(right))
        frame = pl.DataFrame({"a": left, "b": right})
        return float(summarise(frame, facts, PROFILE, index=False).correlations[0, 1])

    low, high = max(0, int(a.sum() + b.sum()) - n), int(min(a.sum(), b.sum()))
    same: dict[float, list[int]] = {}
    for both in range(low, high + 1):
        same.setdefault(round(published(both), 9), []).append(both)
    inside = [
        cells for value, cells in same.items() if low not in cells and high not in cells and abs(value) < 0.9
    ]
    assert all(len(cells) >= PROFILE.threshold - 1 for cells in inside)


def test_a_column_of_few_people_comes_from_the_dictionary_alone() -> None:
    frame = pl.DataFrame({"x": [1.0] * 15 + [None] * 40})
    portrait = summarise(
        frame, [ColumnFacts("x", "x", "w", 0, "number", minimum=0, maximum=8)], PROFILE, index=False
    )
    assert portrait.columns[0].basis == "dictionary"
    assert portrait.columns[0].knots == (0, 8)


def test_a_sealed_column_is_not_looked_up_and_comes_flat_from_the_dictionary() -> None:
    facts = [
        ColumnFacts(f"y@{w}", "y", w, m, "number", minimum=10, maximum=20, sealed=True)
        for w, m in (("a", 1), ("b", 2))
    ]
    made = synthesise(summarise(people(300), [*FACTS[:2], *facts], PROFILE), 4000, 1)
    assert made["y@a"].is_between(10, 20).all()
    assert made["y@a"].mean() == pytest.approx(15, abs=0.2)
    assert abs(float(made.select(pl.corr("y@a", "age")).item())) < 0.05
    assert 0.35 < float(made.select(pl.corr("y@a", "y@b")).item()) < 0.6


def test_the_dictionary_alone_makes_every_kind_of_column() -> None:
    made = synthesise(dictionary_blueprint(FACTS, 100), 300, 1)
    assert set(made["area"]) == {"north", "south"}
    assert made["index_date"].is_between(dt.date(2020, 1, 1), dt.date(2022, 12, 31)).all()
    assert made["age"].is_between(15, 90).all()
    plain = synthesise(dictionary_blueprint([ColumnFacts("k", "k", "w", 0, "category")], 100), 300, 1)
    assert set(plain["k"]) == {"category 1", "category 2", "category 3"}


def adjusted(made: pl.DataFrame, outcome: str) -> float:
    """The coefficient of the arm in a regression on everything before it."""
    frame = made.drop_nulls([outcome])
    ahead = (
        frame.select("age", pl.col("area") == "south", pl.col("index_date").to_physical())
        .to_numpy()
        .astype(float)
    )
    design = np.column_stack([np.ones(frame.height), frame["aid"].to_numpy(), ahead])
    return float(np.linalg.lstsq(design, frame[outcome].to_numpy().astype(float), rcond=None)[0][1])


@pytest.mark.parametrize(
    ("outcome", "size", "within"), [("score@b", 3.0, 0.4), ("score@b", -2.5, 0.4), ("harm", 0.08, 0.02)]
)
def test_an_analysis_that_adjusts_for_what_came_before_finds_the_planted_effect(
    outcome: str, size: float, within: float, blueprint: Blueprint
) -> None:
    made = synthesise(blueprint, 20_000, 4, [PlantedEffect(outcome, "aid", size)])
    assert adjusted(made, outcome) == pytest.approx(size, abs=within)
    plain = synthesise(blueprint, 20_000, 4)
    assert abs(adjusted(plain, outcome) - size) > 2 * within, "without planting it is not there"


def test_whole_numbers_stay_whole_and_inside_their_range_with_an_effect_planted() -> None:
    facts = [
        ColumnFacts("aid", "aid", "w", 0, "binary"),
        ColumnFacts("n", "n", "x", 1, "number", minimum=0, maximum=9),
    ]
    rng = np.random.default_rng(1)
    frame = pl.DataFrame(
        {"aid": rng.integers(0, 2, 900).astype(float), "n": rng.integers(0, 10, 900).astype(float)}
    )
    made = synthesise(
        summarise(frame, facts, PROFILE, index=False), 20_000, 1, [PlantedEffect("n", "aid", 1.4)]
    )
    assert made["n"].dtype == pl.Int64
    assert made["n"].is_between(0, 9).all()
    means = {arm: made.filter(pl.col("aid") == arm)["n"].mean() for arm in (0, 1)}
    assert means[1] - means[0] == pytest.approx(1.4, abs=0.1)  # type: ignore[operator]


IMPOSSIBLE: dict[str, tuple[PlantedEffect, str]] = {
    "unknown": (PlantedEffect("nothing", "aid", 1), "no variable"),
    "several waves": (PlantedEffect("score", "aid", 1), "several waves"),
    "no arm": (PlantedEffect("score@b", "age", 1), "binary"),
    "a category": (PlantedEffect("area", "aid", 1), "takes no effect"),
    "itself": (PlantedEffect("aid", "aid", 1), "own outcome"),
    "backwards": (PlantedEffect("aid", "harm", 0.1), "before the arm"),
    "no room": (PlantedEffect("score@b", "aid", 150), "no room"),
    "beyond every risk": (PlantedEffect("harm", "aid", 0.95), "out of range"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_effect_that_cannot_be_planted_is_refused_with_the_reason(name: str, blueprint: Blueprint) -> None:
    effect, reason = IMPOSSIBLE[name]
    with pytest.raises(CannotPlant, match=reason):
        synthesise(blueprint, 500, 1, [effect])


def test_the_hidden_correlations_are_always_positive_definite() -> None:
    rng = np.random.default_rng(3)
    shared = rng.standard_normal(200)
    columns: dict[str, Any] = {
        f"x{i}": np.round(shared + 0.01 * rng.standard_normal(200), 2) for i in range(8)
    }
    facts = [ColumnFacts(name, name, "w", 0, "number") for name in columns]
    matrix = summarise(pl.DataFrame(columns), facts, PROFILE, index=False).correlations
    assert np.linalg.eigvalsh(matrix).min() > 0
    assert np.allclose(np.diag(matrix), 1)


def test_a_portrait_says_what_share_is_missing() -> None:
    fact = ColumnFacts("x", "x", "w", 0, "number")
    frame = pl.DataFrame(
        {"x": [1.0, 2.0] * 40 + [None] * 20, "x!": [None] * 80 + ["refused"] * 15 + ["withdrawn"] * 5}
    )
    found: Portrait = summarise(frame, [fact], PROFILE, index=False).columns[0]
    assert found.missing == (("refused", 0.2),), "a reason of few people goes into the commonest"
