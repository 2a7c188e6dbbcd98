"""Evidence for links in its order, what a theory says is unrelated, links nobody tested, and whose finding it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.evidence.model import Study, Version
from evaluation.evidence.readings import read_version
from evaluation.register.model import Collected, Entry, Note, Planned, RunLine
from evaluation.theory_tests.association import Association, association
from evaluation.theory_tests.belongs import belonging, find_priority, of_priority
from evaluation.theory_tests.data import FEW, CohortData, Place, associate
from evaluation.theory_tests.from_theory import causal_reading
from evaluation.theory_tests.independences import missing_links, standing_of
from evaluation.theory_tests.links import Found, Outside, link_evidence
from evaluation.theory_tests.model import Moving
from evaluation.theory_tests.moving import moving_ends
from evaluation.theory_tests.payload import as_payload
from evaluation.theory_tests.untested import Known, untested_links
from theory_of_change.drawing.verdict_file import read_verdicts
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.priorities import Priority
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def measure(name: str) -> Measure:
    return Measure(name, name, "continuous", "higher")


def theory(*, direct: bool = False) -> Theory:
    """A1 leads to O1, O1 to O2; F1 leads to O1 and O2. Directly from A1 to O2 only where it is said."""
    boxes = (
        Box(
            "A1", "activity", "Mentors", tier="secondary", priority=("education", "health"), measures=("got",)
        ),
        Box("O1", "outcome", "Pupils attend", priority=("education",), measures=("attendance",)),
        Box("O2", "outcome", "Fewer exclusions", priority=("education",), measures=("exclusion",)),
        Box("F1", "factor", "Money at home", measures=("money",)),
        Box("I1", "impact", "Less violence", measures=(), priority=()),
    )
    links = [
        Link("A1", "O1", "Somebody is there", test="mentors"),
        Link("O1", "O2", "They are at school", lag_months=12),
        Link("O2", "I1", "They have more to lose"),
        Link("F1", "O1", "x"),
        Link("F1", "O2", "x"),
        Link("O2", "A1", "x", feedback=True),
    ]
    if direct:
        links.append(Link("A1", "O2", "x"))
    return Theory(
        "T", "The team", dt.date(2026, 1, 1), boxes, tuple(links),
        tuple(measure(name) for name in ("got", "attendance", "exclusion", "money")),
        priorities=(Priority("education", "Education", ("schools",), dt.date(2022, 4, 1)), Priority("health")),
    )  # fmt: skip


def cohort(n: int = 2000, *, direct: float = 0.0, seed: int = 1) -> CohortData:
    chance = np.random.default_rng(seed)
    money = chance.normal(size=n)
    got = (chance.random(n) < 0.5) * 1.0
    attendance = 0.8 * got + 0.6 * money + chance.normal(size=n)
    exclusion = 0.5 * attendance + 0.5 * money + direct * got + chance.normal(size=n)
    values = {"got@0": got, "attendance@6": attendance, "exclusion@12": exclusion, "money@0": money}
    places = {
        box: (Place(column, column.partition("@")[0], column, float(column.partition("@")[2]), kind, "higher"),)
        for box, column, kind in (
            ("A1", "got@0", "binary"), ("O1", "attendance@6", "number"),
            ("O2", "exclusion@12", "number"), ("F1", "money@0", "number"),
        )
    }  # fmt: skip
    return CohortData("pupils", "COH-001", pl.DataFrame(values), places, PROFILE)


def test_a_partial_correlation_is_the_one_of_the_textbook() -> None:
    data = cohort(500)
    x, y, z = (data.frame[c].to_numpy() for c in ("got@0", "exclusion@12", "attendance@6"))
    r = np.corrcoef([x, y, z])
    wanted = (r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    found = association(y, x, z[:, None])
    assert isinstance(found, Association)
    assert found.value == pytest.approx(wanted, abs=1e-12)
    assert found.conf_low < found.narrow_low < found.value < found.narrow_high < found.conf_high


@pytest.mark.parametrize(
    ("y", "x", "said"),
    [
        (np.arange(10.0), np.arange(10.0) ** 2, "too few people"),
        (np.arange(99.0), np.ones(99), "nothing of one of the two"),
        (np.arange(99.0), 3 - 2 * np.arange(99.0), "the same thing"),
    ],
)
def test_where_there_is_no_figure_it_says_why(y: np.ndarray, x: np.ndarray, said: str) -> None:
    assert said in str(association(y, x, np.empty((len(y), 0))))


def test_few_clusters_give_no_interval() -> None:
    chance = np.random.default_rng(1)
    x, y = chance.normal(size=(2, 200))
    assert "too few for an interval" in str(association(y, x, np.empty((200, 0)), np.arange(200) % 8))


def test_the_data_agree_where_the_theory_is_right() -> None:
    whole = theory()
    found = missing_links(whole, causal_reading(whole), [cohort(9000)])
    assert found.left_out == ("O2>A1",)
    held = {(one.independence.one, one.independence.other): one for one in found.judged}
    assert set(held) == {("A1", "O2"), ("A1", "F1")}
    straight = held["A1", "O2"]
    assert set(straight.independence.given) == {"O1", "F1"}
    assert straight.standing == held["A1", "F1"].standing == "agrees"
    assert "are unrelated once O1 (Pupils attend) and F1 (Money at home) are known" in straight.said
    assert straight.n == 9000


def test_a_link_that_is_missing_is_found_and_comes_first() -> None:
    whole = theory()
    found = missing_links(whole, causal_reading(whole), [cohort(3000, direct=0.7)])
    first = found.judged[0]
    assert first.standing == "against"
    assert {first.independence.one, first.independence.other} == {"A1", "O2"}
    assert "the data say they are related" in first.said
    named = theory(direct=True)  # said in the theory, nothing is implied of the two any more
    again = missing_links(named, causal_reading(named), [cohort(3000, direct=0.7)])
    assert {one.standing for one in again.judged} <= {"agrees", "cannot tell"}


def test_a_wide_interval_is_never_called_unrelated() -> None:
    whole = theory()
    for seed in range(20):
        found = missing_links(whole, causal_reading(whole), [cohort(80, seed=seed)])
        assert not any(one.standing == "agrees" for one in found.judged)
    assert standing_of(0.5, 0.5) == "cannot tell"
    assert standing_of(0.01, 0.01) == "small"


def test_the_p_values_are_adjusted_over_all_that_was_tested() -> None:
    whole = theory()
    both = missing_links(
        whole, causal_reading(whole), [cohort(400), replace(cohort(400), name="again")]
    ).judged
    tested = [one for one in both if one.p_related is not None]
    assert len(tested) == 4
    data = cohort(400)
    bare = associate(data, data.latest("A1"), data.latest("F1"), ())
    assert isinstance(bare, Association)
    shown = next(one for one in tested if one.independence.other == "F1")
    assert shown.p_related is not None
    assert shown.p_related >= min(1.0, bare.p_related) - 1e-4


def test_few_people_on_one_side_are_not_looked_at() -> None:
    data = cohort(400)
    rare = data.frame.with_columns((pl.int_range(pl.len()) < 4).cast(pl.Float64).alias("got@0"))
    thin = replace(data, frame=rare)
    assert associate(thin, thin.latest("A1"), thin.latest("O1"), ()) == FEW
    assert "Data" in repr(thin)
    assert "0.0" not in repr(thin)


def test_people_of_schools_without_their_school_give_no_figure() -> None:
    data = replace(cohort(400), clusters="school")
    assert "nothing says which" in str(associate(data, data.latest("A1"), data.latest("O1"), ()))


def test_an_association_is_adjusted_for_what_the_theory_says_and_says_so() -> None:
    whole = theory()
    dag = causal_reading(whole).dag
    link = whole.link("O1>O2")
    assert link
    found = moving_ends(link, dag, [cohort(2000)])
    assert found
    assert (found.adjusted, found.closes, found.as_expected) == (("F1",), True, "as the theory says")
    without = cohort(2000)
    bare = replace(without, places={box: p for box, p in without.places.items() if box != "F1"})
    open_ = moving_ends(link, dag, [bare])
    assert open_
    assert not open_.closes
    assert open_.adjusted == ("A1",)
    said = link_evidence(whole, link, (), (), open_)
    assert said.ground == "association"
    assert said.answer == ""  # a drawing gives it no sign
    assert "common causes that nobody measured" in said.said
    reverse = replace(link, direction="lower")
    turned = moving_ends(reverse, dag, [cohort(2000)])
    assert turned
    assert turned.as_expected == "the other way"


def test_a_near_end_that_came_after_its_far_end_says_nothing() -> None:
    whole, data = theory(), cohort(300)
    late = replace(data, places=dict(data.places) | {"O1": (replace(data.latest("O1"), months=24.0),)})
    link = whole.link("O1>O2")
    assert link
    found = moving_ends(link, causal_reading(whole).dag, [late])
    assert found
    assert found.value is None
    said = link_evidence(whole, link, (), (), found)
    assert said.ground == "no test"
    assert "only measured after the far end" in said.note


# ---- evidence in its order


def finding(
    name: str, finding_: str, security: int, links: tuple[str, ...] = ("O1>O2",), notes: tuple[Note, ...] = ()
) -> Found:
    plan = Planned(f"plan-{name}", "", "", "2026-01-01", "", "", "", "", links, outcomes=("exclusion",))
    run = RunLine(name, plan.plan_id, "locked before outcomes", "works", security, "2026-02-01", "", "there")
    entry = Entry(plan, "reported", overdue=False, runs=(run,), notes=notes, collected=Collected())
    readings = [
        {"link": link, "finding": finding_, "security": security, "evidence": "exclusions: fewer"}
        for link in links
    ]
    outcome = {
        "measure": "exclusion",
        "name": "exclusions",
        "role": "primary",
        "verdict": {"answer": "works"},
    }
    return Found(entry, run, {"links": readings, "outcomes": [outcome]})


def study(name: str, effect: float, *, outcome: str = "O2", activity: str = "O1") -> Outside:
    versions = (Version("2020-01-01", "a paper", "odds-ratio", effect, 0.1),)
    one = Study(name, "Somebody (2020)", outcome, "lower", "randomised", versions, activity=activity)
    return Outside(one, tuple((v, read_version(one, v)) for v in one.newest()))


MOVING = Moving("pupils", "a", "b", ("F1",), closes=True, value=0.3, conf_low=0.1, conf_high=0.5, n=100)


def test_the_best_evidence_comes_first_and_association_last() -> None:
    whole = theory()
    link = whole.link("O1>O2")
    assert link
    own, end = finding("EVAL-001", "held", 4), finding("EVAL-002", "held", 5, ("A1>O1",))
    outside = [study("trial", 0.5)]
    grounds = [
        link_evidence(whole, link, findings, studies, moving).ground
        for findings, studies, moving in (
            ([own, end], outside, MOVING), ([end], outside, MOVING), ([], outside, MOVING), ([], [], MOVING),
            ([], [], None),
        )
    ]  # fmt: skip
    assert grounds == [
        "evaluation of the link", "evaluation of an end", "outside evidence", "association", "no test",
    ]  # fmt: skip


def test_one_good_finding_is_promising_and_two_that_differ_cannot_tell() -> None:
    whole = theory()
    link = whole.link("O1>O2")
    assert link
    alone = link_evidence(whole, link, [finding("EVAL-001", "held", 4)], [])
    assert alone.answer == "works"
    assert "promising" in alone.note
    twice = link_evidence(whole, link, [finding("EVAL-001", "held", 4), finding("EVAL-002", "held", 3)], [])
    assert "promising" not in twice.note
    differ = link_evidence(
        whole, link, [finding("EVAL-001", "held", 4), finding("EVAL-002", "did not hold", 3)], []
    )
    assert (differ.answer, differ.said) == ("inconclusive", "evaluations differ")
    assert "EVAL-002 says otherwise" in differ.conflicts[0]


def test_a_finding_whose_dispute_was_upheld_no_longer_speaks() -> None:
    whole = theory()
    link = whole.link("O1>O2")
    assert link
    note = Note(1, "dispute", "EVAL-001", "wrong", "X", "", "", "", None, "2026-03-01", "me")
    ended = Note(2, "resolve", "EVAL-001", "yes", "X", "", "", "upheld", 1, "2026-03-02", "me")
    disputed = link_evidence(whole, link, [finding("EVAL-001", "held", 4, notes=(note,))], [])
    assert "EVAL-001 is disputed." in disputed.note
    gone = link_evidence(whole, link, [finding("EVAL-001", "held", 4, notes=(note, ended))], [])
    assert gone.ground == "no test"


def test_a_link_not_put_to_the_test_falls_to_the_next_evidence() -> None:
    whole = theory()
    link = whole.link("O1>O2")
    assert link
    assert (
        link_evidence(whole, link, [finding("EVAL-001", "not tested", 4)], []).ground
        == "evaluation of an end"
    )


def test_studies_that_differ_and_names_not_on_record_are_said() -> None:
    whole = theory()
    link = whole.link("O1>O2")
    assert link
    found = link_evidence(whole, link, [], [study("trial", 0.5), study("other", 2.0)])
    assert "Studies differ" in found.conflicts[-1]
    named = replace(link, evidence=("EVD-011",))
    assert "EVD-011" in link_evidence(whole, named, [], []).note
    assert link_evidence(
        whole, replace(link, evidence=("far",)), [], [study("far", 1, outcome="x")]
    ).ground == ("outside evidence")


# ---- links nobody tested


def test_the_register_of_links_without_a_test_begins_with_the_oldest() -> None:
    whole = theory()
    evidence = [link_evidence(whole, link, [], []) for link in whole.links]
    versions = (
        (dt.date(2025, 1, 1), frozenset({"O2>I1"})),
        (dt.date(2025, 6, 1), frozenset({"O2>I1", "O1>O2"})),
    )
    known = Known(
        versions, {"O1": ("pupils",), "A1": ("pupils",), "O2": ("pupils",)}, {"O2": ("wards",)}, frozenset({"mentors"})
    )  # fmt: skip
    found = untested_links(whole, evidence, known, dt.date(2026, 11, 22))
    assert [one.link for one in found][:2] == ["O2>I1", "O1>O2"]
    assert (found[0].since, found[0].owner, found[0].overdue) == (dt.date(2025, 1, 1), "The team", True)
    by = {one.link: " ".join(one.would_test) for one in found}
    assert "I1 has no measure" in by["O2>I1"]
    assert "Plan 'mentors' is there and has no finding yet" in by["A1>O1"]
    assert "randomised where chance decided" in by["A1>O1"]
    assert "name O1>O2 among the links of a plan" in by["O1>O2"]
    assert "Area series wards" in by["O1>O2"]
    assert "12 months: an earlier answer would be too soon" in by["O1>O2"]
    assert "holds O1 but not F1" in by["F1>O1"]
    assert "no plan of this project yet" in " ".join(
        untested_links(whole, evidence[:1], Known(), dt.date(2026, 1, 1))[0].would_test
    )


# ---- whose finding it is


def test_a_finding_belongs_to_its_second_priority_and_to_a_former_name() -> None:
    whole = theory()
    one, other = finding("EVAL-001", "held", 4, ("A1>O1",)).entry, finding("EVAL-002", "held", 4, ()).entry
    found = belonging(whole, one.plan)
    assert (found.boxes, found.links, found.tiers) == (("A1", "O1", "O2"), ("A1>O1",), ("secondary",))
    assert [each.id for each in found.priorities] == ["education", "health"]
    assert found.priorities[0].since == dt.date(2022, 4, 1)
    assert of_priority(whole, [one, other], find_priority(whole, "health").id) == (one,)
    assert of_priority(whole, [one, other], find_priority(whole, "schools").id) == (one, other)
    with pytest.raises(EvaluationError) as error:
        find_priority(whole, "helth")
    assert error.value.code == "LC241"
    assert "Did you mean 'health'?" in str(error.value)


def test_what_is_saved_is_what_a_drawing_reads() -> None:
    from evaluation.theory_tests.model import Missing, TheoryTest
    from workspace.console import to_json

    whole = theory()
    links = tuple(link_evidence(whole, link, [finding("EVAL-001", "held", 4)], []) for link in whole.links)
    test = TheoryTest("T", "2026-11-22", links, Missing((), 0, 0, ()), ())
    assert read_verdicts(to_json(as_payload(test)), whole, "theory-test.json") == {"O1>O2": "works"}
