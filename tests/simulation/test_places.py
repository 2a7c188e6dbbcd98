"""Methods about places with known truth: claims under nothing but regression to the mean, coverage, false alarms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from evaluation.inference import critical
from evaluation.places.allocations import Drawn, draw, redraw
from evaluation.places.dispersion import UNKNOWN, dispersion
from evaluation.places.displacement import displacement, zone
from evaluation.places.expected import Mask, Watched, counts_change, counts_change_from, scores_change
from evaluation.places.placed_model import Rows, log_linear
from evaluation.places.washout import earlier, rows_before, settled
from evaluation.regression.linear import Array

pytestmark = pytest.mark.simulation
Z = 3.3


def allowance(share: float, draws: int) -> float:
    """Monte-Carlo allowance for a share."""
    return Z * math.sqrt(share * (1 - share) / draws)


@dataclass(frozen=True)
class World:
    """Places with a level of their own, the worst of which are chosen; no programme does anything."""

    places: int = 200
    chosen: int = 20
    before: int = 1
    mean: float = 8.0
    over: float = 1.0
    heavy: bool = False  # levels with a longer tail than the Gamma's

    def draw(self, source: np.random.Generator) -> Watched:
        if self.heavy:
            level = self.mean * np.exp(source.normal(-0.125, 0.5, self.places))
        else:
            level = source.gamma(4.0, self.mean / 4.0, self.places)
        rate = np.repeat(level[:, None], self.before + 1, axis=1)
        if self.over > 1:
            rate = source.gamma(rate / (self.over - 1), self.over - 1)
        seen = source.poisson(rate).astype(float)
        before, after = seen[:, : self.before], seen[:, self.before :]
        worst = np.zeros(self.places, dtype=bool)
        worst[np.argsort(-before[:, -1], kind="stable")[: self.chosen]] = True
        looked = np.zeros(self.before, dtype=bool)
        looked[-1] = True
        return Watched(before, after, np.ones_like(before), np.ones_like(after), worst, looked)


WORLDS = {
    "one year before": World(),
    "three years before": World(before=3),
    "more than chance": World(before=4, over=2.0),
    "a longer tail": World(heavy=True),
    "few places, few events": World(places=60, chosen=5, before=2, mean=3.0),
}


@pytest.mark.parametrize("name", WORLDS)
def test_claims_under_regression_to_the_mean_alone_are_no_more_than_alpha(name: str) -> None:
    source, draws = np.random.default_rng(47), 250
    claimed = raw = 0
    for _ in range(draws):
        seen = WORLDS[name].draw(source)
        noise = dispersion(seen.before)
        found, plain = counts_change(seen, noise), counts_change_from(seen, noise, seen.looked_at)
        claimed += abs(found.log_ratio or 0.0) > 1.96 * (found.log_error or 1.0)
        raw += abs(plain.log_ratio or 0.0) > 1.96 * (plain.log_error or 1.0)
    assert claimed / draws <= 0.05 + allowance(0.05, draws)
    assert raw / draws > 3 * 0.05  # what the same data claim where nobody corrects


def test_levels_that_wander_make_no_more_claims_of_benefit_than_alpha() -> None:
    """Old years pull too far then, so that too little is expected: wrong on the side of caution, and said so."""
    source, draws, spread, stays = np.random.default_rng(53), 200, 0.3, 0.7
    better = worse = 0
    for _ in range(draws):
        log = source.normal(0, spread, (200, 5))
        for year in range(1, 5):
            log[:, year] = stays * log[:, year - 1] + math.sqrt(1 - stays**2) * log[:, year]
        seen = source.poisson(8 * np.exp(source.normal(0, 0.4, (200, 1)) + log)).astype(float)
        before, after = seen[:, :4], seen[:, 4:]
        worst = np.isin(np.arange(200), np.argsort(-before[:, -1], kind="stable")[:20])
        w = Watched(before, after, np.ones_like(before), np.ones_like(after), worst, np.arange(4) == 3)
        found = counts_change(w, dispersion(before))
        better += (found.log_ratio or 0.0) < -1.96 * (found.log_error or 1.0)
        worse += (found.log_ratio or 0.0) > 1.96 * (found.log_error or 1.0)
    assert better / draws <= 0.025 + allowance(0.025, draws)
    assert worse > better


def test_the_expected_fall_is_the_fall() -> None:
    """Levels Gamma(4, 2), one count: the worst tenth fall by the same as the forecast says."""
    source = np.random.default_rng(48)
    world = World(places=1000, chosen=100)
    found = [counts_change(world.draw(source), UNKNOWN) for _ in range(60)]
    apart = np.array([one.fall - one.predicted_fall for one in found])
    assert np.mean([one.fall for one in found]) > 3  # of about 15 when they were chosen
    assert abs(apart.mean()) < Z * apart.std() / math.sqrt(len(found))


@pytest.mark.parametrize("readings", [1, 2])
def test_people_above_a_threshold_give_no_more_claims_than_alpha(readings: int) -> None:
    """SDQ as in rule 59: mean 9, SD 6, retest 0.7, chosen at 17 or more, no programme."""
    source, draws, n = np.random.default_rng(49), 400, 500
    claimed, falls = 0, []
    for _ in range(draws):
        level = source.normal(9, 6 * math.sqrt(0.7), n)
        seen = level[:, None] + source.normal(0, 6 * math.sqrt(0.3), (n, readings + 1))
        before, after = seen[:, :readings], seen[:, readings:]
        looked = np.arange(readings) == 0
        w = Watched(before, after, np.ones_like(before), np.ones_like(after), before[:, 0] >= 17, looked)
        found = scores_change(w, retest=0.7) if readings == 1 else scores_change(w)
        claimed += abs(found.difference) > critical(0.95, found.df, "t") * found.difference_error
        falls.append(found.predicted_fall)
    assert claimed / draws == pytest.approx(0.05, abs=allowance(0.05, draws))
    assert np.mean(falls) == pytest.approx(3.24, abs=0.1)


@pytest.mark.parametrize(("over", "before"), [(1.0, 1), (1.0, 12), (2.5, 12), (2.5, 6)])
def test_the_displacement_difference_covers_the_truth(over: float, before: int) -> None:
    source, draws, truth = np.random.default_rng(50), 1500, -40.0
    level = {"treated": 60.0, "control": 80.0, "treated-buffer": 120.0, "control-buffer": 110.0}
    kept = naive = 0
    for _ in range(draws):
        zones = {}
        season = source.uniform(0.8, 1.2, before + 4)
        for name, mean in level.items():
            rate = mean + 20 * (season - 1)  # what all share comes to as many events in each
            rate[before:] += truth / 4 if name == "treated" else 0.0
            drawn = source.poisson(source.gamma(rate / (over - 1), over - 1) if over > 1 else rate).astype(
                float
            )
            zones[name] = zone(drawn[:before], drawn[before:])
        found = displacement(zones)
        far = critical(0.95, None, "normal") if found.df is None else critical(0.95, found.df, "t")
        away = abs(found.total.value - truth)
        kept += away <= far * found.total.std_error
        naive += away <= 1.96 * found.total.poisson_error
    assert kept / draws >= 0.95 - allowance(0.05, draws)
    if over > 1:
        assert naive / draws < 0.85  # Poisson's errors alone
    elif before == 1:
        assert naive / draws == pytest.approx(0.95, abs=allowance(0.05, draws))


PLACES, DAYS = 10, 60


def patrolled(source: np.random.Generator, effect: float, carried: float) -> tuple[Rows, Array]:
    """Half the places of a day are drawn; a treated day works on the day, and ``carried`` on the next."""
    treated = np.argsort(source.random((PLACES, DAYS)), axis=0) < PLACES // 2
    past = np.concatenate([np.zeros((PLACES, 1)), treated[:, :-1]], axis=1)
    season = source.gamma(20, 1 / 20, DAYS)  # what a day brings everywhere
    mean = source.gamma(4, 0.5, (PLACES, 1)) * season * np.exp(effect * treated + carried * past)
    place, day = np.repeat(np.arange(PLACES), DAYS), np.tile(np.arange(DAYS), PLACES)
    y = source.poisson(mean).reshape(-1).astype(float)
    flat = treated.reshape(-1).astype(float)
    return Rows(y, flat[:, None], place, day, np.ones(len(y))), flat


def of(rows: Rows, at: Mask, x: Array | None = None) -> Rows:
    return Rows(rows.y[at], (rows.x if x is None else x)[at], rows.place[at], rows.day[at], rows.size[at])


def test_washed_out_days_cover_what_treated_days_do_together() -> None:
    source, draws, effect, carried = np.random.default_rng(51), 400, -0.3, -0.2
    washed = modelled = mixed = 0
    for _ in range(draws):
        rows, treated = patrolled(source, effect, carried)
        before = rows_before(rows.place, rows.day, 1)
        clean = log_linear(of(rows, settled(treated > 0, before)))
        washed += abs(clean.beta[0] - effect - carried) <= 2.0 * clean.error(0, "day")
        known = before[:, 0] >= 0
        both = np.column_stack([treated, np.nan_to_num(earlier(treated, before))])
        fit = log_linear(of(rows, known, both))
        modelled += abs(fit.beta[0] - effect) <= 2.0 * fit.error(0, "day")
        plain = log_linear(rows)
        mixed += abs(plain.beta[0] - effect - carried) <= 2.0 * plain.error(0, "day")
    assert washed / draws >= 0.945 - allowance(0.05, draws)
    assert modelled / draws >= 0.945 - allowance(0.05, draws)
    assert mixed / draws < 0.8  # carry-over left in the comparison days hides what patrols do


@pytest.mark.parametrize("washout", [0, 1])
def test_drawn_allocations_keep_their_error_rate_and_cover(washout: int) -> None:
    source, draws = np.random.default_rng(52), 60
    false = kept = 0
    for at in range(draws):
        for effect in (0.0, -0.3):
            rows, treated = patrolled(source, effect, 0.0)
            table = draw(treated, rows.day, np.arange(len(treated)), 499, at)
            before = rows_before(rows.place, rows.day, 1)
            clean = settled(treated > 0, before) if washout else np.ones(len(treated), dtype=bool)
            others = settled(table, before) if washout else np.ones_like(table)
            fit = log_linear(of(rows, clean))
            empty = np.zeros((len(treated), 0))

            def meant(y: Array, rows: Rows = rows, empty: Array = empty) -> Array:
                return log_linear(Rows(y, empty, rows.place, rows.day, rows.size)).fitted

            found = redraw(
                rows.y, float(fit.beta[0]), meant, Drawn(treated, clean, table, others), ratio=True
            )
            if effect == 0.0:
                false += found.p_value <= 0.05
            else:
                low, high = found.at(0.05)
                kept += (low or -9.0) <= effect <= (high or 9.0)
    assert false / draws <= 0.05 + allowance(0.05, draws)
    assert kept / draws >= 0.95 - allowance(0.05, draws)
