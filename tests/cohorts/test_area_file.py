"""areas/*.toml is read strictly: every fault is gathered with its line."""

from __future__ import annotations

import pytest

from cohorts.errors import CohortError
from tests.cohorts.area_files import LONG, WIDE, mapping_of


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(CohortError) as problem:
        mapping_of(text)
    return [(fault.code, fault.where) for fault in problem.value.faults]


def test_a_wide_and_a_long_mapping_are_read() -> None:
    wide, long = mapping_of(WIDE), mapping_of(LONG)
    assert wide.columns == ("Code", "Month", "Violence", "Population")
    assert wide.fields == ("violence", "population")
    assert long.columns == ("Code", "Month", "Share", "What", "N", "Rules")
    assert [(m.column, m.per, m.denominator) for m in long.measures] == [
        ("VWI", 1.0, ""),
        ("Rate", 1000.0, "population"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('step = "month"', 'step = "moon"', "LC803", 11),
        ('step = "month"', 'step = "month"\nform = "yyyy"', "LC803", 12),
        ('step = "month"', 'step = "month"\nyear_starts = 4', "LC803", 12),
        ('definition = "counting-rules-2019"\n', "", "LC802", 12),
        ('name = "population"', 'name = "violence"', "LC803", 19),
        ('name = "population"', 'name = "period"', "LC803", 19),
        ('name = "population"', 'name = "Population"', "LC803", 19),
        ('column = "Population"', 'code = "POP"', "LC803", 18),
        ('kind = "denominator"', 'kind = "denominator"\nper = 5', "LC803", 21),
        ('kind = "denominator"', 'kind = "denominator"\ndenominator = "x"', "LC803", 21),
        ("lists = true", 'lists = true\nopen_before = "2024"', "LC803", 6),
        ("lists = true", "list = true", "LC801", 5),
        (
            'kind = "denominator"',
            'kind = "denominator"\n[[break]]\nperiod = "2024-04"\nwhy = "weather"',
            "LC803",
            23,
        ),
        (
            'kind = "denominator"',
            'kind = "denominator"\n[[break]]\nperiod = "2024"\nwhy = "coding"',
            "LC803",
            22,
        ),
    ],
)
def test_a_fault_names_its_line(old: str, new: str, code: str, line: int) -> None:
    assert (code, f"areas/police.toml:{line}") in faults(WIDE.replace(old, new))


def test_what_a_file_brings_must_be_said() -> None:
    start, _, _ = WIDE.partition("[period]")
    assert mapping_of(start).measures == ()
    assert faults(start.replace("lists = true\n", ""))[0][0] == "LC802"
    without_period = WIDE.replace('[period]\ncolumn = "Month"\nstep = "month"\n', "")
    assert ("LC802", "areas/police.toml") in [
        (c, w.rpartition(":")[0] or w) for c, w in faults(without_period)
    ]


def test_a_break_names_a_measure_of_the_file() -> None:
    text = WIDE + '[[break]]\nmeasure = "violense"\nperiod = "2024-04"\nwhy = "coding"\n'
    assert faults(text) == [("LC803", "areas/police.toml:22")]
    good = mapping_of(text.replace("violense", "violence"))
    assert [b.why for b in good.breaks_of("violence")] == ["coding"]
    assert good.breaks_of("population") == ()
