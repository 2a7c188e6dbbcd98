"""A project of two keys whose people are in two sources that share no identifier, and the partners beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.two_sources import TwoSources
from cohorts.actions import load_file, new_cohort
from cohorts.custody.custodian import create_identity, create_link_key
from cohorts.custody.key_files import read_key_file
from cohorts.custody.token_store import all_tokens
from cohorts.custody.two_keys import LinkKey, hub_tokens
from cohorts.identifiers import normalise
from cohorts.keys import create_key, identity_path, load_key
from cohorts.packs.link_store import LinkPreparation, prepare_link
from cohorts.packs.store import prepare
from cohorts.pseudonyms import tokenise
from tests.cohorts.linking import PROBATION, RELEASES, crn, prison_number, probation_rows, release_rows
from workspace.database import create_database, reading
from workspace.files import write_atomically
from workspace.project import Project, create_project
from workspace.settings import read_settings


@dataclass(frozen=True)
class Two:
    """A hub, and a folder with the mappings, the link key and both partners' files."""

    hub: Project
    folder: Path
    recipient: str

    @property
    def link_key(self) -> Path:
        return self.folder / "link.key"

    def write(self, source: str, rows: pl.DataFrame) -> Path:
        path = self.folder / f"{source}.csv"
        rows.write_csv(path)
        return path

    def linked(self, source: str, in_round: str = "one", name: str = "") -> tuple[Path, LinkPreparation]:
        """A pack for a linkage of the file of that source, and what was done."""
        out = self.folder / (name or f"{source}-{in_round}.lcpack")
        mapping = self.folder / f"{source}.toml"
        file = self.folder / f"{source}.csv"
        return out, prepare_link(file, mapping, self.link_key, out, [self.recipient], in_round)

    def pack(self, source: str, name: str = "") -> Path:
        """A pack to be loaded."""
        out = self.folder / (name or f"{source}-load.lcpack")
        prepare(self.folder / f"{source}.csv", self.folder / f"{source}.toml", self.link_key, out, [])
        return out

    def token(self, kind: str, text: str) -> bytes:
        """The stored token of an identifier, worked out with both keys: here alone somebody has both."""
        link = read_key_file(self.link_key, "link")
        project_id = self.hub.settings.project_id
        made = tokenise(
            normalise(pl.Series([text]), kind), kind, LinkKey(link.key_id, link.secret), project_id
        )
        return bytes(hub_tokens(made, kind, load_key(self.hub), project_id)[0])

    def partners(self, made: TwoSources) -> dict[str, str]:
        """Which CRN the store puts with which prison number."""
        with reading(self.hub) as session:
            held = dict(all_tokens(session).select("token", "participant_id").iter_rows())
        crns = {held.get(self.token("crn", crn(i))): crn(i) for i in made.right["record"]}
        found = {}
        for i in made.left["record"]:
            number = held.get(self.token("prison-number", prison_number(i)))
            if number is not None and number in crns:
                found[prison_number(i)] = crns[number]
        return found


def make_two(root: Path, made: TwoSources, probation: str = PROBATION) -> Two:
    """The releases loaded; both partners' files in their folder."""
    project = create_project(root / "hub", "Hub")
    settings = project.root / "lifecourse.toml"
    text = settings.read_text(encoding="utf-8").replace('keys = "one"', 'keys = "two"')
    settings.write_text(text, encoding="utf-8")
    hub = Project(project.root, read_settings(settings))
    create_database(hub)
    create_key(hub)
    create_identity(identity_path(hub), "")
    new_cohort(hub, "leavers", "prison-leavers", "", "")
    folder = root / "partners"
    folder.mkdir()
    for name, mapping in (("releases", RELEASES), ("probation", probation)):
        write_atomically(hub.sources / f"{name}.toml", mapping)
        write_atomically(folder / f"{name}.toml", mapping)
    create_link_key(hub.settings.project_id, folder / "link.key", "")
    recipient = identity_path(hub).read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    two = Two(hub, folder, recipient)
    two.write("releases", release_rows(made))
    two.write("probation", probation_rows(made))
    load_file(hub, "releases", two.pack("releases"), sealed=False, replace=False)
    return two
