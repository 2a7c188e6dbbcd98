"""Versions of a plan: what differs, what a run may claim, and what became of each planned outcome."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from evaluation.amending.audit import audit
from evaluation.amending.changes import changes
from evaluation.amending.model import Audit, Sort, Version
from evaluation.amending.rebuilding import rebuilt
from evaluation.amending.store import add_version, locked_plans, log_head, runs_of, versions_of
from evaluation.amending.versions import (
    deviations_of,
    kind_of,
    last_before_outcomes,
    most_seen,
    standing_words,
    state_of,
)
from evaluation.model import Check
from evaluation.plan import canonical
from evaluation.store import add_lock
from tests.commands.test_every_method_in_a_project import CASES
from tests.evaluation import report_builders as made
from tests.evaluation.studies import make_plan, read
from workspace.database import create_database, reading, writing
from workspace.errors import WorkspaceError
from workspace.project import create_project
from workspace.statements import run

BASE: dict[str, Any] = {
    "measure": "arrested",
    "role": "primary",
    "kind": "binary",
    "effect": "risk-difference",
}
WAGES = {"measure": "wages", "role": "secondary", "kind": "continuous", "effect": "difference"}


def text(*outcomes: dict[str, Any], **parts: Any) -> str:
    """A canonical text with these outcomes."""
    whole = {
        "title": "T", "population": {"where": ""}, "design": {"method": "matching", "settings": {"caliper": 0.2}},
        "outcomes": list(outcomes),
    }  # fmt: skip
    return json.dumps(whole | parts)


def said(old: str, new: str, *, seen: bool = False) -> list[str]:
    return [change.text for change in changes(old, new, seen=seen)]


def test_a_difference_is_said_by_its_key_from_what_to_what() -> None:
    old = text({**BASE, "minimum_important_difference": 0.05, "expected_rate": 0.3}, WAGES)
    assert said(old, old) == []
    wider = {**BASE, "minimum_important_difference": 0.1, "expected_rate": 0.3}
    matters = "the difference that matters (minimum_important_difference)"
    margin = f"outcome 'arrested': redefined, {matters} from 0.05 to 0.1"
    assert said(old, text(wider, WAGES)) == [margin]
    assert said(old, text(wider, WAGES), seen=True) == [f"{margin}; changed after outcomes could be seen"]
    other = text(
        {**BASE, "minimum_important_difference": 0.05, "expected_rate": 0.4}, WAGES,
        population={"where": "age > 17"}, design={"method": "matching", "settings": {"caliper": 0.3}},
    )  # fmt: skip
    assert [(c.what, c.text) for c in changes(old, other)] == [
        ("assumption", "outcome 'arrested': expected_rate from 0.3 to 0.4"),
        ("changed", "population.where from not set to age > 17"),
        ("changed", "design.matching.caliper from 0.2 to 0.3"),
    ]


def test_a_key_that_later_programs_add_is_no_change_while_it_is_not_used() -> None:
    assert said(text(BASE), text({**BASE, "waves": [], "exposure": "", "timing": None})) == []


def test_outcomes_are_added_dropped_promoted_demoted_and_redefined_by_name() -> None:
    new = text({**BASE, "role": "secondary"}, {**BASE, "measure": "cautioned"})
    assert said(text(BASE, WAGES), new) == [
        "outcome 'arrested': demoted from primary to secondary",
        "outcome 'wages': dropped (it was secondary)",
        "outcome 'cautioned': added as primary",
    ]
    one, other = {**BASE, "wave": "12-months"}, {**BASE, "wave": "24-months"}
    assert said(text(one), text(other)) == [
        "outcome 'arrested' at 12-months: redefined, wave from 12-months to 24-months"
    ]
    both = said(text(one, {**other, "role": "secondary"}), text(other))
    assert both == [
        "outcome 'arrested' at 12-months: dropped (it was primary)",
        "outcome 'arrested' at 24-months: promoted from secondary to primary",
    ]


def standings(found: Audit) -> dict[str, str]:
    return {one.measure: one.standing for one in found.outcomes}


def test_the_audit_names_what_became_of_each_outcome() -> None:
    first = text(BASE, WAGES, {**WAGES, "measure": "rent"}, {**WAGES, "measure": "debts"})
    last = text({**BASE, "role": "secondary"}, {**WAGES, "role": "primary", "better": "lower"},
                {**WAGES, "measure": "rent", "baseline": "rent_before"}, {**WAGES, "measure": "savings"})  # fmt: skip
    found = audit(first, last)
    assert standings(found) == {
        "arrested": "demoted", "wages": "promoted", "rent": "redefined", "debts": "dropped", "savings": "added",
    }  # fmt: skip
    assert [one.changes for one in found.outcomes if one.measure in ("wages", "rent")] == [
        ("better from not set to lower",),
        ("baseline from not set to rent_before",),
    ]
    assert not found.kept
    assert audit(first, first).kept
    assert not audit(first, text(*json.loads(first)["outcomes"], population={"where": "age > 17"})).kept
    assert audit(first, text(*json.loads(first)["outcomes"], title="Another", reported_by="2027-01-01")).kept


def test_the_audit_takes_the_result_at_its_word_and_says_what_could_not_be_analysed() -> None:
    blocked = Check("people", "fail", 3.0, 30.0, "block", "Too few.")
    shown = made.outcome("not-assessable", "people", measure="arrested", checks=(blocked,))
    late = made.score(measure="an afterthought", role="exploratory")
    found = audit(text(BASE, WAGES), text(BASE, WAGES), [shown, late])
    assert standings(found) == {"arrested": "kept", "wages": "dropped", "an afterthought": "added"}
    assert found.outcomes[0].note == "It could not be analysed: people."
    assert found.outcomes[1].note == "It is in the version that was run and not in its result."
    turned = audit(text(BASE), text(BASE), [made.outcome(measure="arrested", role="secondary")])
    assert standings(turned) == {"arrested": "demoted"}


def version(number: int, kind: Sort, state: str = "baseline seen", **changed: Any) -> Version:
    return Version(
        "p", number, f"sha-{number}", text({**BASE, **changed}), kind, "because", state, "", f"2026-0{number}", "me"
    )  # fmt: skip


def test_a_deviation_lowers_what_later_runs_may_claim_and_nothing_raises_it_again() -> None:
    lock, amended = version(1, "lock"), version(2, "amendment", role="secondary")
    late, after = version(3, "deviation", "outcomes seen"), version(4, "amendment", role="secondary")
    whole = (lock, amended, late, after)
    assert [state_of(whole, n) for n in (1, 2, 3, 4)] == [
        "locked before outcomes", "locked before outcomes", "locked after outcomes", "locked after outcomes",
    ]  # fmt: skip
    assert last_before_outcomes(whole) is amended
    assert kind_of("baseline seen", (lock, amended)) == "amendment"
    assert kind_of("outcomes seen", (lock, amended)) == "deviation"
    assert kind_of("baseline seen", (lock, amended, late)) == "deviation"
    assert kind_of("nothing collected", (version(1, "lock", "outcomes seen"),)) == "deviation"
    assert [(d.version, d.followed) for d in deviations_of(whole, 2)] == [(2, True), (3, False), (4, False)]
    assert standing_words(whole) == "locked; 2 amendments, 1 deviation"
    assert standing_words((version(1, "lock", "outcomes seen"),)) == "locked after outcomes could be seen"
    assert most_seen(["nothing collected", "baseline seen", "collected, unseen"]) == "baseline seen"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_plan_of_every_method_is_made_again_from_its_canonical_text(case: Any) -> None:
    plan = read(case.text)
    assert rebuilt(canonical(plan)) == plan


@pytest.mark.parametrize("spoilt", ["", "{}", "[]", '{"design": {"method": "magic", "settings": {}}}'])
def test_a_text_that_is_no_plan_is_not_made_into_one(spoilt: str) -> None:
    assert rebuilt(spoilt) is None


def test_the_store_keeps_versions_and_refuses_to_change_or_delete_them(
    tmp_path: Path, database_url: str
) -> None:
    project = create_project(tmp_path / "project", "Test")
    create_database(project)
    plan = make_plan()
    with writing(project) as session:
        add_lock(session, plan, "baseline seen", "")
        add_version(
            session, plan, versions_of(session, plan.id), "amendment", "because", ("baseline seen", "")
        )
    with reading(project) as session:
        assert [(v.number, v.kind) for v in versions_of(session, plan.id)] == [(1, "lock"), (2, "amendment")]
        assert locked_plans(session) == (plan.id,)
        assert versions_of(session, "another") == ()
        assert runs_of(session, project, plan.id) == ()
        assert log_head(session) == 0
    statements = ["DELETE FROM {}", "UPDATE {} SET sha256 = 'x'"]
    statements += ["TRUNCATE {}"] if database_url else ["INSERT OR REPLACE INTO {} SELECT * FROM {}"]
    for table in ("plan_lock", "plan_version"):
        for statement in statements:
            with pytest.raises((WorkspaceError, DBAPIError)), writing(project) as session:
                run(session, statement.format(table, table))
    with reading(project) as session:
        assert len(versions_of(session, plan.id)) == 2
