"""Bad project folders, databases, theories, plans, and data for plans."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.commands.bad_row import Bad, both, changes, folder_at, removes, variable, writes
from tests.commands.small_project import PLAN

DATABASE = "data/cohort.sqlite"
SETTINGS = "lifecourse.toml"
FILE_PLAN = """[plan]
id = "file"
title = "A plan for a file"
[population]
where = "age >= 18"
[design]
method = "randomised"
treatment = "treated"
covariates = ["before"]
unit = "id"
[[outcome]]
measure = "score"
role = "primary"
kind = "continuous"
better = "higher"
minimum = 0
maximum = 200
[[outcome]]
measure = "caught"
role = "secondary"
kind = "binary"
better = "lower"
"""
HEADINGS = "id,age,treated,before,score,caught,note"
RUN = "evaluate run plan.toml --data table.csv"


def table(bad: str = "", headings: str = HEADINGS) -> str:
    """Eighty people in a file; the row given is line 82."""
    rows = [
        f"P{5000 + i},{20 + i % 40},{i % 2},{i % 9},{50 + i % 31},{i % 3 % 2},Brax{i:04d}" for i in range(80)
    ]
    return "\n".join([headings, *rows, *([bad] if bad else [])]) + "\n"


def data(name: str, code: str, place: str, bad: str, headings: str = HEADINGS) -> Bad:
    """File mode with a good plan and a table with one bad row."""
    arrange = both(writes("plan.toml", FILE_PLAN), writes("table.csv", table(bad, headings)))
    return Bad(name, RUN, code, 12, place, arrange, "table.csv")


def file_plan(name: str, code: str, place: str, old: str, new: str, *, hint: bool = True) -> Bad:
    """File mode with a good table and a fault in the plan."""
    arrange = both(
        writes("plan.toml", FILE_PLAN), writes("table.csv", table()), changes("plan.toml", old, new)
    )
    return Bad(name, RUN, code, 12, place, arrange, "table.csv", hint=hint)


def plan(name: str, code: str, place: str, old: str, new: str, *, hint: bool = True, words: str = "") -> Bad:
    """A fault in plans/aid.toml."""
    return Bad(
        name, words or "plan check aid", code, 12, place, changes("plans/aid.toml", old, new), hint=hint
    )


def future(root: Path) -> None:
    """A database made by a program that does not exist yet."""
    connection = sqlite3.connect(root / DATABASE)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


TEXT_DATABASE = both(removes(DATABASE), writes(DATABASE, "Vlimwexl is not a database\n" * 50))

WORKSPACE = [
    Bad("unknown code", "explain LC999", "LC130", 2, "'LC999'"),
    Bad("unknown option", "status --where x", "", 2, "No such option"),
    Bad("unknown command", "statsu", "", 2, "No such command"),
    Bad("missing argument", "source load releases", "", 2, "Missing argument"),
    Bad("wrong type of an option", "audit log --last many", "", 2, "--last"),
    Bad("no project", "--project /usr status", "LC101", 2, "/usr"),
    Bad("init in a full folder", "init .", "LC102", 2, "project"),
    Bad("demo in a full folder", "demo .", "LC102", 2, "project"),
    Bad("init on a file", "init theory.toml", "LC102", 2, "theory.toml"),
    Bad("dry init in a full folder", "init . --dry-run", "LC102", 2, "project"),
    Bad(
        "setting unknown",
        "status",
        "LC104",
        2,
        "lifecourse.toml:4",
        changes(SETTINGS, "name =", "practise = true\nname ="),
    ),
    Bad(
        "setting missing", "status", "LC105", 2, "lifecourse.toml:2", changes(SETTINGS, "name =", "# name =")
    ),
    Bad(
        "setting of the wrong kind",
        "status",
        "LC106",
        2,
        "lifecourse.toml:10",
        changes(SETTINGS, "threshold = 10", 'threshold = "ten"'),
    ),
    Bad(
        "threshold too low",
        "status",
        "LC106",
        2,
        "at least 5",
        changes(SETTINGS, "threshold = 10", "threshold = 1"),
    ),
    Bad(
        "settings broken",
        "status",
        "LC103",
        2,
        "lifecourse.toml:2",
        changes(SETTINGS, "[project]", "[project"),
    ),
    Bad(
        "settings not UTF-8",
        "status",
        "LC108",
        2,
        "lifecourse.toml",
        writes(SETTINGS, b'[project]\nname = "\xe9"\n'),
    ),
    Bad(
        "other database",
        "status",
        "LC113",
        2,
        "postgresql",
        variable("LIFECOURSE_DATABASE_URL", "mysql://h/x"),
    ),
    Bad(
        "server that is not there",
        "status",
        "LC110",
        2,
        "the PostgreSQL database",
        variable("LIFECOURSE_DATABASE_URL", "postgresql://someone:zorvsecret@127.0.0.1:9/quilbase"),
    ),
    Bad(
        "impossible database path",
        "status",
        "LC106",
        2,
        "lifecourse.toml:7",
        changes(SETTINGS, "cohort.sqlite", "cohort\\u0000.sqlite"),
    ),
    Bad("dry plan that exists", "plan new aid --dry-run", "LC425", 12, "'aid'"),
    Bad("dry cohort that exists", "cohort new leavers --template school --dry-run", "LC851", 11, "'leavers'"),
    Bad("dry key that exists", "key create --dry-run", "LC844", 11, ".key"),
    Bad("database is a folder", "status", "LC110", 2, DATABASE, folder_at(DATABASE)),
    Bad("database is text", "status", "LC110", 2, DATABASE, TEXT_DATABASE, secret=("Vlimwexl",)),
    Bad("database is text, upgrade", "doctor --upgrade", "LC110", 2, DATABASE, TEXT_DATABASE),
    Bad("database missing", "cohort list", "LC110", 2, DATABASE, removes(DATABASE)),
    Bad("database missing for a new plan", "plan new more", "LC110", 2, DATABASE, removes(DATABASE)),
    Bad("database from the future", "cohort list", "LC111", 2, "9999", future),
    Bad("database from the future, upgrade", "doctor --upgrade", "LC111", 2, "9999", future),
]

THEORY = [
    Bad("a second theory", "theory new", "LC207", 10, "theory.toml"),
    Bad("no theory", "theory check", "LC208", 10, "theory.toml", removes("theory.toml")),
    Bad("unknown id in the theory", "theory show Z9", "LC209", 10, "'Z9'"),
    Bad("unknown measure", "measure show nothing-like-it", "LC209", 10, "'nothing-like-it'"),
    Bad("theory broken", "theory check", "LC103", 10, "theory.toml:1", writes("theory.toml", "[theory\n")),
    Bad(
        "theory unknown key",
        "theory check",
        "LC201",
        10,
        "theory.toml:3",
        writes("theory.toml", '[theory]\ntitle = "T"\nownner = "x"\n'),
    ),
    Bad(
        "theory wrong type",
        "theory check",
        "LC203",
        10,
        "theory.toml:2",
        writes("theory.toml", "[theory]\ntitle = 7\n"),
    ),
    Bad(
        "link to nowhere",
        "theory check",
        "LC210",
        10,
        "theory.toml:",
        writes(
            "theory.toml",
            '[theory]\ntitle = "T"\n[[box]]\nid = "A1"\nkind = "activity"\ntext = "x"\ntier = "primary"\n'
            '[[link]]\nfrom = "A1"\nto = "O9"\nbecause = "y"\n',
        ),
    ),
]

PLANS = [
    plan("unknown key", "LC401", "plans/aid.toml:12", "seed = 1", "sede = 1"),
    plan("wrong type", "LC403", "plans/aid.toml:12", "seed = 1", 'seed = "one"'),
    plan("misspelt method", "LC404", "plans/aid.toml:9", '"randomised"', '"randomized"'),
    plan("no primary", "LC405", "plans/aid.toml:14", '"primary"', '"secondary"'),
    plan(
        "two primaries",
        "LC405",
        "plans/aid.toml:24",
        "[reporting]",
        '[[outcome]]\nmeasure = "x"\nrole = "primary"\nkind = "binary"\nbetter = "lower"\n[reporting]',
    ),
    plan(
        "outcome twice",
        "LC409",
        "plans/aid.toml:",
        "[reporting]",
        PLAN[PLAN.index("[[outcome]]") :]
        .replace("[reporting]\nreported_by = 2030-12-31\n", "")
        .replace("primary", "secondary")
        + "[reporting]",
    ),
    plan(
        "no outcome",
        "LC402",
        "plans/aid.toml:",
        PLAN[PLAN.index("[[outcome]]") : PLAN.index("[reporting]")],
        "",
    ),
    plan("MID without source", "LC408", "plans/aid.toml:20", 'mid_source = "break-even"\n', ""),
    plan("outcome as covariate", "LC412", "plans/aid.toml:14", '["convictions"]', '["arrested"]'),
    Bad(
        "kind not analysed",
        "plan check aid",
        "LC407",
        12,
        "plans/aid.toml:14",
        both(
            changes("plans/aid.toml", '"randomised"', '"doubly-robust"'),
            changes("plans/aid.toml", '"binary"', '"ordinal"'),
        ),
    ),
    plan("setting not carried out", "LC406", "plans/aid.toml:13", "seed = 1", 'seed = 1\nweights = "w"'),
    plan(
        "code in where",
        "LC410",
        "plans/aid.toml:7",
        '"leavers"',
        '''"leavers"\nwhere = "__import__('os')"''',
        hint=False,
    ),
    plan(
        "huge number in where",
        "LC410",
        "plans/aid.toml:7",
        '"leavers"',
        f'"leavers"\nwhere = "aid == 1{"0" * 400}"',
        hint=False,
    ),
    plan("unknown link", "LC411", "plans/aid.toml", 'arrests?"', 'arrests?"\nlinks = ["A1>O99"]'),
    plan(
        "no cohort",
        "LC402",
        "plans/aid.toml",
        'cohort = "leavers"',
        "",
    ),
    Bad(
        "unknown cohort",
        "plan check aid",
        "LC850",
        11,
        "'leaver'",
        changes("plans/aid.toml", '"leavers"', '"leaver"'),
    ),
    Bad(
        "not UTF-8",
        "plan check aid",
        "LC108",
        12,
        "plans/aid.toml",
        writes("plans/aid.toml", b"[plan]\n# \xff\n"),
    ),
    Bad("no such plan", "plan check adi", "LC424", 12, "'adi'"),
    Bad("plan path a folder", "plan check plans/f.toml", "LC107", 12, "f.toml", folder_at("plans/f.toml")),
    Bad("plan exists", "plan new aid", "LC425", 12, "'aid'"),
    Bad("new plan with an unknown method", "plan new more --method magic", "LC404", 12, "'magic'"),
    Bad("locked twice", "plan lock locked", "LC422", 4, "'locked'"),
    Bad("undecidable", "plan lock weak", "LC423", 4, "'weak' cannot be decided"),
    Bad("not locked", "evaluate run aid", "LC420", 4, "'aid'"),
    Bad(
        "edited after the lock",
        "evaluate run locked",
        "LC421",
        4,
        "'locked'",
        changes("plans/locked.toml", '"lower"', '"higher"'),
    ),
    Bad("sealed outcome", "evaluate run aid --exploratory", "LC859", 4, "'arrested' at wave '12-months'"),
    plan(
        "unknown variable",
        "LC453",
        "'conviction'",
        '["convictions"]',
        '["conviction"]',
        words="evaluate run aid --exploratory",
    ),
    plan(
        "wave not loaded",
        "LC461",
        "'24-months'",
        'wave = "12-months"',
        'wave = "24-months"',
        words="evaluate run aid --exploratory",
    ),
]

DATA = [
    data(
        "treatment 2",
        "LC451",
        "'treated': the treatment must be 0 or 1; not so in row 82",
        "P9999,30,2,1,60,0,x",
    ),
    data("treatment in words", "LC451", "row 82", "P9999,30,perhaps,1,60,0,x"),
    data("outcome above its range", "LC455", "between 0 and 200; not so in row 82", "P9999,30,1,1,20155,0,x"),
    data("binary outcome 2", "LC456", "'caught'", "P9999,30,1,1,60,2,x"),
    data(
        "outcome not a number",
        "LC454",
        "'score' must hold numbers; not so in row 82",
        "P9999,30,1,1,sixtyish,0,x",
    ),
    data(
        "outcome without end", "LC454", "'score' must hold numbers; not so in row 82", "P9999,30,1,1,inf,0,x"
    ),
    data(
        "covariate beyond reckoning",
        "LC478",
        "'before' holds numbers beyond 1e+30",
        "P9999,30,1,1e150,60,0,x",
    ),
    data("same person twice", "LC458", "'id'", "P5003,30,1,1,60,0,x"),
    data("column missing", "LC453", "'before'", "", HEADINGS.replace("before", "earlier")),
    file_plan("unknown column in the plan", "LC453", "'befor'", '["before"]', '["befor"]'),
    file_plan("rule on an unknown column", "LC453", "'aeg'", "age >=", "aeg >="),
    file_plan("rule compares a number with a text", "LC410", "table.csv", "age >= 18", "age == 'oldest'"),
    file_plan("code in where", "LC410", "plan.toml:5", "age >= 18", "().__class__.__bases__", hint=False),
    file_plan("nobody meets the rule", "LC457", "", "age >= 18", "age >= 180"),
    file_plan("one arm only", "LC452", "", "age >= 18", "treated == 1"),
    Bad("data missing", RUN, "LC107", 11, "table.csv", writes("plan.toml", FILE_PLAN)),
    Bad("plan is a folder", RUN, "LC107", 12, "plan.toml", folder_at("plan.toml")),
    Bad("plan missing", RUN, "LC107", 12, "plan.toml"),
    Bad(
        "out is a file",
        f"{RUN} --out theory.toml",
        "LC107",
        2,
        "file.html",
        both(writes("plan.toml", FILE_PLAN), writes("table.csv", table())),
        "table.csv",
    ),
    Bad(
        "empty table",
        RUN,
        "LC812",
        11,
        "table.csv",
        both(writes("plan.toml", FILE_PLAN), writes("table.csv", "")),
    ),
    Bad(
        "ragged table",
        RUN,
        "LC814",
        11,
        "line 82",
        both(writes("plan.toml", FILE_PLAN), writes("table.csv", table("P9999,30,1,1,60,0,Trosk,Jundxant"))),
        "table.csv",
    ),
    Bad(
        "reports is a file",
        "evaluate run locked",
        "LC107",
        2,
        "EVAL-001.html",
        both(lambda root: (root / "reports").rmdir(), writes("reports", "in the way")),
    ),
]
