"""The seal is a secret permutation of tokens: it can be undone with its key, and with no other."""

from __future__ import annotations

import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from cohorts.custody.seal import seal_key, seal_tokens, unseal_tokens, unwrap_keys, wrap_keys

SECRETS = st.binary(min_size=32, max_size=32)
TOKENS = st.lists(st.binary(min_size=16, max_size=16), max_size=50)


def series(values: list[bytes]) -> pl.Series:
    return pl.Series("token", values, dtype=pl.Binary)


@given(SECRETS, TOKENS)
def test_unsealing_gives_back_every_token_in_its_place(secret: bytes, tokens: list[bytes]) -> None:
    key = seal_key(secret)
    assert unseal_tokens(seal_tokens(series(tokens), key), key).to_list() == tokens


@given(SECRETS, TOKENS)
def test_equal_tokens_stay_equal_and_different_ones_different(secret: bytes, tokens: list[bytes]) -> None:
    sealed = seal_tokens(series(tokens), seal_key(secret)).to_list()
    assert [tokens.index(token) for token in tokens] == [sealed.index(token) for token in sealed]


@given(SECRETS, SECRETS, st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=20))
def test_another_key_gives_other_bytes_and_does_not_open_them(
    a: bytes, b: bytes, tokens: list[bytes]
) -> None:
    one, two = seal_key(a), seal_key(b)
    sealed = seal_tokens(series(tokens), one)
    if a != b:
        assert unseal_tokens(sealed, two).to_list() != tokens
        assert one.key_id != two.key_id
    assert not set(sealed.to_list()) & set(tokens)


@given(SECRETS, st.lists(st.binary(min_size=32, max_size=32), max_size=20))
def test_wrapped_person_keys_come_back_and_are_under_a_key_of_their_own(
    secret: bytes, keys: list[bytes]
) -> None:
    key = seal_key(secret)
    wrapped = wrap_keys(series(keys), key)
    assert unwrap_keys(wrapped, key).to_list() == keys
    halves = [half for value in keys for half in (value[:16], value[16:])]
    sealed = b"".join(seal_tokens(series(halves), key).to_list())
    assert not keys or sealed != b"".join(wrapped.to_list())


def test_the_seal_is_aes_256_on_one_block_under_a_derived_key() -> None:
    """Worked by hand: HMAC-SHA-256 of the purpose gives the key, AES does the rest."""
    import hmac

    secret, token = bytes(range(32)), bytes(16)
    derived = hmac.digest(secret, b"lifecourse-seal-tokens-1", "sha256")
    encryptor = Cipher(algorithms.AES(derived), modes.ECB()).encryptor()
    assert seal_tokens(series([token]), seal_key(secret)).to_list() == [encryptor.update(token)]


def test_a_seal_key_shows_its_id_and_never_its_secret() -> None:
    key = seal_key(b"\x07" * 32)
    assert repr(key) == f"SealKey({key.key_id})"
    assert key.secret.hex() not in str(key)


@pytest.mark.parametrize("wrong", [b"", b"short", b"x" * 33])
def test_what_is_not_a_key_or_not_a_token_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        seal_key(wrong)
    if wrong:
        with pytest.raises(ValueError, match=r"^$"):
            seal_tokens(series([wrong]), seal_key(b"k" * 32))
