"""The seal: tokens as the store keeps them, so that an old copy of the store dies with its key (pure).

A token is 16 bytes, exactly one AES block, and looks random. AES-256 on that single block is a secret
permutation: equal tokens stay equal, so they can be looked up, and nothing can be told of them without the key.
An erasure makes a new seal key, seals everybody else's tokens again and destroys the old key.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
SEAL_BYTES = 32
PERSON_KEY_BYTES = 32
_CHECK = b"lifecourse-seal-check-1"
_TOKENS = b"lifecourse-seal-tokens-1"
_WRAPS = b"lifecourse-seal-person-keys-1"


@dataclass(frozen=True, repr=False)
class SealKey:
    """The key tokens are sealed under. Shows its id, never its secret."""

    key_id: str
    secret: bytes = field(repr=False)

    def __repr__(self) -> str:
        """Never the secret."""
        return f"SealKey({self.key_id})"


def seal_key(secret: bytes) -> SealKey:
    """A seal key of 32 secret bytes; its id says whether two keys are the same without giving either away."""
    if len(secret) != SEAL_BYTES:
        raise ValueError
    return SealKey(hmac.digest(secret, _CHECK, "sha256").hex()[:12], secret)


def seal_tokens(tokens: pl.Series, key: SealKey) -> pl.Series:
    """Tokens (Binary, 16 bytes each, no nulls) as the store keeps them, in the same order."""
    return _permuted(tokens, key, _TOKENS, BLOCK, opening=False)


def unseal_tokens(sealed: pl.Series, key: SealKey) -> pl.Series:
    """The tokens behind sealed ones."""
    return _permuted(sealed, key, _TOKENS, BLOCK, opening=True)


def wrap_keys(keys: pl.Series, key: SealKey) -> pl.Series:
    """Persons' data keys (Binary, 32 random bytes each) as the store keeps them."""
    return _permuted(keys, key, _WRAPS, PERSON_KEY_BYTES, opening=False)


def unwrap_keys(wrapped: pl.Series, key: SealKey) -> pl.Series:
    """Persons' data keys behind wrapped ones."""
    return _permuted(wrapped, key, _WRAPS, PERSON_KEY_BYTES, opening=True)


def _permuted(values: pl.Series, key: SealKey, purpose: bytes, width: int, *, opening: bool) -> pl.Series:
    """All values in one pass of AES over their joined bytes.

    Block by block without chaining is right here and nowhere else: every block is random by itself and equal
    blocks have to stay equal.
    """
    joined = b"".join(values.to_list())
    if len(joined) != width * values.len():
        raise ValueError
    secret = hmac.digest(key.secret, purpose, "sha256")
    cipher = Cipher(algorithms.AES(secret), modes.ECB())  # noqa: S305 - see above
    context = cipher.decryptor() if opening else cipher.encryptor()
    turned = context.update(joined) + context.finalize()
    parts = [turned[i : i + width] for i in range(0, len(turned), width)]
    return pl.Series(values.name, parts, dtype=pl.Binary)
