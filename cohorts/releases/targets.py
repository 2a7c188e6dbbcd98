"""The file of a release: a new one, outside projects and synced folders, encrypted unless a reason is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cohorts.custody.age_files import encrypt_for, recipients_from
from cohorts.custody.places import bad_place
from cohorts.errors import CohortError
from workspace.errors import GateNotMet, did_you_mean

FORMS = ("csv", "parquet")
PLAIN_REASONS = ("encrypted-disk", "encrypted-channel", "inside-safe-setting")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the rows go: who receives them, the file, and how they are protected on the way."""

    recipient: str
    out: Path
    recipient_keys: tuple[str, ...] = ()
    plain: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """The file of rows, its form, and the age recipients; without any it is written as it is."""

    path: Path
    form: str
    keys: tuple[str, ...]
    protection: str

    @property
    def papers(self) -> tuple[Path, Path]:
        """The data dictionary and the manifest beside it."""
        stem = self.path.with_suffix("") if self.keys else self.path
        return stem.with_suffix(".dictionary.json"), stem.with_suffix(".manifest.json")

    def locked(self, data: bytes) -> bytes:
        """The bytes as they are written."""
        return encrypt_for(data, self.keys) if self.keys else data


def target_of(asked: Delivery, forms: tuple[str, ...] = FORMS) -> Target:
    """Where and how a file of people leaves: new, outside projects and synced folders, encrypted or with a reason."""
    out, keys, plain = asked.out, asked.recipient_keys, asked.plain
    form = out.suffix.lower().removeprefix(".")
    if form not in forms:
        raise _misplaced(out, f"--out ends in neither {' nor '.join('.' + one for one in forms)}")
    if problem := bad_place(out):
        raise _misplaced(out, f"rows of people may not lie there: {problem}")
    if plain == bool(keys):
        said = (
            "both --plain-file and a recipient's key are given"
            if plain
            else "nobody's key is given to encrypt it to"
        )
        raise GateNotMet("LC961", said, "Give --recipient-key age1…; or --plain-file with --reason.")
    if plain:
        _refuse_reason(asked.reason)
    recipients = tuple(recipients_from(keys)) if keys else ()
    path = out.with_name(f"{out.name}.age") if recipients else out
    found = Target(path, form, recipients, "age" if recipients else f"none: {asked.reason}")
    for one in (path, *found.papers):
        if one.exists():
            raise _misplaced(one, "there is a file of that name already")
    return found


def _refuse_reason(reason: str) -> None:
    if reason not in PLAIN_REASONS:
        near = did_you_mean(reason, PLAIN_REASONS)
        raise CohortError(
            "LC966",
            f"a file that is not encrypted needs a reason the program knows.{near}",
            f"--reason is one of: {', '.join(PLAIN_REASONS)}.",
        )


def _misplaced(path: Path, said: str) -> CohortError:
    return CohortError("LC964", said, "Name a new .csv or .parquet outside the project.", where=path.name)
