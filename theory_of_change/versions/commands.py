"""``lifecourse theory diff`` and ``theory versions``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from theory_of_change.store import load_theory
from theory_of_change.versions.differences import compare, count_words
from theory_of_change.versions.version_store import load_version, versions
from workspace.console import present, say
from workspace.project import find_project


def diff(
    old: Annotated[str, typer.Argument(help="A theory file, a version that was kept, or 'last'.")] = "last",
    new: Annotated[str, typer.Argument(help="The same; default: theory.toml as it is now.")] = "",
) -> None:
    """Say in words how one theory differs from another."""
    project = find_project()
    before = load_version(project, old)
    after = load_version(project, new) if new else load_theory(project)
    changes = compare(before, after)

    def view() -> None:
        for change in changes:
            say(change.sentence)
        say(count_words(changes))

    payload = {"old": before.source, "new": after.source, "changes": [asdict(change) for change in changes]}
    present(payload, view)


def list_versions() -> None:
    """List the versions of the theory that were kept."""
    names = versions(find_project())

    def view() -> None:
        for name in names:
            say(name)
        if not names:
            say("None yet. An import and a review keep one.")

    present({"versions": names}, view)
