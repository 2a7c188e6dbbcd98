"""What can be done with keys and a copy of the store: another key, the right one, the right one and the seal."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl
from sqlmodel import Session

from cohorts.attacks.key_material import KeyTry
from cohorts.custody.release_pseudonyms import release_pseudonyms
from cohorts.custody.seal import SealKey, unseal_tokens
from cohorts.custody.seal_store import fitting_seal, sealed_under
from cohorts.custody.token_store import all_tokens, stolen_tokens
from cohorts.identifiers import KINDS
from cohorts.keys import load_key
from cohorts.linking.marks import forbidden_pairs, long_marks
from cohorts.linking.store import register
from cohorts.pseudonyms import PseudonymKey, tokenise
from cohorts.releases.register import list_releases
from workspace.errors import LifecourseError
from workspace.project import Project
from workspace.statements import run

MOST, NEWEST = 5_000, 5  # people and releases tried


def own_key(project: Project) -> PseudonymKey | None:
    """The project's key, where this user has it; it stays in memory."""
    with contextlib.suppress(LifecourseError, OSError):
        return load_key(project)
    return None


def own_seal(project: Project, session: Session) -> SealKey | None:
    """The seal key the store is under, where this user has it."""
    current = sealed_under(session)
    with contextlib.suppress(LifecourseError, OSError):
        return fitting_seal(project, current) if current else None
    return None


def own_secrets(project: Project, session: Session) -> list[bytes]:
    """The bytes of the pseudonym key and of the seal key, as far as they are at hand."""
    return [key.secret for key in (own_key(project), own_seal(project, session)) if key]


def key_tries(project: Project, session: Session, known: Mapping[str, Sequence[str]]) -> list[KeyTry]:
    """Tokens of the inbox's identifiers against the store's, with what each kind of thief holds.

    The last of them holds everything and must succeed: it shows that the others failed for want of a key and not
    because the attack looks in the wrong place. It is left out in a project of two keys, whose tokens nobody alone
    can make.
    """
    stored = stolen_tokens(session)
    key, seal = own_key(project), own_seal(project, session)
    another = PseudonymKey("another", secrets.token_bytes(32))
    tries = [_one("a key of one's own", project, another, stored, known)]
    if key:
        tries.append(_one("the project's key without its seal key", project, key, stored, known))
    if key and seal and stored and project.settings.keys == "one":
        tries.append(_one("both keys", project, key, opened(stored, seal), known, holds_all=True))
    return tries


def release_lists(project: Project, session: Session) -> tuple[dict[str, list[str]] | None, int]:
    """Everybody's pseudonyms in the newest releases and in one that is made up; and how many releases there are."""
    key, known = own_key(project), [release.derivation for release in list_releases(session)]
    if key is None or not known:
        return None, len(known)
    rows = run(session, "SELECT participant_id FROM participant ORDER BY participant_id LIMIT ?", (MOST,))
    people = pl.Series("participant", [int(row[0]) for row in rows], dtype=pl.Int64)
    names = [*known[-NEWEST:], "REL-none"]
    project_id = project.settings.project_id
    made = {name: release_pseudonyms(people, key, project_id, name).to_list() for name in names}
    return {name.partition(".")[0]: pseudonyms for name, pseudonyms in made.items()}, len(known)


def opened(tokens: Iterable[bytes], seal: SealKey) -> list[bytes]:
    """Stolen tokens under a seal key one holds: the true tokens where it is the right one, noise where it is not."""
    found: list[bytes] = unseal_tokens(pl.Series("token", list(tokens), dtype=pl.Binary), seal).to_list()
    return found


def _one(
    words: str,
    project: Project,
    key: PseudonymKey,
    tokens: Iterable[bytes],
    known: Mapping[str, Sequence[str]],
    *,
    holds_all: bool = False,
) -> KeyTry:
    stored, made = set(tokens), list(_made(project, key, known))
    return KeyTry(words, len(made), sum(token in stored for token in made), holds_all)


def _made(project: Project, key: PseudonymKey, known: Mapping[str, Sequence[str]]) -> Iterator[bytes]:
    for kind, texts in known.items():
        if kind in KINDS:
            values = pl.Series("value", texts, dtype=pl.String)
            yield from tokenise(values, kind, key, project.settings.project_id).to_list()


def keys_in_history(project: Project) -> list[str]:
    """Commits of the project's own git that add or remove the mark of a key or seal file."""
    if not (project.root / ".git").exists():
        return []
    mark = "-Glifecourse-(key|seal)-1"
    words = ["git", "-C", str(project.root), "log", "--all", "--extended-regexp", "--format=%h", mark]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
        return done.stdout.split() if done.returncode == 0 else []
    return []


def cannot_link_pairs(project: Project, session: Session) -> tuple[int | None, int | None]:
    """How many pairs the do-not-link register holds, and how many of them are one person in the store.

    No pairs: the register is empty. No second number: the keys are not at hand, and without them the marks in it
    say nothing.
    """
    listed = register(session)
    if listed.is_empty():
        return None, None
    key = own_key(project)
    if key is None or own_seal(project, session) is None:
        return listed.height, None
    marks = long_marks(all_tokens(session).rename({"participant_id": "person"}), key, "forbid").unique()
    pairs = forbidden_pairs(marks, marks, listed)
    return listed.height, pairs.filter(pl.col("left") == pl.col("right")).height
