"""Cox regression against R's numbers on real data, against other roads to the same answer, and at its edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.times.cox import (
    CannotFit,
    fit_cox,
    influence,
    proportionality,
    robust_covariance,
    robust_proportionality,
    score_residuals,
)
from evaluation.times.survival import Times

Array = npt.NDArray[np.float64]
ROSSI = Path(__file__).parents[1] / "reference" / "data" / "rossi_survival.csv"
NAMES = ("fin", "age", "race", "wexp", "mar", "paro", "prio")


def rossi() -> tuple[Times, Array]:
    """The Maryland trial (432 people): weeks to first arrest and seven columns."""
    frame = pl.read_csv(ROSSI)
    yes = {"fin": "yes", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    columns = [
        (frame[name] == yes[name] if name in yes else frame[name]).cast(pl.Float64).to_numpy()
        for name in NAMES
    ]
    times = Times(frame["week"].cast(pl.Float64).to_numpy(), frame["arrest"].cast(pl.Float64).to_numpy())
    return times, np.column_stack(columns)


def made(n: int = 300, seed: int = 1, *, tied: bool = True) -> tuple[Times, Array]:
    draw = np.random.default_rng(seed)
    x = np.column_stack([draw.normal(size=n), draw.integers(0, 2, n), draw.uniform(size=n)])
    event, gone = draw.exponential(10 / np.exp(0.5 * x[:, 1])), draw.uniform(2, 20, n)
    stop = np.minimum(event, gone)
    return Times(np.ceil(stop) if tied else stop, (event <= gone).astype(np.float64)), x


def errors(covariance: Array) -> Array:
    return np.asarray(np.sqrt(np.diag(covariance)))


# --- R survival 3.5-3 on the Maryland trial: engine notes E1 to E3


def test_efron_agrees_with_r() -> None:
    times, x = rossi()
    fit = fit_cox(times, x)
    expected = [-0.379422, -0.057438, 0.313900, -0.149796, -0.433704, -0.084871, 0.091497]
    assert fit.coefficients == pytest.approx(expected, abs=5.1e-7)
    assert errors(fit.covariance)[[0, 1, 6]] == pytest.approx([0.191379, 0.021999, 0.028649], abs=5.1e-7)
    assert fit.log_likelihood == pytest.approx(-658.747659446, rel=1e-11)
    assert fit.null_log_likelihood == pytest.approx(-675.380632347, rel=1e-11)


def test_robust_errors_under_ties_agree_with_r() -> None:
    times, x = rossi()
    found = errors(robust_covariance(fit_cox(times, x)))
    assert found[[0, 1, 6]] == pytest.approx([0.195542, 0.025336, 0.028975], abs=5.1e-7)


@pytest.mark.parametrize(
    ("transform", "chi2", "whole"),
    [
        ("km", {"fin": 0.06243, "age": 5.97398, "wexp": 4.22460}, 17.69442),
        ("identity", {"age": 6.615944}, 18.182687),
    ],
)
def test_the_score_test_of_proportional_hazards_agrees_with_r(
    transform: str, chi2: dict[str, float], whole: float
) -> None:
    times, x = rossi()
    found = proportionality(fit_cox(times, x), times, "km" if transform == "km" else "identity")
    for name, value in chi2.items():
        assert found.chi2[NAMES.index(name)] == pytest.approx(value, abs=5.1e-6)
    assert found.global_chi2 == pytest.approx(whole, abs=5.1e-6)
    if transform == "km":
        assert found.global_p == pytest.approx(0.0134275067857, rel=1e-6)
        assert found.p_values[0] == pytest.approx(0.802696032731, rel=1e-6)


def test_breslow_agrees_with_r() -> None:
    times, x = rossi()
    fit = fit_cox(times, x, ties="breslow")
    assert fit.coefficients[0] == pytest.approx(-0.379021887431, rel=1e-9)
    assert errors(fit.covariance)[0] == pytest.approx(0.19136442586, rel=1e-9)


# --- other roads to the same answer


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_phreg_gives_the_same(ties: str) -> None:
    from statsmodels.duration.hazard_regression import PHReg

    times, x = made()
    own = fit_cox(times, x, ties="efron" if ties == "efron" else "breslow")
    other = PHReg(times.stop, x, status=times.event, ties=ties).fit()
    assert own.coefficients == pytest.approx(other.params, abs=1e-6)
    assert errors(own.covariance) == pytest.approx(other.bse, rel=1e-5)


def brute(times: Times, x: Array, beta: Array, weights: Array, strata: Array) -> float:
    """Efron's partial log likelihood as it is written in books: one event time after another."""
    entry = np.full_like(times.stop, -1.0) if times.entry is None else times.entry
    total = 0.0
    for s in np.unique(strata):
        for t in np.unique(times.stop[(times.event == 1) & (strata == s)]):
            tied = (times.stop == t) & (times.event == 1) & (strata == s)
            there = (entry < t) & (times.stop >= t) & (strata == s)
            risk = weights * np.exp(x @ beta)
            d = int(tied.sum())
            total += float(weights[tied] @ (x[tied] @ beta))
            for step in range(d):
                total -= weights[tied].mean() * np.log(risk[there].sum() - step / d * risk[tied].sum())
    return total


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), late=st.booleans(), groups=st.integers(1, 3), heavy=st.booleans())
def test_the_likelihood_is_the_written_out_one_and_flat_at_the_top(
    seed: int, late: bool, groups: int, heavy: bool
) -> None:
    times, x = made(90, seed)
    draw = np.random.default_rng(seed + 77_777)
    n = len(x)
    entry = np.minimum(draw.integers(0, 5, n), times.stop - 1).astype(np.float64) if late else None
    times = Times(times.stop, times.event, entry)
    weights = draw.uniform(0.5, 2, n) if heavy else np.ones(n)
    codes = draw.integers(0, groups, n)
    strata = codes.astype(np.float64)
    fit = fit_cox(times, x, weights=weights, strata=codes if groups > 1 else None)
    b = fit.coefficients
    whole = brute(times, x, b, weights, strata)
    assert fit.log_likelihood == pytest.approx(whole, rel=1e-9)
    assert (weights[:, None] * score_residuals(fit)).sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-6)
    step = 1e-4 * np.eye(3)
    curve = np.array(
        [
            [
                brute(times, x, b + p + q, weights, strata)
                - brute(times, x, b + p - q, weights, strata)
                - brute(times, x, b - p + q, weights, strata)
                + brute(times, x, b - p - q, weights, strata)
                for q in step
            ]
            for p in step
        ]
    ) / (4 * 1e-8)
    assert np.linalg.inv(-curve) == pytest.approx(fit.covariance, rel=2e-3, abs=1e-5)


