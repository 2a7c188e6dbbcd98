"""Bad REDCap dictionaries, events and exports."""

from __future__ import annotations

from tests.cohorts.redcap_project import (
    COLUMNS,
    EVENTS,
    FIELDS,
    HEADINGS,
    INSTRUMENTS,
    baseline,
    dictionary_text,
    export_text,
    field,
    later,
    people,
    session,
    text_of,
)
from tests.commands.bad_row import Bad, both, writes

ADD = "source add trial --redcap inbox/dictionary.csv --from inbox/export.csv --missing -99=not-asked --cohort leavers"
LOAD = "source load trial inbox/export.csv"
SECRET = ("Quilzorv", "Zorvquil", "1990-05-04", "leeds")
GOOD = both(
    writes("inbox/dictionary.csv", dictionary_text()),
    writes("inbox/export.csv", export_text(people())),
    writes("inbox/events.csv", EVENTS),
    writes("inbox/instruments.csv", INSTRUMENTS),
)
LAYOUT = """[source]
id = "trial"
title = "Trial"
cohort = "leavers"
dates = "yyyy-mm-dd"
layout = "redcap"
wave_column = "redcap_event_name"
waves = { "release_arm_1" = "release", "12_month_followup_arm_1" = "12-months" }
ignore = [IGNORED]
[[identifier]]
column = "record_id"
kind = "local-id"
[[variable]]
column = "score"
name = "score"
kind = "number"
"""


def source(more: str = "") -> str:
    """A source that reads the score."""
    known = ("record_id", "redcap_event_name", "score")
    ignored = ", ".join(f'"{name}"' for name in COLUMNS if name not in known)
    return LAYOUT.replace("IGNORED", ignored).replace('layout = "redcap"\n', f'layout = "redcap"\n{more}')


def add(name: str, code: str, place: str, file: str, content: str, words: str = "") -> Bad:
    """A project of which one file is bad."""
    arrange = both(GOOD, writes(f"inbox/{file}.csv", content))
    return Bad(f"REDCap: {name}", f"{ADD}{words}", code, 11, place, arrange, secret=SECRET)


def load(name: str, code: str, place: str, rows: list[dict[str, str]], more: str = "") -> Bad:
    """An export that does not fit its source."""
    arrange = both(writes("sources/trial.toml", source(more)), writes("inbox/export.csv", export_text(rows)))
    return Bad(f"REDCap: {name}", LOAD, code, 11, place, arrange, secret=SECRET)


def with_field(*changed: list[str]) -> str:
    """The dictionary with more fields."""
    return dictionary_text([*FIELDS, *changed])


def labelled() -> str:
    """An export with labels where codes should be."""
    return export_text([{**row, "sex": "Male" if row.get("sex") else ""} for row in people()])


def renamed(old: str, new: str) -> tuple[str, ...]:
    """The headings of a dictionary with one changed."""
    return tuple(new if heading == old else heading for heading in HEADINGS)


REDCAP = [
    add(
        "dictionary without a column", "LC804", "'Field Type'", "dictionary",
        dictionary_text(headings=renamed("Field Type", "Kind")),
    ),
    add("a source file for a dictionary", "LC804", "dictionary.csv", "dictionary", "a,b\n1,2\n"),
    add("empty dictionary", "LC812", "dictionary.csv", "dictionary", text_of(HEADINGS, [])),
    add(
        "choices that cannot be read", "LC805", "dictionary.csv: row 19", "dictionary",
        with_field(field("more", "survey", "radio", "More?", "Yes or no")),
    ),
    add("a field twice", "LC805", "'score'", "dictionary", with_field(field("score", "survey", "slider"))),
    add(
        "a field that is not in the dictionary", "LC806", "'score'", "dictionary",
        dictionary_text([row for row in FIELDS if row[0] != "score"]),
    ),
    add(
        "headings that are labels", "LC806", "headings are labels", "export",
        text_of(["Record ID", "Event Name", *COLUMNS[2:]], [["1-1", "Release", *[""] * (len(COLUMNS) - 2)]]),
    ),
    add("no record id", "LC806", "'record_id'", "export", export_text(people(), COLUMNS[1:])),
    add("labels in place of codes", "LC807", "column 'sex'", "export", labelled()),
    add(
        "labels of events", "LC807", "column 'redcap_event_name'", "export",
        export_text([{**row, "redcap_event_name": "Release (Arm 1: Quilzorv)"} for row in people()]),
    ),
    add(
        "an event that is not defined", "LC808", "row 2", "events", EVENTS.replace("release_arm_1", "start_arm_1"),
        " --events inbox/events.csv",
    ),
    add("an events file that is none", "LC804", "events.csv", "events", "a,b\n1,2\n", " --events inbox/events.csv"),
    add(
        "an instrument that is not there", "LC806", "instruments.csv: row 2", "instruments",
        INSTRUMENTS.replace("arm_1,intake", "arm_1,intaek"), " --instruments inbox/instruments.csv",
    ),
    add("a missing code without a reason", "LC809", "--missing 2", "events", EVENTS, " --missing -98"),
    add("an instrument that is said to repeat", "LC806", "--repeating", "events", EVENTS, " --repeating visits"),
    Bad(
        "REDCap: events without a dictionary",
        "source add trial --from inbox/releases.csv --events inbox/events.csv --cohort leavers",
        "LC803", 11, "--redcap", GOOD,
    ),
    load("values on repeat rows", "LC809", "'score'", [baseline(1, 1), session(1, 1, 1, "30", score="7")]),
    load(
        "an instrument without rows", "LC809", "'adverse'", [baseline(1, 1), later(1, 1)],
        'repeat_instrument = "adverse"\nrepeat = "last"\n',
    ),
    load(
        "an event that repeats", "LC809", "an event repeats",
        [baseline(1, 1), *(later(1, 1, redcap_repeat_instance=str(i), score=str(i)) for i in (1, 2))],
    ),
]  # fmt: skip
