"""How a link is drawn: a sign, a dash pattern and words, and a colour that only repeats them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from theory_of_change.model import Link

INK, QUIET, PAPER, BAND = "#0b0c0c", "#505a5f", "#ffffff", "#f3f4f2"


@dataclass(frozen=True, slots=True)
class LinkState:
    """What is known of a link, and how that is drawn. Without a sign nothing was tested."""

    sign: str
    words: str
    colour: str
    dash: tuple[float, ...]
    line: float


# The answers are those of a verdict; the two below them are read off the theory itself.
STATES: dict[str, LinkState] = {
    "works": LinkState("✓", "tested: works", "#00703c", (), 2.4),
    "too-small-to-matter": LinkState("0", "tested: too small to matter", "#484949", (3, 2.5), 2.2),
    "no-meaningful-effect": LinkState("0", "tested: no worthwhile difference", "#484949", (3, 2.5), 2.2),
    "inconclusive": LinkState("~", "tested: cannot tell yet", "#8a5a00", (9, 4), 2.2),
    "harms": LinkState("!", "tested: made things worse", "#b10e1e", (10, 3, 2.5, 3), 2.6),
    "changed": LinkState("?", "changed, but nothing to compare with", QUIET, (9, 3, 2, 3, 2, 3), 2.0),
    "not-assessable": LinkState("?", "tested, but could not be assessed", QUIET, (5, 5), 2.0),
    "stopped": LinkState("x", "test stopped", QUIET, (1.5, 4), 2.0),
    "planned": LinkState("?", "test planned, no result yet", QUIET, (6, 3), 1.6),
    "evidence": LinkState("", "outside evidence named, not tested here", QUIET, (), 1.5),
    "untested": LinkState("", "not tested yet", "#8a8d91", (1.5, 2.5), 1.3),
    "associated": LinkState("~", "tested: they go together, cause not shown", "#8a5a00", (6, 2, 2, 2), 2.0),
}
ANSWERS = tuple(STATES)[:8]


def state_key(link: Link, verdicts: Mapping[str, str]) -> str:
    """Which state a link is in: its verdict, else what the theory names for it."""
    if link.id in verdicts:
        return verdicts[link.id]
    if link.test.strip():
        return "planned"
    return "evidence" if link.evidence else "untested"
