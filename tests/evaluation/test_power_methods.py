"""What plans of every method could show, or why nothing is said; assumptions, sizes, and studies in course."""

from __future__ import annotations

import math

import pytest

from evaluation.methods.registry import METHODS
from evaluation.plan import AnalysisPlan, canonical, fingerprint
from evaluation.power import chance_of_none, detectable, equivalence_power
from evaluation.power_analysis.assumed import USED
from evaluation.power_analysis.projection import Recruited, arriving, course_of, security_in_reach
from evaluation.power_analysis.promise import (
    BY_METHOD,
    SERIES,
    UNREACHABLE,
    Promise,
    needed,
    promise,
    tried,
)
from evaluation.power_analysis.report import Asked, sizes_of
from evaluation.power_analysis.sizes import Size, planned_size
from evaluation.power_analysis.snapshots import analysed_look
from tests.evaluation.studies import make_plan, number, read

HEAD = '[plan]\nid = "p"\ntitle = "q"\n[design]\nmethod = "{m}"\n{design}\n[design.{m}]\n{settings}\n'
OUTCOME = (
    '[[outcome]]\nmeasure = "y"\nrole = "primary"\nbetter = "lower"\nmid_source = "x"\n{outcome}\n'
    "[power]\n{power}\n"
)
SD = 'kind = "continuous"\nexpected_sd = 10\nminimum_important_difference = 5'
EVENTS = 'kind = "count"\nexpected_rate = {rate}\nminimum_important_difference = {mid}'
SIZES = "treated = 20\ncomparison = 40\nperiods_before = 6\nperiods_after = 6\nautocorrelation = 0.3\n"


def plan_of(method: str, design: str, settings: str, outcome: str, power: str) -> AnalysisPlan:
    return read(
        (HEAD + OUTCOME).format(m=method, design=design, settings=settings, outcome=outcome, power=power)
    )


def figured(plan: AnalysisPlan) -> Promise:
    return promise(plan, plan.outcomes[0], planned_size(plan.assumed))


PLACE = 'time = "t"\nunit = "u"'
CASES = {
    "difference-in-differences": (PLACE + '\ntreatment = "g"', 'start = "2014-01"', SD, SIZES),
    "staggered-adoption": (PLACE, 'first_treated = "f"', SD, SIZES + "starts = 3"),
    "synthetic-control": (
        PLACE, 'start = "2014-01"\ntreated_unit = "a"', SD, "comparison = 20\nperiods_before = 24\nperiods_after = 6",
    ),
    "interrupted-time-series": (
        'time = "t"', 'start = "2014-01"\nfamily = "poisson"', EVENTS.format(rate=50, mid=0.7),
        "periods_before = 48\nperiods_after = 24\noverdispersion = 2\nautocorrelation = 0.2",
    ),
    "regression-discontinuity": ("", 'running = "s"\ncutoff = 3', SD, "treated = 300\ncomparison = 700"),
    "displacement-difference": (
        PLACE, 'start = "2014-01"\nzone = "z"', EVENTS.format(rate=4, mid=60) + '\neffect = "difference"',
        "treated = 10\ncomparison = 10\nperiods_before = 12\nperiods_after = 12",
    ),
    "day-crossover": (
        PLACE + '\ntreatment = "g"', 'allocation = "random"\nwashout = 1', EVENTS.format(rate=4, mid=0.8),
        "treated = 100\ncomparison = 100",
    ),
    "matching": (
        'treatment = "g"\ncovariates = ["x"]', "ratio = 3", SD, "treated = 100\ncomparison = 1000",
    ),
    "weighting": ('treatment = "g"\ncovariates = ["x"]', "", SD, "treated = 100\ncomparison = 300"),
    "doubly-robust": ('treatment = "g"\ncovariates = ["x"]', "", SD, "treated = 100\ncomparison = 300"),
    "cluster-randomised": (
        'treatment = "g"\ncluster = "c"', 'layout = "stepped-wedge"\nperiod = "p"\nicc = 0.05', SD,
        "treated = 300\ncomparison = 300\nclusters_treated = 6\nclusters_comparison = 6\nstarts = 4",
    ),
    "randomised": ('treatment = "g"', "", SD, "treated = 100\ncomparison = 100\nfollowed_up = 0.8"),
}  # fmt: skip


def test_every_method_has_an_answer_or_a_sentence() -> None:
    assert set(BY_METHOD) | {SERIES} == set(METHODS) == set(USED)
    assert set(CASES) | {"before-after"} == set(METHODS)


@pytest.mark.parametrize("method", CASES)
def test_each_method_is_figured_from_what_its_plan_states(method: str) -> None:
    plan = plan_of(method, *CASES[method])
    found = figured(plan)
    assert found.reason == ""
    effect, error = number(found.effect), number(found.std_error)
    assert effect > 2.2 * error, "no effect below the critical value is found four times in five"
    assert 0 <= number(found.none) <= number(found.equivalence) <= 1
    if method not in ("synthetic-control", SERIES):
        assert needed(plan, plan.outcomes[0], planned_size(plan.assumed)) is not None


def test_a_comparison_of_before_and_after_has_a_reason_instead() -> None:
    plan = plan_of(
        "before-after",
        PLACE,
        'start = "2014-01"',
        EVENTS.format(rate=4, mid=9) + '\neffect = "difference"',
        "",
    )
    assert "without a comparison it can never find an effect" in figured(plan).reason


