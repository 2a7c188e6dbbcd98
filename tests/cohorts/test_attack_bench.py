"""A small slice of the attack bench: what is defended holds, and every attack works where nothing defends."""

from __future__ import annotations

import pytest

from benchmarks.attack.__main__ import PAGE, RESULTS
from benchmarks.attack.bench import ENTRIES, SEED
from benchmarks.attack.measure import Measured, held
from benchmarks.attack.page import page

FAST = [entry for entry in ENTRIES if entry.fast is not None]


@pytest.mark.parametrize("entry", FAST, ids=[entry.name for entry in FAST])
def test_defences_hold_and_the_attack_works_without_them(entry: object) -> None:
    rows: list[Measured] = entry.fast(SEED)  # type: ignore[attr-defined]
    assert rows
    for row in rows:
        assert row.tried > 0, row.against
        assert row.holds, f"{row.attack}, {row.against}: {row.succeeded} of {row.tried}"
    for row in rows:
        if not row.defended and entry.name not in ("releases-together",):  # type: ignore[attr-defined]
            assert row.beats_guessing, f"the attack does not work: {row.against}"


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    """R 4.2: binom.test(3, 40), binom.test(0, 100), binom.test(5, 5)."""

    def interval(succeeded: int, tried: int) -> tuple[float, float]:
        return Measured("a", "b", "c", "d", tried, succeeded, 0.1, "e", "f").interval

    assert interval(3, 40) == pytest.approx((0.01574217985104154, 0.20386474873289895), abs=1e-9)
    assert interval(0, 100) == pytest.approx((0, 0.03621669264517641), abs=1e-9)
    assert interval(5, 5) == pytest.approx((0.4781762498950185, 1), abs=1e-9)


def test_the_page_of_results_is_made_of_the_committed_numbers() -> None:
    head, rows = held(RESULTS)
    assert PAGE.read_text(encoding="utf-8") == page(head, rows)
    assert {head["of"][f"{r.attack}|{r.against}|{r.target}"] for r in rows} <= {
        entry.name for entry in ENTRIES
    }
    assert all(row.holds for row in rows)
    assert any(row.expected == "open" for row in rows), "what is not defended is on the page as well"
