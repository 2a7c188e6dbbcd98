"""The one door: every file is looked through, held against the rules and the ledger, then all are written, or none.

Drafts (``reports/``) pass the rules, the interval audit and the scan of their bytes, and need no database. What becomes
public passes the agreements, the ledger and, where rules alone cannot say, a second person; it is written beside its
place, entered in register and ledger in one transaction, and put in its place after that. Do not call it for
``public`` inside a transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from cohorts.gate.checking import of_files, of_outputs
from cohorts.gate.errors import Kept
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.public import check_public, enter, is_out, refuse
from cohorts.gate.scan import scan_all
from cohorts.gate.sealed_store import sealing_key
from cohorts.gate.store import are_pseudonyms
from cohorts.gate.stripping import stripped
from workspace import console
from workspace.database import reading, writing
from workspace.errors import LifecourseError
from workspace.files import reaching, write_atomically, written_beside
from workspace.project import Project
from workspace.settings import DisclosureProfile


def write_outgoing(
    project: Project | None, folder: Path, files: Sequence[Outgoing], *, verb: str, public: bool = False
) -> tuple[str, ...]:
    """Write files outside the store, all or none, and return their paths as shown.

    Parameters
    ----------
    project
        ``None`` in file mode: then the bytes are looked through all the same, and nothing is public.
    folder
        Where they go: ``reports/`` for drafts, ``public/`` for what has been released.
    verb
        The command that writes them, as the audit log names it.
    public
        Whether they leave the project.

    Raises
    ------
    LifecourseError
        LC902 to LC905 (exit 3): something may not leave; LC909: a name leads outside the folder.
    GateNotMet
        LC873 to LC877: an agreement is not in force; LC906: a second person has to look first. For ``public`` only.
    """
    paths = _paths(folder, files)
    bare = [(file, *stripped(file.name, file.data)) for file in files]
    scanned = scan_all(((file.name, data) for file, data, _ in bare), lambda words: _known(project, words))
    profile = DisclosureProfile() if project is None else project.settings.disclosure
    decision = of_files(scanned)
    for file in files:
        decision += of_outputs(file.name, file.outputs, profile)
    if project is None or not public:
        refuse(decision, public=False)
        if not console.current().dry_run:
            _write_all({path: data for path, (_, data, _) in zip(paths, bare, strict=True)})
        return tuple(str(path) if project is None else project.shown(path) for path in paths)
    checked = check_public(project, [file for file, _, _ in bare], [data for _, data, _ in bare], decision)
    refuse(checked.decision, public=True)
    if not console.current().dry_run:
        cleaned = tuple(file.name for file, _, changed in bare if changed)
        with reading(project) as session:
            again = is_out(session, checked)
        key = None if again else sealing_key(project)  # may ask for a passphrase: before anything is locked
        with contextlib.ExitStack() as stack:
            with writing(project) as session:
                beside = enter(session, project, folder, verb, checked, cleaned, key)
                all_ = {**{p: data for p, (_, data, _) in zip(paths, bare, strict=True)}, **beside}
                put_in_place = stack.enter_context(written_beside(all_))
            put_in_place()  # after its entry: what is killed here is entered and not out, never out and not entered
    return tuple(project.shown(path) for path in paths)


def _paths(folder: Path, files: Sequence[Outgoing]) -> list[Path]:
    names = [PurePosixPath(file.name) for file in files]
    wrong = any(
        name.is_absolute() or not name.parts or ".." in name.parts or "\\" in str(name) for name in names
    )
    if wrong or len(set(names)) < len(names):
        raise Kept("LC909", "a file has no name of its own below the folder", "Give each file a plain name.")
    return [folder.joinpath(*name.parts) for name in names]


def _known(project: Project | None, words: set[str]) -> bool:
    if project is None:
        return False
    try:
        with reading(project) as session:
            return are_pseudonyms(session, words)
    except LifecourseError:  # a project without a store has no pseudonyms
        return False


def _write_all(files: dict[Path, bytes]) -> None:
    before: dict[Path, bytes | None] = {}
    try:
        for path, data in files.items():
            with reaching("the file", "read", path.name):
                before[path] = path.read_bytes() if path.is_file() else None
            write_atomically(path, data)
    except BaseException:
        for path, old in before.items():
            with contextlib.suppress(OSError):  # the error that brought us here is the one to show
                if old is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomically(path, old)
        raise
