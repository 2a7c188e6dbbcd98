"""Commands about evidence and claims."""

from __future__ import annotations

import typer

from evaluation.claims.commands import evidence_claims

evidence_app = typer.Typer(
    help="Evidence from elsewhere, and what texts claim.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
evidence_app.callback()(lambda: None)  # a group also while it has one command only
evidence_app.command("claims")(evidence_claims)
