"""Records of outside evidence in evidence/outside/: one JSON file each, aggregate only, named in the audit log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import EvaluationError
from evaluation.evidence.from_result import is_result, studies_of
from evaluation.evidence.kept import kept
from evaluation.evidence.model import Claim, Record
from evaluation.evidence.record_file import parse_json, read_records
from workspace.audit import read_log, record
from workspace.console import to_json
from workspace.database import writing
from workspace.errors import Fault
from workspace.files import reaching, sha256_of, written_beside
from workspace.project import Project
from workspace.toml_source import read_toml

ACTION = "evidence.add"


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that was added and is not there as it was: which file, how, and the fingerprint of what was written."""

    record_id: str
    state: str
    sha256: str
    added_at: str


def read_file(path: Path) -> tuple[Record, ...]:
    """The records of a TOML file, of a JSON file of this program, or of a result's JSON."""
    if path.suffix != ".json":
        return read_records(read_toml(path, EvaluationError))
    with reaching("the file", "read", path.name, "Check the path.", EvaluationError):
        raw = path.read_bytes()
    source = parse_json(_text(raw, path.name), path.name)
    if not is_result(source.data):
        return read_records(source)
    try:
        return studies_of(source.data)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise EvaluationError(
            "LC558", "the file is no result of this version", "Run its plan again.", where=path.name
        ) from None


def _text(raw: bytes, shown: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EvaluationError(
            "LC558", "the file is not text in UTF-8", "Save it as UTF-8.", where=shown
        ) from None


def record_path(project: Project, record_id: str) -> Path:
    """Where a record is kept."""
    return project.evidence / "outside" / f"{record_id}.json"


def load_records(project: Project) -> tuple[Record, ...]:
    """Every record, by id; all unreadable ones are named at once."""
    found: list[Record] = []
    faults: list[Fault] = []
    for path in sorted((project.evidence / "outside").glob("*.json")):
        shown = project.shown(path)
        try:
            with reaching("the record", "read", shown, "Restore it from git.", EvaluationError):
                raw = path.read_bytes()
            (one,) = read_records(parse_json(_text(raw, shown), shown))
        except EvaluationError as error:
            faults += error.faults
        except ValueError:
            faults.append(
                Fault("LC558", shown, "the file holds more than one record", "Restore it from git.")
            )
        else:
            if one.id != path.stem:
                faults.append(
                    Fault("LC558", shown, f"the record's id is '{one.id}'", "Call the file after its id.")
                )
            found.append(one)
    if faults:
        raise EvaluationError.gather(faults)
    return tuple(found)


def save_records(project: Project, records: Sequence[Record]) -> None:
    """Write records and note each in the audit log: all of them, or none.

    The files get their names after the entries are kept; where that is cut off, ``evidence list`` names what is
    missing.
    """
    texts = {record_path(project, one.id): to_json(kept(one)) + "\n" for one in records}
    with written_beside(texts) as put_in_place:
        with writing(project) as session:
            for one, text in zip(records, texts.values(), strict=True):
                kind = "claim" if isinstance(one, Claim) else "study"
                sha = hashlib.sha256(text.encode("utf-8")).hexdigest()
                record(session, ACTION, one.id, {"kind": kind, "sha256": sha})
        put_in_place()


def gone_records(project: Project) -> tuple[Gone, ...]:
    """Records that the audit log knows and that are missing, or are not what was last written by this program."""
    last: dict[str, tuple[str, str]] = {}
    for entry in read_log(project):
        if entry.action == ACTION:
            last[entry.subject] = (str(json.loads(entry.details).get("sha256", "")), entry.at)
    found = []
    for record_id, (sha, at) in sorted(last.items()):
        path = record_path(project, record_id)
        if not path.is_file():
            found.append(Gone(record_id, "missing", sha, at))
        elif sha256_of(path) != sha:
            found.append(Gone(record_id, "changed", sha, at))
    return tuple(found)
