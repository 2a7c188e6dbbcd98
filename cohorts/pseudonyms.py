"""Keyed pseudonyms: HMAC-SHA-256 of a normalised identifier under the key of one project.

There is no unkeyed mode. All NHS numbers can be hashed in a minute and a half on one core, so a plain or
"salted" hash hides nobody.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from cohorts.errors import CohortError

SCHEME = "lc1"
TOKEN_BYTES = 16
SECRET_BYTES = 32
_VERSION = "1"
_BLOCK = 64
_CHECK_LABEL = b"lifecourse-key-check-1"


@dataclass(frozen=True, repr=False)
class PseudonymKey:
    """The key of one project. Shows its id, never its secret."""

    key_id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_BYTES:
            raise CohortError(
                "LC843", f"the key is shorter than {SECRET_BYTES} bytes", "Restore the key file."
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key_id})"

    def context(self, project_id: str, kind: str, namespace: str = "") -> bytes:
        """The fixed part of the messages this key is used on; a key of another scheme has another."""
        return context(project_id, kind, namespace)


def key_check(secret: bytes) -> str:
    """The id of a key: says whether two keys are the same without giving either away."""
    return hmac.digest(secret, _CHECK_LABEL, "sha256").hex()[:12]


def context(
    project_id: str, kind: str, namespace: str = "", *, scheme: str = SCHEME, side: str = ""
) -> bytes:
    """The part of each message that is the same for one column, every field with its length in front.

    The message is ``version, scheme, project, kind, namespace``, each as a 4-byte big-endian length and its
    UTF-8 bytes, followed by the normalised identifier. So no two fields can be shifted into each other. Schemes
    of several keys name the ``side`` as a sixth field.
    """
    fields = (_VERSION, scheme, project_id, kind, namespace, *((side,) if side else ()))
    encoded = [item.encode("utf-8") for item in fields]
    return b"".join(len(item).to_bytes(4, "big") + item for item in encoded)


def tokenise(
    values: pl.Series, kind: str, key: PseudonymKey, project_id: str, namespace: str = ""
) -> pl.Series:
    """Turn normalised identifiers into 16-byte tokens; nulls stay null.

    Parameters
    ----------
    values : pl.Series of String
        Normalised identifiers, as :func:`cohorts.identifiers.normalise` makes them.
    kind : str
        Kind of identifier. The same text under two kinds gives two tokens.
    key : PseudonymKey
        The key of the project.
    project_id : str
        Binds the tokens to one project.
    namespace : str
        Whose identifiers they are, for those that are only unique within one organisation.

    Returns
    -------
    pl.Series of Binary
        The first 128 bits of the HMAC-SHA-256, in the order of ``values``.
    """
    distinct = values.drop_nulls().unique()
    messages = distinct.cast(pl.Binary).to_list()  # the bytes of UTF-8, which polars holds already
    tokens = hash_all(messages, key.secret, key.context(project_id, kind, namespace))
    lookup = pl.DataFrame({"value": distinct, "token": pl.Series(tokens, dtype=pl.Binary)})
    asked = pl.DataFrame({"value": values})
    return asked.join(lookup, on="value", how="left", maintain_order="left")["token"].rename(values.name)


def hash_all(values: Iterable[bytes], secret: bytes, prefix: bytes) -> list[bytes]:
    """HMAC by hand from two prepared states: byte for byte ``hmac.digest``, at a third of its time."""
    block = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + prefix)
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
    tokens = []
    for value in values:
        inside, outside = inner.copy(), outer.copy()
        inside.update(value)
        outside.update(inside.digest())
        tokens.append(outside.digest()[:TOKEN_BYTES])
    return tokens
