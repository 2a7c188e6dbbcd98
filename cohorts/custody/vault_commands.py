"""Commands of the cohort floor: key vault, for the custodian."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project

vault_app = typer.Typer(
    help="The vault: what is behind a pseudonym, for the custodian alone.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@vault_app.command("make")
def vault_make(
    folder: Annotated[Path, typer.Argument(help="A new folder outside the project.")],
    custodian: Annotated[str, typer.Option(help="The custodian's age recipient, or a file with it.")],
) -> None:
    """Make an empty vault. Loads can add to it with --vault; the custodian alone can open it."""
    from cohorts.custody.vault_store import make_vault

    recipient = make_vault(find_project(), folder, custodian)
    dry = console.current().dry_run
    console.present(
        {"vault": folder.name, "custodian": recipient, "written": not dry},
        lambda: console.say(
            f"{'Would make' if dry else 'Made'} a vault in {folder.name}, to be opened by {recipient}.\n"
            "Add to it: lifecourse source load SOURCE FILE --vault FOLDER"
        ),
    )


@vault_app.command("add")
def vault_add(
    source: Annotated[str, typer.Argument(help="The mapping's name.")],
    file: Annotated[Path, typer.Argument(help="A partner's file, or with two keys a pack of it.")],
    vault: Annotated[Path, typer.Option(help="The vault's folder.")],
) -> None:
    """Add the people of a file that was loaded without --vault, or of a pack; nobody who is not held."""
    from cohorts.actions import add_to_vault

    added = add_to_vault(find_project(), source, file, vault)
    console.present(
        {"source": source, "written": not console.current().dry_run},
        lambda: console.say(
            f"Added the people of {source} to the vault." if added else "Dry run: nothing was written."
        ),
    )


@vault_app.command("look-up")
def vault_look_up(
    vault: Annotated[Path, typer.Option(help="The vault's folder.")],
    identity: Annotated[Path, typer.Option(help="The custodian's age identity file.")],
    reason: Annotated[str, typer.Option(help="Why somebody must be known by name; it goes into the log.")],
) -> None:
    """Find one person. Asks for an identifier, or "participant N", at the terminal or on standard input.

    What it prints identifies a person: it is the only command that does.
    """
    from cohorts.custody.passphrases import ask_line
    from cohorts.custody.vault_store import look_up, refuse_look_up

    project = find_project()
    refuse_look_up(project)
    found = look_up(project, vault, identity, ask_line("Identifier, or participant N: "), reason)
    payload = {
        "participant": found.participant,
        "identifiers": [{"kind": k, "identifier": i, "source": s} for k, i, s in found.identifiers],
    }

    def view() -> None:
        console.say(
            f"participant {found.participant}"
            if found.participant is not None
            else "nobody held in the project"
        )
        console.table(["Kind", "Identifier", "Source"], [list(row) for row in found.identifiers])

    console.present(payload, view)
