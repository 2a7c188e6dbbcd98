"""How well the records of a linked source were found, arm by arm: match rate, recall, precision (pure).

National ids settle some pairs for certain: there it is known whether a partner's record is a person's own. *Recall*
is the share of people with a record of their own whose record was found; *precision* the share of links that are
right. Both are taken to hold in the same arm where no id settles anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl
from scipy.special import ndtri

from evaluation.model import LinkedArm
from evaluation.study_table import LinkedSource

SEEN_AS_NONE = 0.5  # most people without a record have an outcome: its absence was read as no event


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its Wilson interval and the standard error that interval implies."""

    n: int
    value: float
    low: float
    high: float
    std_error: float


@dataclass(frozen=True, slots=True)
class LinkageFacts:
    """What linkage did to one outcome: counts by arm, and what an absent record was taken for.

    ``event_share`` is the share with an event among people with a record, over both arms: what a wrong record
    brings. ``absence_is_none`` says that people without a record count as people without an event, which only then
    turns a missed link into a missed event; ``elsewhere`` that some of them have events all the same.
    """

    source: str
    treated: LinkedArm
    comparison: LinkedArm
    event_share: float | None
    absence_is_none: bool
    elsewhere: bool

    @property
    def apart(self) -> float:
        """How far the match rates of the arms are apart."""
        return abs(match_rate(self.treated) - match_rate(self.comparison))


def linkage_facts(people: pl.DataFrame, linked: LinkedSource) -> LinkageFacts | None:
    """Count by arm.

    Parameters
    ----------
    people : pl.DataFrame
        ``participant``, ``treated`` (0 or 1), ``outcome`` (null where not seen): everybody whose arm is known.
    linked : LinkedSource
        For each participant whether the source's record was found, and what ids say of it.

    Returns
    -------
    LinkageFacts or None
        None when the source knows nothing of these people.
    """
    columns = linked.people.select("participant", "linked", "truth").unique("participant")
    both = people.join(columns, on="participant", how="inner")
    if both.is_empty() or both["treated"].n_unique() < 2:
        return None
    found = both.filter(pl.col("linked"))["outcome"].drop_nulls()
    lost = both.filter(~pl.col("linked"))["outcome"]
    none = lost.len() > 0 and (lost.len() - lost.null_count()) / lost.len() >= SEEN_AS_NONE
    return LinkageFacts(
        linked.source,
        _arm(both.filter(pl.col("treated") == 1), "with"),
        _arm(both.filter(pl.col("treated") == 0), "without"),
        float(found.sum()) / found.len() if found.len() else None,
        absence_is_none=none,
        elsewhere=bool((lost.drop_nulls() != 0).any()),
    )


def _arm(people: pl.DataFrame, name: str) -> LinkedArm:
    def count(rule: pl.Expr) -> int:
        return int(people.select(rule.sum()).item() or 0)

    linked, truth = pl.col("linked"), pl.col("truth")
    return LinkedArm(
        arm=name,
        n=people.height,
        linked=count(linked),
        own_found=count(linked & (truth == "same")),
        own_missed=count(~linked & (truth == "same")),
        wrong=count(linked & (truth == "other")),
    )


def match_rate(arm: LinkedArm) -> float:
    """Share of the arm's people for whom any record was found."""
    return arm.linked / arm.n if arm.n else 0.0


def recall(arm: LinkedArm, level: float) -> Share | None:
    """Share found of those whose ids show a record; nothing without ids."""
    return _share(arm.own_found, arm.own_found + arm.own_missed, level)


def precision(arm: LinkedArm, level: float) -> Share | None:
    """Share right of the links that ids speak of; nothing without ids."""
    return _share(arm.own_found, arm.own_found + arm.wrong, level)


def _share(count: int, n: int, level: float) -> Share | None:
    """Wilson (1927) score interval; it has width where all or none were found, too."""
    if not n:
        return None
    z = float(ndtri(1 - (1 - level) / 2))
    value = count / n
    centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return Share(n, value, max(0.0, centre - half), min(1.0, centre + half), half / z)