def test_people_cut_into_intervals_give_what_whole_people_give() -> None:
    times, x = made()
    cut = np.minimum(4.0, times.stop)
    late = times.stop > 4
    pieces = Times(
        np.concatenate([cut, times.stop[late]]),
        np.concatenate([np.where(late, 0.0, times.event), times.event[late]]),
        np.concatenate([np.zeros(len(x)), cut[late]]),
    )
    rows, who = np.concatenate([x, x[late]]), np.concatenate([np.arange(len(x)), np.flatnonzero(late)])
    whole, parts = fit_cox(times, x), fit_cox(pieces, rows)
    assert parts.coefficients == pytest.approx(whole.coefficients, rel=1e-9)
    assert robust_covariance(parts, who) == pytest.approx(robust_covariance(whole), rel=1e-8)


def test_whole_weights_count_people_as_often_under_breslow() -> None:
    times, x = made()
    weights = np.random.default_rng(3).integers(1, 4, len(x))
    again = np.repeat(np.arange(len(x)), weights)
    one = fit_cox(times, x, weights=weights.astype(np.float64), ties="breslow")
    other = fit_cox(times.of(again), x[again], ties="breslow")
    assert one.coefficients == pytest.approx(other.coefficients, rel=1e-9)
    assert robust_covariance(one) == pytest.approx(robust_covariance(other, again), rel=1e-8)


def test_the_influence_of_a_person_is_close_to_what_leaving_them_out_does() -> None:
    times, x = made(120, 4)
    fit = fit_cox(times, x)
    moved = influence(fit)
    for who in (0, 17, 60):
        rest = np.arange(len(x)) != who
        gone = fit.coefficients - fit_cox(times.of(rest), x[rest]).coefficients
        assert gone == pytest.approx(moved[who], rel=0.25, abs=4e-3)


def test_units_and_origins_of_columns_and_the_unit_of_time_change_nothing() -> None:
    times, x = made()
    one = fit_cox(times, x)
    other = fit_cox(Times(times.stop * 365.25, times.event), x * [1000, 1, 1] + [0, 5, 0])
    assert other.coefficients * [1000, 1, 1] == pytest.approx(one.coefficients, rel=1e-9)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)


def test_the_robust_test_of_proportionality_is_near_the_models_where_the_model_holds() -> None:
    times, x = made(3000, 2, tied=False)
    fit = fit_cox(times, x)
    plain = proportionality(fit, times)
    for column in range(3):
        chi2, p = robust_proportionality(fit, times, column)
        assert chi2 == pytest.approx(plain.chi2[column], rel=0.15, abs=0.05)
        assert 0 <= p <= 1


# --- the edges


def test_nothing_can_be_fitted_without_events() -> None:
    times, x = made()
    with pytest.raises(CannotFit):
        fit_cox(Times(times.stop, np.zeros(len(x))), x)


def test_a_constant_column_and_a_repeated_one_cannot_be_fitted() -> None:
    times, x = made()
    for wrong in (np.column_stack([x, np.ones(len(x))]), np.column_stack([x, x[:, 0] * 2 + 1])):
        with pytest.raises(CannotFit):
            fit_cox(times, wrong)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_column_that_parts_those_with_the_event_is_refused_and_not_a_huge_number(sign: int) -> None:
    times, x = made()
    apart = sign * times.event + 0.0
    with pytest.raises(CannotFit):
        fit_cox(times, np.column_stack([x, apart]))


def test_events_that_all_come_at_one_time_can_be_fitted() -> None:
    _, x = made()
    times = Times(np.ones(len(x)), (x[:, 0] + np.random.default_rng(0).normal(size=len(x)) > 0).astype(float))
    fit = fit_cox(times, x)
    assert fit.coefficients[0] > 0.5
    assert np.isfinite(errors(fit.covariance)).all()


def test_a_hundred_thousand_people_take_a_second_at_most() -> None:
    import time

    times, x = made(100_000, 5, tied=False)
    start = time.perf_counter()
    fit = fit_cox(times, x)
    robust_covariance(fit)
    proportionality(fit, times)
    assert time.perf_counter() - start < 5  # a second on an idle machine; the rest is other people's load
    assert errors(fit.covariance).max() < 0.05
