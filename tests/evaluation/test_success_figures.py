"""Success figures on their way out: what is own and what is official, and what the gate is told of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cohorts.gate.outputs import Series, Table
from cohorts.gate.rules import breaches
from evaluation.success_figures import (
    FIGURE,
    counts_behind,
    is_own,
    outputs_of_figures,
    rounded_row,
    told_concern,
)
from tests.theory_of_change.tracked import period
from theory_of_change.tracking.model import SHARE, Concern, FigureRow, Tracked
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def tracked(name: str = "M", **said: object) -> Tracked:
    return Tracked(id=name, name=name, aim="reduce", **said)  # type: ignore[arg-type]


def figure(value: float, of: float | None = None, at: str = "2026", source: str = "") -> FigureRow:
    return FigureRow("M", period(at), value, of=of, source=source)


def test_a_figure_is_own_until_its_source_is_named() -> None:
    assert is_own(figure(4), tracked())
    assert not is_own(figure(4), tracked(source="hospital"))
    assert not is_own(figure(4, source="police"), tracked())


def test_own_counts_are_rounded_and_a_percentage_is_that_of_the_rounded_counts() -> None:
    assert rounded_row(figure(143), tracked(), PROFILE).value == 145
    assert rounded_row(figure(143), tracked(source="hospital"), PROFILE).value == 143
    share = rounded_row(figure(61.9, 143), tracked(unit=SHARE), PROFILE)
    assert (share.value, share.of) == (round(100 * 90 / 145, 1), 145)
    small = rounded_row(figure(4, 8), tracked(), PROFILE)
    assert (small.value, small.of) == (4, None)  # whoever tells it withholds it


def test_what_the_gate_is_told_passes_its_rules_and_holds_no_small_count_that_is_shown() -> None:
    rows = [
        figure(143, 800),
        figure(7, at="2025"),
        figure(0, at="2024"),
        figure(31, at="2023", source="police"),
    ]
    own, official = outputs_of_figures({"M": tracked()}, rows, frozenset({rows[1].slot}), PROFILE)
    assert isinstance(own, Table)
    assert isinstance(official, Series)
    assert [(cell.n, cell.shown, cell.state) for cell in own.cells] == [
        (143, 145, "shown"), (800, 800, "shown"), (7, None, "withheld"), (0, 0, "shown"),
    ]  # fmt: skip
    assert "police" in official.name
    assert breaches(own, PROFILE) == breaches(official, PROFILE) == ()


@pytest.mark.parametrize(
    ("measure", "row"),
    [(tracked(unit=SHARE), figure(61.9, 143)), (tracked(unit="score"), figure(12.4, 143))],
)
def test_shares_and_means_bring_the_people_they_rest_on(measure: Tracked, row: FigureRow) -> None:
    (table,) = outputs_of_figures({"M": measure}, [row], frozenset(), PROFILE)
    assert isinstance(table, Table)
    assert breaches(table, PROFILE) == ()
    assert len(table.shares) + len(table.statistics) == 1
    broken = replace(table, shares=tuple(replace(one, shown=0.9) for one in table.shares))
    assert bool(breaches(broken, PROFILE)) is bool(table.shares)


def test_an_official_figure_that_is_small_is_stopped_where_it_was_not_withheld() -> None:
    row, measure = figure(4), tracked(source="hospital")
    (series,) = outputs_of_figures({"M": measure}, [row], frozenset(), PROFILE)
    assert [breach.rule for breach in breaches(series, PROFILE)] == ["series"]
    assert outputs_of_figures({"M": measure}, [row], frozenset({row.slot}), PROFILE) == ()


def test_a_rate_without_people_says_nothing_of_anybody() -> None:
    assert counts_behind(figure(12.4), tracked(unit="score")) == ()
    assert [one.which for one in counts_behind(figure(3), tracked())] == [FIGURE]


def test_the_words_of_a_check_are_kept_back_where_they_would_hold_counts_that_are_not_told() -> None:
    whole, part = tracked("W", source="police"), tracked("P", source="police", part_of="W")
    said = Concern("LC316", "warning", "W", "2026", "of a change of +40, +38 is P (2 to 40)")
    both = {"W": whole, "P": part}
    assert told_concern(said, both) == said
    hidden = {("P", "", period("2025"))}
    assert "40" not in told_concern(said, both, hidden).text
    assert "40" not in told_concern(said, {"W": whole, "P": tracked("P", part_of="W")}).text
    printed = replace(said, code="LC310", text="+15 % is printed")
    assert told_concern(printed, both, hidden) == printed
    assert told_concern(printed, {"W": tracked("W")}).text != printed.text
