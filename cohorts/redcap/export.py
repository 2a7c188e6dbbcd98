"""Is this file the raw export of that REDCap project? Refused are labels, other fields, unknown events (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.cleaning import codes_of, trimmed
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.mapping import plain_code
from cohorts.redcap.branching import EVENT, checkbox_column
from cohorts.redcap.dictionary import Dictionary, Field, plain, table_rows
from cohorts.redcap.rows import INSTANCE, INSTRUMENT, says
from workspace.errors import Fault, did_you_mean

GROUP = "redcap_data_access_group"
SURVEY = "redcap_survey_identifier"
OWN = (EVENT, INSTRUMENT, INSTANCE, GROUP, SURVEY)
_LABELLED = {
    "record id",
    "event name",
    "repeat instrument",
    "repeat instance",
    "data access group",
    "complete?",
}
_EVENT = re.compile(r"[a-z0-9_]+_arm_\d+[a-z]?")
_EVENTS = {
    "title": ("event_name",),
    "arm": ("arm_num",),
    "days": ("day_offset", "days_offset"),
    "name": ("unique_event_name",),
}
_INSTRUMENTS = {"event": ("unique_event_name",), "form": ("form", "form_name")}
EVENTS_HINT = "Export events, instruments and data from the same project on the same day."


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one arm: ``baseline_arm_1``, its title, its arm, and the day it is due where that is known."""

    name: str
    title: str
    arm: str
    day: float | None


def read_events(raw: RawTable) -> tuple[Event, ...]:
    """The events file of a project."""
    rows = table_rows(raw, _EVENTS, "events file", optional=("days",))
    events: list[Event] = []
    faults = []
    for number, row in enumerate(rows):
        day = float(row["days"]) if re.fullmatch(r"-?\d+(\.\d+)?", row["days"]) else None
        if not _EVENT.fullmatch(row["name"]) or row["name"] in {event.name for event in events}:
            said = "unique_event_name is not like baseline_arm_1, or stands twice"
            faults.append(
                Fault("LC808", f"{raw.name}: {raw.place(number)}", said, "Export the events again.")
            )
        events.append(Event(row["name"], plain(row["title"]), row["arm"], day))
    if faults:
        raise CohortError.gather(faults)
    return tuple(events)


