"""Plans about places, from their text to the verdict."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.ladders import Facts, climb
from evaluation.methods.registry import METHODS
from evaluation.model import Check, OutcomeResult
from evaluation.verdict import NO_COMPARISON
from tests.evaluation.places import buffers, days, hotspots, text
from tests.evaluation.studies import number, primary, read

MARKED = 'treatment = "chosen"'
START = "start = 2024\nchosen_on = [2023]"
BEFORE_AFTER = text("before-after", START, design=MARKED)
DIFFERENCE = 'effect = "difference"\nunit = "offences"'
BUFFERS = text(
    "displacement-difference", 'start = "2023-01"\nzone = "zone"', time="month", outcome=DIFFERENCE, margin=50
)
DAYS = text(
    "day-crossover",
    'allocation = "random"\nblock = "day"\ndraws = 499',
    time="day",
    design='treatment = "patrol"',
)


def check(found: OutcomeResult, name: str) -> Check:
    return next(one for one in found.checks if one.name == name)


def row(found: OutcomeResult, term: str) -> float:
    return number(next(one.value for one in found.path if one.term == term))


# --- before and after


def test_worst_places_that_fell_back_on_their_own_are_no_success() -> None:
    found = primary(hotspots(), read(BEFORE_AFTER))
    assert (found.verdict.answer, found.verdict.detail) == ("inconclusive", NO_COMPARISON)
    assert found.verdict.security == 0
    assert row(found, "change as it looks") < -2
    assert check(found, "regression to the mean").result == "warn"
    assert number(check(found, "regression to the mean").reading) > 0.7
    assert check(found, "those not chosen").result == "pass"
    assert any("neither a benefit nor a harm" in line for line in found.verdict.can_say)
    assert any("comparison would settle it" in step for step in found.verdict.next)
    assert not any("ruled out." in line and "neither" not in line for line in found.verdict.can_say)


def test_a_great_fall_has_changed_and_nothing_more() -> None:
    frame = hotspots()
    cut = pl.when((pl.col("chosen") == 1) & (pl.col("year") == 2024)).then((pl.col("events") / 4).floor())
    found = primary(frame.with_columns(events=cut.otherwise("events")), read(BEFORE_AFTER))
    assert (found.verdict.answer, found.verdict.detail) == ("changed", "works")
    assert number(found.estimate.conf_high) < 0.9
    assert "what would have happened otherwise" in found.verdict.sentence


def test_sensitivity_lines_and_the_figure_say_what_was_expected() -> None:
    found = primary(hotspots(), read(BEFORE_AFTER))
    names = [way.name for way in found.sensitivity]
    assert names[:2] == [
        "baseline without the periods they were chosen on",
        "had they changed as those not chosen did",
    ]
    (figure,) = found.figures
    assert [line.kind for line in figure.lines] == ["observed", "comparison", "expected"]
    assert figure.lines[2].y == (found.estimate.comparison_mean,)
    assert figure.labels == ("2021", "2022", "2023", "2024")


def test_those_chosen_alone_need_other_periods() -> None:
    frame = hotspots().filter(pl.col("chosen") == 1)
    found = primary(frame, read(text("before-after", START)))
    own = frame.filter(pl.col("year") < 2023)["events"].mean()
    assert found.estimate.comparison_mean == pytest.approx(own)
    nothing = primary(frame, read(text("before-after", "start = 2024")))
    assert (nothing.verdict.answer, nothing.verdict.detail) == ("not-assessable", "regression to the mean")
    assert "chosen_on" in check(nothing, "regression to the mean").note


def test_a_choice_for_something_else_is_taken_at_its_word_and_said_so() -> None:
    found = primary(
        hotspots(), read(text("before-after", 'start = 2024\nchosen_by = "other"', design=MARKED))
    )
    seen = hotspots().filter(pl.col("chosen") == 1)
    before = seen.filter(pl.col("year") < 2024)["events"].mean()
    assert found.estimate.comparison_mean == pytest.approx(before)
    assert check(found, "regression to the mean").result == "warn"


def test_a_difference_is_the_same_change_in_events() -> None:
    ratio = primary(hotspots(), read(BEFORE_AFTER)).estimate
    plain = primary(
        hotspots(), read(text("before-after", START, design=MARKED, outcome='effect = "difference"'))
    ).estimate
    assert plain.value == pytest.approx(number(ratio.treated_mean) - number(ratio.comparison_mean))
    assert ratio.value == pytest.approx(number(ratio.treated_mean) / number(ratio.comparison_mean))


def test_larger_units_that_are_all_touched_give_no_answer_and_are_named() -> None:
    found = primary(hotspots(), read(text("before-after", f'{START}\nunits_by = ["borough"]', design=MARKED)))
    assert check(found, "size of units").result == "info"
    assert "borough" in check(found, "size of units").note
    few = hotspots().with_columns(
        borough=pl.when(pl.col("chosen") == 1).then(pl.lit("worst")).otherwise(pl.col("borough"))
    )
    some = few.with_columns(borough=pl.concat_str("borough", pl.col("place").str.slice(0, 3)))
    found = primary(some, read(text("before-after", f'{START}\nunits_by = ["borough"]', design=MARKED)))
    assert [way.name for way in found.sensitivity][-1] == "added up by borough"


def pupils(n: int = 1500, seed: int = 4) -> pl.DataFrame:
    """Pupils screened once; those at 17 or more are seen again. Mean 9, SD 6, retest 0.7."""
    draw = np.random.default_rng(seed)
    level = draw.normal(9, 6 * math.sqrt(0.7), n)
    first, second = (level + draw.normal(0, 6 * math.sqrt(0.3), n) for _ in range(2))
    rows = pl.DataFrame(
        {"place": [f"c{i}" for i in range(n)], "1": first, "2": np.where(first >= 17, second, np.nan)}
    )
    long = rows.unpivot(["1", "2"], index="place", variable_name="year", value_name="events").fill_nan(None)
    return long.with_columns(pl.col("year").cast(pl.Int64))


SCORES = text("before-after", "{settings}", outcome="", margin=2).replace(
    'kind = "count"', 'kind = "continuous"'
)
SCORES = SCORES.replace('units = "areas"', 'units = "people"')
SDQ = 'start = 2\nchosen_by = "threshold"\nthreshold = 17\nretest = 0.7'


def test_pupils_above_a_threshold_fall_back_by_what_rule_59_says() -> None:
    plan = read(SCORES.replace("{settings}", f"{SDQ}\npopulation_mean = 9\npopulation_sd = 6"))
    found = primary(pupils().filter(pl.col("place").is_in(_seen_twice(pupils()))), plan)
    assert check(found, "threshold").reading == pytest.approx(3.2366, abs=1e-4)
    assert "fall by 3.2 (0.54 SD)" in check(found, "threshold").note
    assert row(found, "change expected with no programme") == pytest.approx(-3.24, abs=0.4)
    assert found.verdict.answer in ("inconclusive", "changed")
    assert found.estimate.n_comparison == 0


def _seen_twice(frame: pl.DataFrame) -> list[str]:
    return frame.filter((pl.col("year") == 2) & pl.col("events").is_not_null())["place"].to_list()


def test_the_file_itself_is_the_population_where_everybody_was_screened() -> None:
    found = primary(pupils(), read(SCORES.replace("{settings}", SDQ)))
    assert row(found, "change expected with no programme") == pytest.approx(-3.24, abs=0.4)
    assert {way.name for way in found.sensitivity} == {"retest correlation 0.6", "retest correlation 0.8"}
    assert found.estimate.n_treated == len(_seen_twice(pupils()))


def test_one_screening_without_a_retest_is_not_assessable() -> None:
    settings = 'start = 2\nchosen_by = "threshold"\nthreshold = 17'
    found = primary(pupils(), read(SCORES.replace("{settings}", settings)))
    assert found.verdict.detail == "regression to the mean"
    assert "retest" in check(found, "regression to the mean").note


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("start = 2021", "LC492"),
        ("start = 2030", "LC492"),
        ('start = "2024-03-01"', "LC492"),
        ("start = 2024\nchosen_on = [2024]", "LC493"),
        ("start = 2024\nchosen_on = [1999]", "LC493"),
    ],
)
def test_a_start_or_period_that_is_not_in_the_data_is_refused(settings: str, code: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        primary(hotspots(), read(text("before-after", settings, design=MARKED)))
    assert caught.value.faults[0].code == code
    assert len(caught.value.faults[0].hint) > 10


# --- displacement


def test_a_benefit_is_told_from_what_moved() -> None:
    stayed, moved = primary(buffers(), read(BUFFERS)), primary(buffers(moved=1.5), read(BUFFERS))
    assert row(stayed, "where the programme went, less controls") < -100
    assert check(stayed, "displacement").result == "info"
    assert stayed.verdict.answer == "works"
    assert check(moved, "displacement").result == "warn"
    assert "displacement" in check(moved, "displacement").note
    assert row(moved, "around it, less around controls") > 100
    total = row(moved, "where the programme went, less controls") + row(
        moved, "around it, less around controls"
    )
    assert moved.estimate.value == pytest.approx(total)
    assert moved.verdict.answer != "works"


def test_a_benefit_that_spread_is_said_to() -> None:
    found = primary(buffers(moved=0.6), read(BUFFERS))
    assert "spread" in check(found, "displacement").note


def test_the_total_is_the_sum_of_the_file() -> None:
    frame = buffers()
    found = primary(frame, read(BUFFERS))
    change = frame.group_by("zone").agg(
        d=pl.col("events").filter(pl.col("month") >= "2023-01").sum()
        - 0.5 * pl.col("events").filter(pl.col("month") < "2023-01").sum()
    )
    d = dict(zip(change["zone"].to_list(), change["d"].to_list(), strict=True))
    want = d["treated"] - d["control"] + d["treated-buffer"] - d["control-buffer"]
    assert found.estimate.value == pytest.approx(want)


def test_errors_of_places_are_those_of_their_changes() -> None:
    frame = buffers()
    found = primary(frame, read(BUFFERS))
    changes = frame.group_by("zone", "place").agg(
        d=pl.col("events").filter(pl.col("month") >= "2023-01").sum()
        - 0.5 * pl.col("events").filter(pl.col("month") < "2023-01").sum()
    )
    parts = changes.group_by("zone").agg((pl.len() * pl.col("d").var()).alias("v"))["v"].sum()
    (line,) = [way for way in found.sensitivity if way.name == "errors from how places changed"]
    assert line.estimate.std_error == pytest.approx(math.sqrt(float(parts)))
    assert line.estimate.value == found.estimate.value


def test_sizes_scale_controls_to_their_counterparts() -> None:
    text_of = BUFFERS.replace(DIFFERENCE, f'{DIFFERENCE}\nexposure = "size"')
    frame = buffers()
    scaled = frame.with_columns(
        size=pl.when(pl.col("zone") == "control").then(2 * pl.col("size")).otherwise("size")
    )
    one, two = primary(frame, read(text_of)), primary(scaled, read(text_of))
    sizes = frame.filter(pl.col("month") == "2022-01").group_by("zone").agg(pl.col("size").sum())
    size = dict(zip(sizes["zone"].to_list(), sizes["size"].to_list(), strict=True))
    shown = {line[0]: line[2] for line in one.tables[0].rows}
    assert shown["control places"] == pytest.approx(size["treated"] / size["control"])
    assert {line[0]: line[2] for line in two.tables[0].rows}["control places"] == pytest.approx(
        size["treated"] / size["control"] / 2
    )
    rates = primary(frame, read(text_of.replace('zone = "zone"', 'zone = "zone"\nscale = "rates"')))
    assert rates.estimate.value != pytest.approx(one.estimate.value)


def kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """Each place and month's events as robberies (every third) and thefts."""
    rob = (pl.col("events") / 3).floor()
    return pl.concat(
        [
            frame.with_columns(kind=pl.lit("robbery"), events=rob, weight=pl.lit(10.0)),
            frame.with_columns(kind=pl.lit("theft"), events=pl.col("events") - rob, weight=pl.lit(1.0)),
        ]
    )


