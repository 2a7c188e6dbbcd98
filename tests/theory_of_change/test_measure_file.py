"""Measures of a project: their own, or built-in ones with some fields changed."""

from __future__ import annotations

import pytest

from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from theory_of_change.store import load_catalogue
from theory_of_change.theory_file import parse_theory

CATALOGUE = load_catalogue()


def with_measure(lines: str) -> Theory:
    return parse_theory(f'[theory]\ntitle = "Mentoring"\n\n[[measure]]\n{lines}', CATALOGUE)


def test_a_measure_based_on_the_catalogue_keeps_what_it_does_not_change() -> None:
    theory = with_measure('id = "arrest-52"\nbased_on = "proven-reoffending-binary"\nvariable = "arrested"\n')
    measure, base = theory.measure("arrest-52"), CATALOGUE["proven-reoffending-binary"]
    assert measure is not None
    assert (measure.variable, measure.name, measure.better) == ("arrested", base.name, "lower")
    assert measure.minimum_important_difference == 0.05
    assert (measure.catalogue, measure.based_on, measure.line) == (False, base.id, 4)


def test_a_changed_minimum_important_difference_cannot_borrow_the_old_source() -> None:
    with pytest.raises(TheoryError) as error:
        with_measure('id = "x1"\nbased_on = "sdq-total"\nminimum_important_difference = 2\n')
    assert [fault.code for fault in error.value.faults] == ["LC332"]
    assert error.value.faults[0].where == "theory.toml:7"


def test_a_changed_measure_does_not_keep_the_mark_of_having_been_checked() -> None:
    same = with_measure('id = "x1"\nbased_on = "absence-rate"\nvariable = "absent"\n').measure("x1")
    other = with_measure('id = "x1"\nbased_on = "absence-rate"\nfollow_up_months = 3\n').measure("x1")
    assert same is not None
    assert other is not None
    assert (same.verified, other.verified) == (True, False)


def test_a_measure_may_take_a_catalogue_id_only_when_it_is_based_on_it() -> None:
    theory = with_measure('id = "sdq-total"\nbased_on = "sdq-total"\nvariable = "sdq"\n')
    assert [measure.variable for measure in theory.measures if measure.id == "sdq-total"] == ["sdq"]
    with pytest.raises(TheoryError) as error:
        with_measure('id = "sdq-total"\nname = "SDQ"\nkind = "continuous"\nbetter = "lower"\n')
    assert error.value.code == "LC205"


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ('id = "x1"\nbased_on = "sdq-totl"\n', ["LC330"]),
        ('id = "x1"\n', ["LC302", "LC302", "LC302"]),
        ('id = "x1"\nbased_on = "sdq-total"\nunits = "points"\n', ["LC301"]),
        ('id = "x1"\nbased_on = "sdq-total"\nminimum = 50\n', ["LC331"]),
        ('id = "x1"\nbased_on = "sdq-total"\nkind = "binry"\n', ["LC303"]),
        ('id = "x1"\nbased_on = "sdq-total"\nmid_effect = "rate-ratio"\n', ["LC334"]),
        ('id = "x 1"\nbased_on = "sdq-total"\nunit = 3\n', ["LC206", "LC303"]),
    ],
)
def test_faults_of_measures_have_their_own_codes(lines: str, codes: list[str]) -> None:
    with pytest.raises(TheoryError) as error:
        with_measure(lines)
    assert [fault.code for fault in error.value.faults] == codes
