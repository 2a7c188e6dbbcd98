"""What the release commands do: hold a name against the gate, enter an approval, let it out."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cohorts.errors import CohortError
from cohorts.gate.checking import Decision, by_hand, of_files, of_outputs
from cohorts.gate.documents import contents_of
from cohorts.gate.manifest import sha256
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.public import check_public, refuse
from cohorts.gate.scan import scan
from cohorts.gate.sealed_store import Beside, lying_out, strangers
from cohorts.gate.store import Approval, Left, add_approval, are_pseudonyms, releases, runners
from cohorts.gate.stripping import stripped
from cohorts.gate.subjects import subject_of
from cohorts.gate.writing import write_outgoing
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.errors import Fault, GateNotMet
from workspace.files import reaching
from workspace.project import Project

NOTHING = Decision()
_RELEASE = re.compile(r"OUT-[0-9]{3,}")
_NAMED = re.compile(r"\bEVAL-[0-9]{3,}\b")


@dataclass(frozen=True, slots=True)
class Held:
    """A name held against the gate: its files, who ran or built it, and what the gate says."""

    name: str
    files: tuple[Outgoing, ...]
    made_by: tuple[str, ...]
    decision: Decision
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """An approval that was entered, and the files that left with it."""

    held: Held
    approval: Approval | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies in ``public/``: its releases, and files that no release names."""

    releases: tuple[Beside, ...] = ()
    strangers: tuple[str, ...] = ()


def check(project: Project, names: Sequence[str]) -> tuple[list[Held], Lying]:
    """Hold evaluations and files against the gate, as if each were released now. Nothing is written.

    Of releases (``OUT-001``), and of all of them where nothing is named, it is checked that what lies in ``public/`` is
    as it was released.
    """
    already = [name.upper() for name in names if _RELEASE.fullmatch(name.upper())]
    held = [_held(project, name) for name in names if name.upper() not in already]
    beside = lying_out(project, already) if already or not names else []
    missing = set(already) - {one.release for one in beside}
    if missing:
        hint = "lifecourse release log names what was released."
        problem = "no manifest of that release lies in public/"
        raise CohortError("LC908", problem, hint, where=min(missing))
    return held, Lying(tuple(beside), () if names else strangers(project))


def _held(project: Project, name: str) -> Held:
    subject = subject_of(project, name.upper())
    if subject is not None:
        with reading(project) as session:
            made_by = tuple(sorted(runners(session, subject.name)))
        files = subject.documents()
        return Held(subject.name, files, made_by, _decision(project, files))
    path = _file(project, name)
    with reaching("the file", "read", path.name):
        data = path.read_bytes()
    file = Outgoing(path.name, data, subjects_named(contents_of(path.name, data).texts))
    owner: tuple[str, ...] = ()
    with contextlib.suppress(OSError, KeyError, RuntimeError):
        owner = (path.owner(),)
    decision = _decision(project, (file,), by_hand(file.name))
    return Held(file.name, (file,), owner, decision, by_hand=True)


def subjects_named(texts: Sequence[str]) -> tuple[str, ...]:
    """The evaluations that a file names: it is taken to bear their numbers."""
    return tuple(sorted({found for text in texts for found in _NAMED.findall(text)}))


def _file(project: Project, name: str) -> Path:
    """A file of reports/, by its name or its path."""
    for path in (Path(name), project.root / name, project.reports / name):
        if path.is_file() and path.resolve().is_relative_to(project.reports.resolve()):
            return path
    hint = "lifecourse finding list names the evaluations; a file has to lie in reports/."
    raise CohortError("LC908", "there is no evaluation and no file in reports/ of that name", hint)


def _decision(project: Project, files: Sequence[Outgoing], found: Decision = NOTHING) -> Decision:
    """The gate's answer for the public, without writing; approvals that are there already count."""
    bare = [stripped(file.name, file.data)[0] for file in files]
    for file, data in zip(files, bare, strict=True):
        with reading(project) as session:
            found += of_files(scan(file.name, data, lambda words: are_pseudonyms(session, words)))
        found += of_outputs(file.name, file.outputs, project.settings.disclosure)
    return check_public(project, files, bare, found).decision


def approve(project: Project, name: str, person: str, role: str) -> Released:
    """Enter a second person's approval of a name and let it out into ``public/``.

    Raises
    ------
    Kept
        LC902 to LC905: no approval lets out what a rule keeps in.
    GateNotMet
        LC907: the person ran or built it, or is not named under roles.
    """
    held = _held(project, name)
    refuse(held.decision, public=False)
    _refuse_person(project, held, person)
    if console.current().dry_run:
        return Released(held, None, tuple(file.name for file in held.files))
    sums = [sha256(stripped(file.name, file.data)[0]) for file in held.files]
    with writing(project) as session:
        for sha in sums if held.by_hand else [""]:
            given = add_approval(session, held.name, sha, person, role)
        record(session, "release.approve", held.name, {"by": person, "role": role})
    written = write_outgoing(
        project, project.root / "public", held.files, verb="release.approve", public=True
    )
    return Released(held, given, written)


def _refuse_person(project: Project, held: Held, person: str) -> None:
    said, roles = person.strip().casefold(), {who.casefold(): who for _, who in project.settings.roles}
    if not said:
        raise GateNotMet("LC907", "nobody is named who looked at it", "Add --by PERSON.", where=held.name)
    own = {name.casefold() for name in held.made_by}
    if said in own:
        fault = "whoever ran or built it cannot be the second person"
    elif roles and said not in roles:
        fault = "that person has no role in lifecourse.toml"
    else:
        return
    raise GateNotMet.gather(
        [Fault("LC907", held.name, fault, "Ask somebody else; see [roles] in lifecourse.toml.")]
    )


def log(project: Project) -> list[Left]:
    """Every release, oldest first."""
    with reading(project) as session:
        return releases(session)
