"""The command that makes a replication pack: report replication."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
) -> None:
    """Hand over an evaluation: plan, codebook, rows, and scripts in Python and R that give the same numbers."""
    from evaluation.replication.actions import pack_of_file
    from evaluation.replication.project_mode import pack_of_evaluation
    from evaluation.replication.views import packed, packed_payload

    if name.endswith(".toml"):
        done = pack_of_file(Path(name), Path(data), out)
    else:
        done = pack_of_evaluation(find_project(), name, data, out)
    console.present(packed_payload(done), lambda: packed(done))
