"""Agreements for tests: complete ones, changed where a test says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cohorts.agreements.agreement import Agreement, read_agreement
from cohorts.agreements.sharing import agreement_path
from cohorts.errors import CohortError
from workspace.clock import today as current_date
from workspace.files import write_atomically
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.toml_source import parse_toml

PROFILE = DisclosureProfile(10, 5)
TEXT = """[agreement]
id = "shared"
title = "Releases and arrests"
version = "1"
parties = ["Partnership", "Prison service"]
purpose = "Evaluate aid on release"
lawful_basis = "Article 6(1)(e)"
gateway = "serious violence duty"
sources = ["people"]
fields = ["identifiers", "index_date", "aid", "area"]
signed = 2026-01-01
starts = 2026-01-10
expires = 2026-12-31
"""
DAYS = {
    "signed": dt.date(2026, 1, 1),
    "starts": dt.date(2026, 1, 10),
    "expires": dt.date(2026, 12, 31),
}


def parsed(text: str = TEXT, profile: DisclosureProfile = PROFILE) -> Agreement:
    """An agreement out of text."""
    return read_agreement(parse_toml(text, "shared.toml", CohortError), profile)


def agreement(**changed: Any) -> Agreement:
    """An agreement of 2026, changed as told."""
    facts: dict[str, Any] = {
        "id": "shared",
        "title": "T",
        "version": "1",
        "parties": ("A", "B"),
        "purpose": "P",
        "lawful_basis": "L",
        "gateway": "research",
        "sources": ("people",),
        "fields": ("identifiers", "index_date", "aid", "area"),
        "linkages": (),
        "outputs": "aggregate",
        **DAYS,
    }
    return Agreement(**(facts | changed))


def keep(project: Project, name: str = "shared", *, days: int = 365, extra: str = "", **lines: str) -> None:
    """Write an agreement in force until ``days`` from today into a project; ``lines`` replace whole values."""
    today = current_date()
    values = {
        "id": f'"{name}"',
        "sources": '["people"]',
        "fields": '["identifiers", "index_date", "aid", "area", "arrests"]',
        "signed": (today - dt.timedelta(days=30)).isoformat(),
        "starts": (today - dt.timedelta(days=20)).isoformat(),
        "expires": (today + dt.timedelta(days=days)).isoformat(),
    } | lines
    kept = [line for line in TEXT.splitlines() if line.split(" = ")[0] not in values]
    kept += [f"{key} = {value}" for key, value in values.items() if value]
    write_atomically(agreement_path(project, name), "\n".join(kept) + f"\n{extra}\n")


def name_it(project: Project, source: str, name: str = "shared") -> None:
    """Let a mapping name an agreement."""
    path = project.sources / f"{source}.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[source]\n", f'[source]\nagreement = "{name}"\n', 1), encoding="utf-8")
