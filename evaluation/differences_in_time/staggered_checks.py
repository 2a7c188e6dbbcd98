"""Doubts about effects of a staggered start: periods before, cohorts, clusters, gaps, earlier trends (pure)."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, fdtrc

from evaluation.differences_in_time.aggregates import Aggregate, aggregate
from evaluation.differences_in_time.arranged import Arranged, told
from evaluation.differences_in_time.group_time import GroupTime
from evaluation.differences_in_time.moments import Array, Codes
from evaluation.differences_in_time.resampling import redrawn_p, wild_score_p
from evaluation.differences_in_time.scores import MOST_CELLS, TooManyCells
from evaluation.differences_in_time.staggered_effect import Units, redrawn, used
from evaluation.differences_in_time.staggered_settings import FEWEST_DRAWS, StaggeredSettings
from evaluation.model import Check

FEWEST_CLUSTERS, FEW_IN_A_GROUP, FEW_CLUSTERS = 3, 10, 20
MOST_WORK = 50_000_000  # values of paths gone through in redrawing starts: above it fewer draws
SMALL_COHORT = 5
FEW_BEFORE = 8
SIGNIFICANT = 0.05
CERTAIN = 0.99
MANY_OUT = 0.20
ROOM, MOST_TESTED = 10, 300  # units a cohort needs for each effect tested; effects tested at most
FAIR_PART, PER_EVENT = 0.2, 5  # of the treated units behind a time; units spare for each time tested
SINGULAR = 1e-9


def sample_checks(arranged: Arranged) -> list[Check]:
    """What was done to the units before anything was estimated."""
    found = []
    everyone = arranged.units + arranged.left_out + arranged.already
    if arranged.left_out:
        number = told(arranged.left_out, people=arranged.people)
        share = round(arranged.left_out / max(everyone, 1), 2)
        note = (
            f"Units with a gap were left out ({number}). Shorten the window with where, or write "
            'gaps = "pairwise" to use them in the periods in which they were seen.'
        )
        many = share > MANY_OUT
        found.append(
            Check("gaps", "fail" if many else "warn", share, MANY_OUT, "downgrade" if many else "none", note)
        )
    elif np.isnan(arranged.paths).any():
        note = "Units with gaps count in the pairs of periods in which they were seen: cells rest on different units."
        found.append(Check("gaps", "warn", None, None, "none", note))
    if arranged.already:
        note = (
            "Units treated from the first period on have no time before and are left out "
            f"({told(arranged.already, people=arranged.people)})."
        )
        reading = None if arranged.people else float(arranged.already)
        found.append(Check("already treated", "info", reading, None, "none", note))
    if arranged.changing:
        note = f"Not constant within units, taken as first seen: {', '.join(arranged.changing)}."
        found.append(Check("baseline values", "info", float(len(arranged.changing)), None, "none", note))
    return found


def refusal(units: Units, settings: StaggeredSettings) -> Check | None:
    """Why nothing can be estimated, and the way out."""
    within = units.starts[units.starts < units.arranged.periods]
    if not len(within):
        note = (
            "No unit starts within the window after its first period: there is no start to be studied. Look at the "
            "column of starts, or widen the window."
        )
        return Check("starts", "fail", 0.0, 1.0, "block", note)
    early = int(within.max()) - settings.anticipation < 1
    if early:
        note = "No cohort has a period before its start and anticipation: begin the window earlier."
        return Check("periods before", "fail", 0.0, 1.0, "block", note)
    if settings.estimator == "efficient" or settings.comparison == "not-yet":
        return None if len(units.starts) > 1 else _alone()
    if not units.never:
        note = (
            'No unit stays untreated, and the plan compares with such units only. Write comparison = "not-yet": units '
            "then count as controls until they start themselves."
        )
        return Check("never treated", "fail", 0.0, 1.0, "block", note)
    return None


def _alone() -> Check:
    note = "All units start in the same period: nobody is left to compare with. Add units that start later or never."
    return Check("never treated", "fail", 0.0, 1.0, "block", note)


def no_cells() -> Check:
    """No cohort has both a base and a control after its start."""
    note = (
        "No cohort can be compared after its start: all others have started by then. Add units that start later or "
        "never."
    )
    return Check("never treated", "fail", 0.0, 1.0, "block", note)


def no_adjustment(problem: Exception) -> Check:
    """The covariates cannot be adjusted for, or there are too many cells for it."""
    if isinstance(problem, TooManyCells):
        note = (
            "Too many cohorts and periods to adjust for covariates, or to bridge gaps. Use longer periods (quarters, "
            "not weeks), so that cohorts and periods are fewer."
        )
        return Check("cells", "fail", None, float(MOST_CELLS), "block", note)
    said = {
        "NoModel": "fewer controls than covariates, or covariates that say the same among controls",
        "Separation": "the covariates tell a cohort from its controls completely",
    }[type(problem).__name__]
    note = f'The covariates cannot be adjusted for: {said}. Use fewer of them, join small cohorts, or control = "none".'
    return Check("overlap", "fail", None, None, "block", note)


def overlap_check(highest: float) -> list[Check]:
    """Controls who were nearly certain to be in a cohort count for many."""
    if highest <= 0:
        return []
    if highest > CERTAIN:
        note = "Some controls were nearly certain to be in a cohort, and count for very many: use fewer covariates."
        return [Check("overlap", "warn", highest, CERTAIN, "downgrade", note)]
    note = "No control was nearly certain to be in a cohort."
    return [Check("overlap", "pass", highest, CERTAIN, "none", note)]


def before_check(units: Units) -> Check:
    """How many periods there are before the first start that is studied."""
    before = int(units.starts.min())
    if before >= FEW_BEFORE:
        note = f"{before} periods before the first start."
        return Check("periods before", "pass", float(before), FEW_BEFORE, "none", note)
    if before == 1:
        note = (
            "One period before the first start: whether that cohort ran parallel earlier cannot be seen. Add earlier "
            "periods."
        )
        return Check("periods before", "warn", 1.0, FEW_BEFORE, "downgrade", note)
    note = (
        f"{before} periods before the first start: a short time in which to see whether trends were parallel."
    )
    return Check("periods before", "warn", float(before), FEW_BEFORE, "none", note)


def trend_check(effects: GroupTime, units: Units, settings: StaggeredSettings) -> Check:
    """Wald's test that every effect before the start is nought; small cohorts left out."""
    tested = before_test(effects, units, settings)
    if tested is None:
        note = (
            "No test of trends before the start: too few periods, units or clusters. Parallel trends rest on belief "
            "here; add earlier periods, or judge them by the event study."
        )
        return Check("earlier trends", "warn", None, None, "downgrade", note)
    p, count = tested
    if p < SIGNIFICANT:
        note = (
            f"Before the start cohorts and controls did not run parallel (test of {count} effects): what is seen after "
            "it may go on from before."
        )
        return Check("earlier trends", "fail", p, SIGNIFICANT, "downgrade", note)
    note = (
        f"No sign that trends differed before the start (test of {count} effects); a test that finds nothing does not "
        "prove that they were parallel."
    )
    return Check("earlier trends", "pass", p, SIGNIFICANT, "none", note)


