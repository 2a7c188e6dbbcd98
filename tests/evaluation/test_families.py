"""Several outcomes: families, domains, and Romano and Wolf's step-down p-values."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.families.reallocation import reallocated
from evaluation.families.step_down import step_down
from evaluation.finding import Finding
from evaluation.frame import AnalysisFrame, ArmCounts
from evaluation.plan import fingerprint
from evaluation.settings_words import settings_words
from tests.evaluation.studies import make_plan, number, plan_text, read, run, schools, trial

SECOND = '[[outcome]]\nmeasure = "{}"\nrole = "secondary"\nkind = "continuous"\nbetter = "higher"\n{}\n'
WOLF = '[analysis]\n{} = "romano-wolf"\n'


def frame_of(treated: list[float], y: list[float], strata: list[str] | None = None) -> AnalysisFrame:
    n = len(y)
    columns: dict[str, Any] = {"participant": range(n), "treated": treated, "outcome": y}
    if strata:
        columns["strata"] = strata
    return AnalysisFrame(pl.DataFrame(columns), (), (), "", (), ArmCounts(n, n, n, n), 0)


ARM = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
ONE, TWO = [7.0, 9.0, 8.5, 3.0, 4.0, 2.5], [2.0, 3.5, 1.0, 2.5, 0.0, 1.5]


def by_hand(outcomes: list[list[float]]) -> list[float]:
    """Step-down over all twenty allocations of three in six, written out with loops."""

    def t(arm: tuple[int, ...], y: list[float]) -> float:
        one, zero = [y[i] for i in arm], [y[i] for i in range(6) if i not in arm]
        (m1, v1), (m0, v0) = ((float(np.mean(part)), float(np.var(part))) for part in (one, zero))
        return abs(m1 - m0) / float(np.sqrt(v1 / 3 + v0 / 3))  # HC0: variances over n

    every = list(itertools.combinations(range(6), 3))
    seen = [t((0, 1, 2), y) for y in outcomes]
    order, p, before = sorted(range(len(outcomes)), key=lambda j: -seen[j]), [0.0] * len(outcomes), 0.0
    for step, j in enumerate(order):
        far = sum(max(t(arm, outcomes[k]) for k in order[step:]) >= seen[j] - 1e-9 for arm in every)
        before = max(before, far / len(every))
        p[j] = before
    return p


def test_step_down_over_all_allocations_of_a_small_trial_is_what_loops_give() -> None:
    drawn = reallocated([frame_of(ARM, ONE), frame_of(ARM, TWO)], clustered=False, adjust="none", seed=1)
    assert drawn.listed
    assert drawn.tried.shape == (20, 2)
    found = step_down(drawn.observed, drawn.tried, listed=True)
    assert list(found) == pytest.approx(by_hand([ONE, TWO]))
    assert found[0] == pytest.approx(2 / 20), "no other allocation but the mirror parts the first so well"


def test_outcomes_that_say_the_same_cost_nothing() -> None:
    same = frame_of(ARM, [3 * y - 1 for y in ONE])
    drawn = reallocated([frame_of(ARM, ONE), same], clustered=False, adjust="none", seed=1)
    assert list(step_down(drawn.observed, drawn.tried, listed=True)) == pytest.approx([0.1, 0.1])


def test_outcomes_that_share_nothing_cost_no_more_than_holm_and_hardly_less() -> None:
    draw = np.random.default_rng(4)
    tried = np.abs(draw.standard_normal((40_000, 4)))
    observed = np.array([2.6, 2.2, 0.4, 1.7])
    raw = np.array([(tried[:, j] >= observed[j]).mean() for j in range(4)])
    order = np.argsort(raw)
    holm = np.minimum(np.maximum.accumulate(raw[order] * np.array([4, 3, 2, 1])), 1.0)
    found = step_down(observed, tried, listed=True)[order]
    assert (found <= holm + 0.004).all()  # Monte-Carlo error of a share of 40,000 at 0.05 is 0.0011
    assert found[0] == pytest.approx(1 - (1 - raw[order][0]) ** 4, abs=0.004)
    assert (np.diff(found) >= 0).all()


def test_the_share_of_trials_with_a_false_claim_is_the_one_asked_for() -> None:
    """Two outcomes that share half and a programme that does nothing: one claim or more in five of a hundred trials."""
    draw, claims, repeats = np.random.default_rng(8), 0, 400
    arm = np.repeat([1.0, 0.0], 15)
    for number_ in range(repeats):
        shared = draw.normal(size=30)
        y = [(shared + draw.normal(size=30)).tolist() for _ in range(2)]
        frames = [frame_of(arm.tolist(), one) for one in y]
        drawn = reallocated(frames, clustered=False, adjust="none", seed=number_, draws=199)
        claims += float(step_down(drawn.observed, drawn.tried, listed=drawn.listed).min()) <= 0.05
    assert abs(claims / repeats - 0.05) <= 3.3 * np.sqrt(0.05 * 0.95 / repeats)


def test_allocations_keep_to_strata_and_to_whole_clusters() -> None:
    strata = ["a", "a", "b", "b", "b", "b"]
    arm = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    frames = [frame_of(arm, y, strata) for y in (ONE, TWO)]
    drawn = reallocated(frames, clustered=False, adjust="ancova", seed=1)
    assert len(drawn.tried) == 2 * 6
    people = frame_of([1.0, 1.0, 0.0, 0.0] * 3, [float(i % 5) for i in range(12)])
    people = replace(people, data=people.data.with_columns(cluster=pl.Series(list("ppqqrrssttuu"))))
    clusters = reallocated([people, people], clustered=True, adjust="none", seed=1)
    assert len(clusters.tried) == 20, "three clusters in six"


def outcomes(found: Finding) -> list[tuple[float, float]]:
    return [(number(o.estimate.p_value), number(o.estimate.p_value_adjusted)) for o in found.outcomes]


def correlated() -> pl.DataFrame:
    return trial(100, effect=0.3).with_columns(
        w=pl.col("y") + 0.4 * pl.col("z"), v=pl.col("y") - 0.4 * pl.col("z")
    )


def test_a_plan_asks_for_it_among_secondaries_and_no_value_is_below_the_raw_one() -> None:
    more = SECOND.format("w", "") + SECOND.format("v", "")
    plan = make_plan(covariates=["x"], more=more + WOLF.format("secondaries"))
    found = run(correlated(), plan)
    holm = [min(1.0, 2 * min(p for p, _ in outcomes(found)[1:]))]
    for p, adjusted in outcomes(found)[1:]:
        assert p <= adjusted
    assert min(adjusted for _, adjusted in outcomes(found)[1:]) < holm[0] + 0.01, "alike, they cost less"
    said = [check.note for check in found.outcomes[1].checks if check.name == "several outcomes"]
    assert said == ["Adjusted for 2 outcomes (Romano and Wolf, 1,999 allocations, drawn, seed 0)."]
    assert dict(settings_words(plan))["Several outcomes"].endswith("of the others by Romano and Wolf")


def test_two_primaries_and_whole_schools_may_be_drawn_too() -> None:
    second = SECOND.format("w", "").replace("secondary", "primary")
    more = second + WOLF.format("multiplicity")
    text = plan_text("cluster-randomised", design='cluster = "school"', more=more)
    text = text.replace('title = "A question"', 'title = "A question"\nreason = "both"')
    people = schools(150, effect=0.5)
    found = run(people.with_columns(w=pl.col("y") * 2 + 1), read(text))
    (p, adjusted), (other_p, other) = outcomes(found)
    assert other_p == pytest.approx(p)
    assert adjusted == pytest.approx(other, abs=0.002)


def test_other_outcomes_are_adjusted_within_their_domain() -> None:
    more = SECOND.format("w", 'domain = "behaviour"') + SECOND.format("v", 'domain = "behaviour"')
    frame = correlated()
    together = outcomes(run(frame, make_plan(more=more + SECOND.format("z", 'domain = "health"'))))
    assert together[3][1] == together[3][0], "one outcome of its domain has nothing to be adjusted for"
    low, high = sorted(p for p, _ in together[1:3])
    assert min(q for _, q in together[1:3]) == pytest.approx(min(2 * low, high))
    plain = outcomes(run(frame, make_plan(more=more.replace("domain", "#") + SECOND.format("z", ""))))
    assert plain[3][1] > plain[3][0] or plain[3][0] == max(p for p, _ in plain[1:])


def test_a_plan_without_these_keys_keeps_its_fingerprint() -> None:
    plain = make_plan(more=SECOND.format("w", ""))
    named = make_plan(more=SECOND.format("w", "") + '[analysis]\nsecondaries = "benjamini-hochberg"\n')
    assert fingerprint(plain) == fingerprint(named)
    assert fingerprint(plain) != fingerprint(make_plan(more=SECOND.format("w", 'domain = "a"')))


@pytest.mark.parametrize(
    ("method", "design", "outcome", "analysis", "said"),
    [
        ("matching", "", "", "", "which method 'matching' did not do"),
        ("randomised", 'cluster = "school"', "", "", "the plan names clusters"),
        ("cluster-randomised", 'cluster = "c"\n[design.cluster-randomised]\nintervention_level = "individual"', "", "",
         "people within them were allocated"),
        ("cluster-randomised", 'cluster = "c"\nunit = "u"\ntime = "t"', "", "", "layouts, levels and growth"),
        ("randomised", "", "", 'missing = "multiple-imputation"', "does not go with missing"),
        ("randomised", "", 'waves = ["a", "b"]\nwave = "b"', "", "the waves of 'y'"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_allocated_again_the_plan_is_refused(
    method: str, design: str, outcome: str, analysis: str, said: str
) -> None:
    more = f'[analysis]\nmultiplicity = "romano-wolf"\n{analysis}\n'
    text = plan_text(method, covariates=["x"], outcome=outcome, more=more)
    head = f"[design.{method}]\n\n"
    text = text.replace(head, f"{design}\n" if f"[design.{method}]" in design else f"{design}\n{head}")
    with pytest.raises(EvaluationError) as fault:
        read(text)
    assert [(f.code, said in f.problem) for f in fault.value.faults if f.code == "LC520"] == [("LC520", True)]


def test_times_to_an_event_are_refused_and_a_primary_outcome_has_no_domain() -> None:
    more = '[analysis]\nmultiplicity = "romano-wolf"\n'
    with pytest.raises(EvaluationError, match="time to an event"):
        read(plan_text(kind="time-to-event", outcome='duration = "weeks"\nevent = "arrest"', more=more))
    with pytest.raises(EvaluationError) as fault:
        read(plan_text(outcome='domain = "behaviour"'))
    assert [f.code for f in fault.value.faults] == ["LC521"]
