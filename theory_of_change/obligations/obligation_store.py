"""obligations.toml of a project: entries are added at its end, never changed."""

from __future__ import annotations

from theory_of_change.errors import TheoryError
from theory_of_change.obligations.file import done_text, obligation_text, read_register
from theory_of_change.obligations.model import Done, Obligation, Register
from workspace.audit import record
from workspace.entering import entering
from workspace.errors import did_you_mean
from workspace.project import Project
from workspace.toml_source import parse_toml

FILE = "obligations.toml"
HEAD = """# Obligations: duties with their source, day, owner and how often they come back; and what was done.
# Added to by: lifecourse obligation add, lifecourse obligation done

"""


def load_register(project: Project) -> Register:
    """All obligations; none where there is no file."""
    path = project.root / FILE
    if not path.exists():
        return Register()
    return read_register(parse_toml(path.read_bytes().decode("utf-8-sig", "replace"), FILE, TheoryError))


def next_name(register: Register) -> str:
    """The next id; numbers are not used again while the entry stays in the file."""
    numbers = [int(each.id.partition("-")[2]) for each in register.obligations]
    return f"OBL-{max(numbers, default=0) + 1:03d}"


def named(register: Register, name: str) -> Obligation:
    """One obligation by its id.

    Raises
    ------
    TheoryError
        ``LC356``: there is none.
    """
    one = register.of(name)
    if one is None:
        known = [each.id for each in register.obligations]
        said = f"there is no obligation '{name}'.{did_you_mean(name.upper(), known)}"
        raise TheoryError("LC356", said, "lifecourse obligation list")
    return one


def enter(project: Project, entry: Obligation | Done) -> None:
    """Write one more entry at the end of the file; the file is checked as a whole first."""
    path = project.root / FILE
    added = obligation_text(entry) if isinstance(entry, Obligation) else done_text(entry)
    name, act = (entry.id, "add") if isinstance(entry, Obligation) else (entry.obligation, "done")
    with entering(project) as (session, leave):
        before = path.read_bytes().decode("utf-8-sig") if path.exists() else HEAD
        text = f"{before.rstrip()}\n\n{added}"
        read_register(parse_toml(text, FILE, TheoryError))
        record(session, f"obligation.{act}", name)
        leave({path: text})
