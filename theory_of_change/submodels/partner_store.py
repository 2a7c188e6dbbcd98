"""The files of partners' models: ``theory/partners/NAME.toml`` in the project."""

from __future__ import annotations

import re
from pathlib import Path

from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from theory_of_change.store import load_measures, load_theory
from theory_of_change.submodels.merging import Merged, merge, refuse_colons
from theory_of_change.theory_file import read_theory
from workspace.project import Project

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def partner_file(project: Project, name: str) -> Path:
    """The file of one partner's model."""
    if not NAME.fullmatch(name) or name == "theory":
        problem = f"'{name}' cannot be a partner's name"
        raise TheoryError("LC229", problem, "Use small letters, digits and hyphens, such as fire-service.")
    return project.root / "theory" / "partners" / f"{name}.toml"


def load_partners(project: Project) -> dict[str, Theory]:
    """Every partner's model by the partner's name."""
    folder = project.root / "theory" / "partners"
    measures = load_measures(project)
    found = {}
    for path in sorted(folder.glob("*.toml")):
        name = partner_file(project, path.stem).stem
        found[name] = read_theory(path, measures, project.shown(path))
        refuse_colons(found[name])
    return found


def load_all(project: Project) -> Merged:
    """The theory joined with the models of partners, and where they clash."""
    core, partners = load_theory(project), load_partners(project)
    return merge(core, partners) if partners else Merged(core, ())


def load_merged(project: Project) -> Theory:
    """The joined theory; where models clash, what the core says (or the first partner by name) is kept."""
    return load_all(project).theory
