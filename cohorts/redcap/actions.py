"""``source add --redcap`` at the edge: dictionary, export and events read, and the mapping files written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cohorts.actions import checked_name, refuse_data_as_headings
from cohorts.errors import CohortError
from cohorts.expressions import read_rule
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.source_file import read_mapping
from cohorts.redcap.dictionary import read_dictionary
from cohorts.redcap.export import (
    check_export,
    events_in,
    events_of_forms,
    read_events,
    read_instruments,
    repeating_forms,
    silent_forms,
)
from cohorts.redcap.keys import LEFT_OUT
from cohorts.redcap.mapping import RedcapProject, redcap_mappings
from cohorts.redcap.missing import read_missing
from cohorts.redcap.waves import place_events
from cohorts.store import find_cohort, mapping_path, save_mapping
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.project import Project
from workspace.toml_source import parse_toml


@dataclass(frozen=True, slots=True)
class RedcapFiles:
    """What a partner exports: the dictionary, the data, and perhaps the events and which form belongs to which."""

    dictionary: Path
    export: Path
    events: Path | None = None
    instruments: Path | None = None


def add_redcap(
    project: Project,
    name: str,
    files: RedcapFiles,
    cohort: str,
    missing: Sequence[str],
    repeating: Sequence[str],
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Write first mappings for a REDCap project; return them by source, and the events that have no wave yet."""
    checked_name(name)
    with reading(project) as session:
        definition = find_cohort(session, cohort).definition
    rule = read_rule(definition.eligibility).names if definition.eligibility else ()
    codes = read_missing(missing)
    dictionary = read_dictionary(read_extract(files.dictionary))
    raw = read_extract(files.export)
    refuse_data_as_headings(raw)
    check_export(raw, dictionary, codes)
    listed = read_events(read_extract(files.events)) if files.events else ()
    events = events_in(raw, listed)
    asked_at = (
        read_instruments(read_extract(files.instruments), dictionary, [event.name for event in listed])
        if files.instruments
        else events_of_forms(raw, dictionary)
    )
    waves = place_events(events, definition.waves)
    found = RedcapProject(
        name=name,
        dictionary=dictionary,
        headings=tuple(raw.frame.columns),
        events=events,
        waves=waves,
        asked_at={form: tuple(e for e in held if e in waves) for form, held in asked_at.items()},
        repeating=repeating_forms(raw, dictionary, repeating),
        silent=silent_forms(raw, dictionary),
        missing=codes,
        cohort=definition,
        age=next((named for named in rule if named.startswith("age")), "age_at_index"),
    )
    texts = redcap_mappings(found)
    for source, text in texts.items():
        read_mapping(parse_toml(text, f"sources/{source}.toml", CohortError))  # what is written can be read
    _save(project, texts)
    return texts, tuple(event for event, wave in waves.items() if wave == LEFT_OUT)


def _save(project: Project, texts: dict[str, str]) -> None:
    """All of them or none: one that is there already stops the others."""
    there = [source for source in texts if mapping_path(project, source).exists()]
    if there:
        hint = f"Edit sources/{there[0]}.toml, or choose another name."
        raise CohortError("LC855", f"there is a source '{there[0]}' already", hint)
    if console.current().dry_run:
        return
    with writing(project) as session:
        for source in texts:
            record(session, "source.add", source)
        for source, text in texts.items():
            save_mapping(project, source, text)
