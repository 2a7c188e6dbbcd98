"""The text of a new plan, made to read a collection of stored area series (pure)."""

from __future__ import annotations

import re

from workspace.toml_source import toml_text

COLUMNS = {"unit": '"area"', "time": '"period"'}


def on_areas(text: str, name: str) -> str:
    """A plan's text with the collection in place of a cohort, and the columns every collection has."""
    lines: list[str] = []
    section, said = "", set[str]()
    for line in text.splitlines():
        header = re.fullmatch(r"\[+([\w.-]+)\]+", line)
        if header:
            if section == "design":
                lines = _with_columns(lines, said)
            section = header[1]
        key = line.partition("=")[0].strip()
        if section == "population" and key in ("cohort", "units", "areas"):
            continue
        if section == "design" and key in COLUMNS:
            said.add(key)
            line = f"{key} = {COLUMNS[key]}"  # noqa: PLW2901 - the line as it is kept
        lines.append(line)
        if line == "[population]":
            lines.append(f"areas = {toml_text(name)}")
    return "\n".join(lines) + "\n"


def _with_columns(lines: list[str], said: set[str]) -> list[str]:
    """The design's lines with the columns it did not name, before the blank lines at its end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    missing = [f"{key} = {value}" for key, value in COLUMNS.items() if key not in said]
    return [*lines[:end], *missing, *lines[end:]]