def read_instruments(
    raw: RawTable, dictionary: Dictionary, events: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Which instrument is asked at which events; ``events`` are those known, or none when no file said so."""
    found: dict[str, list[str]] = {}
    faults = []
    for number, row in enumerate(table_rows(raw, _INSTRUMENTS, "instrument mapping")):
        place = f"{raw.name}: {raw.place(number)}"
        if row["form"] not in dictionary.forms:
            near = did_you_mean(row["form"], dictionary.forms)
            faults.append(Fault("LC806", place, f"the dictionary has no such instrument.{near}", EVENTS_HINT))
        if not _EVENT.fullmatch(row["event"]) or (events and row["event"] not in events):
            faults.append(Fault("LC808", place, "the events file has no such event", EVENTS_HINT))
        found.setdefault(row["form"], []).append(row["event"])
    if faults:
        raise CohortError.gather(faults)
    return {form: tuple(names) for form, names in found.items()}


def events_in(raw: RawTable, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events of a project: as the events file has them, else as the raw export names them."""
    if EVENT not in raw.frame.columns:
        return ()
    held = trimmed(raw.frame[EVENT])
    place = f"{raw.name}, column '{EVENT}'"
    shaped = held.str.contains(rf"^{_EVENT.pattern}$").fill_null(value=True)
    if not shaped.all():
        first = raw.file_row(int(shaped.arg_min() or 0))
        raise CohortError(
            "LC807",
            f"row {first} and perhaps others hold the label of an event",
            "Export raw data.",
            where=place,
        )
    names = held.drop_nulls().unique(maintain_order=True).to_list()
    if not events:
        return tuple(
            Event(name, name.rpartition("_arm_")[0].replace("_", " "), name.rpartition("_")[2], None)
            for name in names
        )
    strange = ~held.is_in([event.name for event in events]).fill_null(value=True)
    if strange.any():
        first = raw.file_row(int(strange.arg_max() or 0))
        raise CohortError(
            "LC808",
            f"row {first}, and {int(strange.sum()) - 1} more, name an event the events file lacks",
            EVENTS_HINT,
            where=place,
        )
    return events


def check_export(raw: RawTable, dictionary: Dictionary, missing: Collection[str]) -> None:
    """Refuse an export that is not this project's, or not raw. No cell is quoted, and headings only if some fit."""
    known = _known(dictionary, missing)
    strange = [heading for heading in raw.frame.columns if heading not in known]
    labels = {item.label.lower() for item in dictionary.fields if item.label} | _LABELLED
    said = [heading for heading in strange if heading.lower() in labels]
    if dictionary.record.name not in raw.frame.columns:
        where = "Export raw data with raw headings, with the record id among the fields."
        found = (
            "its headings are labels, not field names"
            if said or not set(raw.frame.columns) & known
            else f"there is no column '{dictionary.record.name}', the record id of {dictionary.name}"
        )
        raise CohortError("LC806", found, where, where=raw.name)
    faults = [_stranger(heading, dictionary, raw.name) for heading in strange]
    if faults:
        raise CohortError.gather(faults)
    _refuse_labels(raw, dictionary)


def _known(dictionary: Dictionary, missing: Collection[str]) -> set[str]:
    names = {*OWN, *(column for item in dictionary.fields for column in item.columns)}
    names |= {f"{form}_{end}" for form in dictionary.forms for end in ("complete", "timestamp")}
    boxes = [item.name for item in dictionary.fields if item.type == "checkbox"]
    return names | {checkbox_column(name, code) for name in boxes for code in missing}


def _stranger(heading: str, dictionary: Dictionary, name: str) -> Fault:
    box = heading.partition("___")[0]
    if any(item.name == box and item.type == "checkbox" for item in dictionary.fields):
        hint = 'Is it a missing code? Say so: --missing "CODE=REASON". Otherwise export the dictionary again.'
        return Fault("LC806", name, f"column '{heading}' is an option that field '{box}' does not have", hint)
    near = did_you_mean(heading, [item.name for item in dictionary.fields])
    hint = f"Export data and dictionary on the same day, or leave the column out.{near}"
    return Fault("LC806", name, f"column '{heading}' is not in {dictionary.name}", hint)


def _refuse_labels(raw: RawTable, dictionary: Dictionary) -> None:
    faults = [
        Fault("LC807", raw.name, f"column '{column}' holds labels in place of codes", "Export raw data.")
        for item in dictionary.fields
        for column in item.columns
        if column in raw.frame.columns and _has_labels(raw.frame[column], item)
    ]
    if faults:
        raise CohortError.gather(faults)


def _has_labels(cells: pl.Series, item: Field) -> bool:
    """Say whether any cell holds a label that is no code as well."""
    if item.type == "checkbox":
        codes, labels = {"0", "1"}, {"checked", "unchecked"}
    elif item.type in ("yesno", "truefalse"):
        codes, labels = {"0", "1"}, {"yes", "no", "true", "false"}
    else:
        codes = {plain_code(choice.code) for choice in item.choices}
        labels = {plain_code(choice.label) for choice in item.choices}
    return bool(codes_of(cells.drop_nulls()).is_in(list(labels - codes)).any())


def repeating_forms(raw: RawTable, dictionary: Dictionary, named: Collection[str]) -> tuple[str, ...]:
    """Instruments with repeat rows in the export, and those that are said to repeat though they have none yet."""
    strange = [form for form in named if form not in dictionary.forms]
    if strange:
        near = did_you_mean(strange[0], dictionary.forms)
        raise CohortError(
            "LC806",
            f"{dictionary.name} has no instrument '{strange[0]}'.{near}",
            f"It has: {', '.join(dictionary.forms)}.",
            where="--repeating",
        )
    held: set[str] = set()
    if INSTRUMENT in raw.frame.columns:
        cells = trimmed(raw.frame[INSTRUMENT]).drop_nulls().unique()
        if not cells.is_in(list(dictionary.forms)).all():
            raise CohortError(
                "LC807",
                f"column '{INSTRUMENT}' holds something other than names of instruments of {dictionary.name}",
                "Export raw data.",
                where=raw.name,
            )
        held = set(cells)
    return tuple(form for form in dictionary.forms if form in held or form in named)


def events_of_forms(raw: RawTable, dictionary: Dictionary) -> dict[str, tuple[str, ...]]:
    """At which events a form holds anything in this export: a guess, for want of the instrument mapping."""
    if EVENT not in raw.frame.columns:
        return {}
    names = trimmed(raw.frame[EVENT])
    return {
        form: tuple(names.filter(_spoken(raw, dictionary, form)).drop_nulls().unique(maintain_order=True))
        for form in dictionary.forms
    }


def silent_forms(raw: RawTable, dictionary: Dictionary) -> tuple[str, ...]:
    """Forms without a value in a project where forms repeat: whether these do cannot be told from the export."""
    if INSTRUMENT not in raw.frame.columns:
        return ()
    return tuple(form for form in dictionary.forms if not _spoken(raw, dictionary, form).any())


def _spoken(raw: RawTable, dictionary: Dictionary, form: str) -> pl.Series:
    """The rows on which any field of a form holds something; the record id does not count."""
    columns = [c for item in dictionary.of(form) for c in item.columns if item is not dictionary.record]
    spoken = pl.Series([False] * raw.frame.height)
    for column in columns:
        if column in raw.frame.columns:
            spoken |= says(raw.frame[column])
    return spoken
