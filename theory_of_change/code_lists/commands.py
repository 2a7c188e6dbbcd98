"""The command that counts offences by a definition: measure recode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def measure_recode(
    file: Annotated[Path, typer.Argument(help="CSV with a row an offence.")],
    definition: Annotated[str, typer.Option(help="A definition of definitions/, by its id.")],
    category: Annotated[str, typer.Option(help="The column that holds the category.")] = "category",
    period: Annotated[str, typer.Option(help="The column that holds the period.")] = "",
    scheme: Annotated[
        str, typer.Option(help="The categories are another scheme's: translate them by [[equivalent]] first.")
    ] = "",
) -> None:
    """Count offences by a definition's branches: the same list for everybody, and which version is printed."""
    from theory_of_change.code_lists.recoding import recode, translated
    from theory_of_change.code_lists.store import load_code_list, read_rows

    code_list = load_code_list(find_project(), definition)
    rows_read = read_rows(file, [category, *([period] if period else []), *sorted(code_list.marks)])
    own = translated(code_list, scheme, rows_read, category, file.name) if scheme else rows_read
    found = recode(code_list, own, category, period, file.name)
    checked = "" if code_list.verified else " (not yet checked against its source)"

    def view() -> None:
        console.say(f"{code_list.title}, version {code_list.version}{checked}. Source: {code_list.source}")
        console.table(
            ("Period", "Branch", "Offences"),
            [(when, name, f"{number:,}") for when, name, number in found.counts],
        )

    rows = [{"period": when, "branch": name, "offences": number} for when, name, number in found.counts]
    console.present({"definition": found.definition, "verified": code_list.verified, "counts": rows}, view)
