"""Rows that share a token are one person."""

from __future__ import annotations

import polars as pl

from cohorts.partner_files.joining import join_rows


def frame(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    encoded = [tuple(item.encode() if item else None for item in row) for row in rows]
    return pl.DataFrame(encoded, schema={"upn": pl.Binary, "nhs-number": pl.Binary}, orient="row")


def groups(*rows: tuple[str | None, str | None]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for row, group in enumerate(join_rows(frame(*rows)).group):
        found.setdefault(group, []).append(row)
    return sorted(found.values())


def test_rows_are_joined_by_either_token_and_through_a_third_row() -> None:
    assert groups(("a", None), (None, "x"), ("a", "x"), ("b", None)) == [[0, 1, 2], [3]]


def test_two_rows_without_a_common_token_stay_apart() -> None:
    assert groups(("a", None), (None, "x"), ("b", None), (None, "y")) == [[0], [1], [2], [3]]


def test_a_person_with_two_tokens_of_a_kind_is_a_clash() -> None:
    joined = join_rows(frame(("a", "x"), ("b", "x"), ("c", "z")))
    assert {kind: flags.to_list() for kind, flags in joined.clashes} == {
        "upn": [True, True, False],
        "nhs-number": [False, False, False],
    }


def test_a_long_chain_is_followed_to_its_end() -> None:
    chain = [(f"{row // 2 + row % 2:05}", f"{row // 2:05}") for row in range(3000)]
    assert join_rows(frame(*reversed(chain))).group.n_unique() == 1


def test_no_rows_are_no_people() -> None:
    assert join_rows(frame()).group.len() == 0
