"""The love plot: how far apart the groups were, covariate by covariate, before and after (pure).

Drawn with matplotlib, loaded only when drawing. The numbers are those of the table of balance, which follows it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evaluation.balance import AMBER, GREEN
from evaluation.model import OutcomeResult
from evaluation.protection import may_show
from evaluation.reporting.charts import BAND, PLACES, SETTINGS
from evaluation.reporting.numbers import plain
from evaluation.reporting.signs import INK, PAPER, QUIET
from theory_of_change.drawing.embedding import embeddable
from workspace.settings import DisclosureProfile

if TYPE_CHECKING:  # a type only: matplotlib must not be loaded before something is drawn
    from matplotlib.axes import Axes

MOST_ROWS = 30
REACH, NARROWEST = 1.0, 0.2
WIDTH_INCHES, ROW_INCHES, FOOT_INCHES, HEAD_INCHES = 8.2, 0.32, 0.75, 0.42
LEFT, RIGHT, NAME_LETTERS = 0.34, 0.97, 36
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, slots=True)
class LoveRow:
    """One covariate: how far apart before and after, in standard deviations; after may be missing."""

    name: str
    before: float | None
    after: float | None

    @property
    def furthest(self) -> float:
        """The larger of the two, whichever way."""
        return max(abs(x) for x in (self.before, self.after, 0.0) if x is not None)


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title and how to read it; the table that follows holds its numbers."""

    svg: str
    title: str
    reading: str


def love_plot(outcome: OutcomeResult, profile: DisclosureProfile, *, stamp: str, prefix: str) -> Chart | None:
    """The love plot of an outcome; nothing where a group is too small, or nothing was measured."""
    rows = [LoveRow(row.covariate, row.smd_before, row.smd_after) for row in outcome.balance]
    rows = [row for row in rows if row.before is not None or row.after is not None]
    if not rows or not may_show(outcome.kind, outcome.estimate, profile):
        return None
    kept = _kept(rows)
    both = any(row.after is not None for row in kept)
    title = f"{stamp}How far apart the groups were: {outcome.name}"
    return Chart(love_svg(kept, title=title, prefix=prefix), title, _reading(kept, len(rows), both=both))


def _kept(rows: Sequence[LoveRow]) -> list[LoveRow]:
    """All rows, or of very many those that lie furthest out, in the order of the table."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    last = sorted(rows, key=lambda row: row.furthest)[-MOST_ROWS:]
    return [row for row in rows if row in last]


def _reading(rows: Sequence[LoveRow], of: int, *, both: bool) -> str:
    said = ["In standard deviations; at 0 the groups are alike."]
    said.append(
        "Hollow: before. Filled: after." if both else "Hollow: as the groups were; nothing was done to them."
    )
    said.append(f"Shaded: within {AMBER:.2f} either way; the dotted lines are at {GREEN:.2f}.")
    if any(row.furthest > REACH for row in rows):
        said.append("An arrow: further out than the drawing goes.")
    if len(rows) < of:
        said.append(f"The {len(rows)} that lie furthest out of {of}; the table has all.")
    return " ".join(said)


def love_svg(rows: Sequence[LoveRow], *, title: str, prefix: str) -> str:
    """The rows from top to bottom; the same rows always give the same bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    height = HEAD_INCHES + ROW_INCHES * len(rows) + FOOT_INCHES
    with mpl.rc_context(cast(Any, SETTINGS)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's own fonts draw the text
        figure = Figure(figsize=(WIDTH_INCHES, height), facecolor=PAPER)
        bottom, top = FOOT_INCHES / height, 1 - HEAD_INCHES / height
        _draw(figure.add_axes((LEFT, bottom, RIGHT - LEFT, top - bottom)), rows)
        page = io.StringIO()
        figure.savefig(
            page, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    said = " ".join(f"{row.name}: {_words(row)}." for row in rows)
    return embeddable(page.getvalue(), title, prefix, said)


def _words(row: LoveRow) -> str:
    told = ((row.before, BEFORE), (row.after, AFTER))
    return ", ".join(f"{plain(value, PLACES)} {when}" for value, when in told if value is not None)


def _draw(axes: Axes, rows: Sequence[LoveRow]) -> None:
    limit = min(REACH, max(NARROWEST, 1.1 * max(row.furthest for row in rows)))
    axes.set_xlim(-limit, limit)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvspan(-AMBER, AMBER, color=BAND, linewidth=0, zorder=0)
    for place, style in ((-GREEN, ":"), (0.0, "-"), (GREEN, ":")):
        axes.axvline(place, color=INK if place == 0 else QUIET, linestyle=style, linewidth=1.0, zorder=1)
    for y, row in enumerate(rows):
        axes.axhline(y, color=QUIET, linewidth=0.5, linestyle=":", zorder=0)
        _dot(axes, row.before, y, limit, filled=False)
        _dot(axes, row.after, y, limit, filled=True)
    axes.set_yticks(range(len(rows)), [_short(row.name) for row in rows])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.tick_params(axis="x", colors=INK)
    axes.set_xlabel("standard deviations apart", color=INK)
    if any(row.after is not None for row in rows):
        axes.set_title("○ before   ● after", color=INK, fontsize=10.5, loc="left")
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)


def _dot(axes: Axes, value: float | None, y: int, limit: float, *, filled: bool) -> None:
    if value is None:
        return
    beyond = abs(value) > limit
    shape = "o" if not beyond else (">" if value > 0 else "<")
    place = max(-limit, min(limit, value))
    axes.plot(
        [place], [y], marker=shape, markersize=7.5, color=INK if filled else QUIET, linestyle="none",
        markerfacecolor=INK if filled else PAPER, markeredgewidth=1.5, clip_on=False, zorder=4 if filled else 3,
    )  # fmt: skip


def _short(name: str) -> str:
    clean = "".join(c for c in name if c.isprintable())
    return clean if len(clean) <= NAME_LETTERS else f"{clean[: NAME_LETTERS - 1]}…"