HARM = 'zone = "zone"\ncategory = "kind"\nharm = {{ robbery = {0}, theft = {1} }}'


def test_equal_harm_is_a_plain_count_and_a_table_of_weights_is_a_column_of_them() -> None:
    frame = buffers()
    plain = primary(frame, read(BUFFERS)).estimate
    even = primary(kinds(frame), read(BUFFERS.replace('zone = "zone"', HARM.format(1, 1)))).estimate
    assert (even.value, even.std_error) == pytest.approx((plain.value, plain.std_error))
    table = primary(kinds(frame), read(BUFFERS.replace('zone = "zone"', HARM.format(10, 1))))
    column = primary(
        kinds(frame), read(BUFFERS.replace('zone = "zone"', 'zone = "zone"\nharm_weights = "weight"'))
    )
    assert table.estimate == column.estimate
    assert abs(number(table.estimate.value)) > abs(number(plain.value))
    assert "added up over kinds of offence" in [step.step for step in table.flow]


def test_a_rule_is_applied_before_kinds_are_added_up() -> None:
    frame = kinds(buffers())
    plan = BUFFERS.replace('zone = "zone"', HARM.format(10, 1)).replace(
        'units = "areas"', 'units = "areas"\nwhere = "kind == \'robbery\'"'
    )
    found = primary(frame, read(plan)).estimate
    only = primary(frame.filter(pl.col("kind") == "robbery"), read(BUFFERS)).estimate
    assert found.value == pytest.approx(10 * number(only.value))
    assert found.std_error == pytest.approx(10 * number(only.std_error))


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (pl.col("zone").replace("control", "elsewhere").alias("zone"), "another name"),
        (
            pl.when(pl.col("month") == "2022-01").then(pl.lit("control")).otherwise("zone").alias("zone"),
            "changes",
        ),
    ],
)
def test_zones_that_cannot_be_read_are_refused(spoil: pl.Expr, word: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        primary(buffers().with_columns(spoil), read(BUFFERS))
    assert caught.value.faults[0].code == "LC494"
    assert word in caught.value.faults[0].problem


def test_kinds_without_a_weight_and_weights_that_are_none_are_refused() -> None:
    short = BUFFERS.replace('zone = "zone"', 'zone = "zone"\ncategory = "kind"\nharm = { robbery = 10 }')
    bad = BUFFERS.replace('zone = "zone"', 'zone = "zone"\nharm_weights = "weight"')
    for plan, frame in ((short, kinds(buffers())), (bad, kinds(buffers()).with_columns(weight=pl.lit(-1.0)))):
        with pytest.raises(EvaluationError) as caught:
            primary(frame, read(plan))
        assert caught.value.faults[0].code == "LC494"
        assert "theft" not in caught.value.faults[0].problem


@pytest.mark.parametrize(
    ("keep", "blocked"),
    [
        (pl.col("zone") != "control", "zones"),
        (~((pl.col("place") == "control-03") & (pl.col("month") == "2022-05")), "gaps"),
    ],
)
def test_zones_with_nothing_to_add_up_are_not_assessable(keep: pl.Expr, blocked: str) -> None:
    found = primary(buffers().filter(keep), read(BUFFERS))
    assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", blocked)


def test_nothing_that_happened_is_not_assessable_and_few_events_are_said_so() -> None:
    nothing = primary(buffers().with_columns(events=pl.lit(0.0)), read(BUFFERS))
    assert nothing.verdict.answer == "not-assessable"
    quiet = pl.when(pl.col("zone") == "control-buffer").then(0.0).otherwise("events")
    few = primary(buffers().with_columns(events=quiet), read(BUFFERS))
    assert check(few, "events").consequence == "downgrade"


def test_buffers_that_are_not_both_there_are_not_used() -> None:
    alone = primary(buffers().filter(pl.col("zone") != "control-buffer"), read(BUFFERS))
    without = primary(buffers().filter(~pl.col("zone").str.contains("buffer")), read(BUFFERS))
    assert alone.estimate.value == without.estimate.value
    assert check(alone, "buffers").reading == 1
    assert check(without, "buffers").reading == 0
    assert [one.term for one in without.path] == ["where the programme went, less controls"]


def test_one_month_before_leaves_poisson_and_says_it_is_optimistic() -> None:
    found = primary(buffers().filter(pl.col("month") >= "2022-12"), read(BUFFERS))
    assert found.estimate.df is None
    assert "optimistic" in check(found, "over-dispersion").note
    assert check(found, "over-dispersion").consequence == "downgrade"
    planned = primary(buffers(), read(BUFFERS.replace('zone = "zone"', 'zone = "zone"\nerrors = "poisson"')))
    assert "as planned" in check(planned, "over-dispersion").note


def test_drift_before_the_start_and_unlike_controls_are_doubts() -> None:
    month = pl.col("month").rank("dense").cast(pl.Float64)
    drifting = pl.when(pl.col("zone") == "treated").then(pl.col("events") + month).otherwise("events")
    found = primary(buffers().with_columns(events=drifting), read(BUFFERS))
    assert check(found, "drift before the start").result == "warn"
    tenfold = pl.when(pl.col("zone") == "control").then(10 * pl.col("events")).otherwise("events")
    assert (
        check(primary(buffers().with_columns(events=tenfold), read(BUFFERS)), "alike before").result == "warn"
    )


def test_wards_within_zones_leave_the_sum_as_it_is() -> None:
    plan = read(BUFFERS.replace('zone = "zone"', 'zone = "zone"\nunits_by = ["ward"]'))
    frame = buffers().with_columns(ward=pl.col("zone") + pl.col("ward"))
    found = primary(frame, plan)
    assert found.sensitivity[-1].name == "added up by ward"
    assert found.sensitivity[-1].estimate.value == pytest.approx(found.estimate.value)
    assert check(found, "size of units").result == "pass"


# --- days


def test_a_patrolled_day_works_where_it_does_and_not_where_it_does_not() -> None:
    works, idle = primary(days(), read(DAYS)), primary(days(effect=0.0), read(DAYS))
    assert works.estimate.value == pytest.approx(math.exp(-0.35), rel=0.15)
    assert number(works.estimate.conf_high) < 1
    assert number(idle.estimate.conf_low) < 1 < number(idle.estimate.conf_high)
    assert check(works, "allocation by chance").result == "pass"
    assert works.estimate.n_treated == works.estimate.n_comparison == 8


def test_what_stays_after_a_patrolled_day_is_seen_and_washed_out() -> None:
    frame = days(carried=-0.5, many=140)
    plain, washed = (
        primary(frame, read(DAYS)),
        primary(frame, read(DAYS.replace("draws", "washout = 1\ndraws"))),
    )
    assert check(plain, "carry-over").result == "warn"
    assert check(washed, "carry-over").result == "pass"
    assert washed.estimate.value == pytest.approx(math.exp(-0.85), rel=0.2)
    assert row(plain, "1 day later") == pytest.approx(math.exp(-0.5), rel=0.2)
    assert any("washout of 1 day" in step.step for step in washed.flow)
    names = {way.name for way in washed.sensitivity}
    assert {
        "nothing washed out",
        "4 days washed out",
        "with the 4 days before in the model",
        "errors by place",
    } <= names
    modelled = primary(frame, read(DAYS.replace("draws = 499", 'washout = 1\nwashout_rule = "model"')))
    assert modelled.estimate.value == pytest.approx(math.exp(-0.35), rel=0.15)


def test_days_that_were_picked_go_no_higher_than_three() -> None:
    picked = primary(days(), read(DAYS.replace('allocation = "random"\nblock = "day"\ndraws = 499', "")))
    assert check(picked, "allocation by chance").result == "fail"
    assert picked.verdict.security <= 3
    design = next(fact for fact in picked.verdict.security_facts if fact.part == "design")
    assert design.level == 3


def test_days_sent_to_trouble_are_found_out() -> None:
    frame = days(effect=0.0, many=200).sort("place", "day")
    past = pl.col("events").shift(1).over("place").fill_null(0.0)
    chased = frame.with_columns(patrol=(past > past.median().over("place")).cast(pl.Float64))
    found = primary(chased, read(DAYS.replace('allocation = "random"\nblock = "day"\ndraws = 499', "")))
    assert check(found, "treated days and the day before").result == "warn"


def test_whole_days_are_drawn_as_one_where_all_places_share_them() -> None:
    draw = np.random.default_rng(9)
    shared = dict(
        zip(days()["day"].unique().sort().to_list(), draw.permutation([0.0, 1.0] * 35), strict=True)
    )
    frame = days(effect=0.0).with_columns(patrol=pl.col("day").replace_strict(shared))
    whole = primary(frame, read(DAYS.replace('block = "day"\n', "")))
    assert whole.verdict.answer != "not-assessable"
    own = primary(frame, read(DAYS))  # within a day nothing could have been otherwise
    assert (own.verdict.answer, own.verdict.detail) == ("not-assessable", "identification")


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        (pl.lit(1.0).alias("patrol"), "days"),
        (pl.when(pl.col("patrol") == 1).then(0.0).otherwise("events").alias("events"), "events"),
        (
            (pl.col("place").str.slice(1).cast(pl.Int64) % 2).cast(pl.Float64).alias("patrol"),
            "identification",
        ),
    ],
)
def test_days_that_tell_nothing_are_not_assessable(spoil: pl.Expr, detail: str) -> None:
    found = primary(days().with_columns(spoil), read(DAYS))
    assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", detail)


