"""Commands of the evidence site: site build, site check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.site import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console
from workspace.project import find_project

site_app = typer.Typer(
    help="The public evidence site.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


@site_app.command("build")
def site_build(
    out: Annotated[Path | None, typer.Option(help="The folder; default: the project's public/.")] = None,
) -> None:
    """Build the evidence site: every plan and every finding, good or bad. The old site stands until it is whole."""
    from evaluation.site.actions import build_site

    built = build_site(find_project(), out)
    console.present(_payload(built), lambda: _said(built))


def _payload(built: Any) -> dict[str, Any]:
    return {
        "folder": built.folder,
        "pages": built.pages,
        "files": built.files,
        "bytes": built.size,
        "release_check": {
            "numbers": built.released.numbers,
            "withheld": built.released.withheld,
            "blocked": 0,
        },
        "removed": list(built.removed),
        "written": not console.current().dry_run,
    }


def _said(built: Any) -> None:
    numbers, withheld = built.released.numbers, built.released.withheld
    console.say(f"Release check: {numbers:,} numbers, {withheld:,} withheld, 0 blocked")
    verb = "Would write" if console.current().dry_run else "Wrote"
    size = f"{built.size / 1e6:.1f} MB"
    console.say(f"{verb} {built.folder}/index.html and {built.pages - 1} more pages, {size}, no scripts.")
    if built.removed:
        console.say(f"{len(built.removed)} old files that no longer belong were removed.")
    console.say(f"Open {built.folder}/index.html, then: lifecourse site check")


@site_app.command("check")
def site_check(
    folder: Annotated[Path | None, typer.Argument(help="The site; default: the project's public/.")] = None,
) -> None:
    """Check a built site: links, structure, drawings, contrast, words, and that no number differs. Exit 1 if not."""
    from evaluation.claims.document_store import load_language, project_here
    from evaluation.site.checking import check_site
    from evaluation.site.folder_store import read_list, read_site

    project = project_here()
    place = folder or (project or find_project()).root / "public"
    files = read_site(place, place.name)
    faults = check_site(files, read_list(place), load_language(project))
    pages = sum(name.endswith(".html") for name in files)
    payload = {"pages": pages, "problems": [asdict(fault) for fault in faults]}
    console.present(payload, lambda: _checked(pages, faults))
    if faults:
        raise typer.Exit(1)


def _checked(pages: int, faults: Any) -> None:
    for fault in faults:
        console.say(str(fault).rstrip(".") + (f". {fault.hint}" if fault.hint else "."))
    count = f"{len(faults)} {'problem' if len(faults) == 1 else 'problems'}" if faults else "No problem"
    console.say(f"{count} on {pages} pages.")
