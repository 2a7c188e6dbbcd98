"""The command ``theory test``; it stands on this floor because it reads evaluations and cohorts."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluation.theory_tests import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console
from workspace.project import find_project


def theory_test(
    link: Annotated[str, typer.Argument(help="Only this link: A1>O1.")] = "",
    untested: Annotated[
        bool, typer.Option("--untested", help="The register of links without a test, oldest first.")
    ] = False,
) -> None:
    """Hold the theory against all there is: evidence for every link, and what it says is unrelated."""
    from evaluation.theory_tests import views
    from evaluation.theory_tests.actions import find_link, save_test, tested_theory
    from evaluation.theory_tests.payload import as_payload

    project = find_project()
    test = tested_theory(project)
    one = find_link(test, link) if link else None
    file = save_test(project, test)
    payload = as_payload(test)
    if one is not None:
        payload = next(each for each in payload["links"] if each["link"] == one.link)
        console.present(payload, lambda: views.one_link(one))
    elif untested:
        console.present({"untested": payload["untested"], "file": file}, lambda: views.untested(test))
    else:
        written = not console.current().dry_run
        console.present(
            payload | {"file": file, "written": written}, lambda: views.whole(test, file, written=written)
        )
