"""A stolen store without its key: the key must not lie about, and a wrong key must be of no use (pure)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence

from cohorts.attacks.model import Trial, judged, some

MARKS = (
    re.compile(rb'format\s*=\s*"lifecourse-key-1"'),
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


def stolen_store(
    files: Mapping[str, bytes],
    secrets_: Sequence[bytes],
    wrong_key_hits: int,
    tried_with_wrong_key: int,
    history: Sequence[str],
    threshold: int,
) -> Trial:
    """Look for key material in everything a thief of the project folder would have, and try a wrong key.

    ``history`` names commits of the project's git that hold a key; ``wrong_key_hits`` counts tokens that another
    key gave for known identifiers.
    """
    places = places_with_keys(files, secrets_)
    found = [f"key material in {place}" for place in places[:20]]
    found += [f"key material in the git history, commit {commit}" for commit in history[:20]]
    found.append(f"{some(wrong_key_hits, threshold, 'token')} met by a key that is not the project's")
    own = "the project's own key in four forms and " if secrets_ else ""
    return Trial(
        "stolen-store",
        "A stolen project folder and another key",
        "A copy of the whole project folder, the database and its git history; a key of one's own.",
        f"{own}the marks of key files in {len(files):,} files, the database among them; {tried_with_wrong_key:,} "
        "identifiers of the inbox under a wrong key.",
        tuple(found),
        "The key lies outside the project; the store holds its id only, which gives nothing of it away.",
        judged(bool(places or history or wrong_key_hits)),
        ""
        if secrets_
        else "The project's own key was not at hand here, so its very bytes could not be looked for.",
    )
