"""Staggered starts in few areas: how often intervals and bands hold the truth, by kind of error.

    python -m benchmarks.calibration.few_areas [--draws 3000]

Areas in three cohorts and some that never start, nine periods, errors that carry over, effects that grow; controls that
never start. ``unbiased`` is the default of plans, ``influence`` what other programs give; of the band the true effect
is nought. Fewer draws of the band, which has draws of its own.
"""

from __future__ import annotations

import argparse

import numpy as np

from evaluation.differences_in_time.aggregates import aggregate
from evaluation.differences_in_time.arranged import Arranged
from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.moments import Array
from evaluation.differences_in_time.staggered_effect import Units, freedom, group_time, overall, units_of
from evaluation.differences_in_time.staggered_settings import ERRORS, StaggeredSettings
from evaluation.inference import critical
from tests.simulation.test_staggered import STARTS, effect, errors, truth

SIZES = ((6, 6, 6, 6), (10, 10, 10, 10), (12, 12, 12, 24))
BAND_DRAWS = 2_000


def main() -> None:
    """Print a line a size and kind of error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=5)
    words = parser.parse_args()
    print("| Areas by cohort | Errors | Intervals | Bands |\n|---|---|---|---|")
    for sizes in SIZES:
        for kind in ERRORS["group-time"]:
            settings = StaggeredSettings("first", errors=kind)
            intervals = share_held(sizes, settings, words.draws, words.seed)
            bands = share_of_bands(sizes, settings, words.draws // 3, words.seed)
            print(
                f"| {', '.join(map(str, sizes))} | {kind} | {100 * intervals:.1f} | {100 * bands:.1f} |",
                flush=True,
            )


def share_held(sizes: tuple[int, ...], settings: StaggeredSettings, draws: int, seed: int) -> float:
    """How often the interval of the planned average holds the truth."""
    draw, cohort, held = np.random.default_rng(seed), np.repeat(np.arange(4), sizes), 0
    for _ in range(draws):
        units = made(errors(draw, len(cohort)) + effect(STARTS[cohort]), cohort)
        whole, df = overall(units, settings), freedom(units, settings)
        if whole is None:
            raise SystemExit("no effect")
        gap = abs(whole.value - truth("group", np.array(sizes, dtype=np.float64)))
        held += gap <= critical(0.95, df, "t") * whole.std_error
    return held / draws


def share_of_bands(sizes: tuple[int, ...], settings: StaggeredSettings, draws: int, seed: int) -> float:
    """How often the band of the event study holds all of it, where there is no effect."""
    draw, cohort, held = np.random.default_rng(seed), np.repeat(np.arange(4), sizes), 0
    for _ in range(draws):
        units = made(errors(draw, len(cohort)), cohort)
        events = aggregate(group_time(units, settings)[0], "dynamic")
        if events is None:
            raise SystemExit("no effect")
        df = freedom(units, settings)
        band = simultaneous(events.values, events.covariance, 0.95, 1, BAND_DRAWS, df)
        held += bool((np.abs(events.values) <= band * events.errors).all())
    return held / draws


def made(paths: Array, cohort: np.typing.NDArray[np.int64]) -> Units:
    """Units of a panel without gaps, covariates, weights or clusters."""
    none = np.zeros((len(cohort), 0))
    return units_of(Arranged(paths, STARTS[cohort], None, None, none, (), 0, 0, ()))


if __name__ == "__main__":
    main()
