"""Commands of outside evidence: evidence add, list, show, conflicts, pool, map."""

from __future__ import annotations

import typer

evidence_app = typer.Typer(
    help="What others found or say, beside our own findings: kept, compared, put together.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
