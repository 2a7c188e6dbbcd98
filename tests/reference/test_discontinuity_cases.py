"""Regression discontinuity against R, printed figures, and rdrobust and rddensity run as black boxes.

Head Start and the drinking age: reference-cases (public repositories, read from there). Senate: engine notes, section
7; its data ship with the rdrobust package, are not copied, and the tests say so and skip where that is not installed.
``expected/made_up_discontinuity.json`` holds what rdrobust 2.1.1 and rddensity 3.0 give on the people made below; it is
written by ``benchmarks/race/discontinuity_peer.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.density import density_jump
from evaluation.discontinuity.jump import Bandwidths, Jump, Recipe, Scores, jump_at_cutoff, sorted_scores
from evaluation.discontinuity.settings import Rule
from evaluation.model import OutcomeResult
from tests.evaluation.studies import plan_text
from tests.reference.test_reference_cases import case, outside, run
from tests.reference.tolerance import misses

Array = npt.NDArray[np.float64]
METHOD = "regression-discontinuity"
SENATE = Path("/tmp/peers/rd/lib/python3.11/site-packages/rdrobust/data/rdrobust_RDsenate.csv")


def asked(name: str, estimate: str) -> dict[str, Any]:
    return next(e for e in case(name, outside(name))["estimates"] if e["id"] == estimate)


def answer(name: str, measure: str, settings: str, design: str = "") -> OutcomeResult:
    text = plan_text(METHOD, measure=measure, settings=settings, design=design, treatment="", better="lower")
    text = text.replace("[design]", '[population]\nunits = "areas"\n[design]', 1)
    return run(outside(name) / "data" / f"{name}.csv", text)


# --- Head Start: 3,103 counties, given bandwidths

POVERTY = 'running = "povrate"\ncutoff = 0\n'
H, B = "6.95075658304", "10.90660084753"


@pytest.mark.parametrize(
    ("estimate", "measure", "settings"),
    [
        ("rbc_mse_bandwidth", "mortHS", f"bandwidth = {H}\nbias_bandwidth = {B}"),
        ("placebo_injury_rbc", "mortInj", "bandwidth = 6.37358019494\nbias_bandwidth = 9.44815135576"),
    ],
)
def test_head_start_robust_and_corrected_for_bias(estimate: str, measure: str, settings: str) -> None:
    found, want = answer("headstart_rdd", measure, POVERTY + settings), asked("headstart_rdd", estimate)
    assert misses(found.estimate, want) == []
    assert found.estimate.n == want["n"]


def test_head_start_conventional_stands_beside_it() -> None:
    found = answer("headstart_rdd", "mortHS", f"{POVERTY}bandwidth = {H}\nbias_bandwidth = {B}")
    lines = {line.name: line.estimate for line in found.sensitivity}
    want = asked("headstart_rdd", "conventional_mse_bandwidth")
    assert misses(lines["conventional, bias not corrected"], want) == []
    assert (found.estimate.n_comparison, found.estimate.n_treated) == (239, 184)


@pytest.mark.parametrize("width", [9, 18, 36])
@pytest.mark.parametrize("kernel", ["uniform", "triangular"])
def test_head_start_plain_regression_in_three_windows(width: int, kernel: str) -> None:
    """The printed figures of Ludwig and Miller (2007) are among them; R's are with normal intervals, ours with t."""
    settings = f'{POVERTY}bandwidth = {width}\nkernel = "{kernel}"\ninference = "plain"'
    found, want = (
        answer("headstart_rdd", "mortHS", settings),
        asked("headstart_rdd", f"{kernel}_h{width}"),
    )
    assert misses(found.estimate, want, only=("value", "std_error")) == []
    assert found.estimate.n == want["n"]


def test_head_start_chooses_the_bandwidth_the_reference_chose() -> None:
    """mserd of rdrobust 4.0.0 gives 6.9508 and 10.9066; the README allows 10 per cent, one per cent is kept here."""
    found = answer("headstart_rdd", "mortHS", POVERTY)
    widths = {row[0]: row[1] for row in found.tables[0].rows}
    assert widths["of the fit"] == pytest.approx(float(H), rel=0.01)
    assert widths["of its bias"] == pytest.approx(float(B), rel=0.01)
    assert found.estimate.conf_high is not None
    assert found.estimate.conf_high < 0  # as the case says: the interval just excludes nought


# --- the drinking age: 48 cells of 30 days

