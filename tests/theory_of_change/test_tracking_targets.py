"""Targets by the range and never by the point, wordings that differ, sources that cannot tell, and yearly reviews."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.theory_of_change.tracked import figure, measures
from theory_of_change.commands import measure_app
from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from theory_of_change.priorities import Priority
from theory_of_change.priority_use import named_priorities
from theory_of_change.tracking.checks import check_figures
from theory_of_change.tracking.measure_reviews.agenda import changes_of
from theory_of_change.tracking.measure_reviews.decisions import read_decisions
from theory_of_change.tracking.measures_file import read_tracked, tracked_text
from theory_of_change.tracking.model import Break, Tracked, Wording
from theory_of_change.tracking.moves import Series
from theory_of_change.tracking.targets import range_of, standing, standing_words
from theory_of_change.tracking.views import figure_text
from theory_of_change.tracking.wordings import differing
from workspace import console
from workspace.audit import read_log
from workspace.database import create_database
from workspace.project import Project, create_project
from workspace.toml_source import TomlSource

AIMED = Tracked("M", "Admissions", "reduce", target=200.0, target_by=dt.date(2025, 12, 31))
FILE = """[[measure]]
id = "KNIFE"
name = "Knife enabled homicide"
aim = "reduce"
owner = "home-office"
source = "ambulance"
cannot_isolate = "stabbings"
due_months = 2
target = 200
target_by = 2025-12-31

[[measure.wording]]
where = "text"
text = "knife enabled homicide"

[[measure.wording]]
where = "Table 1"
text = "all non-domestic homicides"

