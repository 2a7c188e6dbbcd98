"""What chance drew, carried in the pack as tables: R has no generator that would draw the same (pure).

Of areas: the sets of donors. Of days: their allocations. Of people: their folds, and what trees predict for them.
A file with a row a person is handed over as the rows themselves are: it lies in the same pack, under the same
permission, and holds nothing that the rows and the plan do not say.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.arms import pick_arms
from evaluation.frame import build_frame
from evaluation.methods.day_crossover import asked_of
from evaluation.methods.doubly_robust import models_of, people_of
from evaluation.methods.observed import cluster_codes
from evaluation.observed.cross_fitted import divide
from evaluation.observed.nuisance import fold_numbers
from evaluation.observed.propensity import Separation
from evaluation.panels.frame import build_panel
from evaluation.places.crossover import drawn_allocations
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, NotIdentified
from evaluation.replication.widths import with_people
from evaluation.study_table import StudyTable
from evaluation.synthetic.areas import read_areas
from evaluation.synthetic.placebos import drawn_sets

Tables = tuple[tuple[str, pl.DataFrame], ...]


def carried_of(frame: pl.DataFrame, plan: AnalysisPlan, number: int) -> tuple[str, pl.DataFrame] | None:
    """The table of one outcome, by its number from 1, under the name of its file; ``None`` where nothing was drawn."""
    drawn = _BY_METHOD.get(plan.design.method)
    return drawn(frame, plan, number) if drawn else None


def _sets(frame: pl.DataFrame, plan: AnalysisPlan, number: int) -> tuple[str, pl.DataFrame] | None:
    """The sets of donors that stood for several treated areas, where there were too many to go through."""
    outcome: PlannedOutcome = plan.outcomes[number - 1]
    panel = build_panel(StudyTable(frame, "data.csv", 2), plan, outcome)
    areas = read_areas(panel, plan.design.settings, plan.design.unit)
    size = areas.treated.shape[0]
    sets, complete = drawn_sets(areas.donors.shape[0], size, np.random.default_rng(plan.design.seed))
    if complete:
        return None
    names = [f"donor_{place}" for place in range(1, size + 1)]
    rows = [[row + 1 for row in one] for one in sets]
    return f"placebo-sets-{number}.csv", pl.DataFrame(rows, schema=names, orient="row")


def _allocations(frame: pl.DataFrame, plan: AnalysisPlan, number: int) -> tuple[str, pl.DataFrame] | None:
    """Allocations, one a line: a 1 or 0 for each day where places share it, or for each row of the analysis."""
    asked, outcome = asked_of(plan.design.settings), plan.outcomes[number - 1]
    if asked.errors != "randomisation":
        return None
    panel = build_panel(StudyTable(frame, "data.csv", 2), plan, outcome)
    try:
        drawn = drawn_allocations(panel, plan, outcome, asked)
    except NotIdentified:  # then there is no estimate either
        return None
    lines = ["".join(line) for line in np.where(drawn, "1", "0").tolist()]
    return f"allocations-{number}.csv", pl.DataFrame({"treated": lines})


def _divisions(frame: pl.DataFrame, plan: AnalysisPlan, number: int) -> tuple[str, pl.DataFrame] | None:
    """Everybody's fold in the order of the analysis, a column a division; of trees, which R has not, predictions."""
    s, outcome = plan.design.settings, plan.outcomes[number - 1]
    if s.folds == 1:
        return None
    study = build_frame(pick_arms(with_people(StudyTable(frame, "data.csv", 2)), plan), plan, outcome)
    clusters = cluster_codes(study)
    people, models = people_of(study, clusters), models_of(s, outcome, plan.design.seed)
    if s.learner == "linear":
        turns = {
            f"turn_{turn + 1}": fold_numbers(people.treated, s.folds, models.seed + turn, clusters)
            for turn in range(s.repeats)
        }
        return f"folds-{number}.csv", pl.DataFrame(turns)
    try:
        divisions = divide(people, models)
    except Separation:  # then there is no estimate either
        return None
    columns: dict[str, Array] = {}
    for turn, one in enumerate(divisions, start=1):
        parts = {"score": one.raw, "treated": one.fitted.treated, "comparison": one.fitted.comparison}
        if one.exposure is not None:
            parts |= {
                "exposure_treated": one.exposure.treated,
                "exposure_comparison": one.exposure.comparison,
            }
        columns |= {f"{name}_{turn}": values for name, values in parts.items()}
    return f"predictions-{number}.csv", pl.DataFrame(columns)


_BY_METHOD = {"synthetic-control": _sets, "day-crossover": _allocations, "doubly-robust": _divisions}
