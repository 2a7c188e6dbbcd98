"""Tokens: counting through identifiers, and matching by how common something is."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import Counter
from itertools import islice

import numpy as np
import polars as pl

from benchmarks.attack.measure import Measured
from benchmarks.two_sources import SURNAMES, make_sources
from cohorts.attacks.hashes import SPACES, enumerate_slice, heads, nhs_numbers
from cohorts.pseudonyms import PseudonymKey, tokenise

KEYED = "HMAC-SHA-256 under a secret of 256 bits; there is no unkeyed mode"
PROJECT = "01BENCH"
YEAR = 365.25 * 86_400


def brute_force(seed: int, size: int) -> list[Measured]:
    """A slice of all NHS numbers, some of them in a store; the attacker hashes the whole slice in eight ways."""
    chance = np.random.default_rng(seed)
    whole = list(islice(nhs_numbers(20 * size), 20 * size))
    people = [whole[i] for i in sorted(chance.choice(len(whole), size, replace=False))]
    key = PseudonymKey("bench", chance.bytes(32))
    stores = {
        "tokens as they are stored (keyed)": tokenise(
            pl.Series(people), "nhs-number", key, PROJECT
        ).to_list(),
        "SHA-256 without a key": [hashlib.sha256(one.encode()).digest()[:16] for one in people],
    }
    found = []
    for words, tokens in stores.items():
        run = enumerate_slice(whole, "nhs-number", PROJECT, heads(tokens), time.process_time)
        speed = run.hashes / run.seconds
        keyed = "keyed" in words
        space = 2.0**256 / _keyed_rate() / YEAR if keyed else SPACES["nhs-number"] / speed / 3600
        found.append(
            Measured(
                "brute force",
                words,
                f"{len(whole):,} NHS numbers, {size:,} of them held",
                "people",
                size,
                run.hits,
                1 / SPACES["nhs-number"],
                "one number at random",
                KEYED,
                defended=keyed,
                note=(
                    f"{speed / 1e6:.1f} million hashes a second on one core; "
                    + (
                        f"trying all keys at {_keyed_rate() / 1e6:.1f} million a second would take {space:.0e} years"
                        if keyed
                        else f"all {SPACES['nhs-number']:,} numbers in one way: {space:.2f} hours in Python"
                    )
                ),
            )
        )
    return found


def _keyed_rate() -> float:
    """Keyed hashes a second: another key each time, as somebody would who looks for it."""
    began, count = time.process_time(), 100_000
    for number in range(count):
        hmac.digest(number.to_bytes(32, "big"), b"9990000018", "sha256")
    return count / max(time.process_time() - began, 1e-9)


def frequency(seed: int, size: int) -> list[Measured]:
    """Public ranks of names against counts of tokens: on tokens of single fields, and on what is kept."""
    people = make_sources(size, seed).left.drop_nulls(["surname", "forename", "date-of-birth"])
    surnames = people["surname"].to_list()
    born = people["date-of-birth"].cast(pl.String).to_list()
    whole = [f"{a}|{b}|{c}" for a, b, c in zip(people["forename"].to_list(), surnames, born, strict=True)]
    ids = [str(number) for number in range(len(surnames))]
    common = sum(name == SURNAMES[0] for name in surnames) / len(surnames)
    guess, defence = (
        "always the commonest surname",
        "tokens of single fields live in memory during one linkage run",
    )
    rows = []
    for words, values, defended in (
        ("tokens of surnames (never kept)", surnames, False),
        ("composite keys of forename, surname and birth date", whole, True),
        ("tokens of identifiers, as they are stored", ids, True),
    ):
        hits = _by_rank(values, surnames, SURNAMES, seed)
        rows.append(
            Measured(
                "frequency attack on tokens",
                words,
                f"{len(values):,} made-up people, Zipf names",
                "people",
                len(values),
                hits,
                common,
                guess,
                defence,
                defended=defended,
                expected="guessing",
                note=f"commonest token stands for {max(Counter(values).values()):,} people",
            )
        )
    return rows


def _by_rank(values: list[str], truth: list[str], ranks: list[str], seed: int) -> int:
    """The n-th commonest token is taken for the n-th commonest name; tokens equally common are told by nothing."""
    key = np.random.default_rng(seed).bytes(32)
    tokens = [hmac.digest(key, value.encode(), "sha256") for value in values]
    counted = Counter(tokens)
    ordered = sorted(counted, key=lambda token: (-counted[token], token))
    named = dict(zip(ordered, ranks, strict=False))
    return sum(named.get(token) == name for token, name in zip(tokens, truth, strict=True))
