"""Tokens: golden values, the same bytes as the plain HMAC, and a key that does not show itself."""

from __future__ import annotations

import hmac

import polars as pl
import pytest

from cohorts.errors import CohortError
from cohorts.pseudonyms import PseudonymKey, context, key_check, tokenise

SECRET = bytes(range(32))
KEY = PseudonymKey(key_check(SECRET), SECRET)


def token(
    value: str, kind: str, namespace: str = "", project: str = "demo-1", key: PseudonymKey = KEY
) -> str:
    return str(tokenise(pl.Series([value]), kind, key, project, namespace)[0].hex())


def test_golden_tokens_never_change() -> None:
    assert token("9434765919", "nhs-number") == "86e0dcb8e17d10c288fe0625cd477791"
    assert token("A1234BC", "prison-number") == "1929dcf2feeb607b4aaa12868a3e861f"
    assert token("17", "local-id", "leeds") == "745eaebd87caa0a0b18087b19f79c6b8"
    assert token("17", "local-id", "york") == "0a38d734bfb0612ee6033aa5d905f8ef"
    assert key_check(SECRET) == "ab1e963440b2"


@pytest.mark.parametrize("length", [32, 64, 65, 200])
def test_tokens_are_the_plain_hmac_cut_to_128_bits(length: int) -> None:
    secret = bytes(number % 256 for number in range(length))
    key = PseudonymKey("k", secret)
    message = context("demo-1", "crn") + b"X123456"
    assert token("X123456", "crn", key=key) == hmac.digest(secret, message, "sha256")[:16].hex()


def test_every_part_of_the_context_changes_the_token() -> None:
    tokens = {
        token("X123456", "crn"),
        token("X123457", "crn"),
        token("X123456", "local-id"),
        token("X123456", "crn", "leeds"),
        token("X123456", "crn", project="demo-2"),
        token("X123456", "crn", key=PseudonymKey("k", b"x" * 32)),
    }
    assert len(tokens) == 6


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert context("ab", "c") != context("a", "bc")
    assert context("a", "b", "c") != context("a", "bc", "")


def test_nulls_stay_null_and_the_order_is_kept() -> None:
    values = pl.Series("nhs", ["b", None, "a", "b"])
    tokens = tokenise(values, "local-id", KEY, "demo-1")
    assert tokens.dtype == pl.Binary
    assert tokens.name == "nhs"
    assert tokens[1] is None
    assert tokens[0] == tokens[3] != tokens[2]
    assert len(tokens[0]) == 16


def test_an_empty_column_gives_no_tokens() -> None:
    assert tokenise(pl.Series([], dtype=pl.String), "crn", KEY, "demo-1").to_list() == []
    assert tokenise(pl.Series([None], dtype=pl.String), "crn", KEY, "demo-1").to_list() == [None]


def test_a_key_shows_its_id_and_never_its_secret() -> None:
    shown = f"{KEY!r} {KEY} {[KEY]}"
    assert KEY.key_id in shown
    assert repr(SECRET) not in shown
    assert SECRET.hex() not in shown


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(CohortError, match="LC843"):
        PseudonymKey("k", b"short")
