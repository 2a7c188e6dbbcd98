"""Other ways of asking that rest on all but a few of the same people tell about those few: tried, and stopped."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pytest

from evaluation.annexes.model import WITHHELD
from evaluation.annexes.tables import annex_tables
from evaluation.model import OutcomeResult, Sensitivity
from evaluation.nearly_same import NEARLY, apart, is_held
from evaluation.protection import masked, released
from evaluation.reporting.tables import sensitivity_table
from evaluation.result import as_payload
from evaluation.side_by_side.saved import read_saved
from tests.evaluation.report_samples import nothing_worthwhile
from tests.evaluation.studies import an_estimate, make_plan, observed, primary
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
PAIRED = ("smallest score first", "largest score first", "without a caliper")


@cache
def matched(seed: int) -> OutcomeResult:
    """Pairs of one and one on a small made-up study of a yes-or-no outcome, not adjusted."""
    plan = make_plan("matching", covariates=["x", "z"], kind="binary", settings='adjust = "none"')
    return primary(observed(400, seed, binary=True, effect=0.6), plan)


def told(outcome: OutcomeResult, *, guarded: bool) -> dict[str, Any]:
    """The outcome in the JSON of a released result; ``guarded`` as the program writes it."""
    result = replace(nothing_worthwhile(), outcomes=(outcome,))
    shown = as_payload(released(masked(result, PROFILE) if guarded else result, PROFILE), PROFILE)
    found: dict[str, Any] = shown["outcomes"][0]
    return found


def fits(estimate: dict[str, Any]) -> set[tuple[int, int]]:
    """How many pairs there can be, and how many more events with than without: all that fit what is shown."""
    pairs, with_, without = (estimate[key] for key in ("n_treated", "treated_mean", "comparison_mean"))
    sizes, net = range(pairs - 2, pairs + 3), round((with_ - without) * pairs)
    return {
        (n, more)
        for n, more in product(sizes, range(net - 8, net + 9))
        if abs(more / n - estimate["value"]) < 1e-12
    }


def left_out(shown: dict[str, Any], way: str) -> set[tuple[int, int]]:
    """What an outsider makes of a way beside the main line: pairs left out, and how they fared."""
    other = next(one["estimate"] for one in shown["sensitivity"] if one["name"] == way)
    if other["value"] is None:
        return set()
    return {(a - b, more - less) for a, more in fits(shown["estimate"]) for b, less in fits(other)}


def near_ways(outcome: OutcomeResult) -> dict[str, tuple[int, int]]:
    """The ways that differ by one to nine pairs, and what is true of those left out."""

    def sizes(estimate: Any) -> tuple[int, int]:
        n = estimate.n_treated
        return n, round((estimate.treated_mean - estimate.comparison_mean) * n)

    n, net = sizes(outcome.estimate)
    found = {way.name: sizes(way.estimate) for way in outcome.sensitivity if way.name in PAIRED}
    return {name: (n - m, net - more) for name, (m, more) in found.items() if 0 < abs(n - m) < 10}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_people_left_out_of_a_way_are_told_exactly_without_the_rule_and_not_at_all_with_it(
    seed: int,
) -> None:
    outcome = matched(seed)
    near = near_ways(outcome)
    assert near
    open_, guarded = told(outcome, guarded=False), told(outcome, guarded=True)
    assert {name: left_out(open_, name) for name in near} == {name: {true} for name, true in near.items()}
    assert all(left_out(guarded, name) == set() for name in near)
    assert [c["name"] for c in guarded["checks"] if c["name"] == NEARLY] == [NEARLY]


def test_no_two_lines_that_are_shown_differ_by_a_few_people_in_an_arm() -> None:
    for seed in (1, 2, 3, 4):
        kept = apart(matched(seed), PROFILE)
        shown = [kept.estimate, *(way.estimate for way in kept.sensitivity if way.estimate.value is not None)]
        gaps = [abs(a.n_treated - b.n_treated) for a in shown for b in shown]
        gaps += [abs(a.n_comparison - b.n_comparison) for a in shown for b in shown]
        assert not [gap for gap in gaps if 0 < gap < PROFILE.threshold]


def ways(*sizes: tuple[int, int]) -> OutcomeResult:
    """An outcome of 100 and 100 with ways of these sizes."""
    main = an_estimate(0.1, 0.0, 0.2)
    lines = tuple(
        Sensitivity(
            f"way {at}", replace(main, n_treated=treated, n_comparison=comparison), flips_verdict=at == 1
        )
        for at, (treated, comparison) in enumerate(sizes)
    )
    return replace(nothing_worthwhile().primary, estimate=main, sensitivity=lines)


@pytest.mark.parametrize(
    ("sizes", "held"),
    [
        (((100, 100),), []),
        (((99, 100),), ["way 0"]),
        (((100, 91),), ["way 0"]),
        (((100, 90),), []),
        (((110, 105),), ["way 0"]),
        (((120, 85),), ["way 0"]),  # 205 people against 200
        (((120, 60), (118, 60)), ["way 1"]),  # near one another, not the main line
        (((97, 97), (94, 94), (80, 80)), ["way 0", "way 1"]),
    ],
)
def test_a_way_goes_where_an_arm_or_both_differ_by_one_to_nine_from_a_line_that_is_shown(
    sizes: tuple[tuple[int, int], ...], held: list[str]
) -> None:
    found = apart(ways(*sizes), PROFILE)
    assert [way.name for way in found.sensitivity if is_held(found, way)] == held
    assert (NEARLY in [check.name for check in found.checks]) == bool(held)
    assert [way.flips_verdict for way in found.sensitivity] == [at == 1 for at in range(len(sizes))]
    assert apart(found, PROFILE).sensitivity == found.sensitivity


def test_the_report_names_the_way_says_whether_the_answer_would_change_and_shows_no_figure() -> None:
    found = apart(ways((100, 100), (97, 100)), PROFILE)
    rows = sensitivity_table(found, PROFILE).rows
    assert rows[1][0] == "way 1"
    assert rows[1][1] == "withheld: nearly the same people"
    assert rows[1][3] == "yes, the answer would change"
    assert rows[0][1] != rows[1][1]
    note = found.checks[-1].note
    assert "“way 1”" in note
    assert not [character for character in note.replace("way 1", "") if character.isdigit()]


def test_ways_of_areas_are_of_no_people_and_stay() -> None:
    found = replace(nothing_worthwhile(), outcomes=(replace(ways((99, 100)), units="areas"),))
    assert masked(found, PROFILE).outcomes[0].sensitivity[0].estimate.value is not None


def test_the_annex_marks_the_figures_as_withheld_and_not_as_missing() -> None:
    result = masked(replace(nothing_worthwhile(), outcomes=(ways((100, 100), (97, 100)),)), PROFILE)
    table = next(t for t in annex_tables(released(result, PROFILE), PROFILE) if t.name == "other-ways")
    value = table.columns.index("value")
    shown, held = (row[value] for row in table.rows)
    assert isinstance(shown, float)
    assert held == WITHHELD


def test_a_saved_result_read_again_says_withheld_and_not_that_nothing_was_estimated() -> None:
    saved = told(ways((100, 100), (97, 100)), guarded=True)
    found = read_saved("A", {"outcomes": [saved], "plan": {"id": "p"}, "method": "matching"})
    first, second = found.outcomes[0].ways
    assert first.words("") != "withheld: nearly the same people" == second.words("")
