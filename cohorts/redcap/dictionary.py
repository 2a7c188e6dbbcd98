"""A REDCap data dictionary read strictly: fields, forms, choices, and the headings of an export (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.cleaning import trimmed
from cohorts.partner_files.extracts import RawTable
from cohorts.redcap.branching import checkbox_column
from workspace.errors import Fault, did_you_mean

CHOICE_TYPES = ("radio", "dropdown", "checkbox")
TYPES = (
    *CHOICE_TYPES,
    *("text", "notes", "calc", "slider", "yesno", "truefalse", "file", "descriptive", "sql", "signature"),
)
# What each column begins with, as the dictionary names it and as the API does.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "type": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "minimum": ("Text Validation Min", "text_validation_min"),
    "maximum": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic", "branching_logic"),
    "annotation": ("Field Annotation", "field_annotation"),
}
_OLD = {"choices": "choices or calculations"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[A-Za-z0-9_.-]+")
_MARKUP = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field: the code that is stored and the label people read."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the dictionary."""

    name: str
    form: str
    type: str
    label: str
    choices: tuple[Choice, ...]
    validation: str
    minimum: str
    maximum: str
    identifies: bool
    branching: str
    annotation: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of an export in which it stands."""
        if self.type == "descriptive":
            return ()
        if self.type != "checkbox":
            return (self.name,)
        return tuple(checkbox_column(self.name, choice.code) for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All fields, in the order of the file; the first is the record id."""

    name: str
    fields: tuple[Field, ...]

    @property
    def record(self) -> Field:
        """The field that says whose row it is."""
        return self.fields[0]

    @property
    def forms(self) -> tuple[str, ...]:
        """The instruments."""
        return tuple(dict.fromkeys(item.form for item in self.fields))

    def of(self, form: str) -> tuple[Field, ...]:
        """The fields of an instrument."""
        return tuple(item for item in self.fields if item.form == form)


def table_rows(
    raw: RawTable, columns: Mapping[str, tuple[str, ...]], what: str, optional: Sequence[str] = ()
) -> list[dict[str, str]]:
    """The rows of one of REDCap's own files under short names; ``LC804`` names every column that is missing."""
    there = {heading.strip().lower(): heading for heading in raw.frame.columns}
    found: dict[str, str] = {}
    faults = []
    for short, names in columns.items():
        heading = next(
            (there[h] for h in there for n in names if h == n.lower() or h.startswith(n.lower() + " (")), None
        )
        if heading is None and short not in optional:
            near = did_you_mean(names[0], raw.frame.columns) if len(there) > 1 else ""
            faults.append(
                Fault("LC804", raw.name, f"the {what} has no column '{names[0]}'.{near}", "Export it again.")
            )
        elif heading is not None:
            found[short] = heading
    if faults:
        raise CohortError.gather(faults)
    frame = pl.DataFrame(
        [trimmed(raw.frame[heading]).fill_null("").rename(short) for short, heading in found.items()]
    )
    blank = dict.fromkeys(columns, "")
    return [{**blank, **row} for row in frame.iter_rows(named=True)]


def read_dictionary(raw: RawTable) -> Dictionary:
    """Read a data dictionary, gathering every fault before refusing."""
    names = {short: (*known, *([_OLD[short]] if short in _OLD else [])) for short, known in COLUMNS.items()}
    rows = table_rows(raw, names, "data dictionary")
    faults: list[Fault] = []
    fields: list[Field] = []
    seen: set[str] = set()
    for number, row in enumerate(rows):
        place = f"{raw.name}: {raw.place(number)}"
        if not _NAME.fullmatch(row["name"]):
            faults.append(Fault("LC805", place, "the field has no name of small letters, digits and _", ""))
            continue
        found = _field(row, place, faults)
        if found.name in seen:
            faults.append(Fault("LC805", place, f"there are two fields '{found.name}'", "Keep one."))
        seen.add(found.name)
        fields.append(found)
    if faults:
        raise CohortError.gather(faults)
    return Dictionary(raw.name, tuple(fields))


def _field(row: dict[str, str], place: str, faults: list[Fault]) -> Field:
    kind = row["type"].lower()
    if kind not in TYPES:
        said = f"field '{row['name']}' has a type that REDCap does not have.{did_you_mean(kind, TYPES)}"
        faults.append(Fault("LC805", place, said, f"Types: {', '.join(TYPES)}."))
    choices = _choices(row["choices"]) if kind in CHOICE_TYPES else ()
    if choices is None:
        said = f"the choices of field '{row['name']}' are not written as code, label | code, label, each code once"
        faults.append(Fault("LC805", place, said, "Correct them in REDCap and export the dictionary again."))
    return Field(
        name=row["name"],
        form=row["form"],
        type=kind,
        label=plain(row["label"]),
        choices=choices or (),
        validation=row["validation"].lower(),
        minimum=row["minimum"],
        maximum=row["maximum"],
        identifies=row["identifier"].lower() in ("y", "yes", "1", "true"),
        branching=" ".join(row["branching"].split()),
        annotation=row["annotation"],
    )


def plain(label: str) -> str:
    """A label without markup and line breaks."""
    return " ".join(_MARKUP.sub(" ", label).split())


def _choices(text: str) -> tuple[Choice, ...] | None:
    """``1, Yes | 0, No`` as choices; None when it cannot be read so."""
    found = []
    for piece in re.split(r"\s*\|\s*|\n", text.strip().strip("|")):
        code, comma, label = piece.partition(",")
        if not comma or not _CODE.fullmatch(code.strip()):
            return None
        found.append(Choice(code.strip(), plain(label) or code.strip()))
    codes = [choice.code.lower() for choice in found]
    return tuple(found) if found and len(set(codes)) == len(codes) else None
