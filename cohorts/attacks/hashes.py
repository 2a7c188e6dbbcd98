"""Brute force: if a stored token were an unkeyed hash, counting through all identifiers would find it (pure).

Known and measured in C on one core: 11.6 million NHS numbers a second with SHA-256, so all issued ranges fall in
24 seconds. Python is slower by a factor of ten or so; a found token is found either way.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from cohorts.attacks.model import Trial, judged, some
from cohorts.pseudonyms import TOKEN_BYTES

SECONDS_A_DAY = 86_400
FASTER_IN_C = 11_600_000
_PNC = "ZABCDEFGHJKLMNPQRTUVWXY"
_UPN = "ABCDEFGHJKLMNPQRTUVWXYZ"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SPACES = {
    "nhs-number": 909_000_000,
    "upn": 450_000_000,
    "pnc-id": 1_000_000_000,
    "prison-number": 175_760_000,
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the space of one kind of identifier, in words and as an iterator."""

    kind: str
    words: str
    candidates: Callable[[int], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Enumeration:
    """What counting through came to."""

    hashes: int
    hits: int
    seconds: float


def nhs_numbers(count: int, start: int = 999_000_000) -> Iterator[str]:
    """Valid NHS numbers from a body on."""
    body, made = start, 0
    while made < count and body < 1_000_000_000:
        digits = f"{body:09d}"
        check = (11 - sum(int(d) * (10 - i) for i, d in enumerate(digits)) % 11) % 11
        if check != 10:
            made += 1
            yield f"{digits}{check}"
        body += 1


def upns(count: int, start: int = 999_000_000_000) -> Iterator[str]:
    """Valid UPNs from twelve digits on."""
    for number in range(start, start + count):
        digits = f"{number:012d}"
        total = sum(place * int(d) for place, d in enumerate(digits, start=2))
        yield _UPN[total % 23] + digits


def pnc_ids(count: int, start: int = 9_000_000) -> Iterator[str]:
    """Valid PNC IDs, every two-digit year at each serial, from a serial on."""
    for number in range(count):
        year, serial = number % 100, start + number // 100
        yield f"{year:02d}/{serial:07d}{_PNC[int(f'{year:02d}{serial:07d}') % 23]}"


def prison_numbers(count: int, start: str = "Z") -> Iterator[str]:
    """Prison numbers that begin with a letter."""
    for number in range(count):
        first, rest = divmod(number, 10_000)
        one, two = divmod(first, 26)
        yield f"{start}{rest:04d}{_LETTERS[one % 26]}{_LETTERS[two]}"


def _both(make: Callable[..., Iterator[str]], count: int) -> Iterator[str]:
    yield from make(count // 2, 999_000_000)
    yield from make(count - count // 2, 400_000_000)


def _letters(count: int) -> Iterator[str]:
    yield from prison_numbers(count // 2, "Z")
    yield from prison_numbers(count - count // 2, "A")


SLICES = (
    Slice(
        "nhs-number",
        "from 400 000 000 on, and the test range from 999 000 000 on",
        lambda n: _both(nhs_numbers, n),
    ),
    Slice("upn", "under the made-up authority 999", upns),
    Slice("pnc-id", "serials from 9,000,000 on, every year", pnc_ids),
    Slice("prison-number", "beginning with Z, then A", _letters),
)


def recipes(kind: str, project: str) -> dict[str, Callable[[bytes], bytes]]:
    """Ways in which careless software makes a "pseudonym" without a secret."""
    salted, prefix = project.encode(), kind.encode()
    return {
        "SHA-256": lambda v: hashlib.sha256(v).digest(),
        "SHA-512": lambda v: hashlib.sha512(v).digest(),
        "SHA-1": lambda v: hashlib.sha1(v, usedforsecurity=False).digest(),
        "MD5": lambda v: hashlib.md5(v, usedforsecurity=False).digest(),
        "SHA-256 salted with the project's id": lambda v: hashlib.sha256(salted + v).digest(),
        "SHA-256 of kind and number": lambda v: hashlib.sha256(prefix + v).digest(),
        "HMAC-SHA-256 without a key": lambda v: hmac.digest(b"", v, "sha256"),
        "HMAC-SHA-256 keyed with the project's id": lambda v: hmac.digest(salted, v, "sha256"),
    }


def enumerate_slice(
    candidates: Iterable[str], kind: str, project: str, tokens: Set[bytes], clock: Callable[[], float]
) -> Enumeration:
    """Hash every candidate in every way and look for the first 128 bits among the stored tokens."""
    ways = list(recipes(kind, project).values())
    began, hashes, hits = clock(), 0, 0
    for candidate in candidates:
        value = candidate.encode()
        for way in ways:
            hits += way(value)[:TOKEN_BYTES] in tokens
        hashes += len(ways)
    return Enumeration(hashes, hits, max(clock() - began, 1e-9))


def heads(tokens: Iterable[bytes]) -> frozenset[bytes]:
    """The first 128 bits of each stored token, read as bytes or as hexadecimal text."""
    found = set()
    for token in tokens:
        found.add(bytes(token[:TOKEN_BYTES]))
        try:
            found.add(bytes.fromhex(token.decode("ascii"))[:TOKEN_BYTES])
        except (UnicodeDecodeError, ValueError):
            continue
    return frozenset(found)


def brute_force(
    tokens: Iterable[bytes],
    known: Mapping[str, Iterable[str]],
    project: str,
    size: int,
    clock: Callable[[], float],
    threshold: int,
) -> Trial:
    """Count through a slice of each space, and through the identifiers an attacker holds already.

    Parameters
    ----------
    tokens : iterable of bytes
        What a thief of the store sees.
    known : mapping
        Kind to identifiers in canonical form that somebody with a partner's file would try first.
    size : int
        Candidates a kind.
    """
    stored = heads(tokens)
    counted = [enumerate_slice(s.candidates(size), s.kind, project, stored, clock) for s in SLICES]
    guessed = [enumerate_slice(values, kind, project, stored, clock) for kind, values in known.items()]
    hits = sum(run.hits for run in (*counted, *guessed))
    hashes, seconds = sum(r.hashes for r in counted), sum(r.seconds for r in counted)
    speed = hashes / seconds
    slices = "; ".join(f"{s.kind} {s.words}" for s in SLICES)
    return Trial(
        "brute-force",
        "Counting through all identifiers",
        "A copy of the database and of this program, no key; for the second part also a partner's file.",
        f"{size:,} candidates of each kind ({slices}) and {sum(r.hashes for r in guessed):,} hashes of identifiers in "
        f"the inbox, each in {len(recipes('', ''))} unkeyed ways; {hashes:,} hashes at "
        f"{speed / 1e6:.1f} million a second.",
        (
            f"{some(hits, threshold, 'token')} found",
            *(
                f"the whole space of {kind} ({space:,}) would take this program "
                f"{space * len(recipes('', '')) / speed / SECONDS_A_DAY * 24:.1f} hours on one core, and C "
                f"{space / FASTER_IN_C:.0f} seconds for one way"
                for kind, space in SPACES.items()
            ),
        ),
        "Tokens are keyed (HMAC-SHA-256 under a secret of 256 bits); there is no unkeyed mode.",
        judged(hits > 0),
        "A stated slice and eight ways, not every one: a recipe nobody thought of is not tried. The inbox part needs "
        "no luck with slices.",
    )
