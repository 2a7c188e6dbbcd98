"""Why an outcome moved or did not."""

from __future__ import annotations

import pytest

from evaluation.explaining.links import Seen, first_broken, read_links
from evaluation.model import Check, LinkReading
from evaluation.verdict import Oriented, Ruling
from evaluation.why import edge_check, reasons
from tests.evaluation.studies import make_plan
from theory_of_change.model import Box, Link, Measure, Theory

VIEW = Oriented(0, 1, -2, 2, -1.6, 1.6, 1.0)


def codes(answer: str, *checks: Check, randomised: bool = True) -> list[str]:
    ruling = Ruling(answer, "")  # type: ignore[arg-type]
    return [reason.code for reason in reasons(ruling, VIEW, checks, randomised=randomised)]


def failed(name: str) -> Check:
    return Check(name, "fail", 1.0, 0.0, "downgrade", f"{name} failed")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("works", ["W0"]), ("too-small-to-matter", ["W0"]), ("no-meaningful-effect", ["W3"]), ("harms", ["W8"]),
        ("inconclusive", ["W7"]), ("not-assessable", []), ("changed", []),
    ],
)  # fmt: skip
def test_each_answer_has_its_reason(answer: str, expected: list[str]) -> None:
    assert codes(answer) == expected


def test_a_comparison_that_was_not_randomised_says_so_where_something_was_found() -> None:
    for answer in ("works", "harms", "no-meaningful-effect", "too-small-to-matter"):
        assert codes(answer, randomised=False)[-1] == "W2"
    assert "W2" not in codes("inconclusive", randomised=False)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("range", "W6"), ("people", "W7"), ("attrition", "W7"), ("maturity", "W7"), ("overlap", "W2"),
        ("balance", "W2"),
        ("baseline equivalence", "W2"), ("common support", "W2"), ("anything else", "W7"),
    ],
)  # fmt: skip
def test_each_failed_check_is_a_reason_in_its_own_words(name: str, code: str) -> None:
    found = reasons(Ruling("not-assessable", name), None, (failed(name),), randomised=True)
    assert [(reason.code, reason.text) for reason in found] == [(code, f"{name} failed")]


def test_warnings_are_no_reasons_but_for_the_ends_of_the_scale() -> None:
    warned = Check("attrition", "warn", 0.1, 0.1, "downgrade", "x")
    assert codes("works", warned) == ["W0"]
    assert codes("works", edge_check(0.3, 0.1)) == ["W0", "W6"]


def test_a_reason_is_given_once() -> None:
    assert codes("not-assessable", failed("people"), failed("people")) == ["W7"]


@pytest.mark.parametrize(
    ("low", "high", "result", "end"),
    [
        (0.2, 0.0, "warn", "lowest"),
        (0.0, 0.2, "warn", "highest"),
        (0.199, 0.199, "pass", ""),
        (0.3, 0.3, "warn", "lowest"),
    ],
)
def test_the_fuller_end_of_the_scale_is_named(low: float, high: float, result: str, end: str) -> None:
    found = edge_check(low, high)
    assert found.result == result
    assert end in found.note


def measure(name: str) -> Measure:
    return Measure(id=name, name=name, kind="continuous", better="higher")


THEORY = Theory(
    "A theory",
    boxes=(
        Box("A1", "activity", "Course", tier="secondary"),
        Box("O1", "outcome", "Thinking", term="short", measures=("think",)),
        Box("O2", "outcome", "Reoffending", term="long", measures=("y",)),
    ),
    links=(Link("A1", "O1", because="practice"), Link("O1", "O2", because="fewer fights", expect="fewer")),
    measures=(measure("think"), measure("y")),
)


def seen(name: str, answer: str, detail: str = "") -> Seen:
    return Seen(make_plan(measure=name).outcomes[0], Ruling(answer, detail))  # type: ignore[arg-type]


def test_a_link_is_read_from_the_outcome_at_its_far_end() -> None:
    one, two = read_links(
        THEORY, ("A1>O1", "O1>O2"), [seen("think", "works"), seen("y", "no-meaningful-effect")]
    )
    assert (one.finding, two.finding) == ("held", "did not hold")
    assert (two.expected, two.because) == ("fewer", "fewer fights")
    assert (one.expected, one.from_text, one.to_text) == ("a change for the better", "Course", "Thinking")


def test_a_link_whose_outcome_the_plan_does_not_measure_was_not_tested() -> None:
    (one,) = read_links(THEORY, ("A1>O1",), [seen("y", "works")])
    assert (one.seen, one.finding) == ("not measured in this plan", "not tested")


def test_without_a_theory_or_with_an_unknown_link_nothing_is_read() -> None:
    assert read_links(None, ("A1>O1",), []) == ()
    assert read_links(THEORY, ("A9>O9",), []) == ()


def reading(link: str, finding: str) -> LinkReading:
    return LinkReading(link, "from", "to", "", "", "", finding)


@pytest.mark.parametrize(
    ("findings", "code", "link"),
    [
        (["did not hold", "did not hold"], "W3", "L0"),
        (["held", "did not hold"], "W4", "L1"),
        (["held, weakly", "went the other way"], "W4", "L1"),
        (["not known", "did not hold"], "W3", "L1"),
        (["held", "held", "went the other way", "did not hold"], "W4", "L2"),
    ],
)
def test_the_first_link_that_did_not_hold_is_named(findings: list[str], code: str, link: str) -> None:
    found = first_broken([reading(f"L{i}", finding) for i, finding in enumerate(findings)])
    assert found is not None
    assert found.code == code
    assert link in found.text


def test_no_link_is_called_broken_that_is_only_not_known() -> None:
    assert (
        first_broken([reading("L0", "held"), reading("L1", "not known"), reading("L2", "not tested")]) is None
    )
    assert first_broken([]) is None
