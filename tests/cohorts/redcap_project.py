"""A made-up REDCap project: two arms, three events, a repeating instrument with rows and one without."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.cohorts.loading import nhs

HEADINGS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
    "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip


def field(
    name: str, form: str, kind: str, label: str = "", choices: str = "", valid: str = "", low: str = "",
    high: str = "", identifier: str = "", shown: str = "",
) -> list[str]:  # fmt: skip
    """One row of the dictionary."""
    cells = [name, form, "", kind, label, choices, "", valid, low, high, identifier, shown]
    return [*cells, "", "", "", "", "", ""]


FIELDS = (
    field("record_id", "intake", "text", "Record ID"),
    field("nhs_number", "intake", "text", "NHS number", identifier="y"),
    field("surname", "intake", "text", "Family name", identifier="y"),
    field("mother_nhs", "intake", "text", "Mother's NHS number", identifier="y"),
    field("dob", "intake", "text", "Date of birth", valid="date_dmy"),
    field("release_date", "intake", "text", "Released on", valid="date_dmy"),
    field("sex", "intake", "radio", "Sex", "1, Female | 2, Male | 9, Prefer not to say"),
    field("in_work", "survey", "yesno", "In work?"),
    field(
        "hours",
        "survey",
        "text",
        "Hours a week",
        valid="integer",
        low="0",
        high="80",
        shown="[in_work] = '1'",
    ),
    field("help", "survey", "checkbox", "Help with", "1, Housing | 2, Debt | -1, Other, please say"),
    field("score", "survey", "slider", "How are things?"),
    field("total", "survey", "calc", "Total", "sum([score], 1)"),
    field("comment", "survey", "notes", "Anything else?"),
    field("intro", "survey", "descriptive", "Thank you."),
    field("minutes", "session", "text", "Minutes", valid="number", low="0", high="240"),
    field("mode", "session", "dropdown", "Mode", "1, In person | 2, By phone"),
    field("severity", "adverse", "radio", "Severity", "1, Mild | 2, Severe"),
)
COLUMNS = (
    "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
    "redcap_data_access_group", "nhs_number", "surname", "mother_nhs", "dob", "release_date", "sex",
    "intake_complete", "in_work", "hours", "help___1", "help___2", "help____1", "help____99", "score", "total",
    "comment", "survey_complete", "minutes", "mode", "session_complete", "severity", "adverse_complete",
)  # fmt: skip
EVENTS = """event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name,custom_event_label
Release,1,1,0,0,release_arm_1,
12 month follow-up,1,365,0,0,12_month_followup_arm_1,
Exit interview,1,500,0,0,exit_interview_arm_1,
Release,2,1,0,0,release_arm_2,
12 month follow-up,2,365,0,0,12_month_followup_arm_2,
"""
INSTRUMENTS = """arm_num,unique_event_name,form
1,release_arm_1,intake
1,release_arm_1,survey
1,12_month_followup_arm_1,survey
1,12_month_followup_arm_1,session
1,exit_interview_arm_1,survey
2,release_arm_2,intake
2,release_arm_2,survey
2,12_month_followup_arm_2,survey
2,12_month_followup_arm_2,session
"""


def row(record: str, event: str, **cells: str) -> dict[str, str]:
    """One row of the export; ticks that nobody made are 0 wherever the survey could be open."""
    return {"record_id": record, "redcap_event_name": event, "redcap_data_access_group": "leeds", **cells}


def baseline(number: int, arm: int, **cells: str) -> dict[str, str]:
    """The first event of a record, where its identifiers stand."""
    answered = {
        "in_work": "1",
        "hours": "20",
        "help___1": "1",
        "help___2": "0",
        "help____1": "0",
        "score": "40",
    }
    known = {
        "nhs_number": nhs(100 * arm + number), "surname": "Quilzorv", "mother_nhs": nhs(900 + number),
        "dob": "1990-05-04", "release_date": "2022-03-01", "sex": str(1 + number % 2), "intake_complete": "2",
    }  # fmt: skip
    said = {"total": "41", "comment": "Zorvquil rang"}
    return row(f"{arm}-{number}", f"release_arm_{arm}", **(known | answered | said | cells))


def later(number: int, arm: int, **cells: str) -> dict[str, str]:
    """The follow-up of a record: no identifier but the record id."""
    answered = {"in_work": "0", "help___1": "0", "help___2": "1", "help____1": "0"}
    return row(
        f"{arm}-{number}",
        f"12_month_followup_arm_{arm}",
        **(answered | {"score": "60", "total": "61"} | cells),
    )


def session(number: int, arm: int, instance: int, minutes: str, **cells: str) -> dict[str, str]:
    """One repeat of the session form."""
    return row(
        f"{arm}-{number}", f"12_month_followup_arm_{arm}", redcap_repeat_instrument="session",
        redcap_repeat_instance=str(instance), minutes=minutes, mode="1", **cells,
    )  # fmt: skip


def text_of(headings: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    """Rows as REDCap writes them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerows([headings, *rows])
    return out.getvalue()


def dictionary_text(rows: Iterable[Sequence[str]] = FIELDS, headings: Sequence[str] = HEADINGS) -> str:
    """A data dictionary."""
    return text_of(headings, rows)


def export_text(
    rows: Iterable[dict[str, str]], columns: Sequence[str] = COLUMNS, separator: str = ","
) -> str:
    """An export."""
    return text_of(columns, [[cells.get(name, "") for name in columns] for cells in rows], separator)


def people(n: int = 3) -> list[dict[str, str]]:
    """n records an arm, each with a baseline, a follow-up and two sessions."""
    rows = []
    for arm in (1, 2):
        for number in range(1, n + 1):
            rows += [baseline(number, arm), later(number, arm)]
            rows += [session(number, arm, 1, "30"), session(number, arm, 2, str(40 + number))]
    return rows


def write_project(
    folder: Path, rows: Iterable[dict[str, str]] | None = None, separator: str = ","
) -> dict[str, Path]:
    """All four files, the export with a byte-order mark."""
    found = {name: folder / f"{name}.csv" for name in ("dictionary", "export", "events", "instruments")}
    found["dictionary"].write_text(dictionary_text(), encoding="utf-8-sig")
    found["export"].write_text(export_text(rows or people(), separator=separator), encoding="utf-8-sig")
    found["events"].write_text(EVENTS, encoding="utf-8")
    found["instruments"].write_text(INSTRUMENTS, encoding="utf-8")
    return found
