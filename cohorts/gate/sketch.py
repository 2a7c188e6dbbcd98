"""Who is in a cell, kept so that only nearly equal cells can be told apart (pure; the key is given).

Two cells may be released months apart, and what their rules say does not show that they hold nearly the same people:
``age >= 18`` and ``age >= 19`` do. So a cell keeps a sketch of its people: an invertible Bloom lookup table of keyed
numbers (Eppstein, Goodrich, Uyeda, Varghese 2011, set reconciliation). Of two sketches the difference can be taken; it
says who is in one cell only, as numbers under the key, if they are few, and nothing if they are many. Its size does
not depend on how many people there are, and the people of a cell cannot be listed from it unless they are few.

A list of who is in a cell would do the same and more: it would have to be cut at every erasure, and then the very
cell from which somebody was erased would look the same as the one after. The sketch keeps the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PARTS = 5
PLACES = 48
KEY_BYTES = 32
READS_UP_TO = 40
FORM = np.dtype([("count", "<i4"), ("number", "<u8"), ("check", "<u4")])


@dataclass(frozen=True, slots=True)
class Difference:
    """How many people are in the one cell only and in the other only; ``None`` where they are too many to tell."""

    only_first: int
    only_second: int


def keyed(ids: Any, key: bytes) -> Any:
    """People's numbers in the store as 16 random-looking bytes each, the same under the same key.

    One block of AES-256 a person is a secret permutation: nothing is ever encrypted twice, so no mode is needed.
    """
    whole = np.zeros((len(ids), 2), dtype=">u8")
    whole[:, 1] = np.asarray(ids, dtype="u8")
    context = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - see above
    return np.frombuffer(context.update(whole.tobytes()) + context.finalize(), dtype="<u8").reshape(-1, 2)


def sketch(ids: Any, key: bytes) -> bytes:
    """The sketch of a set of people (their distinct numbers in the store)."""
    people = np.unique(np.asarray(ids, dtype="u8"))
    cells = np.zeros(PARTS * PLACES, dtype=FORM)
    if len(people):
        blocks = keyed(people, key)
        numbers, second = blocks[:, 0], blocks[:, 1]
        for place in _places(second).T:
            np.add.at(cells["count"], place, 1)
            np.bitwise_xor.at(cells["number"], place, numbers)
            np.bitwise_xor.at(cells["check"], place, _check(second))
    return cells.tobytes()


def _check(second: Any) -> Any:
    return (second & np.uint64(0xFFFFFFFF)).astype("<u4")


def _places(second: Any) -> Any:
    """One place in each part, from the low half of the second word, so that the check gives them back."""
    low = second & np.uint64(0xFFFFFFFF)
    found = np.empty((len(second), PARTS), dtype=np.int64)
    mixed = low
    for part in range(PARTS):
        mixed = (mixed * np.uint64(0x9E3779B97F4A7C15) + np.uint64(part + 1)) & np.uint64(0xFFFFFFFFFFFFFFFF)
        found[:, part] = part * PLACES + ((mixed >> np.uint64(33)) % np.uint64(PLACES)).astype(np.int64)
    return found


def difference(first: bytes, second: bytes) -> Difference | None:
    """How many people two cells do not share, either way; ``None`` where there are too many to tell.

    A difference that looks small but cannot be read is said to be one person either way: it is treated as too few.
    """
    if first == second:
        return Difference(0, 0)
    one, other = (np.frombuffer(data, dtype=FORM) for data in (first, second))
    left = one.copy()
    left["count"] -= other["count"]
    left["number"] ^= other["number"]
    left["check"] ^= other["check"]
    filled = (left["count"] != 0) | (left["number"] != 0)
    if filled.reshape(PARTS, PLACES).sum(axis=1).max() > READS_UP_TO:  # nobody fills two places of a part
        return None
    ends = [0, 0]
    while (pure := _pure(left)) is not None:
        place, sign = pure
        number, check = left["number"][place], left["check"][place]
        for where in _places(np.array([check], dtype="<u8"))[0]:
            left["count"][where] -= sign
            left["number"][where] ^= number
            left["check"][where] ^= check
        ends[0 if sign > 0 else 1] += 1
        if sum(ends) > READS_UP_TO:
            return None
    if not left["count"].any() and not left["number"].any():
        return Difference(*ends)
    least = max(int(np.abs(part["count"]).sum()) for part in left.reshape(PARTS, PLACES))
    return Difference(1, 1) if least + sum(ends) < PLACES // 2 else None


def _pure(left: Any) -> tuple[int, int] | None:
    """A place that holds one person, and on which side."""
    single = np.flatnonzero(np.abs(left["count"]) == 1)
    if not len(single):
        return None
    expected = _places(left["check"][single].astype("<u8"))[np.arange(len(single)), single // PLACES]
    whole = single[expected == single]
    return (int(whole[0]), int(left["count"][whole[0]])) if len(whole) else None
