"""Days drawn for treatment: models with a level for every place, allocations drawn again, washout."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evaluation.places.allocations import Drawn, draw, redraw
from evaluation.places.placed_model import Codes, Placed, Rows, linear, log_linear
from evaluation.places.washout import earlier, rows_before, settled
from evaluation.regression.linear import Array, NotIdentified

PLACES, DAYS = 8, 60


def days(seed: int = 1, effect: float = -0.3) -> tuple[Rows, Array]:
    """Rows of places and days, and their weekdays."""
    source = np.random.default_rng(seed)
    place, day = np.repeat(np.arange(PLACES), DAYS), np.tile(np.arange(DAYS), PLACES)
    treated = source.integers(0, 2, PLACES * DAYS).astype(float)
    weekdays = np.eye(7)[day % 7][:, 1:]
    level = source.gamma(3, 0.5, PLACES)[place]
    y = source.poisson(level * np.exp(effect * treated + 0.3 * weekdays[:, 4])).astype(float)
    return Rows(y, np.column_stack([treated, weekdays]), place, day, source.uniform(1, 2, len(y))), weekdays


def peer(rows: Rows, *, counts: bool, **errors: object) -> tuple[float, float]:
    """The same coefficient and its error from statsmodels, places as columns."""
    import statsmodels.api as sm

    x = np.column_stack([rows.x, np.eye(PLACES)[rows.place]])
    poisson = sm.GLM(rows.y, x, family=sm.families.Poisson(), offset=np.log(rows.size))
    found = (poisson if counts else sm.OLS(rows.y, x)).fit(**errors)
    return float(found.params[0]), float(found.bse[0])


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("by", ["place", "day"])
def test_levels_taken_out_are_the_same_as_levels_put_in(by: str, counts: bool) -> None:
    rows, _ = days()
    groups = rows.place if by == "place" else rows.day
    kwds: dict[str, object] = {"groups": groups, "use_correction": False}
    value, error = peer(rows, counts=counts, cov_type="cluster", cov_kwds=kwds)
    found = (log_linear if counts else linear)(rows)
    many = len(np.unique(groups))
    assert found.beta[0] == pytest.approx(value, rel=1e-9)
    assert found.error(0, by) == pytest.approx(error * np.sqrt(many / (many - 1)), rel=1e-7)  # type: ignore[arg-type]


def test_errors_over_neighbouring_days_are_those_of_driscoll_and_kraay() -> None:
    rows, _ = days()
    kwds: dict[str, object] = {"time": rows.day, "maxlags": 5, "use_correction": False}
    _, error = peer(rows, counts=True, cov_type="hac-groupsum", cov_kwds=kwds)
    assert log_linear(rows).error(0, "newey-west", 5) == pytest.approx(
        error * np.sqrt(DAYS / (DAYS - 1)), rel=1e-7
    )


def test_days_that_are_not_there_are_no_neighbours() -> None:
    rows, _ = days()
    gone = rows.day % 3 != 1
    left = Rows(rows.y[gone], rows.x[gone], rows.place[gone], rows.day[gone], rows.size[gone])
    squeezed = Rows(left.y, left.x, left.place, np.unique(left.day, return_inverse=True)[1], left.size)
    assert log_linear(left).error(0, "day") == pytest.approx(log_linear(squeezed).error(0, "day"), rel=1e-12)
    assert log_linear(left).error(0, "newey-west", 1) != log_linear(squeezed).error(0, "newey-west", 1)


def test_a_place_without_events_says_nothing() -> None:
    rows, _ = days()
    silent = np.where(rows.place == 0, 0.0, rows.y)
    there = rows.place > 0
    one = log_linear(Rows(silent, rows.x, rows.place, rows.day, rows.size))
    other = log_linear(
        Rows(rows.y[there], rows.x[there], rows.place[there] - 1, rows.day[there], rows.size[there])
    )
    assert one.beta == pytest.approx(other.beta, rel=1e-9)
    assert (one.fitted[~there] == 0).all()


def test_what_rows_cannot_tell_is_not_told() -> None:
    rows, _ = days()
    always = Rows(
        rows.y, np.column_stack([np.ones(len(rows.y)), rows.x[:, 1:]]), rows.place, rows.day, rows.size
    )
    by_place = Rows(rows.y, (rows.place % 2)[:, None].astype(float), rows.place, rows.day, rows.size)
    nothing = Rows(np.zeros(len(rows.y)), rows.x, rows.place, rows.day, rows.size)
    for model, bad in itertools.product((log_linear, linear), (always, by_place)):
        with pytest.raises(NotIdentified):
            model(bad)
    with pytest.raises(NotIdentified):
        log_linear(nothing)
    only_untreated = Rows(np.where(rows.x[:, 0] > 0, 0.0, rows.y), rows.x, rows.place, rows.day, rows.size)
    with pytest.raises(NotIdentified):
        log_linear(only_untreated)


# --- allocations


def test_draws_keep_what_was_treated_in_every_block_and_move_days_as_one() -> None:
    treated = np.array([1, 0, 0, 0, 1, 1, 0, 0], dtype=float)
    block: Codes = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    table = draw(treated, block, np.arange(8), 600, 3)
    assert (table[:, :4].sum(axis=1) == 1).all()
    assert (table[:, 4:].sum(axis=1) == 2).all()
    assert table[:, :4].mean(axis=0) == pytest.approx([0.25] * 4, abs=0.07)
    day: Codes = np.tile(np.arange(4), 2)
    whole = draw(np.tile([1.0, 0.0, 1.0, 0.0], 2), np.zeros(8, dtype=np.int64), day, 600, 3)
    assert (whole[:, :4] == whole[:, 4:]).all()
    assert (whole[:, :4].sum(axis=1) == 2).all()


def test_an_allocation_that_could_not_have_been_another_is_no_lottery() -> None:
    with pytest.raises(NotIdentified):  # every block is all of a kind
        draw(np.array([1.0, 1, 0, 0]), np.array([0, 0, 1, 1]), np.arange(4), 600, 1)
    with pytest.raises(NotIdentified):  # places of a day differ
        draw(np.array([1.0, 0, 0, 1]), np.zeros(4, dtype=np.int64), np.array([0, 0, 1, 1]), 600, 1)


def test_the_p_value_is_the_share_of_allocations_as_far_out() -> None:
    y = np.array([1.0, 9, 2, 8, 3, 7, 1, 9])
    treated = np.array([1.0, 0, 1, 0, 1, 0, 1, 0])
    one = np.ones(8)
    table = draw(treated, np.zeros(8, dtype=np.int64), np.arange(8), 20_000, 2)
    drawn = Drawn(treated, np.ones(8, dtype=bool), table, np.ones_like(table))
    found = redraw(y, -6.5, lambda away: np.full(8, away.mean()) * one, drawn, ratio=False)
    exact = [
        abs(y[list(who)].mean() - y[[i for i in range(8) if i not in who]].mean()) >= 6.5 - 1e-9
        for who in itertools.combinations(range(8), 4)
    ]
    assert found.p_value == pytest.approx(np.mean(exact), abs=0.004)
    low, high = found.at(0.1)
    assert low is not None
    assert high is not None
    assert low < -6.5 < high < 0


def test_the_interval_of_drawn_allocations_lies_about_that_of_the_model() -> None:
    rows, weekdays = days(5)
    fit = log_linear(rows)
    table = draw(rows.x[:, 0], rows.day, np.arange(len(rows.y)), 999, 1)
    drawn = Drawn(rows.x[:, 0], np.ones(len(rows.y), dtype=bool), table, np.ones_like(table))

    def expected(away: Array) -> Array:
        found: Placed = log_linear(Rows(away, weekdays, rows.place, rows.day, rows.size))
        return found.fitted

    found = redraw(rows.y, float(fit.beta[0]), expected, drawn, ratio=True)
    error = fit.error(0, "day")
    assert found.spread == pytest.approx(error, rel=0.2)
    assert np.array(found.at(0.05), dtype=float) == pytest.approx(
        [fit.beta[0] - 1.96 * error, fit.beta[0] + 1.96 * error], abs=0.5 * error
    )


# --- washout


def test_days_before_and_what_a_change_spoils_by_hand() -> None:
    place = np.array([0, 0, 0, 0, 0, 1, 1])
    day = np.array([0, 1, 2, 3, 5, 0, 1])
    treated = np.array([1.0, 1, 0, 0, 0, 0, 0])
    before = rows_before(place, day, 2)
    assert before[:, 0].tolist() == [-1, 0, 1, 2, -1, -1, 5]
    assert before[:, 1].tolist() == [-1, -1, 0, 1, 3, -1, -1]
    assert np.isnan(earlier(treated, before)[0]).all()
    assert earlier(treated, before)[2].tolist() == [1, 1]
    assert settled(treated > 0, before[:, :1]).tolist() == [False, True, False, True, False, False, True]
    both = np.stack([treated > 0, treated <= 0])
    assert (settled(both, before)[0] == settled(treated > 0, before)).all()
