"""The front door: joins the command groups and shows errors, nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cohorts import commands as cohorts
from cohorts.attacks import commands as attack_commands
from evaluation import commands as evaluation
from theory_of_change import commands as theory
from workspace import commands as workspace
from workspace import console, front_door
from workspace.errors import LifecourseError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help=(
        "Pseudonymised cohorts, theories of change, and evaluations that report what "
        "works, what does not, and why."
    ),
)
workspace.join(app)
theory.join(app)
cohorts.join_backup(app)
app.add_typer(cohorts.key_app, name="key")
app.add_typer(cohorts.source_app, name="source")
app.add_typer(cohorts.cohort_app, name="cohort")
app.add_typer(cohorts.areas_app, name="areas")
app.add_typer(cohorts.agreement_app, name="agreement")
app.add_typer(cohorts.partner_app, name="partner")
app.add_typer(cohorts.link_app, name="link")
app.add_typer(cohorts.release_app, name="release")
evaluation.join(app)
attack_commands.join(app)


@app.callback()
def options(
    context: typer.Context,
    project: Annotated[Path | None, typer.Option(help="The project folder; default: here or above.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Machine output on standard output, nothing else.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="No boxes, no colour.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask a question.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say what is being done.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=front_door.version, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Take the options every command has; they may stand before or after the command."""
    context.obj = lambda words: front_door.command_of(app)(front_door.hoisted(words), standalone_mode=False)
    if console.current().quiet:
        return
    console.configure(console.RunSettings(as_json, plain, no_input, verbose, dry_run, project))


def main() -> None:
    """Run the program and turn every error into one message and one exit code."""
    try:
        front_door.command_of(app)(front_door.begin())
    except LifecourseError as error:
        sys.exit(front_door.show_error(error))
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - the last line of defence, panics of libraries included
        sys.exit(front_door.show_bug(error))


if __name__ == "__main__":
    main()
