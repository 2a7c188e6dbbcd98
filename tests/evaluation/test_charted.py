"""Charts of success measures leave by the gate: what they show is rounded, steady, and never of few people."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cohorts.gate.errors import Kept as KeptIn
from cohorts.gate.outputs import Cell, predicate
from evaluation import commands as _joined  # noqa: F401 - puts measure chart into its group
from evaluation.site.own_figures import Editions
from evaluation.team import chart_commands
from evaluation.team.charted import charted
from tests.theory_of_change.tracked import figure
from theory_of_change.commands import measure_app
from theory_of_change.errors import TheoryError
from theory_of_change.tracking.actions import Kept
from theory_of_change.tracking.chart import NOT_READ
from theory_of_change.tracking.chart_picture import chart_svg
from theory_of_change.tracking.chart_words import chart_payload, rows_of
from theory_of_change.tracking.measures_file import read_tracked
from theory_of_change.tracking.model import FigureRow
from theory_of_change.tracking.moves import Series, moves_of
from workspace import console
from workspace.database import create_database
from workspace.project import Project, create_project
from workspace.settings import DisclosureProfile
from workspace.toml_source import TomlSource

PROFILE = DisclosureProfile()
MEASURES = """[[measure]]
id = "KNIFE"
name = "Knife admissions"
aim = "reduce"
source = "hospital"
cannot_isolate = "stabbings"

[[measure]]
id = "REACHED"
name = "Young people reached"
aim = "increase"

[[measure]]
id = "GIRLS"
name = "Girls reached"
aim = "increase"
part_of = "REACHED"

