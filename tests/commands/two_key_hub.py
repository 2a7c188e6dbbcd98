"""A hub of two keys and a partner beside it: kits of its sources, and a link key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from tests.commands.program import Program


def two_key_hub(program: Program, place: Path, mappings: Mapping[str, str]) -> tuple[Path, Path]:
    """Make a hub with these sources and a partner's folder; both are returned."""
    program.well("init", "hub", "--name", "Hub")
    hub, partner = place / "hub", place / "partner"
    partner.mkdir()
    settings = hub / "lifecourse.toml"
    settings.write_text(settings.read_text("utf-8").replace('keys = "one"', 'keys = "two"'), "utf-8")
    program.well("key", "create", cwd=hub)
    program.well("key", "create", "--kind", "identity", cwd=hub)
    program.well("cohort", "new", "leavers", "--template", "prison-leavers", cwd=hub)
    for name, text in mappings.items():
        (hub / "sources" / f"{name}.toml").write_text(text, "utf-8")
        program.well("source", "kit", name, "--out", partner / f"kit-{name}", cwd=hub)
    project_id = tomllib.loads(settings.read_text("utf-8"))["project"]["id"]
    program.well(
        "key", "create", "--kind", "link", "--project-id", project_id, "--out", "link.key", cwd=partner
    )
    return hub, partner
