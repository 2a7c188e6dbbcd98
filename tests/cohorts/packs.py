"""A project of two keys, a partner beside it, and packs between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cohorts.actions import new_cohort
from cohorts.custody.custodian import create_link_key
from cohorts.keys import create_key
from cohorts.packs.store import Preparation, prepare
from cohorts.store import find_cohort, read_wide
from tests.cohorts.loading import OUTCOMES, PEOPLE
from workspace.database import create_database, reading
from workspace.files import write_atomically
from workspace.project import Project, create_project
from workspace.settings import read_settings
from workspace.statements import run


@dataclass(frozen=True)
class Partner:
    """A partner's folder, with the mappings the hub sent and the link key."""

    folder: Path
    link_key: Path

    def mapping(self, source: str) -> Path:
        return self.folder / f"{source}.toml"

    def write(self, source: str, rows: list[str]) -> Path:
        path = self.folder / f"{source}.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    def prepare(
        self,
        source: str,
        rows: list[str],
        *,
        name: str = "",
        key: Path | None = None,
        to: list[str] | None = None,
    ) -> Path:
        """Prepare rows; the path of the pack."""
        return self.prepared(source, rows, name=name, key=key, to=to)[0]

    def prepared(
        self,
        source: str,
        rows: list[str],
        *,
        name: str = "",
        key: Path | None = None,
        to: list[str] | None = None,
    ) -> tuple[Path, Preparation]:
        """Prepare rows; the path of the pack, and what was done."""
        out = self.folder / (name or f"{source}.lcpack")
        out.unlink(missing_ok=True)
        done = prepare(self.write(source, rows), self.mapping(source), key or self.link_key, out, to or [])
        return out, done


def make_hub(root: Path, keys: str = "two", name: str = "hub") -> Project:
    """A project with a key, a cohort and two mappings; of two keys unless told otherwise."""
    project = create_project(root / name, "Hub")
    settings = project.root / "lifecourse.toml"
    text = settings.read_text(encoding="utf-8").replace('keys = "one"', f'keys = "{keys}"')
    settings.write_text(text, encoding="utf-8")
    project = Project(project.root, read_settings(settings))
    create_database(project)
    create_key(project)
    new_cohort(project, "leavers", "prison-leavers", "", "")
    write_atomically(project.sources / "people.toml", PEOPLE)
    write_atomically(project.sources / "outcomes.toml", OUTCOMES)
    return project


def make_partner(root: Path, project: Project, name: str = "partner") -> Partner:
    """A partner who got the mappings and made a link key."""
    folder = root / name
    folder.mkdir()
    for source in ("people", "outcomes"):
        (folder / f"{source}.toml").write_bytes((project.sources / f"{source}.toml").read_bytes())
    create_link_key(project.settings.project_id, folder / "link.key", "")
    return Partner(folder, folder / "link.key")


def held_values(project: Project) -> list[tuple[object, ...]]:
    """The values of everybody in the cohort, without their numbers, sorted."""
    columns = [("aid", "release"), ("area", "release"), ("arrests", "12-months")]
    with reading(project) as session:
        stored = find_cohort(session, "leavers")
        frame = read_wide(session, stored.cohort_id, columns)
    values = frame.select(*(f"{name}@{wave}" for name, wave in columns), pl.col("index_date").cast(pl.String))
    return sorted(values.rows(), key=repr)


def held_tokens(project: Project) -> list[tuple[str, bytes, int, str]]:
    """Every token held: kind, token, participant, key id; by participant and kind."""
    with reading(project) as session:
        rows = run(session, "SELECT kind, token, participant_id, key_id FROM pseudonym").fetchall()
    held = [(str(kind), bytes(token), int(number), str(key)) for kind, token, number, key in rows]
    return sorted(held, key=lambda row: (row[2], row[0]))
