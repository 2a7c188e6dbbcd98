"""The three templates walked end to end, as a newcomer would, on both stores; every figure worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from cohorts.identifiers import upn
from cohorts.store import find_cohort, read_wide
from tests.cohorts.loading import nhs
from tests.commands.program import Program
from tests.commands.small_project import prison_number
from workspace.database import reading
from workspace.project import Project
from workspace.settings import read_settings

HEAD = """[source]
id = "{name}"
title = "{name}"
cohort = "{cohort}"
dates = "yyyy-mm-dd"
data_from = 2010-01-01
data_until = 2024-12-31
{extra}
[[identifier]]
column = "number"
kind = "{kind}"
"""
PLAN = """[plan]
id = "walk"
title = "Did it help?"
[population]
cohort = "{cohort}"
[design]
method = "{method}"
treatment = "helped"
{extra}
seed = 1
[[outcome]]
measure = "{measure}"
role = "primary"
kind = "binary"
better = "{better}"
minimum_important_difference = 0.31
mid_source = "made up"
expected_rate = 0.5
[reporting]
reported_by = 2030-12-31
"""
HELPED = '[[variable]]\ncolumn = "helped"\nname = "helped"\nkind = "binary"\n'


@pytest.fixture(params=["sqlite", "postgresql"])
def walk(program: Program, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on the embedded file, then on a server."""
    if request.param == "postgresql":
        monkeypatch.setenv("LIFECOURSE_DATABASE_URL", request.getfixturevalue("empty_database"))
    return program


def begin(walk: Program, root: Path, cohort: str, template: str) -> None:
    walk.well("init", root, "--name", "Walk")
    walk.well("key", "create", cwd=root)
    walk.well("cohort", "new", cohort, "--template", template, cwd=root)


