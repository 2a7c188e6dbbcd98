"""What all packs have in common: a zip of small texts, a manifest with the fingerprint of each, and a seal. Pure.

Entries stand in a given order and times are fixed, so that the same content gives the same bytes. The fingerprints find
accidents and careless changes; they are no signature.

===========================  =================================  ==================================================
format                       made with                          what it is for
===========================  =================================  ==================================================
``lifecourse-pack-1``        ``partner prepare``                ``source load``: people and their values
``lifecourse-link-pack-1``   ``partner prepare --for linkage``  ``link run``: people and what they are compared by
``lifecourse-names-pack-1``  ``partner name``                   a request about a few people
===========================  =================================  ==================================================
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from cohorts.errors import CohortError
from workspace.zip_files import BROKEN_ZIP

MANIFEST = "manifest.json"
DATA_FORMAT = "lifecourse-pack-1"
LINK_FORMAT = "lifecourse-link-pack-1"
NAMES_FORMAT = "lifecourse-names-pack-1"
PURPOSES = {
    DATA_FORMAT: "to be loaded",
    LINK_FORMAT: "for a linkage",
    NAMES_FORMAT: "to name people for a request",
}
_COMMANDS = {
    DATA_FORMAT: "lifecourse partner prepare FILE …",
    LINK_FORMAT: "lifecourse partner prepare FILE … --for linkage --round WORD",
    NAMES_FORMAT: "lifecourse partner name --for …",
}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 4 * 1024**3
_DAMAGED = "Ask the partner to prepare and send it again."
_TOKEN = "^[0-9a-f]{32}$"  # noqa: S105 - the shape of a token, no secret


def looks_like_pack(start: bytes) -> bool:
    """Say whether the first bytes of a file begin a pack that is not encrypted."""
    return start[:4] == b"PK\x03\x04" and start[30 : 30 + len(MANIFEST)] == MANIFEST.encode("ascii")


def damaged(name: str, what: str) -> CohortError:
    """The refusal of a pack, which never quotes from it."""
    return CohortError("LC838", f"the pack cannot be used: {what}", _DAMAGED, where=name)


def pack_bytes(form: str, facts: Mapping[str, Any], texts: Mapping[str, str]) -> bytes:
    """The bytes of a pack of one format: what its manifest says, and its other entries in their order."""
    entries = {name: text.encode("utf-8") for name, text in texts.items()}
    said: dict[str, Any] = {"format": form, **facts}
    said["entries"] = {name: hashlib.sha256(data).hexdigest() for name, data in entries.items()}
    said["seal"] = _seal(said)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in ((MANIFEST, json_text(said).encode("utf-8")), *entries.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o600 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def open_bytes(
    data: bytes, name: str, form: str, needed: Collection[str], allowed: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the manifest of a pack of this format says, and its entries; every fingerprint fits.

    Raises
    ------
    CohortError
        ``LC838``: cut short, changed, or of a layout this program does not read. ``LC839``: made for something else.
    """
    entries = _entries(data, name)
    said = read_json(entries[MANIFEST], MANIFEST, name)
    _refuse_other_format(said, form, name)
    names = set(entries) - {MANIFEST}
    if not set(needed) <= names <= {*needed, *allowed}:
        raise damaged(name, "its entries are not those of a pack")
    _check_seals(said, entries, name)
    return said, entries


def content_of(head: str, entries: Mapping[str, bytes], names: Collection[str]) -> str:
    """A fingerprint of what a pack holds: the same whenever it was made and however it was encrypted."""
    parts = (head.encode(), *(entries[entry] for entry in names if entry in entries))
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def format_of(data: bytes, name: str) -> str:
    """The format a pack says it has, looked at before anything else of it."""
    said = read_json(_entries(data, name)[MANIFEST], MANIFEST, name)
    return str(said.get("format", "")) if isinstance(said, dict) else ""


def _refuse_other_format(said: object, form: str, name: str) -> None:
    found = said.get("format") if isinstance(said, dict) else None
    if found == form:
        return
    if isinstance(found, str) and found in PURPOSES:
        raise CohortError(
            "LC839",
            f"this pack was made {PURPOSES[found]}; here one is needed that was made {PURPOSES[form]}",
            f"Ask the partner for it: {_COMMANDS[form]}",
            where=name,
        )
    raise damaged(
        name, "it is of a format this program does not read; use one version of Lifecourse on both sides"
    )


def _entries(data: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            there = archive.infolist()
            names = [info.filename for info in there]
            if MANIFEST not in names or len(names) != len(set(names)):
                raise damaged(name, "its entries are not those of a pack")
            if sum(info.file_size for info in there) > _LARGEST:
                raise damaged(name, "it is far too large")
            return {info.filename: archive.read(info) for info in there}
    except BROKEN_ZIP:
        raise damaged(name, "it is cut short or is not a pack") from None


def _seal(said: Mapping[str, Any]) -> str:
    text = json_text({k: v for k, v in said.items() if k != "seal"})
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _check_seals(said: Mapping[str, Any], entries: Mapping[str, bytes], name: str) -> None:
    """Compare every entry with its fingerprint: finds accidents and careless changes, not a determined forger."""
    listed = said.get("entries")
    seals = {MANIFEST: (said.get("seal"), _seal(said))}
    for entry in entries.keys() - {MANIFEST}:
        named = listed.get(entry) if isinstance(listed, dict) else None
        seals[entry] = (named, hashlib.sha256(entries[entry]).hexdigest())
    for entry, (claimed, found) in seals.items():
        if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(), found.encode()):
            raise damaged(name, f"{entry} was changed after the pack was made")


def csv_frame(data: bytes, entry: str, name: str) -> pl.DataFrame:
    """A table of a pack, every cell as text."""
    try:
        return pl.read_csv(io.BytesIO(data), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise damaged(name, f"{entry} is not a table") from None


def refuse_no_tokens(frame: pl.DataFrame, columns: Collection[str], entry: str, name: str) -> None:
    """Nothing but tokens in hexadecimal, or blanks, may stand in these columns."""
    shaped = pl.col(*columns).str.contains(_TOKEN).fill_null(value=True)
    if not frame.select(pl.all_horizontal(shaped).all()).item():
        raise damaged(name, f"{entry} holds something that is no token")


def read_json(data: bytes, entry: str, name: str) -> Any:
    """A small text of a pack, read."""
    try:
        said = json.loads(data.decode("utf-8"))
        json.dumps(said, ensure_ascii=False).encode(
            "utf-8"
        )  # half a character, written as an escape, is no text
    except (ValueError, RecursionError):
        raise damaged(name, f"{entry} cannot be read") from None
    return said


def json_text(said: Mapping[str, Any]) -> str:
    """A small text of a pack, as it is written."""
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
