"""The files of this floor: theory.toml in the project, and the catalogue that comes with the program."""

from __future__ import annotations

from pathlib import Path

from theory_of_change.errors import THEORY_KEYS, TheoryError
from theory_of_change.measure_file import read_catalogue_measures
from theory_of_change.model import Measure, Theory
from theory_of_change.theory_file import read_theory
from workspace.errors import Fault
from workspace.project import Project
from workspace.toml_source import read_toml, top

CATALOGUE = Path(__file__).parent / "catalogue"
EXAMPLES = Path(__file__).parent / "examples"


def load_catalogue(folder: Path = CATALOGUE) -> dict[str, Measure]:
    """The built-in measures by id, in the order of their ids."""
    faults: list[Fault] = []
    found: dict[str, Measure] = {}
    for path in sorted(folder.glob("*.toml")):
        file = top(read_toml(path, TheoryError, name=f"catalogue/{path.name}"), faults, THEORY_KEYS)
        for measure in read_catalogue_measures(file):
            if measure.id in found:
                where = f"catalogue/{path.name}:{measure.line}"
                faults.append(Fault("LC205", where, f"measure '{measure.id}' is already in the catalogue"))
            found[measure.id] = measure
        file.finish()
    if faults:
        raise TheoryError.gather(faults)
    return dict(sorted(found.items()))


def load_theory(project: Project) -> Theory:
    """The project's theory, with its own measures and the built-in ones."""
    shown = project.shown(project.theory_file)
    if not project.theory_file.exists():
        raise TheoryError("LC208", f"there is no {shown} in this project", "lifecourse theory new")
    return read_theory(project.theory_file, load_catalogue(), shown)


def load_measures(project: Project) -> dict[str, Measure]:
    """Every measure a plan of this project may name, by id."""
    if not project.theory_file.exists():
        return load_catalogue()
    return {measure.id: measure for measure in load_theory(project).measures}


def refuse_if_present(project: Project, target: Path | None = None) -> None:
    """Stop when the project has this file already."""
    path = target or project.theory_file
    if path.exists() or path.is_symlink():
        shown = project.shown(path)
        raise TheoryError(
            "LC207", f"{shown} exists; it is not written over", "Edit it, or move it away first."
        )


def example_text() -> str:
    """The example that comes with the program: our reading of a violence-reduction strategy."""
    return (EXAMPLES / "violence-reduction.toml").read_text(encoding="utf-8")
