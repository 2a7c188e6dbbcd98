"""The settings of an interrupted time series, read from [design.interrupted-time-series]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.panels.axis import NotATime, place_of
from evaluation.panels.keys import read_period, read_periods, read_windows
from workspace.toml_source import Section

Family = Literal["gaussian", "poisson", "negative-binomial"]
Season = Literal["none", "harmonics", "dummies"]
Shape = Literal["level-and-slope", "level", "slope"]
Target = Literal["average", "level", "slope"]
Errors = Literal["newey-west", "plain", "model"]
FAMILIES: tuple[Family, ...] = ("gaussian", "poisson", "negative-binomial")
SEASONS: tuple[Season, ...] = ("none", "harmonics", "dummies")
SHAPES: tuple[Shape, ...] = ("level-and-slope", "level", "slope")
TARGETS: tuple[Target, ...] = ("average", "level", "slope")
ERRORS: tuple[Errors, ...] = ("newey-west", "plain", "model")
MOST_HARMONICS, MOST_PERIODS = 6, 60


@dataclass(frozen=True, slots=True)
class SeriesSettings:
    """What a plan says of its series.

    ``start`` first period of the programme, ``end`` the last (blank: it goes on). ``family`` and ``seasonality`` blank:
    by the outcome's kind and by the step of time. ``lags`` none: by rule. Periods are canonical texts.
    """

    start: str = ""
    end: str = ""
    family: Family | Literal[""] = ""
    seasonality: Season | Literal[""] = ""
    harmonics: int = 2
    shape: Shape = "level-and-slope"
    target: Target = "average"
    offset: str = ""
    errors: Errors = "newey-west"
    lags: int | None = None
    phase_in: int = 0
    washout: int = 0
    exclude: tuple[tuple[str, str], ...] = ()
    breaks: tuple[str, ...] = ()

    @property
    def one_series(self) -> bool:
        """Say that without a unit all rows (of a group) are one series."""
        return True

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the data that the settings name."""
        return (self.offset,) if self.offset else ()


def read_settings(section: Section | None) -> SeriesSettings:
    """Read [design.interrupted-time-series]; faults where periods or settings do not go together."""
    if section is None:
        return SeriesSettings()
    settings = SeriesSettings(
        start=read_period(section, "start", required=True),
        end=read_period(section, "end"),
        family=cast(Family, section.text("family", one_of=FAMILIES)),
        seasonality=cast(Season, section.text("seasonality", one_of=SEASONS)),
        harmonics=_whole(section, "harmonics", 2, 1, MOST_HARMONICS) or 2,
        shape=cast(Shape, section.text("shape", "level-and-slope", one_of=SHAPES)),
        target=cast(Target, section.text("target", "average", one_of=TARGETS)),
        offset=section.text("offset"),
        errors=cast(Errors, section.text("errors", "newey-west", one_of=ERRORS)),
        lags=_whole(section, "lags", None, 0, MOST_PERIODS),
        phase_in=_whole(section, "phase_in", 0, 0, MOST_PERIODS) or 0,
        washout=_whole(section, "washout", 0, 0, MOST_PERIODS) or 0,
        exclude=read_windows(section, "exclude"),
        breaks=read_periods(section, "breaks"),
    )
    _together(settings, section)
    _in_order(settings, section)
    section.finish()
    return settings


def _whole(section: Section, key: str, default: int | None, low: int, high: int) -> int | None:
    """A whole number between two ends."""
    value = section.integer(key, default, low=low)
    if value is not None and value > high:
        section.fault("LC403", key, f"'{key}' must be at most {high}", "Use fewer.")
        return default
    return value


def _together(settings: SeriesSettings, section: Section) -> None:
    """Settings that contradict each other."""
    if settings.target != "average" and settings.target not in settings.shape:
        said = f"target = \"{settings.target}\" needs a {settings.target} in the shape '{settings.shape}'"
        section.fault("LC406", "target", said, 'Write shape = "level-and-slope", or target = "average".')
    if settings.phase_in and settings.washout:
        said = "'phase_in' and 'washout' both say what the first periods are"
        section.fault("LC406", "washout", said, "Keep one: a ramp, or periods left out.")
    if settings.errors == "model" and settings.lags is not None:
        section.fault(
            "LC406", "lags", "'lags' belong to Newey-West errors, not to the model's own", "Remove it."
        )
    if section.has("harmonics") and settings.seasonality in ("none", "dummies"):
        said = f"'harmonics' does not go with seasonality = \"{settings.seasonality}\""
        section.fault("LC406", "harmonics", said, "Remove it.")


def _in_order(settings: SeriesSettings, section: Section) -> None:
    """Windows that end before they begin, and breaks at the start."""
    if settings.start and settings.end and _before(settings.end, settings.start):
        section.fault("LC403", "end", "'end' lies before 'start'", "It is the last period of the programme.")
    if any(first and last and _before(last, first) for first, last in settings.exclude):
        said = "a window of 'exclude' ends before it begins"
        section.fault("LC403", "exclude", said, 'Write the earlier first: [["2020-03", "2021-06"]].')
    if settings.start and settings.start in settings.breaks:
        said = "a break in the recording at 'start' itself cannot be told from the programme"
        section.fault(
            "LC406",
            "breaks",
            said,
            "No series on its own can answer this: use one that was recorded alike throughout.",
        )


def _before(one: str, other: str) -> bool:
    """Say whether one period lies before another of the same kind."""
    try:
        (kind, place), (against, there) = place_of(one), place_of(other)
    except NotATime:
        return False
    return kind == against and place < there
