"""A refusal says what would let the table leave: categories to put together and cells to withhold, never a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.gate.attacked_tables import table_of
from benchmarks.gate.hierarchies import with_groups
from cohorts.gate.advice import advice_beside, advice_for
from cohorts.gate.checking import of_ledger, of_outputs
from cohorts.gate.ledger import Clash, Entry, bounds, clashes
from cohorts.gate.outputs import Cell, Dimension, Table, predicate
from cohorts.gate.treatment import treat
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def bare(*cells: tuple[int, dict[str, str]]) -> Table:
    """Counts as somebody would type them: nothing rounded, nothing withheld."""
    levels = tuple(terms["area"] for _, terms in cells if terms)
    made = tuple(Cell(predicate(terms), n, n) for n, terms in cells)
    return Table("areas", "COH-001", made, (Dimension("area", levels),))


def test_it_names_the_cells_to_withhold_by_row_and_column_and_no_number() -> None:
    table = bare((3, {"area": "Docks"}), (48, {"area": "Hill"}), (61, {"area": "Mill"}), (112, {}))
    (threshold, rounding) = of_outputs("a.html", (table,), PROFILE).refused
    assert threshold.code == "LC903"
    assert threshold.hint == advice_for(table, PROFILE) == rounding.hint
    assert threshold.hint.startswith("Withhold 'area Docks'.")
    assert "Round every count to a multiple of 5, totals too." in threshold.hint
    assert not any(number in threshold.hint for number in ("3", "48", "61", "112"))


def test_it_names_what_to_hold_back_where_totals_tell() -> None:
    cells = (
        Cell(predicate({"area": "Hill"}), 48, 50),
        Cell(predicate({"area": "Docks"}), 3, None, "withheld"),
        Cell(predicate(), 51, 50),
    )
    table = Table("areas", "COH-001", cells, (Dimension("area", ("Hill", "Docks")),))
    (fault,) = of_outputs("a.html", (table,), PROFILE).refused
    assert (fault.code, "'area Docks'" in fault.problem) == ("LC904", True)
    assert fault.hint.startswith("Show neither its size nor its number for '")


def test_it_says_which_categories_to_put_together_first() -> None:
    table = with_groups(np.array([[4, 40], [22, 30], [50, 60], [70, 80]]), deep=False)
    said = advice_for(table, PROFILE)
    assert said.startswith("Put together in 'way 0': group 0.")


def test_what_is_said_is_enough() -> None:
    done = treat(table_of(np.array([[3, 48], [60, 70]])), PROFILE).table
    assert advice_for(done, PROFILE) == ""
    assert of_outputs("a.html", (done,), PROFILE).refused == ()


def test_beside_what_is_out_it_names_what_not_to_show() -> None:
    def entry(subject: str, n: int, shown: int | None, **terms: str) -> Entry:
        cell = Cell(predicate(terms), n, shown, "withheld" if shown is None else "shown")
        return Entry(subject, "areas", "COH-001", "people", "", cell)

    out = [entry("R-1", 48, 50, area="Hill"), entry("R-1", 3, None, area="Docks")]
    total = entry("R-2", 51, 50)
    (fault,) = of_ledger((), bounds([total], out, PROFILE), 10).refused
    assert "(area Docks)" in fault.problem
    assert fault.hint == "Show neither its size nor its number for 'everybody'."
    cells = [one.cell for one in out]
    assert advice_beside([entry("R-2", 53, 55).cell], cells, PROFILE) == ""


def test_near_something_that_is_out_it_names_the_release_and_every_way_on() -> None:
    whole = Clash("EVAL-002", "reoffended", "EVAL-001", "arm 1")
    group = replace(whole, cell="arm 1, group of area North", part="group of area North")
    (of_all, of_part) = of_ledger((whole, group), (), 10, {"EVAL-001": "OUT-003"}).refused
    assert of_all.problem == (
        "reoffended differs from EVAL-001, which is out as OUT-003, by fewer than 10 people (arm 1)"
    )
    assert of_all.hint == (
        "Use EVAL-001, which stands; lifecourse release log names its files under OUT-003. "
        "Or leave EVAL-002 in reports/ until it differs by 10 people or more, after a later delivery; "
        "then make it again."
    )
    assert "put 'group of area North' together with another group, or leave it out" in of_part.hint
    (together,) = of_ledger((replace(whole, together=True),), (), 10).refused
    assert "which would leave with it" in together.problem
    assert together.hint == "Release one of the two, and leave EVAL-002 or EVAL-001 in reports/."


def test_a_part_is_what_can_be_put_together_and_never_an_arm_or_a_step() -> None:
    def entry(subject: str, n: int, **terms: str) -> Entry:
        return Entry(
            subject, "reoffended", "COH-001", "people", "reoffended", Cell(predicate(terms), n, 5 * (n // 5))
        )

    (found,) = clashes([entry("E-2", 48, arm="1", area="N")], [entry("E-1", 51, arm="1")], 10)
    assert (found.cell, found.part) == ("area N, arm 1", "area N")
    (found,) = clashes([entry("E-2", 48, arm="1")], [entry("E-1", 51, arm="1")], 10)
    assert found.part == ""
