"""Fresh pseudonyms for every release, so that what two recipients hold cannot be joined.

``K_release = HKDF-SHA-256(K_hub; no salt; info = 1, release, project, release id)`` (RFC 5869), every field of the
info with its length in front; the pseudonym of participant ``n`` is the first 128 bits of
``HMAC-SHA-256(K_release; n as 8 bytes, big-endian)``, in hexadecimal.
"""

from __future__ import annotations

import polars as pl
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cohorts.errors import CohortError
from cohorts.pseudonyms import SECRET_BYTES, PseudonymKey, hash_all

_INFO = ("1", "release")


def release_key(key: PseudonymKey, project_id: str, release_id: str) -> PseudonymKey:
    """The key of one release: worked out again whenever it is needed, kept nowhere."""
    if not release_id.strip():
        raise CohortError("LC803", "a release needs an id of its own", "Name the release, like REL-001.")
    fields = [item.encode("utf-8") for item in (*_INFO, project_id, release_id)]
    info = b"".join(len(item).to_bytes(4, "big") + item for item in fields)
    secret = HKDF(SHA256(), SECRET_BYTES, None, info).derive(key.secret)
    return PseudonymKey(f"{key.key_id}/{release_id}", secret)


def release_pseudonyms(
    participants: pl.Series, key: PseudonymKey, project_id: str, release_id: str
) -> pl.Series:
    """Pseudonyms of participants in one release.

    Parameters
    ----------
    participants : pl.Series of Int64
        Participant numbers of the store; no nulls.
    key : PseudonymKey
        The hub's key.
    project_id, release_id : str
        Both bind the pseudonyms: another project or another release gives others.

    Returns
    -------
    pl.Series of String
        32 hexadecimal digits each, in the order of ``participants``. Sort rows by them before they leave, or
        the order of the rows gives the order of the participant numbers away.
    """
    secret = release_key(key, project_id, release_id).secret
    numbers = (int(number).to_bytes(8, "big") for number in participants)
    made = [token.hex() for token in hash_all(numbers, secret, b"")]
    return pl.Series("pseudonym", made, dtype=pl.String)
