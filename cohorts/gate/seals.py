"""The seal of a manifest: a keyed fingerprint of all the rest of it (pure; the key is given).

Whoever changes a manifest that lies on a web server could work out a plain fingerprint again. So the seal is
HMAC-SHA-256 under a key that is worked out from the project's own: ``K_manifest = HKDF-SHA-256(K_hub; no salt;
info = 1, manifest, project)`` (RFC 5869), every field of the info with its length in front. The manifest names the key,
never holds it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cohorts.pseudonyms import SECRET_BYTES, PseudonymKey

KEYED, PLAIN = "HMAC-SHA-256", "SHA-256"
_INFO = ("1", "manifest")
SealState = Literal["keyed", "unkeyed", "changed", "key-missing"]


def manifest_key(key: PseudonymKey, project_id: str) -> PseudonymKey:
    """The key that manifests of a project are sealed under; its id is the hub key's."""
    fields = [item.encode("utf-8") for item in (*_INFO, project_id)]
    info = b"".join(len(item).to_bytes(4, "big") + item for item in fields)
    return PseudonymKey(key.key_id, HKDF(SHA256(), SECRET_BYTES, None, info).derive(key.secret))


def sealed(manifest: Mapping[str, Any], key: PseudonymKey | None) -> dict[str, Any]:
    """A manifest with its seal; without a key (a project that holds no people) a plain fingerprint, said to be one."""
    header = {"by": KEYED if key else PLAIN, "key": key.key_id if key else None}
    made = {**manifest, "sealed": header}
    return {**made, "seal": _fingerprint(made, key)}


def _fingerprint(manifest: Mapping[str, Any], key: PseudonymKey | None) -> str:
    text = json.dumps({k: v for k, v in manifest.items() if k != "seal"}, sort_keys=True).encode("utf-8")
    return hmac.digest(key.secret, text, "sha256").hex() if key else hashlib.sha256(text).hexdigest()


def key_named(manifest: Mapping[str, Any]) -> str:
    """The id of the key that a manifest says it is sealed under; empty for none, as in those of older versions."""
    header = manifest.get("sealed")
    return str(header.get("key") or "") if isinstance(header, dict) else ""


def read_seal(manifest: Mapping[str, Any], keys: Iterable[PseudonymKey], expected: str = "") -> SealState:
    """What the seal of a manifest says.

    ``expected`` is the key that the audit log says it was sealed under: a manifest that says none, or another, was
    changed, whatever fingerprint it bears.
    """
    named = key_named(manifest)
    if expected and named != expected:
        return "changed"
    key = next((one for one in keys if one.key_id == named), None) if named else None
    if named and key is None:
        return "key-missing"
    whole = hmac.compare_digest(_fingerprint(manifest, key).encode(), str(manifest.get("seal", "")).encode())
    return "changed" if not whole else "keyed" if named else "unkeyed"
