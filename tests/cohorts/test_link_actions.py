"""The linkage in a project, on both stores: what is kept, what is not, and what changes when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.actions import load_file
from cohorts.custody.token_store import all_tokens
from cohorts.errors import CohortError
from cohorts.identifiers import normalise
from cohorts.keys import load_key
from cohorts.linking import actions as link_actions
from cohorts.linking.actions import LinkDone, LinkRequest, parse_sides, run_link
from cohorts.linking.decisions import decide_pair
from cohorts.linking.pairs import Side, read_pairs
from cohorts.linking.register import forbid_pairs
from cohorts.linking.report import quality_report
from cohorts.linking.review_list import decisions_of, reviews_of
from cohorts.linking.side import make_side
from cohorts.linking.store import linkage_table
from cohorts.pseudonyms import tokenise
from cohorts.store import find_cohort
from tests.cohorts.agreements import keep, name_it
from tests.cohorts.linking import (
    PROBATION,
    crn,
    make_linking_project,
    prison_number,
    probation_rows,
    release_rows,
    sources,
    true_partners,
    write_rows,
)
from workspace import console, noticeboard
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.noticeboard import PostedResult
from workspace.project import Project
from workspace.statements import run

MADE = sources(700, 2)


@pytest.fixture(autouse=True)
def key_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))


def link(project: Project, left: Path, right: Path, **options: Any) -> LinkDone:
    return run_link(project, LinkRequest("leavers", ("releases", left), ("probation", right), **options))


def token(project: Project, kind: str, text: str) -> bytes:
    values = normalise(pl.Series([text]), kind)
    return bytes(tokenise(values, kind, load_key(project), project.settings.project_id)[0])


def held(project: Project) -> dict[bytes, int]:
    with reading(project) as session:
        rows = all_tokens(session).select("token", "participant_id")
    return dict(rows.iter_rows())


def partners(project: Project) -> dict[str, str]:
    """Which CRN the store puts with which prison number, by tokens worked out here."""
    held_by = held(project)
    crns = {held_by.get(token(project, "crn", crn(i))): crn(i) for i in MADE.right["record"]}
    found = {}
    for i in MADE.left["record"]:
        number = held_by.get(token(project, "prison-number", prison_number(i)))
        if number in crns and number is not None:
            found[prison_number(i)] = crns[number]
    return found


def test_linked_people_are_found_by_a_later_load_and_nobody_else_is_kept(
    tmp_path: Path, database_url: str
) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    before = held(project)
    done = link(project, releases, others)
    assert done.run_id == "LNK-001"
    found, truth = partners(project), true_partners(MADE)
    right = sum(truth.get(one) == other for one, other in found.items())
    assert len(found) == done.linked
    assert right / len(found) >= 0.99
    assert right / len(truth) >= 0.9
    ids = probation_rows(MADE).filter(pl.col("crn").is_in(list(found.values())))["nhs"].drop_nulls()
    wanted = {token(project, "crn", one) for one in found.values()} | {
        token(project, "nhs-number", n) for n in ids
    }
    assert set(held(project)) - set(before) <= wanted
    loaded = load_file(project, "probation", others, sealed=False, replace=False)
    assert loaded.result is not None
    assert loaded.result.people == done.linked


def test_the_same_files_again_change_nothing_and_another_order_gives_the_same_links(
    tmp_path: Path, database_url: str
) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    link(project, releases, others)
    first = partners(project)
    again = link(project, releases, others)
    assert (again.repeated, again.run_id, again.fresh) == (True, "LNK-001", 0)
    shuffled = write_rows(project, "probation", probation_rows(MADE), shuffled=4)
    once_more = link(project, releases, shuffled)
    assert (once_more.repeated, once_more.run_id, once_more.fresh) == (False, "LNK-002", 0)
    assert partners(project) == first


def test_links_do_not_depend_on_the_order_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for number in (0, 9):
        monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / f"{number}.key"))
        project, _, _ = make_linking_project(tmp_path / str(number), MADE)
        releases = write_rows(project, "releases", release_rows(MADE), shuffled=number)
        others = write_rows(project, "probation", probation_rows(MADE), shuffled=number)
        link(project, releases, others)
        found.append(partners(project))
    assert found[0] == found[1]


def test_an_earlier_link_is_kept_under_a_new_delivery_and_a_contradiction_is_asked_about(
    tmp_path: Path,
) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    link(project, releases, others)
    first = partners(project)
    rows = probation_rows(MADE)
    swap = (
        rows.filter(pl.col("crn").is_in(list(first.values())) & pl.col("nhs").is_null())["crn"]
        .head(2)
        .to_list()
    )
    names = {swap[0]: swap[1], swap[1]: swap[0]}  # two records change names: whose are they now?
    changed = rows.with_columns(pl.col("crn").replace(names))
    done = link(project, releases, write_rows(project, "probation", changed))
    assert partners(project) == first
    assert done.questions >= 2
    whys = [(one.kind, one.why) for one in reviews_of(project, "leavers", everything=False)]
    assert ("standing", "names point to somebody else") in whys


def test_no_name_and_no_field_token_is_in_the_store_or_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    original = make_side

    def spying(*words: object) -> object:
        side = original(*words)  # type: ignore[arg-type]
        frame = side.frame.select("fn", "sn", "dob", "pc").head(60)
        seen.extend(value for column in frame.iter_columns() for value in column.drop_nulls())
        return side

    monkeypatch.setattr(link_actions, "make_side", spying)
    project, releases, others = make_linking_project(tmp_path, MADE)
    link(project, releases, others)
    quality_report(project, "leavers", ["aid"])
    files = [p for p in project.root.rglob("*") if p.is_file() and p.parent != project.inbox]
    everything = b"".join(p.read_bytes() for p in files)
    names = {
        text for table in (MADE.left, MADE.right) for text in table["surname"].drop_nulls() if len(text) > 6
    }
    assert seen
    assert len(names) > 100
    assert not [name for name in names if name.encode() in everything.lower()]
    for value in seen:
        for form in (value.to_bytes(8, "big"), value.to_bytes(8, "little"), str(value).encode()):
            assert form not in everything


def test_the_linkage_table_says_what_ids_say(tmp_path: Path, database_url: str) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    link(project, releases, others)
    with reading(project) as session:
        table = linkage_table(session, find_cohort(session, "leavers").cohort_id)
    assert table.columns == ["participant", "source", "linked", "truth"]
    assert table.height == MADE.left.height
    assert set(table["source"]) == {"probation"}
    ids = MADE.left.join(MADE.right, on="nhs", suffix="_r").filter(pl.col("nhs").is_not_null()).height
    same = table.filter(pl.col("truth") == "same")
    assert ids - 3 <= same.height <= ids
    assert same["linked"].mean() > 0.9  # type: ignore[operator]
    assert table.filter((pl.col("truth") == "other") & ~pl.col("linked")).is_empty()


def test_a_decision_of_same_links_and_one_of_different_is_final(tmp_path: Path, database_url: str) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    link(project, releases, others)
    asked = [one for one in reviews_of(project, "leavers", everything=False) if one.why == "forenames differ"]
    assert asked
    assert all(set(one.pattern.values()) <= WORDS for one in asked)
    first = partners(project)
    decided = decide_pair(project, "leavers", asked[0].review_id, same=True, reason="same-record")
    assert (decided.effect, decided.affected) == ("noted", ())
    again = link(project, releases, others)
    assert (again.repeated, again.fresh) == (False, 1)
    assert len(partners(project)) == len(first) + 1
    with reading(project) as session:
        methods = run(
            session, "SELECT COUNT(*) FROM link WHERE run_id = 'LNK-002' AND method = 'clerical'"
        ).scalar()
    assert methods == 1
    assert decisions_of(project, "leavers")[0][2:5] == ("review", asked[0].review_id, "same-record")
    with pytest.raises(CohortError, match="LC886"):
        decide_pair(project, "leavers", asked[0].review_id, same=False, reason="sibling")
    with pytest.raises(CohortError, match="LC886"):
        decide_pair(project, "leavers", "999", same=False, reason="sibling")
    with pytest.raises(CohortError, match="LC887"):
        decide_pair(project, "leavers", asked[0].review_id, same=False, reason="Mr Quilbrax said so")


WORDS = {
    "same", "same root", "sounds alike", "first or last letters", "initial", "half", "swapped", "day differs",
    "month differs", "year differs", "sector", "district", "differs", "missing",
}  # fmt: skip


def test_taking_a_link_apart_removes_what_it_brought_and_names_the_results(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    link(project, releases, others)
    load_file(project, "probation", others, sealed=False, replace=False)
    first = partners(project)
    rows = probation_rows(MADE)
    swap = (
        rows.filter(pl.col("crn").is_in(list(first.values())) & pl.col("nhs").is_null())["crn"]
        .head(2)
        .to_list()
    )
    changed = rows.with_columns(pl.col("crn").replace({swap[0]: swap[1], swap[1]: swap[0]}))
    link(project, releases, write_rows(project, "probation", changed))
    monkeypatch.setattr(
        noticeboard, "RESULTS", [lambda _p, cohort: [PostedResult("EVAL-001", cohort, "2026-01-01")]]
    )
    standing = [one for one in reviews_of(project, "leavers", everything=False) if one.kind == "standing"]
    done = decide_pair(project, "leavers", standing[0].review_id, same=False, reason="other-person")
    assert done.effect == "split"
    assert [one.result_id for one in done.affected] == ["EVAL-001"]
    assert len(partners(project)) == len(first) - 1
    with reading(project) as session:
        values = run(
            session,
            "SELECT COUNT(*) FROM observation WHERE delivery_id = (SELECT MAX(delivery_id) FROM delivery)",
        ).scalar()
        unlinked = run(session, "SELECT COUNT(*) FROM link WHERE run_id = 'LNK-002' AND linked = 0").scalar()
    assert values == len(first) - 1
    assert unlinked == MADE.left.height - len(first) + 1
    assert decisions_of(project, "leavers")[-1][2:] == (
        "split",
        standing[0].review_id,
        "other-person",
        "EVAL-001",
    )


def test_the_register_is_honoured_before_anything_is_compared(tmp_path: Path, database_url: str) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    truth = list(true_partners(MADE).items())
    apart = truth[:150]
    sides = (Side("prison-number"), Side("crn"))
    assert forbid_pairs(project, apart, sides, "adoption") == 150
    assert forbid_pairs(project, apart[:5], sides, "adoption") == 0
    link(project, releases, others)
    found = partners(project)
    assert not [one for one, other in apart if found.get(one) == other]
    assert sum(found.get(one) == other for one, other in truth[150:]) / len(truth[150:]) > 0.9
    with reading(project) as session:
        stored = run(session, "SELECT mark, other_mark, reason FROM cannot_link").fetchall()
    assert {row[2] for row in stored} == {"adoption"}
    assert not {bytes(m) for row in stored for m in row[:2]} & set(held(project))


def test_a_load_that_would_join_forbidden_people_is_refused(tmp_path: Path) -> None:
    project, _, _ = make_linking_project(tmp_path, MADE)
    both = release_rows(MADE).filter(pl.col("nhs").is_not_null())
    prison, nhs = both["prison"][0], both["nhs"][0]
    forbid_pairs(project, [(prison, nhs)], (Side("prison-number"), Side("nhs-number")), "at-risk")
    again = write_rows(project, "again", both.head(3).with_columns(aid=pl.lit(None, pl.Int64)))
    with pytest.raises(CohortError, match="LC885") as raised:
        load_file(project, "releases", again, sealed=False, replace=False)
    assert prison not in str(raised.value)
    assert nhs not in str(raised.value)


def test_a_dry_run_links_and_writes_nothing(tmp_path: Path) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    before = held(project)
    console.configure(console.RunSettings(dry_run=True))
    try:
        done = link(project, releases, others)
    finally:
        console.configure(console.RunSettings())
    assert done.run_id == ""
    assert done.linked > 300
    assert held(project) == before
    assert reviews_of(project, "leavers", everything=True) == []


def test_match_keys_alone_need_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    monkeypatch.setattr("cohorts.linking.residual.find_spec", lambda _name: None)
    with pytest.raises(GateNotMet, match="LC880"):
        link(project, releases, others)
    assert link(project, releases, others, keys_only=True).linked > 300


def test_an_agreement_that_does_not_allow_the_linkage_stops_it(tmp_path: Path) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    sources, fields = '["probation"]', '["identifiers", "recalls"]'
    keep(project, "courts", extra='linkages = ["elsewhere"]', sources=sources, fields=fields)
    name_it(project, "probation", "courts")
    with pytest.raises(GateNotMet, match="LC876"):
        link(project, releases, others)
    keep(project, "courts", extra='linkages = ["releases"]', sources=sources, fields=fields)
    assert link(project, releases, others).linked > 300


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: (p.sources / "releases.toml", "enrols = true", "enrols = false"), "LC882"),
        (lambda p: (p.sources / "probation.toml", 'cohort = "leavers"', 'cohort = "others"'), "LC882"),
        (lambda p: (p.sources / "probation.toml", PROBATION[PROBATION.index("[[matching]]") :], ""), "LC883"),
        (lambda p: (p.sources / "probation.toml", 'column = "last"', 'column = "lost"'), "LC811"),
    ],
)
def test_sources_that_cannot_be_linked_are_refused(
    tmp_path: Path, change: Callable[[Project], tuple[Path, str, str]], code: str
) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    path, old, new = change(project)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(CohortError, match=code):
        link(project, releases, others)


def test_a_first_file_of_strangers_is_refused(tmp_path: Path) -> None:
    project, _, others = make_linking_project(tmp_path, MADE)
    strangers = release_rows(MADE).with_columns(
        pl.Series("prison", [prison_number(i + 5000) for i in range(MADE.left.height)]),
        nhs=pl.lit(None, pl.String),
    )
    with pytest.raises(CohortError, match="LC884"):
        link(project, write_rows(project, "strangers", strangers), others)


@pytest.mark.parametrize("texts", [["a=b"], ["a=b", "c"], ["=b", "c=d"], ["a=b", "c=d", "e=f"]])
def test_sides_are_written_source_and_file(texts: list[str]) -> None:
    with pytest.raises(CohortError, match="LC882"):
        parse_sides(texts)


def test_quality_by_a_variable_is_published_under_the_rules(tmp_path: Path) -> None:
    project, releases, others = make_linking_project(tmp_path, MADE)
    with pytest.raises(CohortError, match="LC884"):
        quality_report(project, "leavers", [])
    link(project, releases, others)
    payload, _ = quality_report(project, "leavers", ["aid"])
    assert [(one["by"], one["group"]) for one in payload["groups"]] == [
        (None, "everybody"), ("aid", "no"), ("aid", "yes"),
    ]  # fmt: skip
    assert all(one["enrolled"] % 5 == 0 and one["linked"] % 5 == 0 for one in payload["groups"])
    assert payload["sources"][0]["run"] == "LNK-001"
    with pytest.raises(CohortError, match="LC861"):
        quality_report(project, "leavers", ["aidd"])


def two_who_are_one(tmp_path: Path, *, second_out: str = "2022-03-01", prison: str = "") -> Project:
    """One person loaded twice: by prison number, and by NHS number; a probation record fits both."""
    project, _, _ = make_linking_project(tmp_path, MADE)
    path = project.sources / "releases.toml"
    text = path.read_text(encoding="utf-8").replace(
        'kind = "prison-number"', 'kind = "prison-number"\nrequired = false'
    )
    path.write_text(text, encoding="utf-8")
    head = "prison,nhs,out,aid,first,last,dob,postcode,sex"
    who = "Zadok,Quilbrax,1984-02-03,ZQ1 1ZZ,m"
    one, other = [head, f"Z9001AD,,2022-03-01,1,{who}"], [head, f"{prison},9990000018,{second_out},1,{who}"]
    right = ["crn,nhs,recalls,first,last,dob,postcode,sex", f"Y900001,,1,{who}"]
    files = {}
    for name, lines in (("one", one), ("other", other), ("right", right)):
        files[name] = project.inbox / f"{name}.csv"
        files[name].write_text("\n".join(lines) + "\n", encoding="utf-8")
    load_file(project, "releases", files["one"], sealed=False, replace=False)
    assert link(project, files["one"], files["right"], keys_only=True).fresh == 1
    load_file(project, "releases", files["other"], sealed=False, replace=False)
    files["right"].write_text("\n".join([right[0], f"Y900001,9990000018,1,{who}"]) + "\n", encoding="utf-8")
    link(project, files["one"], files["right"], keys_only=True)
    return project


def test_two_participants_who_are_one_become_one(tmp_path: Path, database_url: str) -> None:
    project = two_who_are_one(tmp_path)
    assert len(set(held(project).values())) == MADE.left.height + 2
    asked = [one for one in reviews_of(project, "leavers", everything=False) if one.kind == "merge"]
    assert len(asked) == 1
    done = decide_pair(
        project, "leavers", asked[0].review_id.removeprefix("REV-"), same=True, reason="same-record"
    )
    assert done.effect == "merge"
    tokens = held(project)
    assert (
        tokens[token(project, "nhs-number", "9990000018")]
        == tokens[token(project, "prison-number", "Z9001AD")]
    )
    with reading(project) as session:
        counts = [
            run(session, f"SELECT COUNT(*) FROM {table} {where}").scalar()
            for table, where in (
                ("enrolment", ""), ("participant", "WHERE state = 'merged'"), ("observation", ""),
                ("identity_event", "WHERE kind = 'merge'"),
            )
        ]  # fmt: skip
    assert counts == [MADE.left.height + 1, 1, MADE.left.height + 1, 1]


@pytest.mark.parametrize("changed", [{"second_out": "2022-04-01"}, {"prison": "Z9002AD"}])
def test_participants_who_contradict_each_other_stay_two(tmp_path: Path, changed: dict[str, str]) -> None:
    project = two_who_are_one(tmp_path, **changed)
    asked = [one for one in reviews_of(project, "leavers", everything=False) if one.kind == "merge"]
    before = held(project)
    with pytest.raises(CohortError, match="LC888"):
        decide_pair(project, "leavers", asked[0].review_id, same=True, reason="same-record")
    assert held(project) == before
    assert (
        decide_pair(project, "leavers", asked[0].review_id, same=False, reason="other-person").effect
        == "noted"
    )


def test_reading_pairs_and_reasons_of_the_register(tmp_path: Path) -> None:
    project, _, _ = make_linking_project(tmp_path, MADE)
    nhs_side = (Side("nhs-number"), Side("nhs-number"))
    assert read_pairs(["a, b", "", "c,d"]) == [("a", "b"), ("c", "d")]
    for lines in ([], ["9990000018"], ["a,b,c"]):
        with pytest.raises(CohortError, match="LC889"):
            read_pairs(lines)
    with pytest.raises(CohortError, match="LC889") as raised:
        forbid_pairs(project, [("9990000018", "9990000019")], nhs_side, "adoption")
    assert "99900000" not in str(raised.value)
    with pytest.raises(CohortError, match="LC887"):
        forbid_pairs(project, [("9990000018", "9990000026")], nhs_side, "because")
    with pytest.raises(CohortError, match="LC889"):
        forbid_pairs(project, [("1", "2")], (Side("local-id"), Side("local-id")), "adoption")
    with pytest.raises(CohortError, match="LC889"):
        forbid_pairs(project, [("1", "2")], (Side("name"), Side("name")), "adoption")
    local = (Side("local-id", "probation"), Side("nhs-number"))
    assert forbid_pairs(project, [("17", "9990000018")], local, "adoption") == 1