def test_months_are_no_days() -> None:
    frame = hotspots(places=20).with_columns(patrol=(pl.col("year") % 2).cast(pl.Float64))
    plan = text("day-crossover", 'allocation = "random"', design='treatment = "patrol"')
    found = primary(frame, read(plan))
    assert found.verdict.detail == "days"


def test_a_difference_of_events_is_least_squares() -> None:
    found = primary(days(), read(DAYS.replace('role = "primary"', 'role = "primary"\neffect = "difference"')))
    frame = days()
    events, patrolled = frame["events"].to_numpy(), frame["patrol"].to_numpy() == 1
    apart = float(events[patrolled].mean() - events[~patrolled].mean())
    assert found.estimate.value == pytest.approx(apart, abs=0.2)
    assert number(found.estimate.conf_low) <= number(found.estimate.value) <= number(found.estimate.conf_high)


# --- keys


def faults_of(plan: str) -> list[tuple[str, str]]:
    with pytest.raises(EvaluationError) as caught:
        read(plan)
    return [(fault.code, fault.where) for fault in caught.value.faults]


BAD = [
    (BEFORE_AFTER.replace("start = 2024\n", ""), "LC402", "[design.before-after]"),
    (BEFORE_AFTER.replace("chosen_on", 'chosen_by = "threshold"\nchosen_on'), "LC402", "chosen_by"),
    (BEFORE_AFTER.replace("chosen_on", "threshold = 5\nchosen_on"), "LC406", "threshold"),
    (BEFORE_AFTER.replace("chosen_on", 'chosen_by = "other"\nchosen_on'), "LC406", "chosen_on"),
    (BEFORE_AFTER.replace("chosen_on", "population_mean = 9\nchosen_on"), "LC402", "population_mean"),
    (BEFORE_AFTER.replace("chosen_on", "retest = 1.5\nchosen_on"), "LC403", "retest"),
    (BEFORE_AFTER.replace("chosen_on", "retest = 0.5\nchosen_on"), "LC406", "[[outcome]]"),
    (BEFORE_AFTER.replace(MARKED, f'{MARKED}\ncovariates = ["x"]'), "LC406", "covariates"),
    (BEFORE_AFTER.replace('unit = "place"', ""), "LC402", "[design]"),
    (BUFFERS.replace('zone = "zone"', ""), "LC402", "[design.displacement-difference]"),
    (BUFFERS.replace('zone = "zone"', 'zone = "zone"\ncategory = "kind"'), "LC402", "category"),
    (BUFFERS.replace('zone = "zone"', 'zone = "zone"\nscale = "rates"'), "LC406", "[[outcome]]"),
    (BUFFERS.replace('zone = "zone"', HARM.format('"much"', 1)), "LC403", "harm"),
    (BUFFERS.replace('effect = "difference"', ""), "LC406", "[[outcome]]"),
    (BUFFERS.replace("seed = 3", 'treatment = "zone"\nseed = 3'), "LC406", "treatment"),
    (
        BUFFERS.replace(
            'zone = "zone"', HARM.format(1, 1).replace("category", 'harm_weights = "w"\ncategory')
        ),
        "LC406",
        "harm_weights",
    ),
    (DAYS.replace('treatment = "patrol"', ""), "LC402", "[design]"),
    (DAYS.replace("draws = 499", "draws = 10"), "LC403", "draws"),
    (DAYS.replace("draws = 499", "washout = 99"), "LC403", "washout"),
    (DAYS.replace("draws = 499", "lags = 3"), "LC406", "lags"),
    (DAYS.replace('allocation = "random"', ""), "LC406", "block"),
    (DAYS.replace('allocation = "random"\nblock = "day"', 'errors = "randomisation"'), "LC406", "errors"),
    (DAYS.replace("draws = 499", 'washout_rule = "model"\nerrors = "randomisation"'), "LC406", "errors"),
    (DAYS.replace("seed = 3", 'strata = "week"\nseed = 3'), "LC406", "strata"),
]