AGE = 'running = "agecell"\ncutoff = 21\nkernel = "uniform"\ninference = "plain"\n'
SHAPES = {
    "linear": 'bandwidth = 2\nslopes = "same"',
    "quadratic": "bandwidth = 2\norder = 2",
    "linear_narrow": 'bandwidth = 1\nslopes = "same"',
}
CAUSES = ("all", "mva", "suicide", "homicide", "externalother", "internal", "alcohol")


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("shape", SHAPES)
def test_deaths_at_the_drinking_age(cause: str, shape: str) -> None:
    """All estimates of the case but the one with classical errors, which the method does not offer."""
    found, want = answer("mlda_rdd", cause, AGE + SHAPES[shape]), asked("mlda_rdd", f"{cause}_{shape}")
    assert misses(found.estimate, want) == []
    assert (found.estimate.n, found.estimate.df) == (want["n"], want["df"])


def test_every_estimate_of_both_cases_is_looked_at() -> None:
    names = {
        e["id"] for name in ("headstart_rdd", "mlda_rdd") for e in case(name, outside(name))["estimates"]
    }
    told = {f"{cause}_{shape}" for cause in CAUSES for shape in SHAPES}
    told |= {f"{kernel}_h{h}" for kernel in ("uniform", "triangular") for h in (9, 18, 36)}
    told |= {"rbc_mse_bandwidth", "conventional_mse_bandwidth", "placebo_injury_rbc"}
    assert names - told == {"all_linear_classical"}


# --- Senate: engine notes, section 7


def senate_file() -> Path:
    path = Path(os.environ.get("LIFECOURSE_SENATE", SENATE))
    if not path.is_file():
        pytest.skip(
            "the Senate data ship with rdrobust (GPL-3) and are not bundled: set LIFECOURSE_SENATE to the file"
        )
    return path


def senate() -> tuple[Array, Array, npt.NDArray[np.int64]]:
    frame = pl.read_csv(senate_file(), infer_schema_length=None, null_values=["NA", "nan", ""])
    frame = frame.drop_nulls(["margin", "vote"])
    state = np.unique(frame["state"].cast(pl.String).to_numpy(), return_inverse=True)[1].astype(np.int64)
    return frame["margin"].to_numpy(), frame["vote"].to_numpy(), state


def test_senate_at_the_given_bandwidths() -> None:
    """R, rdrobust 4.0.0; tolerance 1e-7 of the notes, relative."""
    x, y, _ = senate()
    found = jump_at_cutoff(sorted_scores(x, y), Bandwidths.equal(17.75439722, 28.02808715), Recipe())
    assert found.conventional == pytest.approx(7.414130802, rel=1e-7)
    assert found.conventional_error == pytest.approx(1.458716024, rel=1e-7)
    assert found.value == pytest.approx(7.506502471, rel=1e-7)
    assert found.std_error == pytest.approx(1.741258415, rel=1e-7)
    assert (found.n_left, found.n_right) == (360, 323)


def test_senate_with_bandwidths_of_our_own() -> None:
    """Tolerance 1e-5 of the notes for the estimate; the widths themselves agree to 2e-5."""
    x, y, _ = senate()
    scores = sorted_scores(x, y)
    widths = choose_bandwidths(scores, "mse", Recipe())
    assert (widths.h_left, widths.b_left) == pytest.approx((17.75439722, 28.02808715), rel=2e-5)
    found = jump_at_cutoff(scores, widths, Recipe())
    assert (found.conventional, found.conventional_error) == pytest.approx(
        (7.414130802, 1.458716024), rel=1e-5
    )
    assert (found.value, found.std_error) == pytest.approx((7.506502471, 1.741258415), rel=1e-5)


def test_senate_clustered_by_state() -> None:
    """R takes each side's clusters apart (1.533925). Here a state on both sides is one: the same up to that choice.

    With codes of their own on each side the error is R's but for factors: G/(G-1) (n-1)/(n-k) of each side there, of
    both together here; 0.5 per cent apart.
    """
    x, y, state = senate()
    widths = Bandwidths.equal(18.084289, 27.650685)
    joint = jump_at_cutoff(sorted_scores(x, y, groups=state), widths, Recipe())
    apart = jump_at_cutoff(sorted_scores(x, y, groups=state + 1000 * (x >= 0)), widths, Recipe())
    assert joint.conventional == pytest.approx(7.394838, abs=1e-6)
    assert apart.conventional_error == pytest.approx(1.533925, rel=0.006)
    assert joint.clusters == 50


def test_senate_with_covariates() -> None:
    """R 6.849875 (1.406724); its widths, and the robust numbers, from rdrobust 2.1.1 run as a black box.

    Robust error to 1e-5: at the edge of the wider window rdrobust takes neighbours within it only.
    """
    known = ["class", "termshouse", "termssenate"]
    frame = pl.read_csv(senate_file(), infer_schema_length=None, null_values=["NA", "nan", ""])
    frame = frame.drop_nulls(["margin", "vote", *known])
    x, y, z = (
        frame["margin"].to_numpy(),
        frame["vote"].to_numpy(),
        frame.select(known).to_numpy().astype(float),
    )
    widths = Bandwidths.equal(18.0333645909, 28.9882308852)
    found = jump_at_cutoff(sorted_scores(x, y, covariates=z), widths, Recipe())
    assert (found.conventional, found.conventional_error) == pytest.approx((6.849875, 1.406724), abs=1e-6)
    assert found.value == pytest.approx(6.9884324134, rel=1e-7)
    assert found.std_error == pytest.approx(1.6635655537, rel=1e-5)


