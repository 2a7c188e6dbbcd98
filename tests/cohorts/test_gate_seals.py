"""The seal of a manifest: keyed, and an older one without a key still read and said to be so."""

from __future__ import annotations

import hashlib
import json

from cohorts.gate.seals import manifest_key, read_seal, sealed
from cohorts.pseudonyms import PseudonymKey

KEY = manifest_key(PseudonymKey("one", b"k" * 32), "project")
OTHER = manifest_key(PseudonymKey("one", b"k" * 32), "another-project")
SAID = {"format": "lifecourse-gate-2", "files": [{"name": "a.html", "sha256": "0"}]}


def test_a_sealed_manifest_is_read_under_its_key_alone() -> None:
    made = sealed(SAID, KEY)
    assert made["sealed"] == {"by": "HMAC-SHA-256", "key": "one"}
    assert read_seal(made, [KEY], "one") == "keyed"
    assert read_seal(made, [OTHER]) == "changed"
    assert read_seal(made, []) == "key-missing"
    assert read_seal({**made, "files": []}, [KEY]) == "changed"
    assert read_seal({**made, "sealed": {"by": "SHA-256", "key": None}}, [KEY]) == "changed"


def test_the_seal_is_that_of_hkdf_and_hmac() -> None:
    """Worked out by hand: HKDF-SHA-256 of one block is two HMACs (RFC 5869)."""
    import hmac

    extracted = hmac.digest(b"\0" * 32, b"k" * 32, "sha256")
    info = b"".join(len(x).to_bytes(4, "big") + x for x in (b"1", b"manifest", b"project"))
    secret = hmac.digest(extracted, info + b"\x01", "sha256")
    assert secret == KEY.secret
    made = sealed(SAID, KEY)
    text = json.dumps({k: v for k, v in made.items() if k != "seal"}, sort_keys=True).encode()
    assert made["seal"] == hmac.digest(secret, text, "sha256").hex()


def test_one_of_an_older_version_is_read_and_said_to_be_unkeyed() -> None:
    old = {**SAID, "format": "lifecourse-gate-1"}
    old["seal"] = hashlib.sha256(json.dumps(old, sort_keys=True).encode()).hexdigest()
    assert read_seal(old, [KEY]) == "unkeyed"
    assert read_seal(old, [KEY], "one") == "changed"
    assert read_seal({**old, "files": []}, []) == "changed"
    assert read_seal(sealed(SAID, None), []) == "unkeyed"
    assert read_seal({}, []) == "changed"
