"""Codes about REDCap projects."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC804": (
        "Not a REDCap data dictionary, events file or instrument mapping",
        "The file lacks columns that REDCap always writes, so it is another file, or its headings were changed.",
        "Export it again from REDCap (Designer: data dictionary; Define My Events: events and instruments).",
    ),
    "LC805": (
        "A field of the data dictionary cannot be read",
        "A row of the dictionary has a field type nobody knows, no name, the name of another row, or choices that "
        "are not written as code, label | code, label.",
        "Correct the field in REDCap and export the dictionary again.",
    ),
    "LC806": (
        "The export does not fit the data dictionary",
        "The export has headings that the dictionary does not give it: labels in place of field names, fields of "
        "another version of the project, or no record id.",
        "Export raw data with raw headings, and the dictionary, from the same project on the same day.",
    ),
    "LC807": (
        "The export holds labels in place of codes",
        "Choices, ticked boxes or events are written as people read them. Labels are not stable: they change when "
        "somebody corrects a question, and the codes do not.",
        "Export again: CSV / Microsoft Excel (raw data).",
    ),
    "LC808": (
        "An event that is not defined",
        "The export or the instrument mapping names an event that the events file does not have, or the events "
        "file names an event twice.",
        "Export events, instruments and data from the same project on the same day.",
    ),
    "LC809": (
        "The source does not fit how the export repeats, or what was said about missing codes",
        "Forms and events that repeat have rows of their own. A source reads one instrument and one instance; values "
        "it would pass over are never passed over in silence. Missing codes each need a reason.",
        'Change repeat_instrument, repeat or events in the source, or name the reason: --missing "-99=not-asked".',
    ),
}
