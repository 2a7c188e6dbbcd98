"""The command that makes a replication pack: report replication."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cohorts.releases.commands import Keys, Plain, Reason, confirm, refuse_unasked
from evaluation.replication import errors as _codes  # noqa: F401 - declares this topic's codes
from workspace import console
from workspace.project import find_project


def report_replication(
    name: Annotated[
        str, typer.Argument(help="The evaluation: EVAL-001. In file mode the plan's file: PLAN.toml.")
    ],
    out: Annotated[Path, typer.Option(help="A new folder; its zip is written beside it.")],
    data: Annotated[
        str, typer.Option(help="synthetic or permitted; in file mode the table the plan was run on.")
    ] = "synthetic",
    setting: Annotated[
        str,
        typer.Option(
            "--to", help="With permitted: the safe setting, as the agreements name it.", metavar="SETTING"
        ),
    ] = "",
    recipient: Annotated[str, typer.Option(help="With permitted: who receives it.")] = "",
    recipient_key: Keys = None,
    plain_file: Plain = False,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="With permitted: do not ask: I am sure.")] = False,
) -> None:
    """Hand over an evaluation: plan, codebook, rows, and scripts in Python and R that give the same numbers."""
    from evaluation.replication.actions import pack_of_file
    from evaluation.replication.project_mode import pack_of_evaluation
    from evaluation.replication.released import Handed, pack_of_rows, refuse_stray
    from evaluation.replication.views import packed, packed_payload

    refuse_stray(name, data, setting)
    if name.endswith(".toml"):
        done = pack_of_file(Path(name), Path(data), out)
    elif data == "permitted" and setting and recipient:
        handed = Handed(setting, recipient, out, tuple(recipient_key or ()), plain_file, reason)
        done = pack_of_rows(
            find_project(), name, handed, None if yes or console.current().dry_run else _ask()
        )
    else:
        done = pack_of_evaluation(find_project(), name, data, out)
    console.present(packed_payload(done), lambda: packed(done))


def _ask() -> Callable[[Any], None]:
    """Show how alone people would be, and ask. Refused at once where nobody can be asked."""
    refuse_unasked()

    def asked(prepared: Any) -> None:
        from cohorts.releases.views import counted

        counted(prepared)
        confirm()

    return asked
