"""Joining two row-level releases by pseudonym, or a release with the hub's own tokens (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations

from cohorts.attacks.model import Trial, judged, some


def joined(releases: Mapping[str, Collection[str]]) -> dict[tuple[str, str], int]:
    """How many pseudonyms each two releases have in common, where any."""
    shared = {
        (one, other): len(set(releases[one]) & set(releases[other]))
        for one, other in combinations(releases, 2)
    }
    return {pair: n for pair, n in shared.items() if n}


def hub_tokens_in(pseudonyms: Collection[str], tokens: Collection[bytes]) -> int:
    """How many pseudonyms are a token of the store, or the beginning of one."""
    if not pseudonyms:
        return 0
    length = len(next(iter(pseudonyms)))
    return len(set(pseudonyms) & {token.hex()[:length] for token in tokens})


def releases_apart(
    releases: Mapping[str, Collection[str]] | None, tokens: Collection[bytes], threshold: int, *, out: int
) -> Trial:
    """Two recipients put their files side by side; an insider puts one beside the store.

    ``releases`` maps release ids to the pseudonyms that everybody in the store has in them, or is None where the key
    is not at hand; ``out`` is how many releases the register holds.
    """
    made = releases or {}
    pairs = joined(made)
    found = [
        f"{one} and {other} share {some(n, threshold, 'pseudonym')}" for (one, other), n in pairs.items()
    ]
    for name, pseudonyms in made.items():
        if n := hub_tokens_in(pseudonyms, tokens):
            found.append(f"{name} holds {some(n, threshold, 'token')} of the store")
    return Trial(
        "release-pseudonyms",
        "Joining releases by pseudonym",
        "Two recipients of rows of the same people, or one of them with a copy of the store.",
        f"the pseudonyms of everybody held in {len(made)} releases, of which {out} are in the register and one is "
        f"made up, each with each other and with {len(tokens):,} tokens of the store.",
        tuple(found) or ("no pseudonym of one release is in another, and none is a token",),
        "Every release has a key of its own, and its id is never given again.",
        judged(bool(found)) if made and out else "not-applicable",
        "Rows can still be joined by what they say, where people are alone with it: the k-report counts them.",
    )
