"""The columns of a time-to-event outcome, as a plan names them (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.model import RATIOS
from evaluation.times.drawn import ONLY_DRAWN, Drawn, drawn_words, read_drawn
from workspace.toml_source import Section

TIME_KEYS = (
    "duration", "event", "competing", "entry", "horizon", "recurrent", "intervals", "changing", "off_clock",
    "events", *ONLY_DRAWN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timing:
    """Which columns say how long each person was watched and what ended it.

    ``event`` is 1 where the event came at ``duration``; ``competing`` is 1 where something else came that rules the
    event out; with ``entry`` people count from that time on only; ``horizon`` is the time up to which mean times and
    shares are worked out, in the unit of ``duration`` (``None``: as far as both arms were watched).

    With ``intervals`` the data have a row for each interval in which a person was at risk, from ``entry`` to
    ``duration``; ``recurrent``: the event may come again; ``changing`` are covariates that may differ between a
    person's rows. ``off_clock`` is time within ``duration`` that does not count, in the same unit.

    With ``drawn`` the rows are made of a cohort's lives, in days since the index date, and the columns have made names.
    """

    duration: str
    event: str
    competing: str = ""
    entry: str = ""
    horizon: float | None = None
    recurrent: bool = False
    intervals: bool = False
    changing: tuple[str, ...] = ()
    off_clock: str = ""
    drawn: Drawn | None = None

    @property
    def at_liberty(self) -> str:
        """Of events drawn from lives, the column that is false of whoever was in custody all the time."""
        return f"{self.event}: at liberty" if self.drawn else ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column but the event's own."""
        return tuple(name for name in (self.duration, self.competing, self.entry, self.off_clock) if name)


def read_timing(section: Section, kind: str, measure: str) -> Timing | None:
    """Read an outcome's time keys; refuse them for another kind."""
    if kind != "time-to-event":
        for key in TIME_KEYS:
            if section.has(key):
                section.fault(
                    "LC406",
                    key,
                    f"'{key}' belongs to a time-to-event outcome, not to a {kind} one",
                    "Remove it.",
                )
        return None
    wave = section.text("wave")

    def named(key: str, default: str = "", *, required: bool = False) -> str:
        name = section.text(key, default, required=required)
        return f"{name}@{wave}" if name and wave and "@" not in name else name

    drawn = read_drawn(section)
    if drawn:
        return _drawn_timing(section, measure, drawn)
    recurrent = section.boolean("recurrent")
    intervals = section.boolean("intervals") or recurrent
    timing = Timing(
        duration=named("duration", required=True),
        event=named("event", measure),
        competing=named("competing"),
        entry=named("entry", required=intervals),
        horizon=section.number("horizon", above=0),
        recurrent=recurrent,
        intervals=intervals,
        changing=section.texts("changing"),
        off_clock=named("off_clock"),
    )
    _at_odds(section, timing)
    _unused(section)
    return timing


def _drawn_timing(section: Section, measure: str, drawn: Drawn) -> Timing:
    _unused(section)
    return Timing(
        duration=f"{measure}: to",
        event=measure,
        competing=f"{measure}: {drawn.ending}" if drawn.ending else "",
        entry=f"{measure}: from",
        horizon=section.number("horizon", above=0),
        recurrent=True,
        intervals=True,
        drawn=drawn,
    )


def _unused(section: Section) -> None:
    for key in ("baseline", "minimum", "maximum"):
        if section.has(key):
            section.fault("LC406", key, f"'{key}' is not used for a time-to-event outcome", "Remove it.")


def described(timings: Iterable[Timing | None]) -> tuple[tuple[str, str], ...]:
    """How times are analysed and what that assumes, in words, for the report; nothing where there are none."""
    times = [timing for timing in timings if timing is not None]
    if not times:
        return ()
    lines = []
    if any(not timing.recurrent for timing in times):
        lines.append(
            ("Times to an event", "Cox regression with Efron's ties; normal intervals of the log ratio")
        )
    if any(timing.recurrent for timing in times):
        said = (
            "all events, Andersen and Gill's model with errors by person; normal intervals of the log ratio"
        )
        lines.append(("Events that come back", said))
    lines += [("Drawn from the cohort's records", drawn_words(t.drawn)) for t in times if t.drawn]
    off = "; time off the clock is no time at risk" if any(t.off_clock or t.intervals for t in times) else ""
    lines.append(
        (
            "Times assume",
            "Whoever was lost from sight would have gone on as the others did, given the covariates; the ratio stays "
            f"the same over time (tested){off}.",
        )
    )
    return tuple(lines)


def _at_odds(section: Section, timing: Timing) -> None:
    """Keys that only go with rows of intervals, or not with them."""
    if timing.off_clock and timing.intervals:
        section.fault(
            "LC406",
            "off_clock",
            "'off_clock' goes with one row a person; rows of intervals leave such time out",
            "End a row when it begins and start the next when it is over; remove the key.",
        )
    if timing.changing and not timing.intervals:
        section.fault(
            "LC406",
            "changing",
            "'changing' needs rows of intervals: one row a person holds one value",
            "Add intervals = true and a row for each interval, or remove it.",
        )


def check_margin(section: Section, effect: str, margin: float | None) -> None:
    """A ratio of 1 is no difference: it cannot be the smallest that matters."""
    if effect in RATIOS and margin == 1:
        key = "minimum_important_difference"
        section.fault("LC403", key, f"'{key}' of a ratio must differ from 1", "Write a ratio such as 0.85.")
