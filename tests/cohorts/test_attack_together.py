"""Attacks that need more than one output, or look around the project: twins, models, surroundings, joined screens."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from cohorts.attacks.hashes import nhs_numbers
from cohorts.attacks.insider import Said
from cohorts.attacks.joint import joint, readings
from cohorts.attacks.nearness import advantage, coded, twins, two_nearest
from cohorts.attacks.small_models import small_models
from cohorts.attacks.surroundings import Around, surroundings
from cohorts.attacks.traces import patterns_in, traces
from cohorts.attacks.uniqueness import Release, copied
from cohorts.identifiers import upn
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
NUMBERS = list(nhs_numbers(10))


def test_a_key_whose_name_is_all_digits_is_no_pupil_number() -> None:
    """The byte before the name in the database's file may be a letter, and the check letter fits by chance."""
    name = next(f"{n:012d}" for n in range(123456789000, 123456789999) if upn(f"{n:012d}")[0] == "T")
    database = b"\x00\x05" + b"T" + name.encode() + b"\x00 and nothing else"
    assert "UPN" in patterns_in(database, store=True), "this is how it looks"
    assert traces({}, database, {}, ()).verdict == "fail"
    assert traces({}, database, {}, (), [name]).verdict == "pass"
    real = upn("999123456789").encode()
    assert traces({}, database + b" " + real + b" ", {}, (), [name]).verdict == "fail", (
        "a real one is still found"
    )


def near_copy(seed: int, *, remembers: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    chance = np.random.default_rng(seed)
    people = pl.DataFrame({name: chance.normal(size=300) for name in "abcd"})
    made = (
        people.to_numpy() + chance.normal(scale=0.01, size=(300, 4))
        if remembers
        else chance.normal(size=(300, 4))
    )
    return pl.DataFrame(made, schema=list("abcd")), people


def test_a_twin_that_remembers_people_is_told_from_one_that_is_drawn() -> None:
    for remembers, verdict in ((True, "fail"), (False, "pass")):
        twin, people = near_copy(1, remembers=remembers)
        assert copied(twin, people)[0] == 0, "no row is the very row of somebody"
        assert (
            twins([Release("SYNTHETIC-x.csv", twin, marked=True)], [("c", people, ())], 10).verdict == verdict
        )
    assert twins([], [("c", people, ())], 10).verdict == "not-applicable"


def test_texts_and_gaps_count_in_distances_too() -> None:
    people = pl.DataFrame(
        {"a": [0.0, 1.0, None], "b": ["x", "y", "z"], "c": [1.0, 2.0, 3.0], "d": [7.0, 7.0, 7.0]}
    )
    pair = coded(people, people)
    assert pair is not None
    assert list(pair.texts) == [False, True, False], "a column without a range says nothing"
    apart = two_nearest(pair.people, pair.people, pair.texts)
    assert apart[:, 0] == pytest.approx([0, 0, 0])
    assert two_nearest(pair.people, pair.people, pair.texts, itself=True)[0, 0] == pytest.approx(
        (1 + 1 + 0.5) / 3
    )
    assert coded(people.select("a"), people) is None


def test_members_who_lie_nearer_are_told_and_equal_distances_are_guessing() -> None:
    assert advantage([0.1, 0.2], [0.3, 0.4]) == 1
    assert advantage([0.3, 0.4], [0.1, 0.2]) == 0
    assert advantage([1, 1], [1, 1]) == 0.5


def test_a_model_with_hardly_anything_left_over_is_found_but_clusters_and_areas_are_not() -> None:
    def of(df: object, **more: object) -> tuple[str, dict[str, Any]]:
        outcome = {"measure": "m", "estimate": {"df": df, **more}, "path": [], "sensitivity": []}
        return "EVAL-1", {"outcomes": [outcome]}

    assert small_models([of(3)]).verdict == "fail"
    assert small_models([of(30)]).verdict == small_models([of(3, n_clusters=5)]).verdict == "pass"
    assert small_models([of(None)]).verdict == "pass"
    assert small_models([]).verdict == "not-applicable"
    name, result = of(3)
    result["outcomes"][0]["units"] = "areas"
    assert small_models([(name, result)]).verdict == "not-applicable"
    hidden = {"measure": "m", "estimate": {"df": 50}, "sensitivity": [{"estimate": {"df": 2}}]}
    assert small_models([("EVAL-2", {"outcomes": [hidden]})]).verdict == "fail"


def test_identifiers_in_a_history_a_process_or_a_temporary_file_are_found_and_strangers_lines_are_not() -> (
    None
):
    known = {"nhs-number": [NUMBERS[3]]}
    clean = Around(
        {"bash": f"grep {NUMBERS[3]} notes.txt\nlifecourse status\n".encode()}, {}, b"lifecourse demo"
    )
    assert surroundings(clean, known, []).verdict == "pass", "lines of other programs are not read"
    typed = Around({"bash": f"lifecourse withdraw {NUMBERS[3]}\n".encode()}, {}, b"")
    left = Around({}, {"lifecourse-… (.txt)": NUMBERS[3].encode()}, b"")
    running = Around({}, {}, b"lifecourse x " + upn("999123456789").encode())
    for around in (typed, left, running):
        trial = surroundings(around, known, [])
        assert trial.verdict == "fail"
        assert not any(NUMBERS[3] in line for line in trial.found)
    secret = bytes(range(32))
    key = Around({}, {"lifecourse-… (.txt)": secret.hex().encode()}, b"")
    assert surroundings(key, {}, [secret]).verdict == "fail"
    assert surroundings(key, {}, [b"k" * 32]).verdict == "pass"
    library = Around({}, {"lifecourse-… (.pem)": f"serial {NUMBERS[5]}".encode()}, b"")
    assert surroundings(library, known, []).verdict == "pass", (
        "a stranger's number in a library's file is nobody's"
    )


def follow_up_said(words: str, missing: object, **more: Any) -> Said:
    row = {"wave": "w", "variable": "v", "due": 50, "seen": 45, "overdue": 0, "not_yet_due": 0,
           "missing": [{"reason": "lost", "n": missing}], **more}  # fmt: skip
    return Said(f"cohort follow-up {words}", {"cohort": "COH-001", "follow_up": [row]})


def test_counts_that_two_commands_share_are_solved_as_one() -> None:
    """Alone the first run leaves the withheld count open; beside the second, which shows a neighbour, it does not."""
    alone_ = follow_up_said("a", None)
    arms = [
        {
            "arm": arm,
            "due": due,
            "seen": seen,
            "overdue": 0,
            "not_yet_due": 0,
            "missing": [{"reason": "lost", "n": n}],
        }
        for arm, due, seen, n in (("x", 25, 25, 0), ("y", 27, 19, None))
    ]
    other = follow_up_said("a --arm x", None, arms=arms)
    assert readings([alone_], PROFILE) == []
    (both,) = readings([alone_, other], PROFILE)
    assert both.exact, "27 due and 19 seen leave 8, and the first run's withheld count is the same"
    assert joint([alone_, other], PROFILE).verdict == "fail"
    assert joint([], PROFILE).verdict == "not-applicable"
