"""Rows as they leave: who is alone in them, what makes them so, and what coarser values do. Hand-checked."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.attacks.release_pseudonyms import hub_tokens_in, joined, releases_apart
from cohorts.errors import CohortError
from cohorts.releases.coarsening import Coarsening, banded, index_period, merged, pooled, read_coarsening
from cohorts.releases.k_report import KReport, is_quasi, k_report, refusal, report_lines, report_payload
from cohorts.releases.rows import harmless, made_rows, table_bytes, under_pseudonyms
from cohorts.releases.selection import choose
from cohorts.store import StoredVariable
from workspace.errors import GateNotMet
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile(10, 5)
NOTHING = Coarsening({}, {})
# Twelve people: sex and area give classes of 5, 5, 1 and 1; without the area all share a sex with others.
PEOPLE = pl.DataFrame(
    {
        "sex": ["f"] * 5 + ["m"] * 5 + ["f", "m"],
        "area": ["north"] * 10 + ["south", "east"],
        "score": list(range(12)),
    }
)


def variable(
    name: str,
    kind: str,
    labels: tuple[str, ...] = (),
    waves: tuple[str, ...] = ("start",),
    sealed: tuple[str, ...] = (),
) -> StoredVariable:
    return StoredVariable(name, kind, "", labels, waves, sealed, tuple(set(waves) - set(sealed)))


# ---- who is alone


def test_classes_are_counted_and_the_variable_that_makes_people_alone_is_named() -> None:
    report = k_report(PEOPLE, ["sex", "area"], ["score"], 5, 0.0)
    assert (report.people, report.alone, report.in_small_classes) == (12, 2, 2)
    assert [(d.name, d.alone_without) for d in report.drivers] == [("area", 0)]
    assert k_report(PEOPLE, ["sex", "area"], [], 6, 0.0).in_small_classes == 12


def test_without_the_sex_both_are_still_alone_in_their_areas() -> None:
    assert k_report(PEOPLE, ["area"], [], 5, 0.0).alone == 2


@pytest.mark.parametrize(("limit", "passes"), [(0.0, False), (0.16, False), (0.17, True), (1.0, True)])
def test_the_limit_is_a_share_of_the_people(limit: float, passes: bool) -> None:
    # 2 of 12 is 0.1667: one person may be alone at 0.16, two at 0.17.
    assert k_report(PEOPLE, ["sex", "area"], [], 5, limit).passes is passes


def test_no_value_is_a_value_like_another() -> None:
    frame = pl.DataFrame({"a": [None, None, 1, 1, 2]})
    assert k_report(frame, ["a"], [], 2, 0.0).alone == 1


def test_the_report_shows_no_exact_count() -> None:
    report = k_report(PEOPLE, ["sex", "area"], ["score"], 10, 0.0)
    assert report_payload(report, PROFILE)["people"] == 10
    assert report_payload(report, PROFILE)["alone"] is None
    assert "alone with it              fewer than 10" in report_lines(report, PROFILE)
    said, hint = refusal(report, PROFILE)
    assert said.startswith("fewer than 10 people are alone")
    assert "Make coarser or leave out: area" in hint


def test_where_no_single_variable_helps_all_are_named() -> None:
    frame = pl.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]})
    report = k_report(frame, ["a", "b"], [], 2, 0.0)
    assert report.drivers == ()
    assert "leave out: a, b" in refusal(report, PROFILE)[1]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("category", ["x"] * 30, True),
        ("binary", [0, 1] * 15, True),
        ("age", list(range(30)), True),
        ("date", list(range(30)), True),
        ("number", [1, 2, 3] * 10, True),
        ("number", list(range(30)), False),
    ],
)
def test_what_others_are_taken_to_know(kind: str, values: list[object], expected: bool) -> None:
    assert is_quasi(kind, pl.Series("x", values)) is expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=60), st.integers(1, 20))
def test_coarser_values_never_make_more_people_alone(rows: list[tuple[int, int]], width: int) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Float64}, orient="row")
    coarse = frame.with_columns(banded(frame["b"], width))
    fine, banded_ = (k_report(one, ["a", "b"], [], 5, 0.0) for one in (frame, coarse))
    assert banded_.alone <= fine.alone
    assert banded_.in_small_classes <= fine.in_small_classes
    assert fine.alone <= fine.in_small_classes <= fine.people


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_those_alone_are_counted_as_by_hand(values: list[int]) -> None:
    report: KReport = k_report(pl.DataFrame({"a": values}), ["a"], [], 2, 0.0)
    assert report.alone == sum(values.count(value) == 1 for value in values)


# ---- coarser values


def test_bands_begin_at_multiples_of_their_width_below_zero_too() -> None:
    said = banded(pl.Series([0.0, 4.9, 5.0, 29.0, -0.1, None]), 5)
    assert said.to_list() == [
        "0 to under 5", "0 to under 5", "5 to under 10", "25 to under 30", "-5 to under 0", None,
    ]  # fmt: skip
    assert banded(pl.Series([0.3]), 0.5).to_list() == ["0 to under 0.5"]


def test_labels_are_put_together_by_name_or_because_few_have_them() -> None:
    areas = pl.Series("area", ["north"] * 6 + ["south"] * 2 + ["east", None])
    known = ("north", "south", "east")
    together = merged(areas, [("south", "east")], known, "area")
    assert together.to_list()[6:] == ["south or east"] * 3 + [None]
    assert pooled(areas, 5).to_list() == ["north"] * 6 + ["other"] * 3 + [None]
    assert pooled(areas, 1).to_list() == areas.to_list()
    with pytest.raises(CohortError) as error:
        merged(areas, [("south", "Camden")], known, "area")
    assert "Camden" not in str(error.value)


def test_the_index_date_leaves_without_its_day() -> None:
    days = pl.Series([dt.date(2026, 3, 9), dt.date(2026, 12, 31)])
    assert index_period(days, "month").to_list() == ["2026-03", "2026-12"]
    assert index_period(days, "quarter").to_list() == ["2026-Q1", "2026-Q4"]
    assert index_period(days, "year").to_list() == ["2026", "2026"]


def test_options_are_read_and_said_back() -> None:
    kinds = {"age": "age", "area": "category"}
    how = read_coarsening(["age=5"], ["area=a+b", "area=c+d", "area=small", "index_date=year"], kinds)
    assert (how.bands, how.merged) == ({"age": 5.0}, {"area": (("a", "b"), ("c", "d"))})
    assert (how.of("age"), how.period) == ("bands of 5", "year")
    assert (
        how.of("area")
        == "put together: a or b; put together: c or d; labels of few people put together as 'other'"
    )


# ---- rows


def test_dates_leave_as_days_after_the_index_date_and_codes_as_labels() -> None:
    wide = pl.DataFrame(
        {
            "participant": [7, 3],
            "index_date": [dt.date(2026, 1, 1), dt.date(2026, 2, 1)],
            "seen@start": [20454.0 + 30, None],  # 2026-01-01 is day 20454
            "seen@start!": [None, "not known"],
            "area@start": [1.0, 0.0],
            "area@start!": [None, None],
            "score@start": [1.5, 2.0],
            "score@start!": [None, None],
        },
        schema_overrides={"area@start!": pl.String, "score@start!": pl.String},
    )
    chosen = [
        (variable("seen", "date"), "start"),
        (variable("area", "category", ("north", "=cmd()")), "start"),
        (variable("score", "number"), "start"),
    ]
    frame, columns = made_rows(wide, chosen, NOTHING, 10)
    assert frame.rows() == [(7, "2026-01", 30, "=cmd()", 1.5), (3, "2026-02", None, "north", 2.0)]
    assert (columns[0].unit, columns[0].missing, columns[0].with_value) == (
        "days after the index date", (("not known", 1),), 1,
    )  # fmt: skip
    out = under_pseudonyms(frame, pl.Series("pseudonym", ["bb", "aa"]))
    assert out.rows()[0] == ("aa", "2026-02", None, "north", 2.0)
    assert table_bytes(out, "csv", {}).decode().splitlines()[2] == "bb,2026-01,30,'=cmd(),1.5"


def test_several_waves_of_a_variable_keep_their_names_apart() -> None:
    both = variable("score", "number", waves=("start", "end"))
    assert [(v.name, wave) for v, wave in choose({"score": both}, ["score"], None)] == [
        ("score", "start"), ("score", "end"),
    ]  # fmt: skip


def test_what_is_sealed_is_left_out_by_itself_and_refused_by_name() -> None:
    known = {"a": variable("a", "number"), "y": variable("y", "binary", sealed=("start",))}
    assert [v.name for v, _ in choose(known, [], None)] == ["a"]
    assert [v.name for v, _ in choose(known, [], {("y", "start")})] == ["y"]
    with pytest.raises(GateNotMet):
        choose(known, ["y"], {("a", "start")})
    with pytest.raises(CohortError):
        choose({"y": known["y"]}, [], None)


@pytest.mark.parametrize("cell", ["=1+1", "+44 20", "-cmd", "@x", "\txy"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(cell: str) -> None:
    assert harmless(pl.Series([cell, "plain", None])).to_list() == [f"'{cell}", "plain", None]


# ---- the attack


def test_releases_with_a_pseudonym_in_common_or_a_token_in_them_are_broken() -> None:
    apart = {"REL-001": ["aa", "ab"], "REL-002": ["ba", "bb"]}
    assert joined(apart) == {}
    assert releases_apart(apart, [b"\xcc"], 10, out=2).verdict == "pass"
    assert releases_apart({**apart, "REL-003": ["aa"]}, [], 10, out=3).verdict == "fail"
    assert hub_tokens_in(["aa"], [b"\xaa\x01"]) == 1
    held = releases_apart(apart, [b"\xbb\x00"], 10, out=2)
    assert (held.verdict, held.found) == ("fail", ("REL-002 holds fewer than 10 tokens of the store",))
    assert releases_apart(None, [], 10, out=1).verdict == "not-applicable"
