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


def row_releases(
    releases: Sequence[Release],
    cohorts: Sequence[tuple[str, pl.DataFrame, tuple[str, ...]]],
    profile: DisclosureProfile,
) -> Trial:
    """Tables of people in the project folder, and how alone people would be if a cohort were released."""
    found, bad = [], False
    for release in releases:
        if release.marked:
            found.append(f"{release.name}: marked synthetic in its name and in every row; no row is a person")
            continue
        n = alone(release.frame, release.frame.columns, profile.threshold)
        bad |= n > 0
        found.append(
            f"{release.name}: rows of people outside the inbox and the database"
            + ("; some stand out" if n else "")
        )
    for name, frame, quasi in cohorts:
        found += [f"were {name} released row by row, {line}" for line in described(frame, quasi, profile)]
    return Trial(
        "row-linkage",
        "Joining released rows by what others know",
        "Another list with the same people: ages, areas, dates, yes-or-no facts.",
        f"{len(releases)} tables with a row a person in the project folder, and {len(cohorts)} cohorts as they "
        "would look.",
        tuple(found) or ("there is no row-level table and no cohort with people",),
        "No command writes rows of people; a synthetic twin is marked and drawn from summaries.",
        judged(bad) if releases or cohorts else "not-applicable",
        f"At most {AT_MOST} facts a person, sealed ones left out: more facts make more people alone. Files that left "
        "the project folder are not seen.",
    )
