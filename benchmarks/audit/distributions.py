"""Pinned and installed distributions: version, licence, whose dependency, whether their files are as they were made."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata as installed
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
HASHED = ROOT / "requirements.hashed.lock"
NEEDED = ("program", "postgresql", "linkage")
PARTS = ("program", "postgresql", "linkage", "dev")
TEXTS = {
    "MIT": re.compile(r"\bMIT License\b|Permission is hereby granted, free of charge", re.IGNORECASE),
    "Apache-2.0": re.compile(r"Apache License\s+Version 2\.0", re.IGNORECASE),
    "BSD": re.compile(r"Redistribution and use in source and binary forms", re.IGNORECASE),
}
KINDS = (
    ("copyleft", re.compile(r"\b(?:A?GPL|GNU (?:Affero )?General Public)", re.IGNORECASE)),
    ("weak copyleft", re.compile(r"LGPL|Lesser General|MPL|Mozilla|EPL", re.IGNORECASE)),
    (
        "permissive",
        re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software|Zlib|CC0|Unlicense|HPND", re.IGNORECASE),
    ),
)


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned distribution; ``installed`` and the rest are empty where it is not here."""

    name: str
    pinned: str
    marker: str
    part: str
    installed: str = ""
    licence: str = ""
    kind: str = ""
    files: int = 0
    changed: int = 0

    @property
    def is_as_pinned(self) -> bool:
        return self.installed in ("", self.pinned)


def pins() -> list[Requirement]:
    """Every line of the lock that is for this machine, and those that are not, once a name."""
    found: dict[str, Requirement] = {}
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            one = Requirement(line)
            if one.name not in found or one.marker is None or one.marker.evaluate():
                found[one.name] = one
    return list(found.values())


def unproven() -> list[str]:
    """What is needed to run, and not in the lock with hashes in the same versions, or without a hash there."""
    locked, hashed = _versions(LOCK), _versions(HASHED)
    bare = {one for one, line in hashed.items() if "--hash=sha256:" not in line}
    needed = {name for name, part in parts().items() if part in NEEDED}
    missing = {one for one in locked if one[0] in needed} - hashed.keys()
    return sorted({name for name, _ in bare | missing | (hashed.keys() - locked.keys())})


def _versions(lock: Path) -> dict[tuple[str, str], str]:
    """Lines by name and version: a name has several where systems need different ones."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()  # a hash has a line of its own
    found = {line: Requirement(line.split(" --hash")[0]) for line in lines if line.strip() and line[0] != "#"}
    return {(plain(one.name), str(one.specifier)): line for line, one in found.items()}


def parts() -> dict[str, str]:
    """Which part of the program needs a distribution first: itself, an extra, or only development."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    roots = {
        "program": project["dependencies"],
        **{name: extras[name] for name in extras if name != "dev"},
        "dev": extras["dev"],
    }
    found: dict[str, str] = {}
    for part, lines in roots.items():
        for name in _closure(lines):
            found.setdefault(name, part)
    return found


def _closure(lines: list[str]) -> Iterator[str]:
    waiting, seen = (
        [(Requirement(line), frozenset[str]()) for line in lines],
        set[tuple[str, frozenset[str]]](),
    )
    while waiting:
        one, extras = waiting.pop()
        if one.marker and not any(one.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        mark = (plain(one.name), frozenset(one.extras))
        if mark in seen:
            continue
        seen.add(mark)
        yield mark[0]
        try:
            needed = installed.requires(one.name) or []
        except installed.PackageNotFoundError:
            continue
        waiting += [(Requirement(line), frozenset(one.extras)) for line in needed]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def packages(*, whole: bool = True) -> list[Package]:
    """Every pinned distribution; ``whole`` also holds all of their files against the list they came with."""
    of = parts()
    return [_package(one, of.get(plain(one.name), "dev"), whole=whole) for one in pins()]


def _package(pin: Requirement, part: str, *, whole: bool) -> Package:
    version, marker = str(pin.specifier).removeprefix("=="), str(pin.marker or "")
    if pin.marker and not pin.marker.evaluate():
        part = "program"  # for another machine: taken to be needed there
    try:
        found = installed.distribution(pin.name)
    except installed.PackageNotFoundError:
        return Package(pin.name, version, marker, part)
    words = licence_of(found)
    files, changed = _files(found) if whole else (0, 0)
    return Package(pin.name, version, marker, part, found.version, words, kind_of(words), files, changed)


def licence_of(found: installed.Distribution) -> str:
    """The licence as its metadata say it, else as the text of its licence file reads, else nothing."""
    head = found.metadata
    said, short = (
        str(head[name] or "") if name in head else "" for name in ("License-Expression", "License")
    )
    short = short.strip()
    classes = [
        line.split("::")[-1].strip()
        for line in head.get_all("Classifier") or []
        if line.startswith("License")
    ]
    if not said and short and len(short) < 60 and any(shape.search(short) for _, shape in KINDS):
        said = short.splitlines()[0]
    return said or " AND ".join(classes) or _by_text(found)


def _by_text(found: installed.Distribution) -> str:
    for file in found.files or []:
        if re.search(r"licen[cs]e|copying", file.name, re.IGNORECASE) and ".dist-info" in str(file):
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
            for name, shape in TEXTS.items():
                if shape.search(text):
                    return f"{name} (by its text)"
    return ""


def kind_of(licence: str) -> str:
    """Permissive, weak copyleft, copyleft, or unknown; of several the strictest, but for a choice between them."""
    rest = re.sub(r"LGPL[\w.+-]*|.*Lesser.*", "", licence)
    kinds = [name for name, shape in KINDS if shape.search(rest if name == "copyleft" else licence)]
    if " OR " in licence and "permissive" in kinds:
        return "permissive"
    return kinds[0] if kinds else "unknown"


def _files(found: installed.Distribution) -> tuple[int, int]:
    """How many files came with a hash, and how many are no longer what they were."""
    tried = changed = 0
    for file in found.files or []:
        if file.hash is None or file.hash.mode != "sha256":
            continue
        tried += 1
        try:
            data = Path(str(file.locate())).read_bytes()
        except OSError:
            changed += 1
            continue
        value = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        changed += value != file.hash.value
    return tried, changed
