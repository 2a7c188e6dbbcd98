"""Canaries: marked values in a wrong partner file, provoked errors, and whether a mark comes out (pure parts)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohorts.attacks.model import Trial, judged

SURNAME, NOTE, AREA = "Kanarvogelzang", "Zwitscherwort-geheim", "Vogelbauerdorf"
BAD_NHS, NHS, DAY, NUMBER = "9990001111", "9990000018", "31/02/1987", "87654321"
CANARIES = (SURNAME, NOTE, AREA, BAD_NHS, NHS, DAY, NUMBER)

MAPPING = """[source]
id = "canary"
title = "Canary"
cohort = "birds"
enrols = true
dates = "dd/mm/yyyy"
wave = "release"
data_until = 2024-12-31
ignore = ["surname"]
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[index_date]]
column = "out"
[[variable]]
column = "born"
name = "age_at_release"
kind = "age"
[[variable]]
column = "area"
name = "area"
kind = "category"
codes = ["north", "south"]
[[variable]]
column = "score"
name = "score"
kind = "number"
maximum = 100
"""
HEADINGS = "nhs,surname,out,born,area,score"
FILES: Mapping[str, str] = {
    "wrong-values": (
        f"{HEADINGS}\n{BAD_NHS},{SURNAME},{DAY},{DAY},{AREA},{NUMBER}\n{NHS},{SURNAME},{DAY},{DAY},{AREA},x{NOTE}\n"
    ),
    "ragged": f"{HEADINGS}\n{NHS},{SURNAME},01/03/2022,{DAY},{AREA},{NUMBER},{NOTE}\n",
    "unclosed": f'{HEADINGS}\n{NHS},"{SURNAME},01/03/2022,{DAY},{AREA},{NUMBER}\n{NHS},{NOTE}\n',
    "unknown-column": f"{HEADINGS},notes\n{NHS},{SURNAME},01/03/2022,{DAY},{AREA},{NUMBER},{NOTE}\n",
    "conflict": (
        f"{HEADINGS}\n{NHS},{SURNAME},01/03/2022,01/01/1990,north,5\n{NHS},{SURNAME},01/03/2022,01/01/1990,south,6\n"
    ),
    "no-heading": f"{NHS},{SURNAME},01/03/2022,{DAY},{AREA},{NUMBER}\n",
    "not-utf8": f"{HEADINGS}\n{NHS},{SURNAME}\x00,01/03/2022,{DAY},{AREA},{NUMBER}\n",
}


@dataclass(frozen=True, slots=True)
class Provoked:
    """One command, whether it failed, and everything it said or left behind."""

    words: str
    failed: bool
    said: bytes


def escapes(provoked: Sequence[Provoked]) -> list[str]:
    """The commands whose words or files hold a canary, in any case and either encoding."""
    marks = [mark.encode().lower() for mark in CANARIES]
    return [p.words for p in provoked if any(mark in p.said.lower() for mark in marks)]


def provoked_errors(provoked: Sequence[Provoked]) -> Trial:
    """Say whether a value of a partner's file came out in an error, a log or a record."""
    out = escapes(provoked)
    failed = sum(p.failed for p in provoked)
    return Trial(
        "canaries",
        "Values in errors and logs",
        "Whoever sees a terminal, a log, a record of a failure, or a screenshot of one.",
        f"{len(provoked)} commands on {len(FILES)} wrong files with marked values in a throw-away project, as text and "
        f"as JSON; {failed} of them refused or found problems. Screens, logs and records were searched.",
        tuple(f"a marked value comes out of: {words}" for words in out) or ("no marked value came out",),
        "Messages name file, column, row number and rule; errors of libraries are dropped.",
        judged(bool(out)) if provoked else "not-applicable",
        "Provoked errors only; an error nobody thought of is not tried.",
    )
