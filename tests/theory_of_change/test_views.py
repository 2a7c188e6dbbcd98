"""Tables and texts for people, in plain columns when piped."""

from __future__ import annotations

import datetime as dt

import pytest

from theory_of_change import views
from theory_of_change.gaps import Found, Gap
from theory_of_change.model import Box, Link, Measure, Theory
from workspace.errors import Fault


def test_gaps_are_counted_with_the_right_plural(capsys: pytest.CaptureFixture[str]) -> None:
    warning, error = Gap("LC220", "warning", 1, "", ""), Gap("LC211", "error", 1, "", "")
    views.gap_lines(Found("t.toml", []))
    views.gap_lines(Found("t.toml", [warning], {"p.toml": [error]}, [Fault("LC228", "p.toml:1", "x")]))
    counts = [line for line in capsys.readouterr().out.splitlines() if "LC" not in line]
    assert counts == ["0 warnings, 0 errors", "1 warning, 2 errors"]


def test_a_gap_line_opens_with_its_place_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    problem = "link O4>S7 (knife sessions, less carrying) has no test and no evidence"
    views.gap_lines(Found("theory.toml", [Gap("LC220", "warning", 188, "O4>S7", problem)]))
    assert capsys.readouterr().out == f"theory.toml:188  LC220  {problem}\n1 warning, 0 errors\n"


def test_a_theory_names_its_owner_and_review_day(capsys: pytest.CaptureFixture[str]) -> None:
    boxes = (Box("O1", "output", "Meetings"), Box("O2", "outcome", "Hope", term="long"))
    links = (Link("O1", "O2", "trust", lag_months=1, evidence=("EVD-001",)),)
    views.theory_view(Theory("Mentoring", "Core team", dt.date(2027, 3, 31), boxes, links))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Mentoring", "owner Core team, review by 2027-03-31"]
    assert "O1>O2  trust    1 month  EVD-001" in lines
    assert lines[-1] == "2 boxes, 1 link, 0 not tested"


def test_a_measure_without_range_or_smallest_difference_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    views.measure_view(Measure("calls", "Calls for help", "count", "lower", minimum=0))
    shown = capsys.readouterr().out
    assert "0 to no upper end" in shown
    assert "not set" in shown


def test_the_payload_of_a_theory_leaves_out_built_in_measures_nobody_names() -> None:
    measures = tuple(
        Measure(name, name, "count", "lower", catalogue=built_in)
        for name, built_in in (("named", True), ("unnamed", True), ("own", False))
    )
    boxes = (Box("O1", "outcome", "Hope", measures=("named",)),)
    payload = views.theory_payload(Theory("Mentoring", boxes=boxes, measures=measures))
    assert [measure["id"] for measure in payload["measures"]] == ["named", "own"]
