"""Two keys: each side needs its own, sides and contexts never mix, and a release cannot be joined to another."""

from __future__ import annotations

import polars as pl
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from cohorts.custody.release_pseudonyms import release_key, release_pseudonyms
from cohorts.custody.two_keys import LinkKey, hub_tokens, joint_key_id, key_ids_in
from cohorts.errors import CohortError
from cohorts.pseudonyms import PseudonymKey, context, tokenise

LINK = LinkKey("link", bytes(range(32)))
HUB = PseudonymKey("hub", bytes(range(32, 64)))


def stored(
    value: str = "Z1001KD",
    kind: str = "prison-number",
    project: str = "demo-1",
    namespace: str = "",
    link: LinkKey = LINK,
    hub: PseudonymKey = HUB,
) -> bytes:
    linked = tokenise(pl.Series([value]), kind, link, project, namespace)
    return bytes(hub_tokens(linked, kind, hub, project, namespace)[0])


def test_everything_that_goes_in_changes_the_stored_token() -> None:
    tokens = {
        stored(),
        stored("Z1002KD"),
        stored(kind="local-id"),
        stored(project="demo-2"),
        stored(namespace="leeds"),
        stored(link=LinkKey("other", b"x" * 32)),
        stored(hub=PseudonymKey("other", b"y" * 32)),
    }
    assert len(tokens) == 7


def test_the_sides_and_schemes_have_different_contexts() -> None:
    contexts = {
        context("p", "k", "n"),
        LINK.context("p", "k", "n"),
        context("p", "k", "n", scheme="lc2", side="hub"),
        context("p", "k", "n", scheme="lc2"),
    }
    assert len(contexts) == 4
    assert HUB.context("p", "k", "n") == context("p", "k", "n")


def test_one_key_on_both_sides_still_gives_no_token_of_one_key() -> None:
    same = PseudonymKey("k", LINK.secret)
    one = bytes(tokenise(pl.Series(["Z1001KD"]), "prison-number", same, "demo-1")[0])
    linked = bytes(tokenise(pl.Series(["Z1001KD"]), "prison-number", LINK, "demo-1")[0])
    assert len({one, linked, stored(hub=same)}) == 3


@given(st.lists(st.one_of(st.none(), st.binary(min_size=16, max_size=16)), max_size=20))
def test_nulls_stay_null_order_stays_and_equal_tokens_stay_equal(tokens: list[bytes | None]) -> None:
    made = hub_tokens(pl.Series("t", tokens, dtype=pl.Binary), "crn", HUB, "demo-1").to_list()
    assert [token is None for token in made] == [token is None for token in tokens]
    assert len({token for token in made if token}) == len({token for token in tokens if token})
    assert all(len(token) == 16 for token in made if token)


def test_a_joint_key_id_names_both_keys() -> None:
    assert key_ids_in(joint_key_id("aaaa", "bbbb")) == ("aaaa", "bbbb")
    assert key_ids_in("aaaa") == ("aaaa",)


def test_a_link_key_shows_its_id_and_never_its_secret() -> None:
    assert repr(LINK) == "LinkKey(link)"
    assert LINK.secret.hex() not in f"{LINK!r} {LINK} {[LINK]}"


def test_a_short_link_key_is_refused() -> None:
    with pytest.raises(CohortError, match="LC843"):
        LinkKey("k", b"short")


PARTICIPANTS = pl.Series(range(1, 501))


def test_two_releases_and_two_projects_cannot_be_joined() -> None:
    releases = [
        set(release_pseudonyms(PARTICIPANTS, HUB, project, release))
        for project, release in (("demo-1", "REL-001"), ("demo-1", "REL-002"), ("demo-2", "REL-001"))
    ]
    assert [len(release) for release in releases] == [500, 500, 500]
    assert len(set.union(*releases)) == 1500


def test_a_release_gives_the_same_pseudonyms_again_whatever_the_order() -> None:
    there = release_pseudonyms(PARTICIPANTS, HUB, "demo-1", "REL-001")
    back = release_pseudonyms(PARTICIPANTS.reverse(), HUB, "demo-1", "REL-001")
    assert there.to_list() == back.reverse().to_list()


def test_the_order_of_the_pseudonyms_says_nothing_of_the_order_of_the_participants() -> None:
    made = release_pseudonyms(PARTICIPANTS, HUB, "demo-1", "REL-001")
    ranks = pl.DataFrame({"number": PARTICIPANTS, "pseudonym": made}).select(
        pl.corr("number", pl.col("pseudonym").rank())
    )
    assert abs(ranks.item()) < 0.15  # 500 people: the standard error of no correlation is 0.045


def test_the_key_of_a_release_is_the_plain_hkdf_and_shows_nothing() -> None:
    fields = [b"1", b"release", b"demo-1", b"REL-001"]
    info = b"".join(len(item).to_bytes(4, "big") + item for item in fields)
    key = release_key(HUB, "demo-1", "REL-001")
    assert key.secret == HKDF(SHA256(), 32, None, info).derive(HUB.secret)
    assert key.secret.hex() not in repr(key)
    assert release_key(HUB, "demo-1REL", "-001").secret != key.secret


def test_a_release_without_a_name_is_refused() -> None:
    with pytest.raises(CohortError, match="LC803"):
        release_pseudonyms(PARTICIPANTS, HUB, "demo-1", " ")
