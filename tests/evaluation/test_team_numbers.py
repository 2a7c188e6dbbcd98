"""Team reports: what is held back, rates with ranges, periods that are asked for, what may not stand in a cell."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from scipy.stats import chi2

from evaluation.errors import EvaluationError
from evaluation.reporting.signs import Mark
from evaluation.reporting.tables import Table
from evaluation.team.asked import period_of, quarter_of, year_of
from evaluation.team.errors import CODES
from evaluation.team.findings import Found, by_deprivation
from evaluation.team.held_back import Slot, held_back
from evaluation.team.layout import layout_of
from evaluation.team.rates import rate_of, rate_words, share_of
from evaluation.team.words import NOTHING, grid, period_words, pounds
from tests.theory_of_change.tracked import figure, period
from theory_of_change.tracking.model import SHARE, FigureRow, Tracked
from theory_of_change.tracking.periods import Period
from workspace.errors import EXPLANATIONS
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
DAY = dt.date(2026, 11, 22)


def tracked(name: str, **said: object) -> Tracked:
    return Tracked(id=name, name=name, aim="reduce", **said)  # type: ignore[arg-type]


def at(area: str, value: float, measure: str = "M") -> FigureRow:
    return FigureRow(measure, period("2026"), value, area=area)


def test_a_small_count_is_held_back_and_nought_is_not() -> None:
    rows = [figure("2024", 4), figure("2025", 0), figure("2026", 10)]
    assert held_back({"M": tracked("M")}, rows, PROFILE) == {rows[0].slot}


def test_a_place_is_held_back_with_the_small_one_that_the_whole_area_would_give_away() -> None:
    rows = [at("", 104), at("North", 60), at("South", 40), at("East", 4)]
    assert held_back({"M": tracked("M")}, rows, PROFILE) == {rows[2].slot, rows[3].slot}


def test_a_whole_that_has_a_small_rest_hides_the_smallest_of_its_parts() -> None:
    measures = {"M": tracked("M"), "P": tracked("P", part_of="M"), "Q": tracked("Q", part_of="M")}
    rows = [at("", 100), at("", 70, "P"), at("", 25, "Q")]
    assert held_back(measures, rows, PROFILE) == {rows[2].slot}


def test_a_share_that_stands_for_a_few_people_is_held_back() -> None:
    measure = tracked("M", unit=SHARE)
    few = FigureRow("M", period("2025"), 2.0, of=200)
    enough = FigureRow("M", period("2026"), 20.0, of=200)
    assert held_back({"M": measure}, [few, enough], PROFILE) == {few.slot}


def test_over_random_tables_of_places_every_small_count_stays_possible() -> None:
    chance = random.Random(3)
    for _ in range(150):
        counts = [chance.choice((0, 1, 4, 9, 10, 14, 30, 80)) for _ in range(chance.randint(1, 4))]
        rest = chance.choice((0, 0, 3, 40))
        rows = [at("", sum(counts) + rest), *(at(f"P{i}", n) for i, n in enumerate(counts))]
        hidden = held_back({"M": tracked("M")}, rows, PROFILE)
        assert all(row.slot in hidden for row in rows if 0 < (row.value or 0) < 10)
        if rows[0].slot not in hidden:
            assert_open(rows, hidden, rest)


def assert_open(rows: list[FigureRow], hidden: frozenset[Slot], rest: int) -> None:
    """Who knows the whole, every shown place, and how many counts are unseen can still think any small count."""
    unseen = [row.value or 0 for row in rows[1:] if row.slot in hidden] + ([rest] if rest else [])
    left = (rows[0].value or 0) - sum(row.value or 0 for row in rows[1:] if row.slot not in hidden)
    if any(0 < value < 10 for value in unseen):
        assert len(unseen) >= 2, unseen
        assert all(left - small >= len(unseen) - 1 for small in range(1, 10)), unseen


def test_a_rate_has_the_exact_range_of_a_poisson_count() -> None:
    """Garwood by chi-squared, worked out another way: 1e-9 is rounding alone."""
    for count, people in itertools.product((0, 1, 12, 240), (5_000, 300_000)):
        made = rate_of(count, people)
        low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
        assert made.low == pytest.approx(10_000 * low / people, rel=1e-9)
        assert made.high == pytest.approx(10_000 * chi2.ppf(0.975, 2 * count + 2) / 2 / people, rel=1e-9)
    assert rate_words(rate_of(240, 300_000)) == "8 per 10,000 (7.02 to 9.08)"


def test_a_share_has_wilsons_range() -> None:
    """81 of 263: Newcombe (1998, method 3) prints 0.2553 to 0.3662; four decimals as printed."""
    made = share_of(81 / 263, 263)
    assert (round(made.low / 100, 4), round(made.high / 100, 4)) == (0.2553, 0.3662)
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_of(1.2, 10)
    with pytest.raises(ValueError, match="needs people"):
        rate_of(3, 0)


def test_a_period_is_read_and_one_that_has_not_begun_is_refused() -> None:
    assert period_words(quarter_of("2026-Q3", DAY)) == "1 July 2026 to 30 September 2026"
    assert year_of("2025/26", "school", DAY).first == dt.date(2025, 9, 1)
    assert period_of("2026-10", DAY).text == "2026-10"
    asked: tuple[Callable[[], Period], ...] = (
        lambda: quarter_of("2026", DAY),
        lambda: year_of("2026-Q1", "financial", DAY),
        lambda: year_of("2025/26", "lunar", DAY),
        lambda: period_of("soon", DAY),
    )
    for ask in asked:
        with pytest.raises(EvaluationError) as error:
            ask()
        assert error.value.code == "LC725"
    with pytest.raises(EvaluationError) as error:
        quarter_of("2027-Q1", DAY)
    assert error.value.code == "LC726"


def test_a_layout_that_no_return_can_fill_is_refused() -> None:
    head = {"id": "a", "version": 1, "title": "A", "owner": "b", "note": "c"}
    for sheets in (
        [{"name": "F", "rows": "figures", "columns": [["weight", "Weight"]]}],
        [{"name": "F"}],
        [],
    ):
        with pytest.raises(EvaluationError) as error:
            layout_of({"layout": head, "sheet": sheets}, "a-1.toml")
        assert error.value.code == "LC727"


def test_no_cell_is_empty_or_a_formula_and_a_table_without_rows_is_a_sentence() -> None:
    made = grid("Caption", ("A", "B"), [("=1+1", ""), ("-5", "by -5 % (-9 to -1)")], "Nil return.")
    assert isinstance(made, Table)
    assert made.rows == (("'=1+1", NOTHING), ("-5", "by -5 % (-9 to -1)"))
    assert grid("Caption", ("A",), [], "Nil return.") == "Nil return."
    assert pounds(-40) == "minus £40"


def test_a_finding_says_how_it_differs_by_deprivation_or_why_not() -> None:
    mark = Mark("✓", "Works", "works")
    bare = Found("EVAL-001", "p", "P", "o", mark, "It works.", "high (4 of 5)")
    assert by_deprivation(bare)[1].startswith("LC729: the plan names no subgroup")
    adjusted = replace(bare, covariates=("age", "imd_decile"))
    assert "adjusted for imd_decile" in by_deprivation(adjusted)[1]
    asked = replace(adjusted, groups=(("Deprivation fifth", "It does not differ."),))
    assert by_deprivation(asked) == ("reported", "It does not differ.")


def test_every_code_of_these_reports_is_explained() -> None:
    assert set(CODES) == {f"LC{number}" for number in range(725, 731)}
    assert all(EXPLANATIONS[code].remedy for code in CODES)
