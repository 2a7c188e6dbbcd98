"""What ``source add --redcap`` shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cohorts.errors import CohortError
from cohorts.redcap.actions import RedcapFiles, add_redcap
from workspace import console
from workspace.project import Project


def add_and_show(
    project: Project,
    name: str,
    files: tuple[Path | None, Path, Path | None, Path | None],
    cohort: str,
    missing: Sequence[str],
    repeating: Sequence[str],
) -> None:
    """Write first mappings from dictionary, export, events and instruments, and say what to do next."""
    dictionary, export, events, instruments = files
    if dictionary is None:
        raise CohortError(
            "LC803",
            "--events, --instruments, --missing and --repeating go with --redcap",
            "Name the data dictionary: --redcap DICTIONARY.csv",
        )
    given = RedcapFiles(dictionary, export, events, instruments)
    texts, left_out = add_redcap(project, name, given, cohort, missing, repeating)
    dry = console.current().dry_run
    payload = {
        "written": not dry,
        "sources": [{"source": s, "file": f"sources/{s}.toml", "text": text} for s, text in texts.items()],
        "events_left_out": list(left_out),
    }
    console.present(payload, lambda: _show(tuple(texts), left_out, export, dry=dry))


def _show(sources: Sequence[str], left_out: Sequence[str], export: Path, *, dry: bool) -> None:
    for source in sources:
        console.say(f"{'Would write' if dry else 'Wrote'} sources/{source}.toml")
    if left_out:
        console.say(
            f"No wave was found for {', '.join(left_out)}: their rows are left out until you name one."
        )
    console.say("Every line is a guess: check it, then")
    for source in sources:
        console.say(f"  lifecourse source inspect {export} --source {source}")
