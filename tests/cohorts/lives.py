"""Invented lives to load: releases, custody spells, offences, deaths, sessions, each a source of its own."""

from __future__ import annotations

from tests.cohorts.loading import pnc
from workspace.files import write_atomically
from workspace.project import Project

RELEASES = """[source]
id = "releases"
title = "Releases"
cohort = "leavers"
enrols = true
dates = "yyyy-mm-dd"
wave = "release"
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[index_date]]
column = "out"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
"""
CUSTODY = """[source]
id = "custody"
title = "Custody"
cohort = "leavers"
dates = "yyyy-mm-dd"
data_from = 2015-01-01
data_until = 2023-12-31
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[spell]]
kind = "custody"
state_column = "status"
states = { "S" = "sentenced", "R" = "remand", "RC" = "recall", "X" = "-" }
start = "in"
end = "left"
unit = "prison"
"""
OFFENCES = """[source]
id = "offences"
title = "Offences"
cohort = "leavers"
dates = "yyyy-mm-dd"
data_from = 2015-01-01
data_until = 2023-12-31
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[event]]
kind_column = "what"
kinds = { "A" = "arrest", "P" = "proven-offence", "D" = "death" }
date = "day"
category_column = "harm"
categories = { "V" = "violence", "O" = "other" }
number = "record"
"""
SESSIONS = """[source]
id = "sessions"
title = "Sessions"
cohort = "leavers"
dates = "yyyy-mm-dd"
data_until = 2023-12-31
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[exposure]]
intervention = "mentoring"
date = "day"
attended = "came"
planned_minutes = "planned"
minutes = "minutes"
fidelity = "fidelity"
mode_column = "how"
modes = { "F" = "face-to-face", "P" = "phone" }
"""
SIGHT = """[source]
id = "sight"
title = "Who could be seen"
cohort = "leavers"
dates = "yyyy-mm-dd"
data_until = 2023-12-31
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[observability]]
sees = ["arrest", "proven-offence"]
start = "from"
end = "to"
reason_column = "why"
reasons = { "E" = "emigrated", "M" = "moved-away" }
"""
SOURCES = {
    "releases": RELEASES, "custody": CUSTODY, "offences": OFFENCES, "sessions": SESSIONS, "sight": SIGHT,
}  # fmt: skip
HEADS = {
    "releases": "pnc,out,aid",
    "custody": "pnc,status,in,left,prison",
    "offences": "pnc,what,day,harm,record",
    "sessions": "pnc,day,came,planned,minutes,fidelity,how",
    "sight": "pnc,from,to,why",
}


def write_sources(project: Project) -> None:
    """Write every mapping."""
    for name, text in SOURCES.items():
        write_atomically(project.sources / f"{name}.toml", text)


def rows(source: str, *body: tuple[object, ...]) -> list[str]:
    """A file of a source; the first item of each row is the number of the person."""
    return [HEADS[source], *(",".join([pnc(int(str(row[0]))), *map(str, row[1:])]) for row in body)]