def source(root: Path, name: str, cohort: str, kind: str, tables: str, *rows: str, extra: str = "") -> None:
    """A mapping and its file; the first row is the headings."""
    head = HEAD.format(name=name, cohort=cohort, kind=kind, extra=extra)
    (root / "sources" / f"{name}.toml").write_text(head + tables, encoding="utf-8")
    (root / "inbox" / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def load(walk: Program, root: Path, name: str, *options: str) -> str:
    return walk.well("source", "load", name, f"inbox/{name}.csv", *options, cwd=root).out


def values(root: Path, cohort: str, *names: tuple[str, str]) -> pl.DataFrame:
    """What the store holds of everybody, by index date."""
    project = Project(root, read_settings(root / "lifecourse.toml"))
    with reading(project) as session:
        found = read_wide(session, find_cohort(session, cohort).cohort_id, names, unsealed=True)
    return found.sort("index_date")


# Prison leavers: 60 people released a day apart from 1 March 2021; every second got help.


def custody_rows() -> list[str]:
    """Every third is recalled on day 30 for 10 days; persons 0, 6, 12 … are also on remand on days 35 to 45."""
    rows = ["number,status,in,out"]
    for i in range(0, 60, 3):
        day = released(i)
        rows.append(f"{prison_number(i)},RC,{day + dt.timedelta(30)},{day + dt.timedelta(40)}")
        if i % 6 == 0:
            rows.append(f"{prison_number(i)},R,{day + dt.timedelta(35)},{day + dt.timedelta(45)}")
    return rows


def released(i: int) -> dt.date:
    return dt.date(2021, 3, 1) + dt.timedelta(i)


def police_rows() -> list[str]:
    """An offence on day 100 of those unhelped of whom i % 4 == 0, and an arrest before release of everybody."""
    rows = ["number,what,day"]
    rows += [f"{prison_number(i)},O,{released(i) + dt.timedelta(100)}" for i in range(0, 60, 4)]
    rows += [f"{prison_number(i)},A,{released(i) - dt.timedelta(50)}" for i in range(60)]
    return [*rows, f"{prison_number(2)},A,{released(2) + dt.timedelta(365)}"]


def test_prison_leavers_from_release_to_a_verdict_on_reoffending(walk: Program, place: Path) -> None:
    root, kind = place / "walk", "prison-number"
    begin(walk, root, "leavers", "prison-leavers")
    born = '[[index_date]]\ncolumn = "out"\n[[variable]]\ncolumn = "born"\nname = "age_at_release"\nkind = "age"\n'
    people = [f"{prison_number(i)},{released(i)},19{70 + i % 20}-05-05,{i % 2}" for i in range(60)]
    extra = 'enrols = true\nwave = "release"'
    source(root, "releases", "leavers", kind, born + HELPED, "number,out,born,helped", *people, extra=extra)
    spell = (
        '[[spell]]\nkind = "custody"\nstate_column = "status"\nstart = "in"\nend = "out"\n'
        'states = { "RC" = "recall", "R" = "remand" }\n'
    )
    source(root, "custody", "leavers", kind, spell, *custody_rows())
    event = (
        '[[event]]\nkind_column = "what"\nkinds = { "A" = "arrest", "O" = "proven-offence" }\ndate = "day"\n'
    )
    source(root, "police", "leavers", kind, event, *police_rows())
    plan = PLAN.format(
        cohort="leavers", method="randomised", extra="", measure="reoffended_12m", better="lower"
    )
    (root / "plans" / "walk.toml").write_text(plan, encoding="utf-8")
    load(walk, root, "releases")
    assert "recall" not in load(walk, root, "custody")
    load(walk, root, "police", "--sealed")

    # Days: 365 from 1 March 2021; recalled 30 to 39 is 10; with remand 30 to 44 is 15, the overlap once.
    found = values(root, "leavers", ("days_at_liberty_12m", "12-months"), ("days_recalled_12m", "12-months"))
    assert found["days_at_liberty_12m@12-months"].to_list()[:7] == [350, 365, 365, 355, 365, 365, 350]
    assert found["days_recalled_12m@12-months"].to_list()[:4] == [10, 0, 0, 10]
    # The arrest on day 365 is outside the twelve months; the one before release counts as before.
    found = values(root, "leavers", ("arrests_12m", "12-months"), ("arrests_before", "release"))
    assert found["arrests_12m@12-months"].to_list() == [0.0] * 60
    assert found["arrests_before@release"].to_list() == [1.0] * 60

    refused = walk("cohort", "follow-up", "leavers", "--arm", "reoffended_12m", cwd=root)
    assert (refused.code, "sealed" in refused.err) == (4, True)
    assert walk("evaluate", "run", "walk", cwd=root).code == 4  # not locked
    assert '"baseline seen"' in walk.well("plan", "lock", "walk", "--json", cwd=root).out
    done = walk.well("evaluate", "run", "walk", "--json", cwd=root).payload["outcomes"][0]
    # Of 30 unhelped 15 (0, 4, … 56) reoffended; of 30 helped nobody.
    assert done["estimate"]["value"] == pytest.approx(-0.5)
    assert done["verdict"]["answer"] == "works"
    flow = walk.well("cohort", "flow", "leavers", "--arm", "helped", "--json", cwd=root).payload
    assert flow["allocated"] == [{"arm": "helped = 1", "n": 30}, {"arm": "helped = 0", "n": 30}]
    (last,) = flow["analysed"]
    assert last == {"result": "EVAL-001", "plan": "walk", "measure": "reoffended_12m", "n": 60}
    said = walk.well("cohort", "flow", "leavers", "--arm", "helped", cwd=root).out
    assert said.index("eligible") < said.index("Allocated") < said.index("Analysed, as each result")
    refused = walk("cohort", "flow", "leavers", "--arm", "reoffended_12m", cwd=root)
    assert (refused.code, "sealed" in refused.err) == (4, True)
    (maturity,) = [check for check in done["checks"] if check["name"] == "maturity"]
    assert "18 months" in maturity["note"]


# School: 256 pupils in 32 schools from 1 September 2022; every second school got the programme.


def test_pupils_from_roll_to_a_verdict_in_clusters(walk: Program, place: Path) -> None:
    root, kind = place / "walk", "upn"
    begin(walk, root, "pupils", "school")
    numbers = [upn(f"999123456{i:03d}") for i in range(256)]
    columns = (
        '[[index_date]]\ncolumn = "start"\n[[variable]]\ncolumn = "born"\nname = "age_at_start"\nkind = "age"\n'
        '[[variable]]\ncolumn = "school"\nname = "school"\nkind = "category"\n'
    )
    rolls = [f"{number},2022-09-01,2010-10-10,S{i // 8:02d},{i // 8 % 2}" for i, number in enumerate(numbers)]
    extra = 'enrols = true\nwave = "start-of-year"'
    source(
        root, "roll", "pupils", kind, columns + HELPED, "number,start,born,school,helped", *rolls, extra=extra
    )
    # Everybody is on roll from September; pupil 0 is suspended for 5 days in October, pupil 1 leaves at Easter.
    spells = [f"{number},R,2022-09-01," for number in numbers[2:]]
    spells += [f"{numbers[0]},R,2022-09-01,", f"{numbers[0]},S,2022-10-03,2022-10-08"]
    spells += [f"{numbers[1]},R,2022-09-01,2023-04-01"]
    table = (
        '[[spell]]\nkind = "education"\nstate_column = "state"\nstart = "from"\nend = "to"\n'
        'states = { "R" = "on-roll", "S" = "suspended" }\n'
    )
    source(root, "education", "pupils", kind, table, "number,state,from,to", *spells)
    # In each school without the programme pupils 0 to 4 are suspended, in each with it pupil 0 alone.
    events = [f"{n},S,2023-01-10" for i, n in enumerate(numbers) if i % 8 < (1 if i // 8 % 2 else 5)]
    events.append(f"{numbers[0]},P,2023-02-01")
    table = (
        '[[event]]\nkind_column = "what"\ndate = "day"\n'
        'kinds = { "S" = "suspension", "P" = "permanent-exclusion" }\n'
    )
    source(root, "exclusions", "pupils", kind, table, "number,what,day", *events)
    for name, option in (("roll", ()), ("education", ()), ("exclusions", ("--sealed",))):
        load(walk, root, name, *option)

    # Ten months from 1 September 2022 are 303 days, and the states add up to them for everybody.
    names = ("days_on_roll", "days_out_of_school", "days_unknown")
    found = values(root, "pupils", *((name, "end-of-year") for name in names))
    days = [found[f"{name}@end-of-year"].to_list() for name in names]
    people = Counter(zip(*days, strict=True))
    assert people == {(303, 0, 0): 254, (298, 5, 0): 1, (212, 0, 91): 1}
    assert {sum(row) for row in people} == {303}

    plan = root / "plans" / "walk.toml"
    text = PLAN.format(
        cohort="pupils", method="cluster-randomised", extra='cluster = "school"', measure="suspended_in_year",
        better="lower",
    )  # fmt: skip
    alone = text.replace("cluster-randomised", "randomised").replace('cluster = "school"', "")
    plan.write_text(alone, encoding="utf-8")
    refused = walk("plan", "lock", "walk", cwd=root)
    assert (refused.code, "clusters (school)" in refused.err) == (4, True)
    plan.write_text(text, encoding="utf-8")
    walk.well("plan", "lock", "walk", cwd=root)
    done = walk.well("evaluate", "run", "walk", "--json", cwd=root).payload["outcomes"][0]
    # One in eight against five in eight.
    assert done["estimate"]["value"] == pytest.approx(-0.5)
    assert done["estimate"]["n_clusters"] == 30  # 32, rounded
    assert done["verdict"]["answer"] == "works"


# Early years: 40 mothers with two children each, born in 2016/17; every second family was visited.


def test_children_from_birth_to_readiness_in_families(walk: Program, place: Path) -> None:
    root, kind = place / "walk", "nhs-number"
    begin(walk, root, "children", "early-years")
    columns = (
        '[[index_date]]\ncolumn = "born"\n[[relation]]\nrelation = "mother"\ncolumn = "mother"\n'
        'kind = "nhs-number"\n'
    )
    births = [
        f"{nhs(i)},{dt.date(2016, 9, 1) + dt.timedelta(i % 2 * 300)},{nhs(500 + i // 2)},{i // 2 % 2}"
        for i in range(80)
    ]
    extra = 'enrols = true\nwave = "birth"'
    source(
        root, "births", "children", kind, columns + HELPED, "number,born,mother,helped", *births, extra=extra
    )
    # Ready are both children of visited families, and of the others the elder child of each.
    ready = [f"{nhs(i)},{int(i // 2 % 2 or i % 2 == 0)}" for i in range(80)]
    table = '[[variable]]\ncolumn = "gld"\nname = "good_level_of_development"\nkind = "binary"\n'
    source(root, "readiness", "children", kind, table, "number,gld", *ready, extra='wave = "reception"')
    load(walk, root, "births")
    load(walk, root, "readiness", "--sealed")

    families = values(root, "children", ("family", "birth"))["family@birth"]
    assert families.null_count() == 0
    assert families.n_unique() == 40
    assert set(families.value_counts()["count"]) == {2}

    text = PLAN.format(
        cohort="children", method="cluster-randomised", extra='cluster = "family"',
        measure="good-level-of-development", better="higher",
    )  # fmt: skip
    (root / "plans" / "walk.toml").write_text(text, encoding="utf-8")
    walk.well("plan", "lock", "walk", cwd=root)
    done = walk.well("evaluate", "run", "walk", "--json", cwd=root).payload["outcomes"][0]
    assert done["estimate"]["value"] == pytest.approx(0.5)  # all of 40 against 20 of 40
    assert done["estimate"]["n_clusters"] == 40
    assert done["verdict"]["answer"] == "works"
    (maturity,) = [check for check in done["checks"] if check["name"] == "maturity"]
    assert "to the end of the school year (reception) and 3 months more, was over" in maturity["note"]
    # Ten months earlier 63 months were over for many, and the reception year for nobody.
    text = text.replace('id = "walk"', 'id = "early"')
    (root / "plans" / "early.toml").write_text(text, encoding="utf-8")
    mapping = root / "sources" / "readiness.toml"
    mapping.write_text(mapping.read_text("utf-8").replace("2024-12-31", "2022-06-30"), encoding="utf-8")
    load(walk, root, "readiness")
    walk.well("plan", "lock", "early", cwd=root)
    refused = walk("evaluate", "run", "early", cwd=root)
    assert (refused.code, "LC457" in refused.err) == (12, True), refused.said


# REDCap: the same lives out of a project's export, where custody and offences are repeating instruments.

TRIAL = """[source]
id = "{name}"
title = "Trial"
cohort = "leavers"
layout = "redcap"
dates = "yyyy-mm-dd"
data_from = 2010-01-01
data_until = 2024-12-31
{extra}
[[identifier]]
column = "record_id"
kind = "local-id"
[[identifier]]
column = "prison_number"
kind = "prison-number"
"""
COLUMNS = (
    "record_id,redcap_repeat_instrument,redcap_repeat_instance,prison_number,released,dob,helped,"
    "inside,outside,offended"
)


def trial(name: str, extra: str) -> str:
    """A mapping of the export; ``ignore`` in ``extra`` also names what every export has."""
    repeats = '"redcap_repeat_instrument", "redcap_repeat_instance"'
    return TRIAL.format(name=name, extra=extra.replace("IN_REPEATS", repeats))


def export() -> str:
    """40 records: everybody inside twice for ten days; every fourth offends twice."""
    rows = [COLUMNS]
    for i in range(40):
        day = released(i)
        rows.append(f"P-{i},,,{prison_number(i)},{day},1980-05-05,{i % 2},,,")
        for k in (1, 2):
            inside = day + dt.timedelta(50 * k)
            rows.append(f"P-{i},custody,{k},,,,,{inside},{inside + dt.timedelta(10)},")
            if i % 4 == 0:
                rows.append(f"P-{i},offence,{k},,,,,,,{inside - dt.timedelta(5)}")
    return "\n".join(rows) + "\n"


def test_every_repeat_of_a_redcap_form_is_a_spell_or_an_event_and_derived_variables_follow(
    walk: Program, place: Path
) -> None:
    root = place / "walk"
    begin(walk, root, "leavers", "prison-leavers")
    (root / "inbox" / "export.csv").write_text(export(), encoding="utf-8")
    people = (
        '[[index_date]]\ncolumn = "released"\n'
        '[[variable]]\ncolumn = "dob"\nname = "age_at_release"\nkind = "age"\n' + HELPED
    )
    skip = 'ignore = [IN_REPEATS, "inside", "outside", "offended"]\nenrols = true\nwave = "release"'
    spell = '[[spell]]\nkind = "custody"\nstate = "sentenced"\nstart = "inside"\nend = "outside"\n'
    event = '[[event]]\nkind = "proven-offence"\ndate = "offended"\n'
    rest = (
        'ignore = [IN_REPEATS, "released", "dob", "helped", {0}]\nrepeat_instrument = "{1}"\nrepeat = "{2}"'
    )
    for name, extra, tables in (
        ("trial", skip, people),
        ("custody", rest.format('"offended"', "custody", "all"), spell),
        ("offence", rest.format('"inside", "outside"', "offence", "last"), event),
    ):
        text = trial(name=name, extra=f'organisation = "trial"\n{extra}') + tables
        (root / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    for name in ("trial", "custody"):
        walk.well("source", "load", name, "inbox/export.csv", cwd=root)
    # The last instance alone would leave offences out in silence.
    refused = walk("source", "load", "offence", "inbox/export.csv", cwd=root)
    assert (refused.code, "every instance counts" in refused.err) == (11, True), refused.said
    mapping = root / "sources" / "offence.toml"
    mapping.write_text(mapping.read_text("utf-8").replace('"last"', '"all"'), encoding="utf-8")
    walk.well("source", "load", "offence", "inbox/export.csv", "--sealed", cwd=root)
    names = ("days_at_liberty_12m", "reoffences_12m")
    found = values(root, "leavers", *((name, "12-months") for name in names))
    assert set(found["days_at_liberty_12m@12-months"]) == {345.0}
    assert found["reoffences_12m@12-months"].to_list()[:5] == [2, 0, 0, 0, 2]
    assert "nothing has changed" in walk.well("cohort", "derive", "leavers", cwd=root).out
    # Read with a source for what does not repeat, the repeats would be passed over.
    text = (
        trial(
            name="base",
            extra='ignore = [IN_REPEATS, "released", "dob", "helped", "inside", "outside"]',
        )
        + event
    )
    (root / "sources" / "base.toml").write_text(text, encoding="utf-8")
    refused = walk("source", "load", "base", "inbox/export.csv", cwd=root)
    assert (refused.code, "rows that this source does not read" in refused.err) == (11, True), refused.said