[[measure]]
id = "RATED"
name = "Hurt among those reached"
aim = "reduce"
population = "REACHED"
"""
OWN = [143, 151, 158, 147, 162, 139, 144, 156, 161, 149, 153, 142, 157, 148]  # none a multiple of five
BY_YEAR = dict(zip(range(2005, 2005 + len(OWN)), OWN, strict=True))


def run(*words: str, exit_code: int = 0, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(measure_app, list(words), catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


def take(measure: str, values: Mapping[int, float], area: str = "", *words: str) -> None:
    lines = ["measure,period,value,area", *(f"{measure},{year},{n},{area}" for year, n in values.items())]
    Path("f.csv").write_text("\n".join(lines), "utf-8")
    run("import", "f.csv", *words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = create_project(tmp_path / "mersey", "Mersey")
    create_database(made)
    (made.root / "measures.toml").write_text(MEASURES, "utf-8")
    monkeypatch.chdir(made.root)
    before = console.current()
    yield made
    console.configure(before)


def rows(measure: str, values: Mapping[int, float], area: str = "") -> list[FigureRow]:
    return [replace(figure(str(year), n, measure), area=area) for year, n in values.items()]


def drawn(held: list[FigureRow], name: str, area: str = "", editions: Editions | None = None) -> Any:
    measures = read_tracked(TomlSource("measures.toml", tomllib.loads(MEASURES), {}))
    series = Series(held)
    kept = Kept(measures, held, series, moves_of(measures, series), [])
    return charted(kept, measures[name], area, editions or {}, PROFILE)


def everything(chart: Any) -> str:
    """All that a chart says anywhere: its picture with title and description, its table, its JSON."""
    return " ".join((chart_svg(chart), str(rows_of(chart)), json.dumps(chart_payload(chart), default=str)))


def test_own_counts_are_drawn_rounded_everywhere_and_a_sources_as_printed() -> None:
    held = [*rows("REACHED", BY_YEAR), *rows("KNIFE", BY_YEAR)]
    chart, outputs = drawn(held, "REACHED")
    assert [point.value for point in chart.points] == [5 * round(n / 5) for n in OWN]
    said = re.sub(r"<path.*?/>", "", everything(chart))
    assert not [n for n in OWN if re.search(rf"\b{n}(\.0)?\b(?!\.\d)", said)]
    assert "Own counts, rounded to 5." in said
    assert [output.name for output in outputs] == ["REACHED, own counts", "REACHED, chart"]
    official, _ = drawn(held, "KNIFE")
    assert [point.value for point in official.points] == OWN
    assert official.rounded == 0


def test_the_picture_of_counts_that_round_alike_is_the_same_to_the_last_byte() -> None:
    before = everything(drawn(rows("REACHED", BY_YEAR), "REACHED")[0])
    assert everything(drawn(rows("REACHED", BY_YEAR | {2005: 144, 2006: 149}), "REACHED")[0]) == before


def test_a_count_of_few_people_and_what_would_tell_it_are_not_drawn() -> None:
    fewer = {year: 7 if year == 2010 else n - 30 for year, n in BY_YEAR.items()}
    girls, _ = drawn([*rows("REACHED", BY_YEAR), *rows("GIRLS", fewer)], "GIRLS")
    assert [period.text for period in girls.withheld] == ["2010"]
    assert girls.reading == NOT_READ
    assert "2010" not in {point.period.text for point in girls.points}
    places = (
        rows("KNIFE", BY_YEAR, "Wirral") + rows("KNIFE", {2005: 4}, "Sefton") + rows("KNIFE", {2005: 147})
    )
    wirral, _ = drawn(places, "KNIFE", "Wirral")
    assert "2005" in {period.text for period in wirral.withheld}  # 147 less 143 would tell Sefton's


def test_a_rate_rests_on_the_rounded_people_and_on_none_that_are_withheld() -> None:
    hurt = rows("RATED", {year: n - 100 for year, n in BY_YEAR.items()})
    rated, outputs = drawn([*hurt, *rows("REACHED", BY_YEAR)], "RATED")
    first = rated.points[0]
    assert (first.value, first.of, first.shown) == (45, 145, pytest.approx(45 / 145 * 1000))
    assert "REACHED, own counts" in [output.name for output in outputs]
    assert drawn([*hurt, *rows("REACHED", BY_YEAR | {2005: 3})], "RATED")[0].words == "count"


def test_a_count_stays_as_the_site_has_it_until_ten_have_come_or_gone() -> None:
    out = Cell(predicate({"count": "all, 2005: figure"}), 138, 140)
    shown = []
    for cell in (out, replace(out, n=130, shown=130)):
        editions = {"site:measure:REACHED": {"all, 2005: figure": [cell]}}
        shown.append(drawn(rows("REACHED", BY_YEAR), "REACHED", editions=editions)[0].points[0].value)
    assert shown == [140, 145]


def test_where_too_many_are_withheld_it_says_so_and_writes_nothing(folder: Project) -> None:
    take("REACHED", {year: n % 9 + 1 for year, n in BY_YEAR.items()})
    with pytest.raises(KeptIn, match="REACHED: too many of its figures are withheld") as kept:
        run("chart", "REACHED", "--out", "k.svg")
    assert (kept.value.exit_code, kept.value.code) == (3, "LC903")
    assert not Path("k.svg").exists()


def test_a_picture_that_would_tell_few_people_is_stopped_by_the_gate_and_no_file_is_made(
    folder: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    take("KNIFE", BY_YEAR | {2005: 4})
    module = "evaluation.team.charted"
    monkeypatch.setattr(f"{module}.withheld_slots", lambda *_: frozenset())
    monkeypatch.setattr(f"{module}.held_back", lambda *_: frozenset())
    with pytest.raises(KeptIn, match="a point in time is of fewer than 10 people"):
        run("chart", "KNIFE", "--out", "k.svg")
    assert not Path("k.svg").exists()


def test_an_identifier_in_the_words_of_a_chart_is_stopped_by_the_scan(folder: Project) -> None:
    text = MEASURES.replace("Young people reached", "Young people reached, 943 476 5919")
    (folder.root / "measures.toml").write_text(text, "utf-8")
    take("REACHED", BY_YEAR)
    with pytest.raises(KeptIn) as kept:
        run("chart", "REACHED", "--out", "k.svg")
    assert kept.value.code == "LC902"
    assert not Path("k.svg").exists()


def test_a_chart_is_written_with_its_table_and_refused_where_there_is_none(folder: Project) -> None:
    with pytest.raises(TheoryError, match="KNIFE has 0 figures"):
        run("chart", "KNIFE", "--out", "k.svg")
    take("KNIFE", {year: 100 + year % 5 for year in range(2004, 2019)}, "Wirral")
    assert run("chart", "KNIFE", "--out", "k.svg", dry_run=True).startswith("Would write k.svg.")
    assert not Path("k.svg").exists()
    found = json.loads(run("chart", "KNIFE", "--out", "k.png", json=True))
    trend = json.loads(run("trend", "KNIFE", json=True))
    assert found["points"] == trend["charts"][0]["points"]
    assert (found["reading"], found["withheld"], found["rounded_to"]) == ("as before", [], None)
    assert "all causes" in run("trend", "KNIFE")
    take("KNIFE", {2018: 5}, "Sefton")
    assert "2 of" not in str(json.loads(run("trend", "KNIFE", json=True))["no_chart"])
    for words, said in (((), "figures of 2 areas"), (("--area", "Wiral"), "Did you mean 'Wirral'")):
        with pytest.raises(TheoryError, match=said):
            run("chart", "KNIFE", "--out", "k.svg", *words)
    with pytest.raises(TheoryError, match="a chart is written as"):
        run("chart", "KNIFE", "--out", "k.pdf")
    run("chart", "KNIFE", "--out", "k.svg", "--area", "Wirral")
    assert "Wirral" in Path("k.svg").read_text("utf-8")
    assert Path("k.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_asks_for_no_key_and_lies_upstairs() -> None:
    assert chart_commands.measure_chart in [one.callback for one in measure_app.registered_commands]
