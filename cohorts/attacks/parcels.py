"""Files made to be carried away: backups, prepared packs, vaults. What stands in them readably (pure, on bytes)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cohorts.attacks.key_material import forms_of
from cohorts.attacks.model import Trial, judged
from cohorts.attacks.traces import known_in, patterns_in
from workspace.zip_files import BROKEN_ZIP

Kind = Literal["backup", "pack", "locked", "vault"]
_FORMATS: Mapping[str, Kind] = {"lifecourse-backup-1": "backup", "lifecourse-pack-1": "pack"}
_LOCKED = b"age-encryption.org/v1"
_LARGEST = 512 * 2**20
_NO_PARCEL: tuple[type[Exception], ...] = (AttributeError, *BROKEN_ZIP)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file by its kind, with everything that can be read of it: its own bytes, and its entries unpacked."""

    name: str
    kind: Kind
    parts: tuple[bytes, ...]


def parcel_of(name: str, data: bytes, *, inbox: bool = False) -> Parcel | None:
    """What a file is, if it is one of these. Locked files count where a partner's would lie."""
    if name.rsplit("/", 1)[-1] == "vault.toml" and b"lifecourse-vault" in data:
        return Parcel(name, "vault", (data,))
    if data.startswith(_LOCKED):
        return Parcel(name, "locked", (data,)) if inbox else None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            kind = _FORMATS.get(str(json.loads(archive.read("manifest.json")).get("format", "")))
            if kind is None or sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                return None
            return Parcel(name, kind, (data, *(archive.read(entry) for entry in archive.infolist())))
    except _NO_PARCEL:
        return None


def backups(found: Sequence[Parcel], tokens: Iterable[bytes], known: Mapping[str, Iterable[str]]) -> Trial:
    """Backups that lie in the project: no token of anybody, plain or sealed, and no identifier may be read in them."""
    chosen = [one for one in found if one.kind == "backup"]
    forms = frozenset(form for token in tokens for form in forms_of(token)[:4])
    said = [
        f"{one.name}: a backup; {_read(one, forms, known) or 'nothing of anybody can be read in it'}"
        for one in chosen
    ]
    return Trial(
        "backups",
        "Backups that lie about",
        "A copy of a backup, without anybody's data key and without the key list of officers.",
        f"{len(chosen)} archives in the project folder: every token in four forms, every identifier of the inbox.",
        tuple(said) or ("no backup lies in the project folder",),
        "In a backup everybody's rows are under a key of their own, which is not in it.",
        judged(any(_read(one, forms, known) for one in chosen)) if chosen else "not-applicable",
        "Backups outside the project folder are not seen. Whoever also holds the key list opens them.",
    )


def packs(found: Sequence[Parcel], known: Mapping[str, Iterable[str]]) -> Trial:
    """Prepared packs in the inbox: tokens and values, never an identifier."""
    chosen = [one for one in found if one.kind in ("pack", "locked")]
    said = [
        f"{one.name}: {_read(one, frozenset(), known) or 'no identifier can be read in it'}" for one in chosen
    ]
    return Trial(
        "packs",
        "Prepared packs on their way",
        "Whoever gets hold of a pack between partner and hub.",
        f"{len(chosen)} packs and locked files in the inbox: patterns with check digits and the texts of the inbox.",
        tuple(said) or ("no pack lies in the inbox",),
        "A partner's program puts tokens in the place of identifiers before anything is sent.",
        judged(any(_read(one, frozenset(), known) for one in chosen)) if chosen else "not-applicable",
        "A locked file is searched as it lies; it is not opened.",
    )


def vaults(found: Sequence[Parcel]) -> Trial:
    """The vault is of no use to anybody who has the store, as long as it does not lie beside it."""
    inside = [one.name for one in found if one.kind == "vault"]
    return Trial(
        "vault",
        "The identity vault beside the store",
        "A copy of the project folder.",
        "the faces of vaults in every file of the project folder.",
        tuple(f"an identity vault lies in the project: {name}" for name in inside)
        or ("no vault lies in the project folder",),
        "The vault is refused a place inside a project; its files open with the custodian's identity alone.",
        judged(bool(inside)),
    )


def _read(one: Parcel, forms: frozenset[bytes], known: Mapping[str, Iterable[str]]) -> str:
    kinds = {kind for kind, texts in known.items() if any(known_in(part, texts) for part in one.parts)}
    kinds |= {kind for part in one.parts for kind in patterns_in(part, store=True)}
    kinds |= {"token"} if any(_holds(part, forms) for part in one.parts) else set()
    return f"it holds what looks like: {', '.join(sorted(kinds))}" if kinds else ""


def _holds(part: bytes, forms: frozenset[bytes]) -> bool:
    """Say whether any form stands in the bytes."""
    needles = sorted(form.decode("latin-1") for form in forms)
    return bool(needles) and bool(pl.Series([part.decode("latin-1")]).str.contains_any(needles)[0])
