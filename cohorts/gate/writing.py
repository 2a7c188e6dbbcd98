"""The one door: all files of a verb are written, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from cohorts.gate.outgoing import Outgoing
from workspace import console
from workspace.files import reaching, write_atomically
from workspace.project import Project


def write_outgoing(
    project: Project, folder: Path, files: Sequence[Outgoing], *, verb: str, public: bool = False
) -> tuple[str, ...]:
    """Write files outside the store, all or none, and return their paths as shown.

    Parameters
    ----------
    folder
        Where they go: ``reports/`` for drafts, ``public/`` for what has been released.
    verb
        The command that writes them, as the audit log names it.
    public
        Whether they leave the project.
    """
    paths = [folder.joinpath(*file.name.split("/")) for file in files]
    if console.current().dry_run:
        return tuple(project.shown(path) for path in paths)
    before: dict[Path, bytes | None] = {}
    try:
        for path, file in zip(paths, files, strict=True):
            with reaching("the file", "read", path.name):
                before[path] = path.read_bytes() if path.is_file() else None
            write_atomically(path, file.data)
    except BaseException:
        for path, data in before.items():
            with contextlib.suppress(OSError):  # the error that brought us here is the one to show
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomically(path, data)
        raise
    return tuple(project.shown(path) for path in paths)
