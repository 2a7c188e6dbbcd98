"""lifecourse.toml: the few settings of a project."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import Fault, WorkspaceError
from workspace.toml_source import KeyCodes, Section, read_toml, toml_text, top

CODES = KeyCodes(unknown="LC104", missing="LC105", wrong="LC106")
DEFAULT_URL = "sqlite:///data/cohort.sqlite"
SETTINGS_FILE = "lifecourse.toml"
KEYS = ("one", "two")
PROJECT_ID = re.compile(r"[a-z0-9][a-z0-9-]{3,62}")


@dataclass(frozen=True, slots=True)
class DisclosureProfile:
    """Counts from 1 to ``threshold - 1`` are withheld; other counts are rounded to a multiple of ``rounding``."""

    threshold: int = 10
    rounding: int = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What lifecourse.toml says. ``project_id`` binds keys and pseudonyms to this project.

    ``keys`` is ``one`` where the hub reads partner files itself, ``two`` where partners prepare them with a link
    key the hub never holds.
    """

    project_id: str
    name: str
    database_url: str = DEFAULT_URL
    disclosure: DisclosureProfile = DisclosureProfile()
    roles: tuple[tuple[str, str], ...] = ()
    practice: bool = False
    agreements_required: bool = False
    keys: str = KEYS[0]


def read_settings(path: Path) -> Settings:
    """Read and check lifecourse.toml; the environment's LIFECOURSE_DATABASE_URL wins over the file's url."""
    source = read_toml(path, WorkspaceError)
    faults: list[Fault] = []
    file = top(source, faults, CODES)
    project = file.table("project", required=True)
    project_id = name = ""
    practice = False
    if project:
        project_id = project.text("id", required=True)
        name = project.text("name", required=True)
        practice = project.boolean("practice")
        if project_id and not PROJECT_ID.fullmatch(project_id):
            project.fault("LC106", "id", "'id' must be 4 to 63 small letters, digits and hyphens")
        project.finish()
    url = DEFAULT_URL
    database = file.table("database")
    if database:
        url = database.text("url", DEFAULT_URL)
        if "\x00" in url:
            database.fault("LC106", "url", "'url' holds a character no path can have", "Correct it.")
        database.finish()
    profile = DisclosureProfile()
    disclosure = file.table("disclosure")
    if disclosure:
        threshold = disclosure.integer("threshold", 10, low=5)
        rounding = disclosure.integer("rounding", 5, low=1)
        disclosure.finish()
        profile = DisclosureProfile(threshold or 10, rounding or 5)
    required = _read_governance(file.table("governance"))
    keys = _read_pseudonyms(file.table("pseudonyms"))
    roles = file.mapping("roles")
    file.finish()
    if faults:
        raise WorkspaceError.gather(faults)
    return Settings(
        project_id,
        name,
        os.environ.get("LIFECOURSE_DATABASE_URL") or url,
        profile,
        tuple((str(role), str(who)) for role, who in roles.items()),
        practice,
        required,
        keys,
    )


def _read_governance(governance: Section | None) -> bool:
    """Say whether every source must name the agreement it comes under."""
    if governance is None:
        return False
    said = governance.text("agreements", "optional", one_of=("optional", "required"))
    governance.finish()
    return said == "required"


def _read_pseudonyms(pseudonyms: Section | None) -> str:
    """Say how many keys stand between an identifier and its stored token."""
    if pseudonyms is None:
        return KEYS[0]
    said = pseudonyms.text("keys", KEYS[0], one_of=KEYS)
    pseudonyms.finish()
    return said


def settings_text(settings: Settings) -> str:
    """The text of a fresh lifecourse.toml."""
    practice = "practice = true                 # made-up people only\n" if settings.practice else ""
    return f"""# Settings of this Lifecourse project. Keep this file in git; it holds no secrets.
[project]
id = {toml_text(settings.project_id)}     # binds the pseudonym key to this project; never change it
name = {toml_text(settings.name)}
{practice}
[database]
url = {toml_text(settings.database_url)}

[disclosure]
threshold = {settings.disclosure.threshold}                  # counts below this are withheld
rounding = {settings.disclosure.rounding}                    # other counts are rounded to a multiple of this

[governance]
agreements = "{"required" if settings.agreements_required else "optional"}"     # or "required"

[pseudonyms]
keys = {toml_text(settings.keys)}     # or "two": partners prepare files with a link key this project never holds

[roles]
# lead = "Name"
# data_protection = "Name"
"""
