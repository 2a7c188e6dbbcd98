"""How well a linkage went, for everybody and by subgroup, with the rules of disclosure on every number (pure).

A linkage that finds more of one arm than of the other makes an effect out of nothing. So match rates stand beside
one another, and those that differ by more than chance and more than a little are flagged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohorts.disclosure import publish_count, publish_share
from cohorts.linking.calibration import Share
from workspace.settings import DisclosureProfile

WORTH_NOTING = 0.05  # a difference in match rates that can turn a verdict
BEYOND_CHANCE = 2.576  # 99 %
EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Quality:
    """The linkage of one source for one group: exact counts, for the rules below to publish."""

    source: str
    by: str
    group: str
    matched: Share
    precision: Share
    recall: Share


def quality_of(table: pl.DataFrame, by: Sequence[str]) -> list[Quality]:
    """Quality by source: for everybody, then for each group of each variable.

    ``table`` holds ``source, linked`` (Boolean: in the store), ``blind`` (Boolean: by names alone), ``truth`` and one
    String column a variable of ``by``.
    """
    found = []
    for source in table["source"].unique().sort():
        part = table.filter(pl.col("source") == source)
        found.append(_quality(part, source, "", EVERYBODY))
        for name in by:
            groups = part.with_columns(pl.col(name).fill_null("not known"))
            found += [
                _quality(groups.filter(pl.col(name) == group), source, name, group)
                for group in groups[name].unique().sort()
            ]
    return found


def _quality(part: pl.DataFrame, source: str, by: str, group: str) -> Quality:
    judged = part.filter("blind").filter(pl.col("truth") != "unknown")
    there = part.filter(pl.col("truth") == "same")
    return Quality(
        source,
        by,
        group,
        Share(int(part["linked"].sum()), part.height),
        Share(judged.filter(pl.col("truth") == "same").height, judged.height),
        Share(there.filter("blind").height, there.height),
    )


def differs(one: Share, other: Share) -> bool:
    """Say whether two match rates differ by more than chance (99 %) and by more than five points."""
    if not one.of or not other.of:
        return False
    gap = one.good / one.of - other.good / other.of
    both = (one.good + other.good) / (one.of + other.of)
    error = math.sqrt(both * (1 - both) * (1 / one.of + 1 / other.of))
    return abs(gap) > WORTH_NOTING and error > 0 and abs(gap) / error > BEYOND_CHANCE


def differing(found: Sequence[Quality]) -> list[tuple[str, str]]:
    """Sources and variables whose groups differ in their match rates, everybody large enough to be shown."""
    flagged = []
    for source, by in dict.fromkeys((one.source, one.by) for one in found if one.by):
        groups = [one.matched for one in found if (one.source, one.by) == (source, by)]
        if any(differs(a, b) for i, a in enumerate(groups) for b in groups[i + 1 :]):
            flagged.append((source, by))
    return flagged


def quality_payload(found: Sequence[Quality], profile: DisclosureProfile) -> dict[str, Any]:
    """Quality as plain data; groups too small to be shown take no part in the flags."""
    large = [one for one in found if one.matched.of >= profile.threshold]
    return {
        "groups": [_row(one, profile) for one in found],
        "differing": [{"source": source, "by": by} for source, by in differing(large)],
    }


def _row(one: Quality, profile: DisclosureProfile) -> dict[str, Any]:
    enrolled = publish_count(one.matched.of, profile)
    return {
        "source": one.source,
        "by": one.by or None,
        "group": one.group,
        "enrolled": enrolled,
        "linked": None if enrolled is None else publish_count(one.matched.good, profile),
        "match_rate": publish_share(one.matched.good, one.matched.of, profile),
        "precision": error_share(one.precision, profile),
        "precision_n": publish_count(one.precision.of, profile),
        "recall": error_share(one.recall, profile),
        "recall_n": publish_count(one.recall.of, profile),
    }


def error_share(share: Share, profile: DisclosureProfile) -> float | None:
    """A rate of linkage errors, to three places, where its denominator may be shown.

    It says how often the program errs, nothing about a person, so few errors need not be hidden.
    """
    shown = publish_count(share.of, profile)
    return round(share.good / share.of, 3) if shown and share.of >= profile.threshold else None
