"""What is only explored of why (dose, mediators), and the change to expect of those chosen on a threshold."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from evaluation.actions import _result, graded
from evaluation.errors import EvaluationError
from evaluation.explaining.dose import FEWEST
from evaluation.explaining.mediators import NOT_OFFERED, TOO_FEW
from evaluation.explaining.protection import shown_dose, shown_links, shown_mediation
from evaluation.finding import Finding
from evaluation.model import DataFacts, OutcomeResult, PlanFacts, Result
from evaluation.plan import AnalysisPlan, fingerprint
from evaluation.protection import WITHHELD
from evaluation.reporting.html import render_report
from evaluation.result import as_payload
from evaluation.subgroups.keys import explored_by
from tests.evaluation.report_reader import render
from tests.evaluation.studies import plan_text, primary, read
from tests.evaluation.why_samples import OUTCOME, people, plan, run
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def result_of(found: Finding, asked: AnalysisPlan) -> Result:
    facts = PlanFacts(asked.id, asked.title, fingerprint(asked), "locked before outcomes")
    data = DataFacts(1200, "0" * 64, "leavers")
    return graded(_result("EVAL-001", asked, facts, data, found, time.monotonic()), asked.design)


def outcome(found: Finding, name: str) -> OutcomeResult:
    return next(one for one in found.outcomes if one.measure == name)


def test_the_slope_by_dose_is_least_squares_among_the_treated_at_equal_covariates() -> None:
    frame = people()
    found = outcome(run(frame, plan()), "act").dose_response
    assert found is not None
    own = frame.filter(pl.col("treat") == 1)
    design = np.column_stack([np.ones(own.height), own["sessions"].to_numpy(), own["x"].to_numpy()])
    want = np.linalg.lstsq(design, own["act"].to_numpy(), rcond=None)[0][1]
    assert found.slope == pytest.approx(want, rel=1e-9)
    assert found.conf_low < found.slope < found.conf_high
    assert sum(third.n for third in found.thirds) == own.height == found.n


def test_a_dose_turns_no_verdict_and_says_that_it_is_no_effect() -> None:
    with_, without = run(people(), plan()), run(people(), plan(""))
    assert outcome(with_, "act").verdict.answer == outcome(without, "act").verdict.answer
    found = outcome(with_, "act").dose_response
    assert found is not None
    assert "not an effect" in found.note
    assert outcome(without, "act").dose_response is None


def test_alike_doses_or_few_people_give_no_slope() -> None:
    alike = people(200).with_columns(sessions=pl.col("treat") * 12)
    assert outcome(run(alike, plan()), "act").dose_response is None
    few = run(people(2 * FEWEST - 4), plan())
    assert outcome(few, "act").dose_response is None


def test_thirds_of_few_people_are_withheld_and_the_rest_rounded() -> None:
    found = outcome(run(people(), plan()), "act")
    shown = shown_dose(found, PROFILE)
    assert shown is not None
    assert all(third.n % PROFILE.rounding == 0 for third in shown.thirds)
    assert found.dose_response is not None
    few = replace(found.dose_response, thirds=(replace(found.dose_response.thirds[0], n=3),))
    hidden = shown_dose(replace(found, dose_response=few), PROFILE)
    assert hidden is not None
    assert hidden.thirds == ()


def test_a_few_people_who_got_enough_are_told_nowhere() -> None:
    asked = plan()
    frame = people(600).with_columns(
        pl.when((pl.col("treat") == 1) & (pl.int_range(600) > 5))
        .then(2.0)
        .otherwise("sessions")
        .alias("sessions")
    )
    found = result_of(run(frame, asked), asked)
    payload = as_payload(found, PROFILE)
    reach = next(part for part in payload["delivery"]["parts"] if part["name"] == "reach")
    assert (reach["part"], reach["share"], reach["result"]) == (None, None, "not met")
    assert "too few to show" in render(found).text()


def test_a_mediator_is_read_only_between_two_scores_of_the_plan() -> None:
    found = run(people(), plan()).mediation
    assert [one.link for one in found] == ["O1>O2"]
    assert sum(part.value for part in found[0].parts[:2]) == pytest.approx(found[0].parts[2].value)
    assert found[0].parts[0].value == pytest.approx(0.8 * 0.6, abs=0.12)
    assert run(people(), plan(links='["A1>P1", "P1>O1"]')).mediation == ()
    assert run(people(50), plan()).mediation[0].note == TOO_FEW


def of_kind(kind: str, more: str) -> AnalysisPlan:
    """The same plan with a nearer outcome of another kind."""
    nearer = OUTCOME.format("think", "secondary").replace("continuous", kind).replace("= 0.3", f"= {more}")
    text = plan_text(
        covariates=["x"],
        measure="act",
        outcome='minimum_important_difference = 0.3\nmid_source = "x"',
        more=nearer,
    )
    return read(text.replace('title = "A question"', 'title = "A question"\nlinks = ["O1>O2"]'))


def test_a_yes_or_no_mediator_is_standardised_without_rho_and_other_kinds_are_not_offered() -> None:
    frame = people().with_columns((pl.col("think") > 0).cast(pl.Float64))
    asked = of_kind("binary", "0.1")
    found = run(frame, asked).mediation[0]
    assert len(found.parts) == 3
    assert found.rho_at_zero is None
    assert "for two scores only" in render(result_of(run(frame, asked), asked)).text()
    steps = people().with_columns(pl.col("think").round(0).clip(-2, 2))
    assert run(steps, of_kind("ordinal", "0.3")).mediation[0].note == NOT_OFFERED


def test_a_mediator_turns_no_verdict_and_the_same_seed_gives_the_same_ends() -> None:
    one, two = run(people(), plan()), run(people(), plan())
    assert one.mediation == two.mediation
    alone = run(people(), plan(links='["P1>O1"]'))
    assert outcome(alone, "act").verdict.answer == outcome(one, "act").verdict.answer


def test_the_json_stamps_what_is_explored_and_has_no_new_keys_where_nothing_is_asked() -> None:
    asked = plan()
    payload = json.loads(json.dumps(as_payload(result_of(run(people(), asked), asked), PROFILE)))
    assert payload["why"]["class"] == "as-expected"
    assert payload["why"]["not_looked"] == []
    assert all(one["exploratory"] for one in payload["mediation"])
    assert all(one["dose_response"]["exploratory"] for one in payload["outcomes"])
    assert {part["name"] for part in payload["delivery"]["parts"]} >= {"reach", "fidelity", "contrast"}
    bare = plan("", links="[]")
    plain = as_payload(result_of(run(people(), bare), bare), PROFILE)
    assert not {"why", "delivery", "mediation"} & set(plain)
    assert "dose_response" not in plain["outcomes"][0]


def test_delivery_fills_the_slot_of_implementation_and_is_no_link_tested() -> None:
    asked = plan()
    emmie = next(r.grade for r in result_of(run(people(), asked), asked).rungs if r.ladder == "emmie")
    assert "implementation: 5 facts of delivery" in str(emmie)
    assert "mechanism: 2 links" in str(emmie)


GROUPS = """[[subgroup]]
by = "place"
reason = "asked beforehand"
"""


def divided() -> pl.DataFrame:
    """A programme that helps in the north and harms in the south, as much."""
    frame = people(far=0.0, near=0.0)
    north = (np.arange(frame.height) // 2) % 2 == 0
    effect = np.where(north, 0.9, -0.9) * frame["treat"].to_numpy()
    return frame.with_columns(act=pl.col("act") + effect, place=pl.Series(np.where(north, "north", "south")))


def test_only_groups_the_plan_names_decide_a_class_and_others_are_stamped_apart() -> None:
    asked = plan(more=GROUPS)
    named = result_of(run(divided(), asked), asked)
    assert named.failure is not None
    assert named.failure.kind == "harm-offsets-benefit"
    assert "W9" in named.failure.codes
    explored = explored_by(plan(), ["place"])
    searched = result_of(run(divided(), explored), explored)
    assert searched.failure is not None
    assert not {"W8", "W9"} & set(searched.failure.codes)
    payload = as_payload(searched, PROFILE)
    assert [one["registered"] for outcome in payload["outcomes"] for one in outcome["subgroups"]] == [
        False,
        False,
    ]
    text = render(searched).text()
    assert "Exploratory, not in the plan: Effect within groups of place" in text
    assert "The plan does not name these groups." in text
    assert "Exploratory, not in the plan" not in render(named).text()


def test_figures_of_an_outcome_that_may_not_be_shown_are_not_told_by_its_links_or_mediators() -> None:
    asked = plan()
    found = result_of(run(people(), asked), asked)
    few = replace(
        outcome(run(people(), asked), "think"), estimate=replace(found.outcomes[0].estimate, n_treated=3)
    )
    hidden = replace(found, outcomes=(few, *found.outcomes[1:]))
    links = {link.link: link.evidence for link in shown_links(hidden, PROFILE)}
    assert links["P1>O1"] == WITHHELD
    assert links["O1>O2"] != WITHHELD
    assert shown_mediation(hidden, PROFILE)[0].parts == ()
    assert (
        "(0."
        not in render_report(hidden, PROFILE).split("Steps of the theory")[1].split("Thinking → Behaviour")[0]
    )


def test_the_report_says_why_in_a_table_of_links_a_table_of_delivery_and_one_sentence() -> None:
    asked = plan()
    text = render(result_of(run(people(dose=0.3, near=0.0), asked), asked)).text()
    for words in (
        "Implementation failure: less was delivered than planned",
        "Steps of the theory",
        "What was delivered, and to whom",
        "Too little was delivered, so this step was not put to the test.",
        "Explored only: how it may have worked",
        "no verdict hangs on it",
    ):
        assert words in text
    assert "did not work because" not in text


SDQ = """minimum_important_difference = 1
mid_source = "guide"
baseline = "before"
unit = "points"
"""


def chosen(extra: str = "", *, low: int = 17, norm: str = "norm_mean = 9\nnorm_sd = 6\n") -> str:
    keys = f'selected_on = "before"\nselected_above = {low}\n{norm}{extra}'
    return plan_text(measure="after", better="lower", outcome=SDQ).replace(
        "[design]\n", f"[population]\n{keys}[design]\n"
    )


def selected(n: int = 20_000, low: int = 17, retest: float = 0.7, seed: int = 2) -> pl.DataFrame:
    """People chosen at or above a score; the programme does nothing."""
    draw = np.random.default_rng(seed)
    z = draw.multivariate_normal([0, 0], [[1, retest], [retest, 1]], size=12 * n)
    before, after = 9 + 6 * z[:, 0], 9 + 6 * z[:, 1]
    keep = np.flatnonzero(before >= low)[:n]
    treat = (np.arange(len(keep)) % 2).astype(float)
    return pl.DataFrame({"treat": treat, "before": before[keep], "after": after[keep]})


@pytest.mark.parametrize(("low", "points", "sd"), [(17, 3.2, 0.54), (20, 4.0, 0.67)])
def test_the_fall_to_expect_is_that_of_the_rule(low: int, points: float, sd: float) -> None:
    found = primary(selected(2000, low), read(chosen("retest = 0.7\n", low=low)))
    table = next(one for one in found.tables if one.name == "expected change")
    _, value, in_sd = table.rows[0]
    assert isinstance(value, float)
    assert isinstance(in_sd, float)
    assert (round(value, 1), round(in_sd, 2)) == (-points, -sd)


def test_a_programme_that_does_nothing_shows_the_fall_that_was_expected_in_both_groups() -> None:
    found = primary(selected(), read(chosen("retest = 0.7\n")))
    table = next(one for one in found.tables if one.name == "expected change")
    values = [row[1] for row in table.rows]
    assert values == pytest.approx([-3.24] * 3, abs=0.15)  # error of a mean of 10,000: 0.045
    assert found.verdict.answer == "no-meaningful-effect"


def test_without_a_retest_the_comparison_gives_it_for_choosing_on_the_baseline_leaves_its_slope() -> None:
    found = primary(selected(), read(chosen()))
    table = next(one for one in found.tables if one.name == "expected change")
    assert table.rows[0][1] == pytest.approx(-3.24, abs=0.6)  # three errors: 10.8 x 0.018 of the slope
    assert "from the comparison" in table.note


def test_people_chosen_below_a_score_are_expected_to_rise() -> None:
    text = chosen("retest = 0.7\n").replace("selected_above = 17", "selected_below = 1")
    table = next(t for t in primary(selected(400), read(text)).tables if t.name == "expected change")
    assert table.rows[0][1] == pytest.approx(3.24, abs=0.01)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (chosen().replace("selected_above = 17\n", ""), "LC531"),
        (chosen("selected_below = 3\n"), "LC531"),
        (chosen().replace('selected_on = "before"\n', ""), "LC531"),
        (chosen().replace('selected_on = "before"', 'selected_on = "else"'), "LC532"),
        (chosen(norm=""), "LC533"),
        (chosen("retest = 1.2\n"), "LC403"),
    ],
)
def test_a_choice_that_is_not_whole_is_refused_with_its_line(text: str, code: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        read(text)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert caught.value.faults[0].where.startswith("plan.toml:")


def test_a_method_of_panels_has_its_own_keys_for_those_chosen() -> None:
    text = plan_text(
        "difference-in-differences", measure="after", design='unit = "u"\ntime = "t"', settings="start = 3"
    )
    text = text.replace(
        "[design]\n", '[population]\nselected_on = "after"\nselected_above = 3\n[design]\n', 1
    )
    with pytest.raises(EvaluationError) as caught:
        read(text)
    assert [fault.code for fault in caught.value.faults] == ["LC528"]


def test_a_norm_of_the_measure_fills_what_the_plan_leaves_out() -> None:
    from evaluation.plan_file import read_plan
    from theory_of_change.model import Measure
    from workspace.toml_source import parse_toml

    known = Measure("after", "A scale", "continuous", "lower", norm_mean=9, norm_sd=6)
    found = read_plan(parse_toml(chosen(norm=""), "plan.toml", EvaluationError), {"after": known})
    assert found.selection is not None
    assert (found.selection.norm_mean, found.selection.norm_sd) == (9, 6)
