"""A record as the plain data it is kept as: the keys of the file it came from, blanks left out (pure)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from evaluation.evidence.model import Claim, Record, Study, Version

LEFT_OUT: tuple[Any, ...] = ("", None)


def kept(record: Record) -> dict[str, Any]:
    """The record under ``study`` or ``claim``, as a list of one, as in TOML."""
    if isinstance(record, Claim):
        return {"claim": [_filled(asdict(record))]}
    plain = _filled({k: v for k, v in asdict(record).items() if k not in ("versions", "moderators")})
    if record.moderators:
        plain["moderators"] = dict(record.moderators)
    return {"study": [plain | {"version": [_version(version) for version in record.versions]}]}


def _version(version: Version) -> dict[str, Any]:
    plain = asdict(version)
    counts, moderators = plain.pop("counts"), plain.pop("moderators")
    if version.conf_low is None:
        del plain["conf_level"]
    return _filled(plain) | (counts or {}) | ({"moderators": dict(moderators)} if moderators else {})


def _filled(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if value not in LEFT_OUT}


def with_new_versions(old: Study, new: Study) -> Study:
    """The study as it was with the versions that are new; what was there stays, whatever the new file leaves out."""
    fresh = tuple(version for version in new.versions if version not in old.versions)
    return replace(old, versions=tuple(sorted((*old.versions, *fresh), key=lambda version: version.date)))


def differing_facts(old: Record, new: Record) -> tuple[str, ...]:
    """The facts, versions aside, in which a record differs from the one of its id; a claim may only gain its test."""
    if type(old) is not type(new):
        return ("kind of record",)
    free = {"versions"} if isinstance(old, Study) else {"tested_by"} if not _tested(old) else set()
    before, after = asdict(old), asdict(new)
    return tuple(name for name in before if name not in free and before[name] != after[name])


def _tested(record: Record) -> bool:
    return isinstance(record, Claim) and bool(record.tested_by)
