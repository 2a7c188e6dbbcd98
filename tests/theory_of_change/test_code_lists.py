"""Definitions decide which offences count, by version; nothing unknown is left out in silence, nothing unlike added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from theory_of_change.code_lists.file import read_code_list
from theory_of_change.code_lists.model import OUTSIDE, CodeList
from theory_of_change.code_lists.recoding import recode, translated
from theory_of_change.commands import measure_app
from theory_of_change.errors import TheoryError
from workspace import console
from workspace.database import create_database
from workspace.project import create_project
from workspace.toml_source import parse_toml

TEXT = """[definition]
id = "sv-local"
title = "Local serious violence"
version = "2021"
source = "Made up for this test, after the shape of a strategy's appendix."

[[branch]]
name = "with a knife or firearm"
categories = ["assault with injury", "robbery of a business", "robbery of a person", "rape"]
needs = ["knife", "firearm"]
not_with = ["domestic"]

[[branch]]
name = "however done"
categories = ["homicide", "rape", "other robbery"]
not_with = ["domestic"]
"""
OUT = 'outside = ["theft", "possession of a blade"]\n\n'
WALK = """
[[equivalent]]
scheme = "emergency department"
code = "knife"
to = "assault with injury"

[[equivalent]]
scheme = "emergency department"
code = "fists"
why = "the police do not record fists as a weapon"
"""


def definition(text: str = OUT + TEXT + WALK) -> CodeList:
    return read_code_list(parse_toml(text, "definitions/sv-local.toml", TheoryError))


@pytest.mark.parametrize(
    ("category", "marks", "branch"),
    [
        ("assault with injury", (), OUTSIDE),
        ("assault with injury", ("knife",), "with a knife or firearm"),
        ("robbery of a person", ("firearm",), "with a knife or firearm"),
        ("other robbery", (), "however done"),
        ("rape", (), "however done"),
        ("rape", ("knife",), "with a knife or firearm"),
        ("homicide", ("domestic",), OUTSIDE),
        ("theft", ("knife",), OUTSIDE),
    ],
)
def test_an_offence_counts_in_the_first_branch_that_takes_it(
    category: str, marks: tuple[str, ...], branch: str
) -> None:
    assert definition().branch_of(category, marks) == branch


def row(category: str, period: str = "2021", **marks: str) -> dict[str, str]:
    return {"category": category, "year": period, "knife": "0", "firearm": "", "domestic": "no", **marks}


def test_rows_are_counted_by_period_and_branch_with_what_is_outside() -> None:
    rows = [row("rape"), row("theft"), row("assault with injury", knife="1"), row("homicide", "2022")]
    found = recode(definition(), rows, "category", "year")
    assert found.definition == "sv-local 2021"
    assert found.counts == (
        ("2021", "with a knife or firearm", 1), ("2021", "however done", 1), ("2021", OUTSIDE, 1),
        ("2022", "however done", 1),
    )  # fmt: skip
    assert (found.of("2021"), found.of("2021", OUTSIDE)) == (2, 1)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(definition().known)), st.booleans(), st.booleans()), max_size=40
    )
)
def test_every_row_is_counted_once(rows: list[tuple[str, bool, bool]]) -> None:
    table = [row(code, knife=str(int(knife)), domestic=str(int(home))) for code, knife, home in rows]
    assert sum(n for *_, n in recode(definition(), table, "category").counts) == len(rows)


def test_what_the_definition_does_not_know_is_refused_by_row_and_not_quoted() -> None:
    with pytest.raises(TheoryError) as error:
        recode(
            definition(),
            [row("arson by J Smith"), row("rape", knife="maybe"), row("")],
            "category",
            name="o.csv",
        )
    assert [fault.where for fault in error.value.faults] == [
        "o.csv, row 2",
        "o.csv, row 4",
        "o.csv, row 3, column knife",
    ]
    assert "Smith" not in str(error.value)


def test_series_of_two_schemes_are_joined_where_they_correspond_and_refused_where_they_do_not() -> None:
    def joined(*codes: str, scheme: str = "emergency department") -> list[str]:
        rows = [{"why": code, "year": "2021"} for code in codes]
        return [row["why"] for row in translated(definition(), scheme, rows, "why", "a.csv")]

    assert joined("knife", " knife ") == ["assault with injury"] * 2
    with pytest.raises(TheoryError, match="has no equivalent: the police do not record fists as a weapon"):
        joined("knife", "fists")
    with pytest.raises(
        TheoryError, match=r"a\.csv, row 3: LC342 this code of .* not in the crosswalk"
    ) as error:
        joined("knife", "Mr Smith", "Mr Smith")
    assert "Smith" not in str(error.value)
    assert len(error.value.faults) == 1
    with pytest.raises(TheoryError, match=r"Did you mean .emergency department"):
        joined("knife", scheme="emergency departments")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace('id = "sv-local"', 'id = "SV"'), "small letters"),
        (TEXT.split("[[branch]]")[0], "at least one branch"),
        (TEXT.replace("however done", "with a knife or firearm"), "the same name"),
        ('outside = ["rape"]\n' + TEXT, "in a branch and outside it"),
        (TEXT + WALK.replace('to = "assault with injury"', 'to = "assault"'), "not a category here"),
        (
            TEXT + WALK.replace('why = "the police do not record fists as a weapon"', ""),
            "neither an equivalent",
        ),
        (TEXT.replace("version", "verzion"), "no 'version'"),
    ],
)
def test_a_definition_that_does_not_hold_together_is_refused(text: str, said: str) -> None:
    with pytest.raises(TheoryError, match=said):
        definition(text)


def test_offences_are_counted_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    project = create_project(tmp_path / "mersey", "Mersey")
    create_database(project)
    (project.root / "definitions" / "sv-local.toml").write_text(OUT + TEXT, "utf-8")
    file = project.root / "o.csv"
    file.write_text("category,year,knife,firearm,domestic\nrape,2021,1,0,0\ntheft,2021,0,0,0\n", "utf-8")
    monkeypatch.chdir(project.root)

    def run(*words: str, **options: Any) -> str:
        before = console.current()
        console.configure(console.RunSettings(**options))
        try:
            result = CliRunner().invoke(measure_app, ["recode", "o.csv", *words], catch_exceptions=False)
        finally:
            console.configure(before)
        assert result.exit_code == 0
        return result.output

    said = run("--definition", "sv-local", "--period", "year")
    assert "version 2021 (not yet checked against its source)" in said
    assert json.loads(run("--definition", "sv-local", json=True))["counts"][0]["offences"] == 1
    file.write_text("category,year,knife,firearm,domestic\nknife,2021,1,0,0\nknife,2021,0,0,0\n", "utf-8")
    (project.root / "definitions" / "sv-local.toml").write_text(OUT + TEXT + WALK, "utf-8")
    joined = run("--definition", "sv-local", "--scheme", "emergency department", json=True)
    assert [row["offences"] for row in json.loads(joined)["counts"]] == [1, 1]
    with pytest.raises(TheoryError, match="there is no definition 'sv-locl'"):
        run("--definition", "sv-locl")
    with pytest.raises(TheoryError, match="no column 'month'"):
        run("--definition", "sv-local", "--period", "month")
