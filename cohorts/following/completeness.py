"""How complete and how varied the values are, and how fresh their sources, with simple flags in words (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cohorts.attacks.printed import quality_puzzle
from cohorts.complementary import protect
from cohorts.disclosure import publish_count, publish_share
from workspace.settings import DisclosureProfile

FLAGGED_SHARE = 0.20


@dataclass(frozen=True, slots=True)
class Spread:
    """How many different values there are, and how many people are at the least and at the greatest."""

    distinct: int
    at_minimum: int
    at_maximum: int


@dataclass(frozen=True, slots=True)
class Filling:
    """One variable at one wave: people with a value, people without by reason; no spread where it is sealed."""

    wave: str
    variable: str
    kind: str
    values: int
    missing: tuple[tuple[str, int], ...]
    spread: Spread | None

    @property
    def people(self) -> int:
        """Everybody of whom something came: a value or a reason."""
        return self.values + sum(n for _, n in self.missing)


@dataclass(frozen=True, slots=True)
class Turnout:
    """One wave: how many are enrolled, and how many of them have no observation there at all."""

    wave: str
    enrolled: int
    unobserved: int
    loaded: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """One source: its deliveries, and the newest data cut-off that any of them named."""

    source: str
    deliveries: int
    data_until: dt.date | None


def quality_payload(
    fillings: Sequence[Filling],
    turnouts: Sequence[Turnout],
    sources: Sequence[Freshness],
    today: dt.date,
    profile: DisclosureProfile,
) -> dict[str, Any]:
    """Everything as plain data, small counts withheld."""
    payload = {
        "variables": [_filling(filling, profile) for filling in fillings],
        "waves": [_turnout(turnout, profile) for turnout in turnouts],
        "sources": [_freshness(source, today) for source in sources],
    }
    protect(payload, quality_puzzle, profile)
    for row in payload["variables"]:
        if "people" in row.get("not_shown", ()):
            row["missing_share"] = None
        row["missing"] = [item | ({"share": None} if item["n"] is None else {}) for item in row["missing"]]
        row["flags"] = _flags(row)
    return payload


def _filling(filling: Filling, profile: DisclosureProfile) -> dict[str, Any]:
    people = filling.people
    row: dict[str, Any] = {
        "wave": filling.wave,
        "variable": filling.variable,
        "sealed": filling.spread is None,
        "people": publish_count(people, profile),
        "missing": [
            {"reason": r, "n": publish_count(n, profile), "share": publish_share(n, people, profile)}
            for r, n in filling.missing
        ],
        "missing_share": publish_share(people - filling.values, people, profile),
        **_spread(filling, profile),
    }
    return row


def _spread(filling: Filling, profile: DisclosureProfile) -> dict[str, Any]:
    """Nothing is said of the values where they are sealed, or where only a few people have one."""
    said: dict[str, Any] = dict.fromkeys(("categories", "minimum_share", "maximum_share", "constant"))
    spread = filling.spread
    if spread is None or filling.values < profile.threshold:
        return said
    said["constant"] = spread.distinct == 1
    if filling.kind == "category":
        said["categories"] = spread.distinct
    elif filling.kind != "binary" and not said["constant"]:
        said["minimum_share"] = publish_share(spread.at_minimum, filling.values, profile)
        said["maximum_share"] = publish_share(spread.at_maximum, filling.values, profile)
    return said


def _flags(row: dict[str, Any]) -> list[str]:
    """Flags follow from what is shown, so that they say nothing more."""
    shares = (
        ("missing_share", "a fifth or more missing"),
        ("minimum_share", "a fifth or more have the lowest value"),
        ("maximum_share", "a fifth or more have the highest value"),
    )
    flags = [words for key, words in shares if (row[key] or 0) >= FLAGGED_SHARE]
    return [*flags, "everybody has the same value"] if row["constant"] else flags


def _turnout(turnout: Turnout, profile: DisclosureProfile) -> dict[str, Any]:
    return {
        "wave": turnout.wave,
        "enrolled": publish_count(turnout.enrolled, profile),
        "unobserved": publish_count(turnout.unobserved, profile),
        "flags": [] if turnout.loaded else ["nothing was loaded for this wave"],
    }


def _freshness(source: Freshness, today: dt.date) -> dict[str, Any]:
    until = source.data_until
    return {
        "source": source.source,
        "deliveries": source.deliveries,
        "data_until": until.isoformat() if until else None,
        "days_since": (today - until).days if until else None,
        "flags": [] if until else ["no data cut-off named"],
    }
