"""A small project of invented boroughs: a collection, a list of areas, a sealed series, and plans on them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from evaluation.methods import registry
from tests.commands.plain_panel import METHOD
from tests.commands.program import Program

AREAS = 12
TREATED = 6
LIST = """[source]
id = "list"
title = "Boroughs"
areas = "boroughs"
lists = true
[area]
column = "Code"
name = "Borough"
[[attribute]]
column = "Programme"
name = "treated"
[[attribute]]
column = "Region"
name = "region"
kind = "text"
"""
POLICE = """[source]
id = "police"
title = "Recorded violence"
areas = "boroughs"
open_before = "2024-01"
data_until = 2024-12-31
missing = { "*" = "not shared" }
[area]
column = "Code"
[period]
column = "Month"
step = "month"
form = "mm/yyyy"
[[measure]]
column = "Violence"
name = "violence"
kind = "count"
denominator = "population"
definition = "counting-rules-2019"
[[measure]]
column = "Knife"
name = "knife"
kind = "count"
definition = "counting-rules-2019"
"""
PEOPLE = """[source]
id = "people"
title = "Mid-year population"
areas = "boroughs"
[area]
column = "Code"
[period]
column = "Year"
step = "year"
[[measure]]
column = "Population"
name = "population"
kind = "denominator"
"""
PLAN = """[plan]
id = "boroughs"
title = "Did the programme reduce violence?"

[population]
areas = "boroughs"

[design]
method = "plain-panel"
treatment = "treated"
unit = "area"
time = "period"

[design.plain-panel]
start = "2024-01"

[[outcome]]
measure = "violence"
role = "primary"
kind = "count"
better = "lower"
effect = "difference"
exposure = "population"
minimum_important_difference = 5
mid_source = "what a place in the programme costs"

[reporting]
reported_by = 2030-12-31
"""


def violence(area: int, year: int, month: int) -> int:
    """Recorded violence: a level by area, some noise, and in 2024 eight fewer where there is a programme."""
    fall = 8 if year == 2024 and area < TREATED else 0
    return 40 + area % 4 + (month * 5 + area * 3) % 7 + (area * year) % 3 - fall


def rows(years: Iterable[int] = (2022, 2023, 2024), knife: int = 12) -> list[str]:
    """The rows of the police file; ``knife`` is added to every knife count."""
    return [
        f"E{area:02d},{month:02d}/{year},{violence(area, year, month)},{knife + (area + month) % 3}"
        for area in range(AREAS)
        for year in years
        for month in range(1, 13)
    ]


def police_file(lines: Iterable[str]) -> str:
    """A police file."""
    return "Code,Month,Violence,Knife\n" + "".join(f"{line}\n" for line in lines)


def make_area_project(program: Program, root: Path) -> None:
    """Make the project with the program's own commands; the list and the population are loaded, the police are not."""
    program.well("init", root, "--name", "Area project")
    program.well("areas", "new", "boroughs", "--title", "Boroughs", "--kind", "borough", cwd=root)
    for name, text in (("list", LIST), ("police", POLICE), ("people", PEOPLE)):
        path = root / "areas" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    listed = "Code,Borough,Programme,Region\n" + "".join(
        f"E{i:02d},Borough {i},{int(i < TREATED)},{'North' if i % 2 else 'South'}\n" for i in range(AREAS)
    )
    people = "Code,Year,Population\n" + "".join(
        f"E{i:02d},{year},{10_000 + 100 * i}\n" for i in range(AREAS) for year in (2022, 2023, 2024)
    )
    inbox = root / "inbox"
    for name, text in (("list", listed), ("people", people), ("police", police_file(rows()))):
        (inbox / f"{name}.csv").write_text(text, encoding="utf-8")
    program.well("areas", "load", "list", "inbox/list.csv", cwd=root)
    program.well("areas", "load", "people", "inbox/people.csv", cwd=root)
    (root / "plans" / "boroughs.toml").write_text(PLAN, encoding="utf-8")


def add_plain_method(patch: pytest.MonkeyPatch) -> None:
    """Register a plain method of panels, so that what is tested hangs on no one design."""
    patch.setitem(registry.METHODS, METHOD.name, METHOD)
