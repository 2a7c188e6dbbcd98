"""The command that makes a synthetic twin of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def cohort_synthesise(
    name: Annotated[str, typer.Argument(help="The cohort's name or id.")],
    out: Annotated[Path, typer.Option(help="The file to write; SYNTHETIC is put into its name.")],
    people: Annotated[
        int, typer.Option(help="How many rows; default: the cohort's people, rounded.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.", min=0)] = 1,
    effect: Annotated[
        list[str] | None,
        typer.Option(
            help="VARIABLE=SIZE: a known effect for the treated; may be repeated.", metavar="VARIABLE=SIZE"
        ),
    ] = None,
    arm: Annotated[str, typer.Option(help="The binary variable that says who is treated.")] = "",
    form: Annotated[str, typer.Option("--format", help="csv or parquet; default: the ending of --out.")] = "",
    dictionary_only: Annotated[
        bool,
        typer.Option("--dictionary-only", help="Read nobody: every column flat over its codes or range."),
    ] = False,
) -> None:
    """Write a table of made-up people who resemble the cohort, for writing plans without access to it."""
    from cohorts.twins.store import Wish, make_twin
    from cohorts.twins.views import made, twin_payload

    wish = Wish(name, out, form, people, seed, tuple(effect or ()), arm, dictionary_only)
    twin = make_twin(find_project(), wish)
    console.present(twin_payload(twin), lambda: made(twin))