@pytest.mark.parametrize(("plan", "code", "line"), BAD)
def test_a_key_that_does_not_fit_is_refused_with_its_line(plan: str, code: str, line: str) -> None:
    lines = plan.split("\n")
    wanted = next(number for number, text in enumerate(lines, 1) if text.startswith(line))
    assert (code, wanted) in [(fault, int(where.rsplit(":", 1)[-1])) for fault, where in faults_of(plan)]


def test_days_that_were_picked_are_no_trial_on_the_ladders() -> None:
    picked = primary(days(), read(DAYS.replace('allocation = "random"\nblock = "day"\ndraws = 499', "")))
    drawn = primary(days(), read(DAYS))
    assert [_sms(picked, by_chance=False), _sms(drawn, by_chance=True)] == [3, 5]


def _sms(found: OutcomeResult, *, by_chance: bool) -> int | str | None:
    rungs = climb(Facts("day-crossover", METHODS["day-crossover"].sms_level, found, 0, 0, by_chance))
    return next(rung.grade for rung in rungs if rung.ladder == "sms")


@pytest.mark.parametrize("plan", [BEFORE_AFTER, BUFFERS, DAYS])
def test_settings_are_told_in_words_and_the_defaults_are_those_of_an_empty_table(plan: str) -> None:
    found = read(plan)
    method = METHODS[found.design.method]
    told = method.describe(found.design.settings, found.design)
    assert all(label and words for label, words in told)
    empty = method.read_settings(None)
    given = {"start", "zone", "chosen_on", "allocation", "block", "draws", "errors"}
    names = [name for name in empty.__dataclass_fields__ if name not in given]
    assert [getattr(empty, name) for name in names] == [
        getattr(found.design.settings, name) for name in names
    ]