# --- rdrobust and rddensity as black boxes

CASES = {one["name"]: one for one in case("made_up_discontinuity")["cases"]}


def made(seed: int, n: int, step: float) -> tuple[Array, Array, Array, Array]:
    """Score, outcome, what was received, two covariates; the score in whole units of ``step`` where that is not 0."""
    draw = np.random.default_rng(seed)
    x = draw.beta(2, 4, n) * 2 - 1
    x = np.round(x / step) if step else x
    u = x * (step or 1)
    z = np.column_stack([draw.normal(size=n) + u, draw.binomial(1, 0.4, n)])
    t = (draw.random(n) < np.where(x >= 0, 0.75, 0.2)).astype(float)
    y = 0.5 + 0.9 * u + 1.4 * u**2 - 2 * u**3 + 0.6 * t + 0.7 * z[:, 0] - 0.3 * z[:, 1]
    return x, y + draw.normal(size=n) * (0.8 + 0.3 * np.abs(u)), t, z


def people(name: str, which: str = "") -> Scores:
    one = CASES[name]
    x, y, t, z = made(one["seed"], one["n"], one["step"])
    assert [x.sum(), y.sum()] == pytest.approx(one["check"], rel=1e-12)
    received = t if which.startswith("fuzzy") else None
    return sorted_scores(x, y, received, z if "covariates" in which else None)


def recipe(which: str) -> Recipe:
    order = int(which[-1]) if which.startswith("order") else 1
    kernel = which if which in ("uniform", "epanechnikov") else "triangular"
    variance = which if which.startswith("HC") else "nearest-neighbour"
    return Recipe(order, kernel, variance)  # type: ignore[arg-type]


GIVEN = [(name, one) for name, each in CASES.items() for one in each["given"]]
CHOSEN = [(name, one) for name, each in CASES.items() for one in each["chosen"]]


def named(pairs: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [f"{name}-{one['id']}" for name, one in pairs]


@pytest.mark.parametrize(("name", "one"), GIVEN, ids=named(GIVEN))
def test_at_given_bandwidths_values_and_errors_are_those_of_rdrobust(name: str, one: dict[str, Any]) -> None:
    """Relative 1e-7: sharp, fuzzy, adjusted, both; orders; kernels; errors; scores in whole units.

    Where the uniform kernel gives whoever stands at the edge full weight, 1e-3: neighbours beyond the window count
    here (as in the R script of Head Start), in rdrobust they do not.
    """
    edge = 1e-3 if one["id"] == "uniform" else 1e-7
    found: Jump = jump_at_cutoff(
        people(name, one["id"]), Bandwidths.equal(one["h"], one["b"]), recipe(one["id"])
    )
    assert found.conventional == pytest.approx(one["conventional"], rel=1e-7)
    assert found.value == pytest.approx(one["value"], rel=1e-7)
    assert found.conventional_error == pytest.approx(one["conventional_error"], rel=1e-7)
    assert found.std_error == pytest.approx(one["std_error"], rel=edge)


@pytest.mark.parametrize(("name", "one"), CHOSEN, ids=named(CHOSEN))
def test_chosen_bandwidths_are_those_of_rdrobust(name: str, one: dict[str, Any]) -> None:
    """Relative 1e-4; 1 per cent for the uniform kernel, whose edge decides who is in."""
    rule: Rule = one["id"] if one["id"] in ("cer", "mse-two", "cer-two") else "mse"
    found = choose_bandwidths(people(name), rule, recipe(one["id"]))
    got = (found.h_left, found.h_right, found.b_left, found.b_right)
    assert got == pytest.approx(tuple(one["widths"]), rel=0.01 if one["id"] == "uniform" else 1e-4)


@pytest.mark.parametrize("one", CASES["smooth"]["density"], ids=lambda one: str(one["h"]))
def test_densities_are_those_of_rddensity_and_the_test_close_to_its(one: dict[str, Any]) -> None:
    """Densities to 1e-9. Errors to 5 per cent: its jackknife takes out each person and fits again, ours does not."""
    scores = people("smooth")
    found = density_jump(scores.left.x, scores.right.x, tuple(one["h"]))
    assert (found.left, found.right) == pytest.approx((one["left"], one["right"]), rel=1e-9)
    assert found.error_left == pytest.approx(one["error_left"], rel=0.05)
    assert found.error_right == pytest.approx(one["error_right"], rel=0.05)
    assert found.z == pytest.approx(one["z"], abs=0.05)
