"""A project of 360 invented prison leavers in 24 prisons that can feed every method: its rows and its plans."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from tests.commands.program import Program
from tests.commands.small_project import csv_text, prison_number

PRISONS, A_PRISON, WINGS, PERIODS = 24, 15, 3, 5
PEOPLE = PRISONS * A_PRISON
ISLANDERS = 8
NUMBERS = ("got", "quarter", "convictions", "score_before")
BINARY = ("aid", "hub", "wing_hub", "rolled_out", "turned", "chosen")
WORDS = ("prison", "wing", "district", "area", "arms")
FOLLOWED = ("arrested", "offences", "days_free", "rating", "score", "days", "inside", "died")
VARIABLE = '\n[[variable]]\ncolumn = "{0}"\nname = "{0}"\nkind = "{1}"\n'
IDENTIFIER = '\n[[identifier]]\ncolumn = "Prison number"\nkind = "prison-number"\n'
RELEASES = (
    '[source]\nid = "releases"\ntitle = "Releases"\ncohort = "leavers"\nenrols = true\n'
    'dates = "dd/mm/yyyy"\nrejects = "stop"\nwave = "release"\n'
    + IDENTIFIER
    + '\n[[index_date]]\ncolumn = "Release date"\n'
    + '\n[[variable]]\ncolumn = "Date of birth"\nname = "age_at_release"\nkind = "age"\n'
    + "".join(VARIABLE.format(name, "number") for name in NUMBERS)
    + "".join(VARIABLE.format(name, "binary") for name in BINARY)
    + "".join(VARIABLE.format(name, "category") for name in WORDS)
)
RECORDS = (
    '[source]\nid = "records"\ntitle = "Records"\ncohort = "leavers"\ndates = "dd/mm/yyyy"\n'
    'wave_column = "Visit"\nwaves = { "12" = "12-months", "24" = "24-months" }\ndata_until = 2025-12-31\n'
    + IDENTIFIER
    + "".join(
        VARIABLE.format(name, "binary" if name in ("arrested", "died") else "number") for name in FOLLOWED
    )
)


def make_method_project(program: Program, root: Path) -> None:
    """Make the project with the program's own commands; what came after release is sealed."""
    program.well("init", root, "--name", "Every method")
    program.well("key", "create", cwd=root)
    program.well("cohort", "new", "leavers", "--template", "prison-leavers", cwd=root)
    releases, records = people()
    headings = ("Prison number", "Date of birth", "Release date", *NUMBERS, *BINARY, *WORDS)
    for name, text, table in (
        ("releases", RELEASES, csv_text(headings, releases)),
        ("records", RECORDS, csv_text(("Prison number", "Visit", *FOLLOWED), records)),
    ):
        (root / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
        (root / "inbox" / f"{name}.csv").write_text(table, encoding="utf-8")
    program.well("source", "load", "releases", "inbox/releases.csv", cwd=root)
    program.well("source", "load", "records", "inbox/records.csv", "--sealed", cwd=root)


def people(seed: int = 11) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of both files. Whoever has many convictions is more often chosen, and scores lower."""
    draw = np.random.default_rng(seed)
    of_prison, of_wing = draw.normal(0, 2, PRISONS), draw.normal(0, 1, PRISONS * WINGS)
    releases, records = [], []
    for i in range(PEOPLE):
        prison, within = divmod(i, A_PRISON)
        wing, quarter = prison * WINGS + within % WINGS, 1 + within % PERIODS
        aid = int(draw.random() < 0.5)
        convictions, before = int(draw.poisson(4)), draw.normal(50, 10)
        chosen = int(draw.random() < 1 / (1 + math.exp(2.1 - 0.25 * convictions)))
        arms: dict[str, Any] = {
            "got": int(aid and draw.random() < 0.8),
            "quarter": quarter,
            "convictions": convictions,
            "score_before": round(before, 1),
            "aid": aid,
            "hub": prison % 2,
            "wing_hub": (within % WINGS + prison) % 2,
            "rolled_out": int(quarter > 1 + prison % (PERIODS - 1)),
            "turned": (quarter + prison) % 2,
            "chosen": chosen,
            "prison": f"Prison {prison + 1:02d}",
            "wing": f"Wing {wing + 1:02d}",
            "district": f"District {prison // 6 + 1}",
            "area": "Island" if i % (PEOPLE // ISLANDERS) == 7 else ("North", "South")[int(draw.integers(2))],
            "arms": ("money", "advice", "nothing")[int(draw.integers(3))],
        }
        birth = f"{1 + i % 28:02d}/0{1 + i % 9}/19{70 + int(draw.integers(30))}"
        fixed = (prison_number(i), birth, f"{1 + i % 28:02d}/03/2021")
        releases.append([*fixed, *(str(arms[name]) for name in (*NUMBERS, *BINARY, *WORDS))])
        push = 3 * (aid + arms["hub"] + arms["wing_hub"] + arms["rolled_out"] + arms["turned"]) + 8 * chosen
        level = 0.5 * before + 25 - convictions + push + of_prison[prison] + of_wing[wing]
        records += [_record(draw, i, visit, level) for visit in (12, 24)]
    return releases, records


def _record(draw: np.random.Generator, i: int, visit: int, level: float) -> list[str]:
    """What was recorded of one person at one visit; one score in seven was not."""
    score = level + draw.normal(0, 8)
    rate = math.exp(0.4 - 0.04 * (level - 50))
    to_arrest, to_death = draw.exponential(500 / rate), draw.exponential(4000)
    days = math.ceil(min(to_arrest, to_death, 365))
    first = int(to_arrest <= min(to_death, 365))
    dead = int(to_death < min(to_arrest, 365))
    rating = 1 + int(np.searchsorted([-8, 0, 8], score - 55 + draw.normal(0, 4)))
    free = int(draw.integers(200, 366))
    shown = "" if draw.random() < 1 / 7 else f"{score:.1f}"
    values = (first, int(draw.poisson(rate * free / 365)), free, rating, shown, days, days // 10, dead)
    return [prison_number(i), str(visit), *map(str, values)]


SCORE = """[[outcome]]
measure = "score"
wave = "12-months"
role = "primary"
kind = "continuous"
better = "higher"
unit = "points"
minimum_important_difference = 2
mid_source = "made up"
"""
ARRESTED = SCORE.replace("score", "arrested").replace("continuous", "binary").replace("higher", "lower")
ARRESTED = ARRESTED.replace('unit = "points"\n', "").replace("= 2", "= 0.1")
RISK_RATIO = ARRESTED.replace("= 0.1", "= 0.8") + 'effect = "risk-ratio"\n'
ODDS_RATIO = ARRESTED.replace("= 0.1", "= 0.7") + 'effect = "odds-ratio"\n'
OFFENCES = ARRESTED.replace("arrested", "offences").replace("binary", "count").replace("= 0.1", "= 0.8")
OFFENCES += 'exposure = "days_free@12-months"\n'
RATING = SCORE.replace("score", "rating").replace("continuous", "ordinal").replace('"points"', '"steps"')
RATING = RATING.replace("= 2", "= 0.3")
RATING_ODDS = RATING.replace("= 0.3", "= 1.5") + 'effect = "odds-ratio"\n'
TIMES = ARRESTED.replace("binary", "time-to-event").replace("= 0.1", "= 0.8") + 'duration = "days"\n'
COMPETING = TIMES + 'competing = "died"\noff_clock = "inside"\nhorizon = 300\n'
LATER = SCORE.replace('"12-months"', '"24-months"').replace('"primary"', '"secondary"')
WAVES = SCORE + 'waves = ["12-months", "24-months"]\nbaseline = "score_before"\n'
BY_AREA = '[[subgroup]]\nby = "area"\nreason = "the island has no office"\n'
IMPUTED = '[analysis]\nmissing = "multiple-imputation"\nauxiliary = ["quarter"]\nimputations = 5\n'
WEIGHED = '[analysis]\nmissing = "inverse-probability"\n'


def plan_text(
    name: str, method: str, treatment: str, design: str, settings: str, outcomes: str, more: str
) -> str:
    """A plan of the project; ``settings`` are the method's own lines."""
    own = f"\n[design.{method}]\n{settings}\n" if settings else ""
    return (
        f'[plan]\nid = "{name}"\ntitle = "Did it help, asked by {name}?"\n\n[population]\ncohort = "leavers"\n\n'
        f'[design]\nmethod = "{method}"\ntreatment = "{treatment}"\nseed = 3\n{design}\n{own}\n{outcomes}\n{more}'
        "\n[reporting]\nreported_by = 2030-12-31\n"
    )
