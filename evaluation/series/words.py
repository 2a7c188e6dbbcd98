"""The settings of an interrupted time series in words, for the report (pure)."""

from __future__ import annotations

from evaluation.plan import Design
from evaluation.series.settings import SeriesSettings


def describe(settings: SeriesSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    shapes = {
        "level-and-slope": "a step and a change of slope at the start",
        "level": "a step at the start",
        "slope": "a change of slope at the start",
    }
    family = {
        "": "by the outcome: quasi-Poisson for rate ratios, least squares for differences",
        "gaussian": "least squares",
        "poisson": "quasi-Poisson (over-dispersion counted)",
        "negative-binomial": "negative binomial (NB2)",
    }[settings.family]
    season = {
        "": f"{settings.harmonics} harmonics of the year where the step of time has a season",
        "none": "none",
        "harmonics": f"{settings.harmonics} harmonics of the year",
        "dummies": "one column a calendar period",
    }[settings.seasonality]
    errors = {
        "newey-west": "Newey-West, corrected for short series (REML autoregression), Satterthwaite degrees of freedom",
        "plain": "Newey-West with n/(n - k), n - k degrees of freedom",
        "model": "the model's own times the dispersion: as if periods were independent",
    }[settings.errors]
    lags = "" if settings.errors == "model" else f"; lags: {_lags(settings)}"
    when = settings.start + (f" to {settings.end}" if settings.end else " on")
    target = {"average": "average over the window", "level": "level", "slope": "slope"}[settings.target]
    told = [("Programme", when), ("Effect", f"{shapes[settings.shape]}; {target}"), ("Family", family)]
    told += [("Season", season), ("Standard errors", errors + lags)]
    if settings.phase_in:
        told.append(("Phase-in", f"a ramp over {settings.phase_in} periods; the window begins after it"))
    if settings.washout:
        told.append(("Washout", f"the first {settings.washout} periods are left out"))
    if settings.exclude:
        told.append(("Left out", "; ".join(f"{first} to {last}" for first, last in settings.exclude)))
    if settings.breaks:
        told.append(("Breaks in recording", ", ".join(settings.breaks) + " (a step each)"))
    if settings.offset:
        told.append(("Offset", f"log of '{settings.offset}'"))
    told.append(("Comparison", f"series where '{design.treatment}' is 0" if design.treatment else "none"))
    return tuple(told)


def _lags(settings: SeriesSettings) -> str:
    return str(settings.lags) if settings.lags is not None else "1.3 times the root of the number of periods"