[[measure]]
id = "OLD"
name = "Older measure"
aim = "watch"
"""


def state(values: dict[str, float], measure: Tracked = AIMED) -> str:
    found = standing(measure, Series([figure(when, value) for when, value in values.items()]))
    assert found is not None
    return found.state


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.688879454), (5, 1.62348639, 11.66833208), (86, 68.78889924, 106.20930038)],
)
def test_the_range_of_one_count_is_that_of_r(count: int, low: float, high: float) -> None:
    # R 4.2.2: poisson.test(count)$conf.int, ten digits
    assert range_of(AIMED, figure("2020", count)) == pytest.approx((low, high), rel=1e-8)


def test_the_range_of_one_share_is_that_of_r() -> None:
    # R 4.2.2: prop.test(60, 100, correct = FALSE)$conf.int, ten digits
    share = replace(AIMED, unit="per cent")
    assert range_of(share, figure("2020", 60, of=100)) == pytest.approx((50.20025868, 69.05987136), rel=1e-8)
    assert range_of(share, figure("2020", 60)) is None


def test_a_measure_is_on_course_where_its_whole_range_is() -> None:
    # from 400 at the end of 2020 to 200 at the end of 2025: 320 at the end of 2022
    assert state({"2020": 400, "2022": 320}) == "too soon to say"
    assert state({"2020": 400, "2022": 270}) == "on course"
    assert state({"2020": 400, "2022": 270, "2023-01..2023-03": 99}) == "on course"
    assert state({"2020": 400, "2022": 380}) == "not on course"
    assert state({"2020": 400}) == "too soon to say"
    assert state({}) == "too soon to say"
    assert state({"2020": 400, "2025": 160}) == "met"
    assert state({"2020": 400, "2025": 199}) == "cannot be said"
    assert state({"2020": 400, "2025": 260}) == "not met"
    rising = replace(AIMED, aim="increase", target=800.0)
    assert state({"2020": 400, "2022": 700}, rising) == "on course"
    assert state({"2020": 400, "2022": 410}, rising) == "not on course"


def test_what_cannot_be_compared_is_not_judged() -> None:
    broken = replace(AIMED, breaks=(Break(dt.date(2021, 1, 1), "new codes"),))
    assert state({"2020": 400, "2022": 270}, broken) == "cannot be said"
    assert state({"2020": 400, "2022": 270}, replace(AIMED, unit="days")) == "cannot be said"
    assert standing(replace(AIMED, target=None, target_by=None), Series([])) is None
    later = replace(AIMED, target_from=dt.date(2021, 1, 1))
    assert state({"2020": 900, "2021": 300, "2022": 270}, later) == "too soon to say"
    found = standing(AIMED, Series([figure("2020", 400), figure("2022", 270)]))
    assert found is not None
    said = standing_words(AIMED, found)
    assert said.startswith("target: 200 by 2025-12-31: on course; the whole range lies on the wanted side")


@pytest.mark.parametrize(
    "line",
    ["target = 5", "target_by = 2025-01-01", 'target = 5\ntarget_by = 2025-01-01\ntarget_from = 2026-01-01',
     "target = -5\ntarget_by = 2025-01-01"],
)  # fmt: skip
def test_half_a_target_is_refused(line: str) -> None:
    text = f'[[measure]]\nid = "a"\nname = "A"\naim = "reduce"\n{line}\n'
    with pytest.raises(TheoryError) as error:
        read_tracked(TomlSource("measures.toml", tomllib.loads(text), {}))
    assert {fault.code for fault in error.value.faults} == {"LC303"}


def test_new_keys_are_written_back_as_they_were_read() -> None:
    held = read_tracked(TomlSource("measures.toml", tomllib.loads(FILE), {}))
    text = "\n".join(tracked_text(each) for each in held.values())
    again = read_tracked(TomlSource("measures.toml", tomllib.loads(text), {}))
    assert again == {name: replace(each, line=1) for name, each in held.items()}


def test_wordings_differ_by_words_that_carry_meaning_only() -> None:
    assert differing("Admissions with a knife", "admission with knives") == (("knife",), ("knive",))
    assert differing("the homicides", "Homicide") == ((), ())
    one = replace(AIMED, wordings=(Wording("text", "knife homicide"), Wording("table", "all homicides")))
    codes = [each.code for each in check_figures(measures(one), [])]
    assert codes.count("LC323") == 1
    assert "LC322" in [
        each.code for each in check_figures(measures(replace(AIMED, cannot_isolate="stabbings")), [])
    ]


def run(*words: str, exit_code: int = 0, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(measure_app, list(words), catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = create_project(tmp_path / "mersey", "Mersey")
    made = replace(
        made, settings=replace(made.settings, database_url=database_url or made.settings.database_url)
    )
    create_database(made)
    (made.root / "measures.toml").write_text(FILE, "utf-8")
    monkeypatch.chdir(made.root)
    before = console.current()
    yield made
    console.configure(before)


def test_the_measures_of_an_owner_are_listed_with_wordings_target_and_state(folder: Project) -> None:
    said = run("list", "--owner", "home-office")
    assert "only text says knife, enabled; only Table 1 says all, non, domestic" in said
    assert "target: 200 by 2025-12-31: too soon to say; there is no figure yet" in said
    assert "cannot tell apart: stabbings" in said
    found = json.loads(run("list", "--owner", "all", json=True))["measures"]
    assert [each["id"] for each in found] == ["KNIFE", "OLD"]
    with pytest.raises(TheoryError, match="no tracked measure is owned by"):
        run("list", "--owner", "nobody")


def test_a_review_decides_minutes_are_kept_and_a_retired_measure_stays_listed(folder: Project) -> None:
    run("log", "OLD", "--period", "2020", "--value", "50")
    assert "OLD  due: it was never reviewed" in run("review")
    assert run(
        "review", "OLD", "--decide", "retire", "--because", "ended", "--by", "SG", dry_run=True
    ).startswith("Would")
    run("review", "OLD", "--decide", "retire", "--because", "The survey ended.", "--by", "Steering group")
    run("review", "KNIFE", "--decide", "keep", "--because", "In use.", "--by", "SG", "--next", "2999-01-31")
    assert run("review", "--minutes", "m.md").startswith(
        "Wrote m.md; measures.toml is kept as theory/measures/"
    )
    text = Path("m.md").read_text("utf-8")
    assert "- Retire: OLD Older measure, " in text.partition("## Retired measures")[2]
    assert "Next review 2999-01-31" in text
    assert {each["measure"] for each in json.loads(run("review", json=True))["items"]} == {"KNIFE"}
    assert "(retired " in run("list", "--owner", "all")
    (folder.root / "measures.toml").write_text(FILE.partition('[[measure]]\nid = "OLD"')[0], "utf-8")
    found = json.loads(run("check", json=True))["concerns"]
    assert ("LC325", "OLD") in {(each["code"], each["measure"]) for each in found}
    assert [entry.action for entry in read_log(folder)][-3:] == [
        "measure.review",
        "measure.review",
        "measure.minutes",
    ]


@pytest.mark.parametrize(
    "words",
    [("KNIFE", "--decide", "burn", "--because", "x", "--by", "y"), ("KNIFE", "--decide", "keep"),
     ("KNIFE", "--decide", "keep", "--because", "x", "--by", "y", "--next", "soon"),
     ("KNIFE", "--decide", "keep", "--because", "x", "--by", "y", "--next", "2020-01-31")],
)  # fmt: skip
def test_a_decision_without_its_parts_is_refused(folder: Project, words: tuple[str, ...]) -> None:
    with pytest.raises(TheoryError) as error:
        run("review", *words)
    assert {fault.code for fault in error.value.faults} == {"LC326"}
    assert not (folder.root / "theory").exists()


def test_what_changed_in_a_definition_is_said_key_by_key() -> None:
    now = replace(AIMED, definition="knives only", breaks=(Break(dt.date(2021, 1, 1), "new codes"),))
    assert list(changes_of(now, AIMED)) == [
        "definition: nothing became 'knives only'", "a break from 2021-01-01 on: new codes",
    ]  # fmt: skip
    assert list(changes_of(now, None)) == ["new since the last review"]
    assert list(changes_of(now, None, known=False)) == []
    with pytest.raises(TheoryError) as error:
        read_decisions(
            '[[decision]]\ndate = 2026-01-01\nmeasure = "A"\ndecision = "burn"\nbecause = "x"\nby = "y"\n',
            "r",
        )
    assert error.value.faults[0].code == "LC326"


def test_priorities_go_by_the_name_of_today_and_each_comes_once() -> None:
    since = dt.date(2022, 4, 1)
    renamed = Priority("preventing-offending", "Preventing Offending", ("reducing-reoffending",), since)
    theory = Theory("T", priorities=(renamed,))
    held = named_priorities(theory, ("reducing-reoffending", "health", "preventing-offending"))
    assert [(each.id, each.name, each.formerly, each.since) for each in held] == [
        ("preventing-offending", "Preventing Offending", ("reducing-reoffending",), since),
        ("health", "health", (), None),
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(1_400_000.0, "1,400,000"), (84.0, "84"), (12.345, "12.345"), (999_999.0, "999,999")]
)
def test_a_large_figure_is_written_out(value: float, text: str) -> None:
    assert figure_text(figure("2026", value), Tracked("M", "M", "reduce")) == text
