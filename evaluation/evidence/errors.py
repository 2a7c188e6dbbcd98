"""Codes of outside evidence (LC546 to LC559)."""

from __future__ import annotations

from workspace.errors import declare
from workspace.toml_source import KeyCodes

EVIDENCE_KEYS = KeyCodes(unknown="LC550", missing="LC551", wrong="LC552")

declare(
    {
        "LC546": (
            "Directions that differ",
            "Effects can only be averaged where better is the same way in all of them: fewer arrests here and more "
            "people without arrest there are not one outcome.",
            "Record the effect for the same event in all studies.",
        ),
        "LC547": (
            "A claim that cannot be linked",
            "A claim is tested by a finding of this project's register, named by its number.",
            'lifecourse finding list; then name one: tested_by = "EVAL-003".',
        ),
        "LC550": (
            "An unknown key in an evidence file",
            "The file holds a key the program does not know; a misspelt one would be ignored in silence.",
            "Correct the spelling or remove the line. The reference of evidence keys lists them all.",
        ),
        "LC551": ("An evidence file lacks a key", "A key the record must have is not there.", "Add it."),
        "LC552": (
            "A key of an evidence file has the wrong kind of value",
            "The value is of the wrong type or outside its range.",
            "Correct it.",
        ),
        "LC553": (
            "Figures of a study that contradict one another",
            "The effect lies outside its own interval, a ratio is not above 0, more people had the event than were "
            "there, or the standard error and the interval are of different sizes.",
            "Look the figures up again. If the source prints them so, record the effect alone and say so in note.",
        ),
        "LC554": (
            "The record is there already, with other facts",
            "What was recorded of a study stays. A new version is added to it; who, where and what it was cannot "
            "change under the same id.",
            "Add the new figures as a further [[study.version]], or give the study another id.",
        ),
        "LC555": (
            "No evidence of that outcome",
            "No study, finding or claim on record is about the outcome that was named.",
            "lifecourse evidence list shows the outcomes there are.",
        ),
        "LC556": (
            "Effects that cannot be brought to one scale",
            "Odds ratios, rates and differences are different quantities. Some can be turned into one another, most "
            "only with facts that are not there.",
            "Choose the scale with --scale: what cannot be brought to it is left out, and named.",
        ),
        "LC557": (
            "Too little to put together",
            "An average over studies needs at least two of them, and more than there are moderators.",
            "lifecourse evidence list says what there is, and what of it cannot be used.",
        ),
        "LC558": (
            "An evidence record that cannot be read",
            "A file in evidence/outside/ is no record of this program, or is not called after its id.",
            "Restore it from git, or add the study again: lifecourse evidence add FILE.",
        ),
        "LC559": (
            "There is no such record",
            "No study and no claim of that id is on record.",
            "lifecourse evidence list",
        ),
    }
)