def before_test(effects: GroupTime, units: Units, settings: StaggeredSettings) -> tuple[float, int] | None:
    """The p-value of the test, and how many effects it is about; None where there are too few units for it.

    Wald's test of every group-time effect where each cohort has units enough for as many; else Hotelling's of the event
    study, of the times near the start that rest on a fair part of the treated units.
    """
    cells = effects.cells
    sound = units.numbers[cells.cohort] >= SMALL_COHORT
    rows = np.flatnonzero(cells.before(settings.anticipation) & sound)
    if not len(rows):
        return None
    often = np.bincount(cells.cohort[rows], minlength=len(units.starts))
    roomy = bool((units.numbers >= ROOM * often).all()) and len(rows) <= min(
        units.inference_on / 2, MOST_TESTED
    )
    if not roomy:
        return _event_test(effects, units, settings)
    chosen = np.zeros((len(rows), cells.count))
    chosen[np.arange(len(rows)), rows] = 1.0
    return wald(effects.effects[rows], effects.covariance(chosen, np.zeros((len(rows), len(effects.sizes)))))


def _event_test(effects: GroupTime, units: Units, settings: StaggeredSettings) -> tuple[float, int] | None:
    whole = aggregate(effects, "dynamic")
    if whole is None:
        return None
    cells = effects.cells
    treated, _ = used(units, effects)
    number = int(units.numbers[treated].sum())
    spare = number - len(treated)
    if units.arranged.clusters is not None:
        number = cluster_counts(units, effects)[0]
        spare = number - 1
    everybody = units.numbers[treated].sum()
    early = [
        i
        for i, term in enumerate(whole.terms)
        if term < -settings.anticipation
        and units.numbers[np.unique(cells.cohort[cells.event == term])].sum() >= FAIR_PART * everybody
    ]
    early = early[::-1][: max(spare // PER_EVENT, 0)]
    if not early:
        return None
    found = _statistic(whole.values[early], whole.covariance[np.ix_(early, early)])
    if found is None or spare < found[1] + 1:
        return None
    statistic, rank = found
    left = spare - rank + 1
    return float(fdtrc(rank, left, statistic * (spare / number) * left / (spare * rank))), rank


def wald(values: Array, covariance: Array) -> tuple[float, int] | None:
    """P-value that all ``values`` are nought, and the rank the test has; None where there is no variance."""
    found = _statistic(values, covariance)
    return None if found is None else (float(chdtrc(found[1], found[0])), found[1])


def _statistic(values: Array, covariance: Array) -> tuple[float, int] | None:
    """Wald's statistic and its rank; directions without variance are left out."""
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    live = scale > 0
    if not live.any():
        return None
    scaled = covariance[np.ix_(live, live)] / np.outer(scale[live], scale[live])
    roots, vectors = np.linalg.eigh(scaled)
    kept = roots > SINGULAR * roots[-1]
    along = vectors[:, kept].T @ (values[live] / scale[live])
    return float((along**2 / roots[kept]).sum()), int(kept.sum())


def cohort_check(effects: GroupTime, units: Units, whole: Aggregate) -> Check | None:
    """Cohorts so small that the spread among their units says little: no error of their own."""
    treated = np.unique(effects.cells.cohort[effects.cells.after])
    sizes = units.numbers
    small = treated[sizes[treated] < SMALL_COHORT]
    if not len(small):
        return None
    share = _share(effects, whole, small)
    alone = _share(effects, whole, treated[sizes[treated] == 1])
    said = f"{len(small)} of {len(treated)} cohorts have fewer than {SMALL_COHORT} units and get no error of their own"
    out = "Join starts into longer periods (years, not months), so that cohorts are larger."
    if alone > 0.5:
        note = f"{said}; most of the overall effect rests on cohorts of one unit, whose spread cannot be known. {out}"
        return Check("small cohorts", "fail", alone, 0.5, "block", note)
    if share > 0.5:
        note = f"{said}; most of the overall effect rests on them, so that its error is too small. {out}"
        return Check("small cohorts", "fail", share, 0.5, "downgrade", note)
    note = f"{said}; {100 * share:.0f} % of the overall effect rests on them."
    return Check("small cohorts", "info", share, 0.5, "none", note)


def _share(effects: GroupTime, whole: Aggregate, cohorts: Codes) -> float:
    weights = np.abs(whole.whole.weights)
    return float(weights[np.isin(effects.cells.cohort, cohorts)].sum() / weights.sum())


def turn_check(treated: int, controls: int, both: int, *, people: bool) -> list[Check]:
    """Controls that start later are counted twice, and the reader is told."""
    if not both:
        return []
    one, zero, twice = (told(n, people=people) for n in (treated, controls, both))
    note = f"{zero} units served as controls, {twice} of them only until they started: these count among the {one} too."
    return [Check("controls", "info", None, None, "none", note[0].upper() + note[1:])]


def cluster_counts(units: Units, effects: GroupTime) -> tuple[int, int]:
    """Clusters (units, where there are none above) with treated units, and with comparison units."""
    treated, controls = used(units, effects)
    one, zero = np.isin(units.cohort, treated), np.isin(units.cohort, controls)
    clusters = units.arranged.clusters
    if clusters is None:
        return int(one.sum()), int(zero.sum())
    return len(np.unique(clusters[one])), len(np.unique(clusters[zero]))


def cluster_check(
    units: Units, effects: GroupTime, whole: Aggregate, settings: StaggeredSettings, seed: int
) -> Check | None:
    """Few units or clusters: none to trust below three in a group; below twenty a test by drawing stands beside."""
    one, zero = cluster_counts(units, effects)
    what = "units" if units.arranged.clusters is None else "clusters"
    if min(one, zero) < FEWEST_CLUSTERS:
        note = (
            f"Fewer than {FEWEST_CLUSTERS} treated or comparison {what}: no interval can be trusted. "
            "synthetic-control, or difference-in-differences with its permutation test, are made for that."
        )
        return Check("few clusters", "fail", float(min(one, zero)), FEWEST_CLUSTERS, "block", note)
    count = units.inference_on
    if count >= FEW_CLUSTERS and min(one, zero) >= FEW_IN_A_GROUP:
        return None
    p, how = _drawn_p(units, effects, whole, settings, seed)
    said = f"{count} {what}, {min(one, zero)} in the smaller group: errors are rough."
    note = f"{said} A test by {how} gives p = {p:.3f}."
    return Check("few clusters", "warn", float(min(one, zero)), FEW_IN_A_GROUP, "downgrade", note)


def _drawn_p(
    units: Units, effects: GroupTime, whole: Aggregate, settings: StaggeredSettings, seed: int
) -> tuple[float, str]:
    if units.arranged.clusters is not None:
        scores = effects.cluster_scores(whole.whole.weights[None], whole.whole.levels[None])[:, 0]
        return wild_score_p(scores, whole.value, seed, settings.draws), "signs drawn for clusters"
    draws = max(FEWEST_DRAWS, min(settings.draws, MOST_WORK // units.arranged.paths.size))
    return redrawn_p(units.cohort, redrawn(units, settings), seed, draws), "redrawing the starts"
