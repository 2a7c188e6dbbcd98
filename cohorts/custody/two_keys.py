"""The two-key scheme lc2: partners apply a link key, the hub its own key on top; nobody holds both.

``link token = HMAC(K_link; 1, lc2, project, kind, namespace, "link", identifier)`` and
``stored token = HMAC(K_hub; 1, lc2, project, kind, namespace, "hub", link token)``, both the first 128 bits of
HMAC-SHA-256. A partner cannot tell whose a stored token is without the hub's key; the hub cannot try identifiers
without the partners' key.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import polars as pl

from cohorts.pseudonyms import PseudonymKey, context, hash_all

SCHEME = "lc2"
LINK = "link"
HUB = "hub"
FIELDS = "fields"
_JOINT = "+"


@dataclass(frozen=True, repr=False)
class LinkKey(PseudonymKey):
    """The key partners share. Given to ``take_in`` in place of the hub's, tokens become link tokens."""

    def context(self, project_id: str, kind: str, namespace: str = "") -> bytes:
        """The fixed part of a partner's messages."""
        return context(project_id, kind, namespace, scheme=SCHEME, side=LINK)


def round_key(key: LinkKey, project_id: str, in_round: str) -> bytes:
    """The key under which partners hash what people are compared by, in one round of linkage: 32 bytes.

    Another word, another key: tokens of two rounds have nothing in common.
    """
    message = context(project_id, "linkage-round", in_round, scheme=SCHEME, side=FIELDS)
    return hmac.digest(key.secret, message, "sha256")


def hub_tokens(
    link_tokens: pl.Series, kind: str, key: PseudonymKey, project_id: str, namespace: str = ""
) -> pl.Series:
    """Turn link tokens into the tokens that are stored; nulls stay null.

    Parameters
    ----------
    link_tokens : pl.Series of Binary
        Tokens of 16 bytes, as a partner derived them.
    kind, project_id, namespace : str
        As in :func:`cohorts.pseudonyms.tokenise`.
    key : PseudonymKey
        The hub's key.

    Returns
    -------
    pl.Series of Binary
        Tokens of 16 bytes, in the order of ``link_tokens``.
    """
    there = link_tokens.drop_nulls()
    prefix = context(project_id, kind, namespace, scheme=SCHEME, side=HUB)
    made = iter(hash_all(there.to_list(), key.secret, prefix))
    tokens = [None if token is None else next(made) for token in link_tokens.to_list()]
    return pl.Series(link_tokens.name, tokens, dtype=pl.Binary)


def joint_key_id(hub_key_id: str, link_key_id: str) -> str:
    """The key id of an lc2 token: both keys', the hub's first."""
    return f"{hub_key_id}{_JOINT}{link_key_id}"


def key_ids_in(key_id: str) -> tuple[str, ...]:
    """The ids of the keys behind a stored token: one, or the hub's and the link key's."""
    return tuple(key_id.split(_JOINT))