def test_what_nobody_stated_is_tried_at_other_values() -> None:
    plan = make_plan("cluster-randomised", design='cluster = "c"', outcome="expected_sd = 1")
    rows = tried(plan, plan.outcomes[0], Size(200, 200, 10, 10))
    assert [(row.name, row.value) for row in rows] == [("icc", v) for v in (0.05, 0.1, 0.15, 0.2)]
    effects = [number(row.promise.effect) for row in rows]
    assert effects == sorted(effects)
    stated = make_plan(
        "cluster-randomised", design='cluster = "c"', settings="icc = 0.1", outcome="expected_sd = 1"
    )
    assert tried(stated, stated.outcomes[0], Size(200, 200, 10, 10)) == ()


def test_people_who_will_be_lost_are_not_reckoned_with() -> None:
    plan = make_plan(outcome="expected_sd = 1", more="[power]\nfollowed_up = 0.8")
    whole = make_plan(outcome="expected_sd = 1")
    assert promise(plan, plan.outcomes[0], Size(100, 100)).std_error == pytest.approx(
        promise(whole, whole.outcomes[0], Size(80, 80)).std_error
    )


def test_a_rate_too_low_to_fall_by_what_could_be_found_says_so() -> None:
    plan = make_plan(kind="binary", better="lower", outcome="expected_rate = 0.02")
    found = promise(plan, plan.outcomes[0], Size(60, 60))
    assert UNREACHABLE in found.notes
    assert number(found.detectable) > 0.02


def test_without_a_spread_an_effect_is_told_in_standard_deviations_alone() -> None:
    plan = make_plan(outcome='minimum_important_difference = 3\nmid_source = "x"')
    found = promise(plan, plan.outcomes[0], Size(100, 100))
    assert found.detectable is None
    assert found.equivalence is None
    assert found.in_sd == pytest.approx(detectable(math.sqrt(2 / 100), df=198))


def test_two_primaries_share_the_error_rate_as_their_verdicts_do() -> None:
    text = (HEAD + OUTCOME).format(
        m="randomised",
        design='treatment = "g"',
        settings="",
        outcome=SD,
        power="treated = 100\ncomparison = 100",
    )
    second = OUTCOME.split("[power]")[0].replace('"y"', '"z"').format(outcome=SD)
    both = read(
        text.replace("[power]", second + "[power]").replace('title = "q"', 'title = "q"\nreason = "two"')
    )
    alone = read(text)
    assert number(figured(both).effect) == pytest.approx(
        detectable(number(figured(alone).std_error), alpha=0.025, df=198)
    )


def test_the_answer_of_no_meaningful_effect_is_never_likelier_than_zero_inside_the_interval() -> None:
    assert chance_of_none(1.0, 50.0) == pytest.approx(0.95)
    assert chance_of_none(1.0, 2.9265) == pytest.approx(equivalence_power(1.0, 2.9265))
    assert chance_of_none(1.0, 50.0, df=9) == pytest.approx(0.95, abs=1e-3)


def test_assumptions_are_part_of_the_plan_that_is_locked_and_leave_other_plans_as_they_were() -> None:
    bare, said = make_plan(), make_plan(more="[power]\ntreated = 100")
    assert "assumed" not in canonical(bare)
    assert fingerprint(bare) != fingerprint(said)


def test_sizes_are_half_planned_and_double_or_those_asked_for() -> None:
    base = Size(100, 200, 5, 10)
    assert [size.treated for _, size in sizes_of(Asked(), base)] == [50, 100, 200]
    (one,) = sizes_of(Asked(treated="300"), base)
    assert one[1] == Size(300, 600, 15, 30)
    (kept,) = sizes_of(Asked(treated="300", clusters="8"), base)
    assert (kept[1].clusters_treated, kept[1].clusters_comparison) == (8, 8)


def test_people_go_on_arriving_as_till_now() -> None:
    arm = arriving(60, 6.0, 6.0)
    assert arm.expected == 120
    assert arm.high - arm.expected == pytest.approx(1.645 * math.sqrt(60 * 2))
    assert arriving(60, 6.0, 0.0).high == 60
    assert arriving(60, 0.5, 9.0).expected == 60, "half a month says nothing of a rate"


def test_a_study_in_course_is_held_against_what_was_planned() -> None:
    plan = make_plan(outcome="expected_sd = 1", more="[power]\ntreated = 200\ncomparison = 200\n")
    course = course_of(plan, Recruited(60, 60, 6.0, 6.0), 0.75, Size(200, 200))
    assert course is not None
    assert course.expected.size == Size(120, 120)
    assert number(course.expected.std_error) == pytest.approx(math.sqrt(2 / 90))
    assert course.planned is not None
    assert number(course.planned.std_error) == pytest.approx(math.sqrt(2 / 200))
    assert number(course.fewest.effect) > number(course.expected.effect) > number(course.most.effect)
    assert security_in_reach(5, course.expected, 0.25) == (2, ("size",))
    assert security_in_reach(5, course.planned, 0.45) == (1, ("people lost",))
    assert course_of(plan, Recruited(None, 60, 6.0, 6.0), None, Size()) is None


def test_the_look_at_the_analysis_is_read_off_the_estimates_own_error() -> None:
    from tests.evaluation.studies import primary, trial

    plan = make_plan(outcome='expected_sd = 1.3\nminimum_important_difference = 0.5\nmid_source = "x"')
    result = primary(trial(120), plan)
    look = analysed_look(plan, plan.outcomes[0], result.estimate)
    error = number(result.estimate.std_error)
    assert number(look.detectable) == pytest.approx(detectable(error, df=result.estimate.df), rel=5e-3)
    (table,) = [table for table in result.tables if table.name == "power"]
    assert table.rows[0] == ("planned", None, None, None), "no sizes were planned"
    assert table.rows[2][1] == look.detectable
