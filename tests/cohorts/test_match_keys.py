"""Match keys on small tables, checked by hand."""

from __future__ import annotations

import polars as pl

from cohorts.linkage import NOBODY
from cohorts.linking.match_keys import KEYS, match_by_keys
from cohorts.linking.side import make_side

KEY = bytes(range(32))
Person = tuple[str | None, str | None, str | None, str | None, str | None]


def side(*people: Person) -> pl.DataFrame:
    columns = ["forename", "surname", "date-of-birth", "postcode", "sex"]
    frame = pl.DataFrame(list(people), schema=dict.fromkeys(columns, pl.String), orient="row")
    frame = frame.with_columns(pl.col("date-of-birth").str.to_date())
    return make_side(frame, KEY, pl.Series(range(len(people)))).fields


ANN: Person = ("Ann", "Lee", "2001-02-03", "M1 1AE", "f")
BOB: Person = ("Robert", "Ng", "2000-05-06", "L8 2AB", "m")


def linked(
    left: pl.DataFrame, right: pl.DataFrame, forbidden: pl.DataFrame = NOBODY
) -> list[tuple[int, int, str]]:
    return match_by_keys(left, right, forbidden).select("left", "right", "method").rows()


def test_the_same_record_is_linked_by_the_first_key() -> None:
    assert linked(side(BOB, ANN), side(ANN)) == [(1, 0, "key-01")]


def test_a_nickname_in_the_same_sector_is_linked_by_the_second() -> None:
    other = ("Bob", "Ng", "2000-05-06", "L8 2ZZ", "m")
    assert linked(side(BOB), side(other)) == [(0, 0, "key-02")]


def test_a_changed_surname_at_the_same_home_is_linked() -> None:
    assert linked(side(ANN), side(("Ann", "Brown", "2001-02-03", "M1 1AE", "f"))) == [(0, 0, "key-07")]


def test_a_swapped_birth_date_is_linked() -> None:
    assert linked(side(ANN), side(("Ann", "Lee", "2001-03-02", "B1 1AA", "f"))) == [(0, 0, "key-11")]


def test_a_sibling_born_the_same_day_is_not_linked() -> None:
    assert linked(side(ANN), side(("Zoe", "Lee", "2001-02-03", "M1 1AE", "f"))) == []


def test_two_who_look_the_same_are_not_linked_by_the_key_they_share() -> None:
    assert linked(side(ANN, ANN), side(ANN)) == []


def test_whoever_is_linked_is_out_before_the_next_key() -> None:
    moved = ("Ann", "Lee", "2001-02-03", "B1 1AA", "f")
    assert linked(side(ANN, moved), side(ANN, moved)) == [(0, 0, "key-01"), (1, 1, "key-01")]


def test_a_forbidden_pair_is_never_linked() -> None:
    apart = pl.DataFrame({"left": [0], "right": [0]})
    assert linked(side(ANN, BOB), side(ANN, BOB), apart) == [(1, 1, "key-01")]


def test_where_a_source_knows_no_sex_the_rest_of_the_key_is_asked() -> None:
    ann = (*ANN[:3], "B1 1AA", None)
    assert linked(side(ANN), side(ann)) == [(0, 0, "key-05")]
    assert linked(side(ANN), side(ann, BOB)) == []


def test_missing_values_agree_with_nothing() -> None:
    blank: Person = (None, "Lee", "2001-02-03", None, None)
    assert linked(side(blank), side(blank)) == []


def test_every_key_asks_for_the_forename() -> None:
    assert all(any(name.startswith("fn") for name in key.left) for key in KEYS)
    assert len(KEYS) == 14
