"""A stolen store without its key: the key must not lie about, and a wrong key must be of no use (pure)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohorts.attacks.model import Trial, judged, some

MARKS = (
    re.compile(rb'format\s*=\s*"lifecourse-key-1"'),
    re.compile(rb"^lifecourse-seal-1 \S+ \d{4}-\d\d-\d\d [0-9a-f]{12}$", re.MULTILINE),
    re.compile(rb"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}"),
    re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
)


def forms_of(secret: bytes) -> tuple[bytes, ...]:
    """A secret as it may be written: raw, hexadecimal, base64."""
    encoded = base64.b64encode(secret).rstrip(b"=")
    url = base64.urlsafe_b64encode(secret).rstrip(b"=")
    return tuple(dict.fromkeys((secret, secret.hex().encode(), secret.hex().upper().encode(), encoded, url)))


def places_with_keys(files: Mapping[str, bytes], secrets_: Sequence[bytes]) -> list[str]:
    """The files that hold a secret in any form, or look like a key."""
    forms = [form for secret in secrets_ for form in forms_of(secret)]
    return sorted(
        name
        for name, data in files.items()
        if any(form in data for form in forms) or any(mark.search(data) for mark in MARKS)
    )


@dataclass(frozen=True, slots=True)
class KeyTry:
    """What one kind of thief holds beside the store, how many identifiers were tried and how many tokens were met.

    Who ``holds_all`` is meant to succeed.
    """

    holds: str
    tried: int
    hits: int
    holds_all: bool = False

    @property
    def is_broken(self) -> bool:
        """Say whether somebody met tokens who should not have."""
        return bool(self.hits) and not self.holds_all


def stolen_store(
    files: Mapping[str, bytes],
    secrets_: Sequence[bytes],
    tries: Sequence[KeyTry],
    history: Sequence[str],
    threshold: int,
) -> Trial:
    """Look for key material in everything a thief of the project folder would have, and try keys on the store.

    ``history`` names commits of the project's git that hold a key.
    """
    places = places_with_keys(files, secrets_)
    found = [f"key material in {place}" for place in places[:20]]
    found += [f"key material in the git history, commit {commit}" for commit in history[:20]]
    found += [_said(one, threshold) for one in tries]
    own = f"the project's own keys ({len(secrets_)}) in five forms and " if secrets_ else ""
    asked = "; ".join(f"{one.tried:,} identifiers of the inbox with {one.holds}" for one in tries)
    return Trial(
        "stolen-store",
        "A stolen project folder and keys",
        "A copy of the whole project folder, the database and its git history; a key of one's own, or the project's "
        "pseudonym key, but not its seal key.",
        f"{own}the marks of key and seal files in {len(files):,} files, the database among them; {asked}.",
        tuple(found),
        "Both keys lie outside the project. Tokens stand in the store under a seal key that every erasure changes, so "
        "the pseudonym key alone meets none of them.",
        judged(bool(places or history or any(one.is_broken for one in tries))),
        "Whoever holds both keys and the store finds everybody whose identifier they know. "
        + (
            ""
            if secrets_
            else "The project's own keys were not at hand here, so their very bytes could not be sought."
        ),
    )


def _said(one: KeyTry, threshold: int) -> str:
    met = f"{some(one.hits, threshold, 'token')} met with {one.holds}"
    if not one.holds_all:
        return met
    return (
        f"{met}, as it must be"
        if one.hits
        else f"{met}: nobody of the inbox is in the store, so little was tried"
    )
