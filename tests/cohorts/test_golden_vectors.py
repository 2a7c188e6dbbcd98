"""The published vectors: the program, an independent reading of the page, SQL and R give the same bytes."""

from __future__ import annotations

import hmac
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.custody.release_pseudonyms import release_pseudonyms
from cohorts.custody.two_keys import LinkKey, hub_tokens
from cohorts.identifiers import KINDS, normalise
from cohorts.pseudonyms import PseudonymKey, key_check, tokenise

PAGE = Path(__file__).parents[2] / "docs/reference/pseudonym-scheme.md"
VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("golden_vectors.json").read_text(encoding="utf-8")
)
TOKENS = VECTORS["tokens"]
PROJECT = VECTORS["project_id"]


def secret(name: str) -> bytes:
    return bytes.fromhex(VECTORS["keys"][name]["secret"])


def hub() -> PseudonymKey:
    return PseudonymKey(key_check(secret("hub")), secret("hub"))


def link() -> LinkKey:
    return LinkKey(key_check(secret("link")), secret("link"))


def one(series: pl.Series) -> str:
    return str(series[0].hex())


def by_hand(key: bytes, fields: list[str], value: bytes) -> str:
    """The message as the page describes it, without a line of the program."""
    message = b""
    for text in fields:
        data = text.encode("utf-8")
        message += bytes([0, 0, 0, len(data)]) + data
    return hmac.new(key, message + value, "sha256").hexdigest()[:32]


def test_the_vectors_cover_every_kind_and_letters_beyond_ascii() -> None:
    assert {row["kind"] for row in TOKENS} == set(KINDS)
    assert any(not row["namespace"].isascii() for row in TOKENS)


@pytest.mark.parametrize("row", TOKENS, ids=lambda row: f"{row['kind']} {row['namespace']}")
def test_the_program_gives_the_published_tokens(row: dict[str, str]) -> None:
    value = normalise(pl.Series([row["written"]]), row["kind"])
    assert value[0] == row["normalised"]
    where = (row["kind"], PROJECT, row["namespace"])
    first = PseudonymKey(key_check(secret("lc1")), secret("lc1"))
    assert one(tokenise(value, where[0], first, *where[1:])) == row["lc1"]
    linked = tokenise(value, where[0], link(), *where[1:])
    assert one(linked) == row["lc2_link"]
    assert one(hub_tokens(linked, where[0], hub(), *where[1:])) == row["lc2_stored"]


@pytest.mark.parametrize("row", TOKENS, ids=lambda row: f"{row['kind']} {row['namespace']}")
def test_the_page_alone_is_enough_to_make_them(row: dict[str, str]) -> None:
    value, tail = row["normalised"].encode("utf-8"), [PROJECT, row["kind"], row["namespace"]]
    assert by_hand(secret("lc1"), ["1", "lc1", *tail], value) == row["lc1"]
    assert by_hand(secret("link"), ["1", "lc2", *tail, "link"], value) == row["lc2_link"]
    stored = by_hand(secret("hub"), ["1", "lc2", *tail, "hub"], bytes.fromhex(row["lc2_link"]))
    assert stored == row["lc2_stored"]


@pytest.mark.parametrize("row", TOKENS[:3], ids=lambda row: row["kind"])
def test_any_changed_byte_of_the_context_changes_the_token(row: dict[str, str]) -> None:
    key, message = secret("link"), link().context(PROJECT, row["kind"], row["namespace"])
    value = row["normalised"].encode("utf-8")
    made = {
        hmac.digest(
            key, message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :] + value, "sha256"
        )
        for place in range(len(message))
    }
    assert len(made) == len(message)
    assert row["lc2_link"] not in {token[:16].hex() for token in made}


def test_key_ids_are_as_published() -> None:
    for name, said in VECTORS["keys"].items():
        assert key_check(secret(name)) == said["key_id"]


def test_the_pseudonyms_of_a_release_are_as_published() -> None:
    for release in VECTORS["releases"]:
        numbers = pl.Series([int(number) for number in release["pseudonyms"]])
        made = release_pseudonyms(numbers, hub(), PROJECT, release["release"])
        assert made.to_list() == list(release["pseudonyms"].values())


def test_the_page_prints_every_vector() -> None:
    text = PAGE.read_text(encoding="utf-8")
    printed = [row[name] for row in TOKENS for name in ("normalised", "lc1", "lc2_link", "lc2_stored")]
    printed += [value for key in VECTORS["keys"].values() for value in key.values()]
    printed += [value for release in VECTORS["releases"] for value in release["pseudonyms"].values()]
    assert [value for value in printed if f"`{value}`" not in text] == []


def test_the_sql_on_the_page_gives_the_published_link_tokens(empty_database: str) -> None:
    import psycopg

    found = re.search(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    with psycopg.connect(empty_database, autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pgcrypto'").fetchone()
        if there is None:
            pytest.skip("pgcrypto is not installed on this server")
        connection.execute(found[1].encode("utf-8"))
        for row in TOKENS:
            words = (row["normalised"], row["kind"], row["namespace"], PROJECT, secret("link"))
            made = connection.execute("SELECT lc_link_token(%s, %s, %s, %s, %s)", words).fetchone()
            assert made == (row["lc2_link"],)


def test_the_r_on_the_page_gives_the_published_link_tokens(tmp_path: Path) -> None:
    found = re.search(r"```r\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    has = [program, "-e", 'quit(status = !requireNamespace("openssl", quietly = TRUE))']
    if subprocess.run(has, capture_output=True, check=False).returncode:
        pytest.skip("the R package openssl is not installed")
    calls = [
        "cat(lc_link_token("
        + ", ".join(json.dumps(row[name], ensure_ascii=False) for name in ("normalised", "kind", "namespace"))
        + f', "{PROJECT}", key), "\\n", sep = "")'
        for row in TOKENS
    ]
    octets = ", ".join(f"0x{octet:02x}" for octet in secret("link"))
    script = tmp_path / "vectors.R"
    script.write_text("\n".join([found[1], f"key <- as.raw(c({octets}))", *calls]) + "\n", encoding="utf-8")
    done = subprocess.run(
        [program, "--vanilla", "--encoding=UTF-8", str(script)],
        capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [row["lc2_link"] for row in TOKENS]
