"""Bits that flip in stored outcomes under seal: the run refuses or finds what it found before, never another number."""

from __future__ import annotations

import json
import random
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.program import Outcome, Program
from tests.faults.site import Site

RUN = ("evaluate", "run", "locked")
SEEDS = range(5)


def pages_of(path: Path, table: str) -> tuple[int, list[int]]:
    """The size of a page of the file, and the pages a small table stands on."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.close()
    page = path.read_bytes()[(root - 1) * size : root * size]
    if page[0] in (10, 13):  # a leaf: the table has one page
        return size, [root]
    places = struct.unpack(
        f">{struct.unpack('>H', page[3:5])[0]}H", page[12:][: 2 * struct.unpack(">H", page[3:5])[0]]
    )
    below = [struct.unpack(">I", page[place:][:4])[0] for place in places]
    return size, [*below, struct.unpack(">I", page[8:12])[0]]


def flip(path: Path, seed: int) -> None:
    """Flip one bit in the list of where the rows of a page of observations stand.

    Not anywhere on the page: a bit of a value can make another good value, which nothing can notice, and a bit in
    unused room means nothing.
    """
    size, pages = pages_of(path, "observation")
    chance, data = random.Random(seed), bytearray(path.read_bytes())
    page = (chance.choice(pages) - 1) * size
    (rows,) = struct.unpack(">H", data[page + 3 : page + 5])
    data[page + 8 + chance.randrange(2 * rows)] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def found(site: Site) -> float | None:
    """The effect in the evidence, where there is any."""
    path = site.root / "evidence" / "EVAL-001.json"
    if not path.exists():
        return None
    value: float = json.loads(path.read_text(encoding="utf-8"))["outcomes"][0]["estimate"]["value"]
    return value


def assert_refused(site: Site, outcome: Outcome, *codes: str) -> None:
    """A refusal in our words, that leaves nothing behind."""
    assert outcome.code in (2, 12), outcome.said
    assert outcome.err.split()[0] in codes
    assert found(site) is None


def test_a_bit_flipped_on_the_pages_of_sealed_outcomes_is_refused_and_never_gives_another_number(
    fresh_small: Callable[[], Site], program: Program
) -> None:
    whole = fresh_small()
    program.well(*RUN, cwd=whole.root)
    for seed in SEEDS:
        site = fresh_small()
        flip(site.root / "data" / "cohort.sqlite", seed)
        assert_refused(site, program(*RUN, cwd=site.root), "LC110")
    assert found(whole) is not None


@pytest.mark.parametrize(("value", "code"), [("7.0", "LC456"), ("0.5", "LC456"), ("1e300", "LC478")])
def test_a_sealed_value_that_the_outcome_cannot_have_is_refused(
    value: str, code: str, fresh_small: Callable[[], Site], program: Program
) -> None:
    site = fresh_small()
    with sqlite3.connect(site.root / "data" / "cohort.sqlite") as connection:
        connection.execute(
            f"UPDATE observation SET value = {value} WHERE participant_id = (SELECT min(participant_id) FROM "
            "observation) AND variable_id = (SELECT variable_id FROM variable WHERE name = 'arrested')"
        )
    connection.close()
    assert_refused(site, program(*RUN, cwd=site.root), code)
