"""Quality by subgroup: flags by hand, disclosure on every count."""

from __future__ import annotations

import polars as pl

from cohorts.linking.calibration import Share
from cohorts.linking.quality import differs, quality_of, quality_payload
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile(10, 5)


def table(groups: dict[str | None, tuple[int, int]]) -> pl.DataFrame:
    rows = []
    for name, (linked, of) in groups.items():
        rows += [("police", i < linked, i < linked, "unknown", name) for i in range(of)]
    schema = {
        "source": pl.String,
        "linked": pl.Boolean,
        "blind": pl.Boolean,
        "truth": pl.String,
        "arm": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_gap_must_be_large_and_beyond_chance_to_be_flagged() -> None:
    assert differs(Share(970, 1000), Share(900, 1000))
    assert not differs(Share(970, 1000), Share(930, 1000))  # four points
    assert not differs(Share(19, 20), Share(17, 20))  # ten points of a few
    assert not differs(Share(0, 0), Share(5, 10))
    assert not differs(Share(10, 10), Share(10, 10))


def test_groups_are_counted_and_flagged() -> None:
    found = quality_of(table({"aid": (570, 600), "none": (500, 600), None: (20, 40)}), ["arm"])
    assert [(q.by, q.group, q.matched.good, q.matched.of) for q in found] == [
        ("", "everybody", 1090, 1240), ("arm", "aid", 570, 600), ("arm", "none", 500, 600),
        ("arm", "not known", 20, 40),
    ]  # fmt: skip
    assert quality_payload(found, PROFILE)["differing"] == [{"source": "police", "by": "arm"}]


def test_small_groups_are_withheld_and_flag_nothing() -> None:
    payload = quality_payload(quality_of(table({"aid": (100, 100), "none": (0, 9)}), ["arm"]), PROFILE)
    small = payload["groups"][2]
    assert (small["group"], small["enrolled"], small["linked"], small["match_rate"]) == (
        "none",
        None,
        None,
        None,
    )
    assert payload["differing"] == []


def test_precision_and_recall_are_those_of_names_alone() -> None:
    rows = (
        [("s", True, True, "same")] * 90
        + [("s", False, True, "other")] * 10
        + [("s", True, False, "same")] * 30
    )
    frame = pl.DataFrame(rows, schema=["source", "linked", "blind", "truth"], orient="row")
    row = quality_payload(quality_of(frame, []), PROFILE)["groups"][0]
    assert (row["precision"], row["precision_n"]) == (0.9, 100)
    assert (row["recall"], row["recall_n"]) == (0.75, 120)
