"""Power promised against power reached: a fast slice of ``benchmarks/calibration/power_promised.py``.

Allowances are Monte-Carlo error, 3.3 standard errors of a share; the full grid (2,000 draws a cell) asks for 3 points.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.calibration.power_promised import CELLS, Cell, plan_of, reach
from evaluation.finding import gather_finding
from evaluation.power_analysis.promise import promise
from evaluation.power_analysis.series import axis_of
from evaluation.power_analysis.sizes import planned_size
from evaluation.series.errors import lag_rule
from evaluation.series.many import ManyEffects, many_effects
from evaluation.study_table import StudyTable
from tests.evaluation.studies import number

pytestmark = pytest.mark.simulation

Z = 3.3
DRAWS = {"individual": 300, "clusters": 150, "difference": 60}
PEOPLE = [cell for cell in CELLS if cell.name.partition(",")[0].split()[0] in DRAWS]
(SERIES,) = [cell for cell in CELLS if cell.name.startswith("interrupted")]


@pytest.mark.parametrize("cell", PEOPLE, ids=lambda cell: cell.name)
def test_what_is_promised_is_reached_from_data_to_verdict(cell: Cell) -> None:
    draws = DRAWS[cell.name.partition(",")[0].split()[0]]
    found = reach(cell, draws)
    for promised, share in ((found.finds_promised, found.finds), (found.none_promised, found.none)):
        assert abs(share - promised) <= Z * math.sqrt(promised * (1 - promised) / draws) + 0.01


def effects(effect: float, draws: int) -> ManyEffects:
    """The estimates of many series of the cell, all at once."""
    draw, plan = np.random.default_rng(11), plan_of(SERIES)
    y = np.stack([SERIES.draw(draw, effect)["y"].to_numpy() for _ in range(draws)])
    return many_effects(y, plan.design.settings, axis_of("2014-01", 60, 24), lag_rule(84), counts=False)


def test_what_is_promised_of_a_series_is_reached() -> None:
    plan, draws = plan_of(SERIES), 2000
    promised = promise(plan, plan.primaries[0], planned_size(plan.assumed))
    found = effects(number(promised.effect), draws)
    assert abs((found.interval(0.05)[1] < 0).mean() - 0.8) <= Z * math.sqrt(0.16 / draws) + 0.01
    still, margin = effects(0.0, draws), number(promised.margin)
    low, high = still.interval(0.10)
    none = ((low > -margin) & (high < margin) & (np.sign(np.prod(still.interval(0.05), axis=0)) < 0)).mean()
    wanted = number(promised.none)
    assert abs(none - wanted) <= Z * math.sqrt(wanted * (1 - wanted) / draws) + 0.01


def test_series_taken_all_at_once_are_estimated_as_a_run_estimates_them() -> None:
    plan, one = plan_of(SERIES), SERIES.draw(np.random.default_rng(11), 1.0)
    run = gather_finding(StudyTable(one, "world.csv", 2), plan, "locked before outcomes").outcomes[0].estimate
    many = effects(1.0, 1)
    assert number(run.value) == pytest.approx(float(many.value[0]), rel=1e-9)
    assert number(run.std_error) == pytest.approx(float(many.std_error[0]), rel=1e-9)
