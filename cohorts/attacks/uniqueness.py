"""Linkage between row-level releases: who is alone with a combination that others know as well (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cohorts.attacks.model import Trial, judged
from cohorts.disclosure import publish_share
from workspace.settings import DisclosureProfile

QUASI_KINDS = ("binary", "category", "age", "age-months")
AT_MOST = 8
FEWEST_SHARED, DRAWS, TIMES_CHANCE = 3, 5, 3
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Release:
    """A table with one row a person that lies in the project; ``marked`` as synthetic, in its name and in every row."""

    name: str
    frame: pl.DataFrame
    marked: bool


def alone(frame: pl.DataFrame, columns: Sequence[str], below: int = 2) -> int:
    """How many rows share their combination with fewer than ``below`` rows in all."""
    if not columns or frame.is_empty():
        return 0
    sizes = frame.select(columns).group_by(columns).len()["len"]
    return int(sizes.filter(sizes < below).sum())


def described(frame: pl.DataFrame, quasi: Sequence[str], profile: DisclosureProfile) -> list[str]:
    """Shares alone by day, by month and without the index date; withheld where they stand for a few."""
    said = []
    ways = [("", list(quasi))]
    if "index_date" in frame.columns:
        frame = frame.with_columns(pl.col("index_date").cast(pl.String).str.slice(0, 7).alias("index month"))
        ways += [
            (" and the day of the index date", [*quasi, "index_date"]),
            (" and its month", [*quasi, "index month"]),
        ]
    for words, columns in ways:
        share = publish_share(alone(frame, columns), frame.height, profile)
        shown = (
            f"{100 * share:.0f} %"
            if share is not None
            else "a share that is withheld (a few, or all but a few)"
        )
        said.append(f"{shown} of people are alone with their {', '.join(quasi) or 'row'}{words}")
    return said


def known_by_events(events: pl.DataFrame, known: int, *, months: bool) -> tuple[int, int]:
    """People whom a few of their events tell from all others, and people who have so many.

    ``events`` holds ``participant`` and ``day`` (ISO text), one row an event. The attacker knows ``known`` of a
    person's events, drawn at random; nobody else may have all of them.
    """
    day = pl.col("day").str.slice(0, 7 if months else 10)
    held = events.select("participant", day).unique().sort("participant", "day")
    drawn = (
        held.with_columns(pl.col("day").shuffle(SEED).over("participant"))
        .group_by("participant", maintain_order=True)
        .agg(pl.col("day").head(known))
        .filter(pl.col("day").list.len() == known)
    )
    fits = drawn.select("participant", pl.col("participant").alias("other"))
    for place in range(known):
        asked = drawn.select("participant", pl.col("day").list.get(place))
        have = asked.join(held.rename({"participant": "other"}), on="day").select("participant", "other")
        fits = have if place == 0 else fits.join(have, on=["participant", "other"])
    return alone(fits, ["participant"]), drawn.height


def events_described(events: pl.DataFrame, profile: DisclosureProfile) -> list[str]:
    """Shares of people whom two or three events give away, by day and by month."""
    said = []
    for known in (2, 3):
        for months, words in ((False, "days"), (True, "months")):
            unique, people = known_by_events(events, known, months=months)
            share = publish_share(unique, people, profile)
            shown = f"{100 * share:.0f} %" if share is not None else "a share that is withheld"
            if people >= profile.threshold:
                said.append(
                    f"{shown} of people with {known} events or more are alone with the {words} of {known}"
                )
    return said


def copied(twin: pl.DataFrame, people: pl.DataFrame) -> tuple[int, float]:
    """Rows of a twin that are the very row of a person who is alone with it, and how many chance alone would give.

    Chance: the twin's columns shuffled one by one, so that each keeps its values but no row stays together.
    """
    shared = {
        name: own
        for name in people.columns
        if (own := next((c for c in (name, name.split("@")[0]) if c in twin.columns), ""))
    }
    kinds = {name: pl.String if name == "index_date" else pl.Float64 for name in shared}
    rows = twin.select(
        pl.col(own).cast(kinds[name], strict=False).alias(name) for name, own in shared.items()
    )
    rows = rows.select(s.name for s in rows if s.null_count() < s.len()).drop_nulls()  # labels are no numbers
    if rows.width < FEWEST_SHARED:
        return 0, 0.0
    real = people.select(pl.col(name).cast(kinds[name]) for name in rows.columns)
    unique = real.drop_nulls().group_by(real.columns).len().filter(pl.col("len") == 1).drop("len")
    chance = [
        rows.select(pl.col(name).shuffle(97 * draw + place) for place, name in enumerate(rows.columns))
        for draw in range(DRAWS)
    ]  # fmt: skip
    hits = [shuffled.join(unique, on=real.columns, how="semi").height for shuffled in chance]
    return rows.join(unique, on=real.columns, how="semi").height, sum(hits) / DRAWS


def is_copy(
    twin: pl.DataFrame, cohorts: Sequence[tuple[str, pl.DataFrame, tuple[str, ...]]], threshold: int
) -> bool:
    """Say whether a table that calls itself synthetic repeats people far more often than chance does."""
    for _, people, _ in cohorts:
        found, chance = copied(twin, people)
        if found >= threshold + TIMES_CHANCE * chance:
            return True
    return False


def row_releases(
    releases: Sequence[Release],
    cohorts: Sequence[tuple[str, pl.DataFrame, tuple[str, ...]]],
    profile: DisclosureProfile,
    events: pl.DataFrame | None = None,
) -> Trial:
    """Tables of people in the project folder, and how alone people would be if a cohort were released."""
    found, bad = [], False
    for release in releases:
        if release.marked:
            copy = is_copy(release.frame, cohorts, profile.threshold)
            bad |= copy
            said = (
                "but its rows are people of the cohort"
                if copy
                else "its rows are people no more often than chance"
            )
            found.append(f"{release.name}: marked synthetic in its name and in every row; {said}")
            continue
        n = alone(release.frame, release.frame.columns, profile.threshold)
        bad |= n > 0
        found.append(
            f"{release.name}: rows of people outside the inbox and the database"
            + ("; some stand out" if n else "")
        )
    for name, frame, quasi in cohorts:
        found += [f"were {name} released row by row, {line}" for line in described(frame, quasi, profile)]
    told = [] if events is None else events_described(events, profile)
    found += [f"were events released, {line}" for line in told]
    return Trial(
        "row-linkage",
        "Joining released rows by what others know",
        "Another list with the same people: ages, areas, dates, yes-or-no facts.",
        f"{len(releases)} tables with a row a person in the project folder, and {len(cohorts)} cohorts as they "
        "would look.",
        tuple(found) or ("there is no row-level table and no cohort with people",),
        "Rows leave only by cohort export, to a named safe setting, after a count of who is alone, and never into the "
        "project folder; a synthetic twin is marked and drawn from summaries.",
        judged(bad) if releases or cohorts else "not-applicable",
        f"At most {AT_MOST} facts a person, sealed ones left out: more facts make more people alone. Files that left "
        "the project folder are not seen.",
    )
