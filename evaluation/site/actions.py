"""What ``lifecourse site build`` does, step by step."""

from __future__ import annotations

from pathlib import Path

from evaluation.site.building import released, site_files
from evaluation.site.folder_store import write_site
from evaluation.site.gate import refuse_hidden
from evaluation.site.model import Built
from evaluation.site.store import load_held
from workspace import console
from workspace.audit import record
from workspace.database import writing
from workspace.front_door import program_version
from workspace.project import Project


def build_site(project: Project, out: Path | None) -> Built:
    """Build the whole site, or refuse and leave the old one as it is."""
    held = load_held(project)
    refuse_hidden(held)
    files = site_files(held, program_version())
    folder = out or project.root / "public"
    removed = write_site(project, folder, files)
    if not console.current().dry_run:
        with writing(project) as session:
            record(session, "site.build", folder.name, {"files": len(files), "removed": len(removed)})
    pages = sum(one.name.endswith(".html") for one in files)
    size = sum(len(one.data) for one in files)
    return Built(project.shown(folder), pages, len(files), size, released(files), removed)
