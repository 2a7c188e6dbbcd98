"""The columns of a time-to-event outcome, as a plan names them (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from workspace.toml_source import Section

TIME_KEYS = ("duration", "event", "competing", "entry", "horizon")
RATIO = "hazard-ratio"


@dataclass(frozen=True, slots=True)
class Timing:
    """Which columns say how long each person was watched and what ended it.

    ``event`` is 1 where the event came at ``duration``; ``competing`` is 1 where something else came that rules the
    event out; with ``entry`` people count from that time on only; ``horizon`` is the time up to which mean times and
    shares are worked out, in the unit of ``duration`` (``None``: as far as both arms were watched).
    """

    duration: str
    event: str
    competing: str = ""
    entry: str = ""
    horizon: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column but the event's own."""
        return tuple(name for name in (self.duration, self.competing, self.entry) if name)


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

    timing = Timing(
        duration=named("duration", required=True),
        event=named("event", measure),
        competing=named("competing"),
        entry=named("entry"),
        horizon=section.number("horizon", above=0),
    )
    for key in ("baseline", "minimum", "maximum"):
        if section.has(key):
            section.fault("LC406", key, f"'{key}' is not used for a time-to-event outcome", "Remove it.")
    return timing


def check_margin(section: Section, effect: str, margin: float | None) -> None:
    """A hazard ratio of 1 is no difference: it cannot be the smallest that matters."""
    if effect == RATIO and margin == 1:
        key = "minimum_important_difference"
        section.fault(
            "LC403", key, f"'{key}' of a hazard ratio must differ from 1", "Write a ratio such as 0.85."
        )
