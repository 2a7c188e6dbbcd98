"""What a series must bear before an answer is read off it, each with what follows for the verdict (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.model import Check
from evaluation.regression.linear import Array
from evaluation.series.arms import SeriesData
from evaluation.series.diagnostics import added_columns, breusch_godfrey, durbin_watson, season_left
from evaluation.series.layout import Layout, Mask, Windows
from evaluation.series.model import Answered
from evaluation.series.placebo import Placebo

FEW_BEFORE, FEWEST_BEFORE = 8, 4
FEW_AFTER, FEWEST_AFTER = 6, 3
FEWEST_SPARE = 3
SOME_GAPS, MANY_GAPS = 0.05, 0.20
FEW_EVENTS, FEWEST_EVENTS = 20, 5
NEAR, TOO_NEAR = 8, 3
MOST_FALSE = 0.20
CLEAR = 0.01


def fitness_checks(
    windows: Windows, season: tuple[str, float], data: SeriesData, *, counts: bool, width: int
) -> tuple[Check, ...]:
    """What can be said before anything is fitted; where one of them blocks, nothing is."""
    used = data.seen & ~windows.left_out
    grid = np.arange(len(used))
    before, after = used & (grid < windows.start), used & (grid >= windows.first) & (grid < windows.last)
    checks = [
        _before(int(before.sum()), int(used.sum()) - width),
        _after(int(after.sum())),
        _season(int(before.sum()), season),
        _gaps(data, windows),
        *_near_breaks(windows, used),
    ]
    if counts:
        checks += _events(data.outcome, before, after)
    return tuple(check for check in checks if check is not None)


def _before(n: int, spare: int) -> Check:
    if n < FEWEST_BEFORE or spare < FEWEST_SPARE:
        note = (
            f"{n} periods before the programme, and {max(spare, 0)} more than the model has columns: too few to tell a "
            "trend from chance. Use a longer series, shorter periods, or fewer columns (seasonality, shape)."
        )
        return Check("periods before", "fail", float(n), FEWEST_BEFORE, "block", note)
    if n < FEW_BEFORE:
        note = f"Only {n} periods before the programme: the what-if line leans on very little."
        return Check("periods before", "warn", float(n), FEW_BEFORE, "downgrade", note)
    return Check("periods before", "pass", float(n), FEW_BEFORE, "none", f"{n} periods before the programme.")


def _after(n: int) -> Check:
    if n < FEWEST_AFTER:
        note = (
            f"{n} periods of the planned window were seen: fewer than {FEWEST_AFTER} tell no change from chance. Wait "
            "for more, or shorten the phase-in or the washout."
        )
        return Check("periods after", "fail", float(n), FEWEST_AFTER, "block", note)
    if n < FEW_AFTER:
        return Check(
            "periods after",
            "warn",
            float(n),
            FEW_AFTER,
            "none",
            f"Only {n} periods of the planned window were seen.",
        )
    return Check(
        "periods after", "pass", float(n), FEW_AFTER, "none", f"{n} periods of the planned window were seen."
    )


def _season(before: int, season: tuple[str, float]) -> Check | None:
    kind, period = season
    if not period:
        return None
    if kind == "none":
        note = "No season is modelled: what comes back every year is taken for chance or for the programme."
        return Check("season", "warn", None, None, "none", note)
    if before < period:
        note = (
            f"The series has {before} periods before the programme and a season has {period:.0f}: what the season does "
            'was never seen without the programme. Use a longer series, or say why seasonality = "none" will do.'
        )
        return Check("season", "fail", before / period, 1.0, "block", note)
    if before < 2 * period:
        note = "Less than two whole seasons before the programme: season and trend can hardly be told apart."
        return Check("season", "warn", before / period, 2.0, "downgrade", note)
    return Check(
        "season", "pass", before / period, 2.0, "none", f"{before / period:.1f} seasons before the programme."
    )


def _gaps(data: SeriesData, windows: Windows) -> Check:
    """Periods not seen, of those that were not left out on purpose; errors count real time across them."""
    asked = ~windows.left_out
    share = 1 - float((data.seen & asked).sum()) / max(int(asked.sum()), 1)
    said = f"{100 * share:.0f} % of periods were not seen (of at least one series)"
    if share > MANY_GAPS:
        note = f"{said}: what happened in them is anybody's guess. Leave out series with gaps, or shorten the window."
        return Check("gaps", "fail", share, MANY_GAPS, "block" if share > 0.5 else "downgrade", note)
    if share > SOME_GAPS:
        return Check("gaps", "warn", share, SOME_GAPS, "downgrade", f"{said}, and are treated as missing.")
    if share > 0:
        return Check("gaps", "warn", share, SOME_GAPS, "none", f"{said}, and are treated as missing.")
    return Check("gaps", "pass", 0.0, SOME_GAPS, "none", "Every period was seen.")


def _near_breaks(windows: Windows, used: Mask) -> list[Check]:
    """A step in the recording so near the start that the programme's own step cannot be told from it."""
    found = []
    for place in windows.breaks:
        low, high = sorted((place, windows.start))
        between = int(used[low:high].sum())
        if between < TOO_NEAR:
            note = (
                f"{between} periods lie between a break in the recording and the programme's start: the two cannot be "
                "told apart. Use a series that was recorded alike throughout."
            )
            found.append(Check("breaks", "fail", float(between), TOO_NEAR, "block", note))
        elif between < NEAR:
            note = (
                f"Only {between} periods lie between a break in the recording and the programme's start: part of one "
                "may be taken for the other."
            )
            found.append(Check("breaks", "warn", float(between), NEAR, "downgrade", note))
    return found


def _events(outcome: Array, before: Mask, after: Mask) -> list[Check]:
    fewest = float(
        min(outcome[:, part].sum(axis=1).min(initial=np.inf) if part.any() else 0 for part in (before, after))
    )
    if fewest < FEWEST_EVENTS:
        note = (
            f"Fewer than {FEWEST_EVENTS} events were counted before the programme or in its window: a ratio means "
            "nothing. Use a commoner event, a wider area or longer periods."
        )
        return [Check("events", "fail", fewest, FEWEST_EVENTS, "block", note)]
    if fewest < FEW_EVENTS:
        note = f"Fewer than {FEW_EVENTS} events before the programme or in its window: the interval is rough."
        return [Check("events", "warn", fewest, FEW_EVENTS, "downgrade", note)]
    return [Check("events", "pass", fewest, FEW_EVENTS, "none", "Enough events on both sides of the start.")]


def history_check(data: SeriesData) -> Check:
    """What else happened at the time: a series on its own cannot know."""
    if len(data.outcome) > 1:
        note = (
            "A comparison series stands beside: what happened to both at once is taken off. What happened to the "
            "programme's series alone is not."
        )
        return Check("history", "pass", float(data.series[1]), None, "none", note)
    who = "One series" if data.series[0] == 1 else "The programme's series"
    note = f"{who} without a comparison: anything else that changed when the programme began is counted as its effect."
    return Check("history", "fail", None, None, "downgrade", note)


def fitted_checks(found: Answered, alpha: float) -> tuple[Check, ...]:
    """Doubts that the fitted model raises about itself."""
    joint, layout = found.joint, found.layout
    fit = joint.arms[0].fit
    period = round(layout.period) if layout.period and layout.period == round(layout.period) else 0
    checks = [
        _likeness(found, period, alpha),
        _freedom(found),
        *_dispersion(found),
        *_bend(found),
        *_dropped(layout),
    ]
    left = season_left(fit, period) if 1 < period <= 12 and layout.seasonality != "dummies" else None
    if left is not None:
        bad = left.p_value < CLEAR
        note = (
            'The season is not caught: calendar periods still differ. Use seasonality = "dummies", or more harmonics.'
            if bad
            else "No season is left in the residuals."
        )
        checks.append(Check("season left over", "warn" if bad else "pass", left.p_value, CLEAR, "none", note))
    return tuple(checks)


def _likeness(found: Answered, period: int, alpha: float) -> Check:
    """Breusch and Godfrey's test over a season; consequences only where errors do not allow for it."""
    fit, settings = found.joint.arms[0].fit, found.question.settings
    lags = max(1, min(period or 4, len(fit.times) // 5))
    test = breusch_godfrey(fit, lags)
    said = (
        f"Breusch-Godfrey over {lags} periods p = {test.p_value:.3f}, Durbin-Watson {durbin_watson(fit):.2f}"
    )
    if test.p_value >= alpha:
        return Check("autocorrelation", "pass", test.p_value, alpha, "none", f"{said}: none shows.")
    if settings.errors == "newey-west":
        note = f"{said}: neighbouring periods are alike; the errors allow for it ({found.question.lag} lags)."
        return Check("autocorrelation", "info", test.p_value, alpha, "none", note)
    note = (
        f'{said}: neighbouring periods are alike, and these errors are too small. Use errors = "newey-west".'
    )
    return Check("autocorrelation", "fail", test.p_value, alpha, "downgrade", note)


def _freedom(found: Answered) -> Check:
    """How many independent pieces of information the interval rests on."""
    df = found.effect.df
    if found.question.settings.errors != "newey-west":
        note = (
            "Intervals of these errors miss the truth too often in short series (simulated: up to four times as often "
            'as they say). errors = "newey-west" corrects for it.'
        )
        consequence = "downgrade" if found.question.settings.errors == "plain" else "none"
        return Check("degrees of freedom", "warn", df, None, consequence, note)  # type: ignore[arg-type]
    if df < 4:
        note = f"Neighbouring periods are so alike that the interval rests on {df:.1f} degrees of freedom: it is wide."
        return Check("degrees of freedom", "warn", df, 4, "none", note)
    note = f"The interval rests on {df:.1f} degrees of freedom, likeness in time counted."
    return Check("degrees of freedom", "pass", df, 4, "none", note)


def _dispersion(found: Answered) -> list[Check]:
    if not found.joint.log_link:
        return []
    fit = found.joint.arms[0].fit
    if np.isfinite(fit.theta):
        note = f"Negative binomial with size {fit.theta:.1f}."
        return [Check("dispersion", "info", fit.theta, None, "none", note)]
    phi = float(fit.scale[0])
    note = f"Counts vary {phi:.1f} times as much as chance alone would have them; the errors count it."
    return [Check("dispersion", "info", phi, None, "none", note)]


def _bend(found: Answered) -> list[Check]:
    """Whether the trend before the programme is straight: a squared trend before the start, in the full model."""
    layout = found.layout
    fit = found.joint.arms[0].fit
    grid = layout.times.astype(np.float64) - layout.windows.start
    before = np.minimum(grid, 0.0)
    test = added_columns(fit, (before**2)[:, None])
    if test is None or int(layout.before.sum()) < FEW_BEFORE:
        return []
    if test.p_value < CLEAR:
        note = (
            "The trend before the programme bends: carried on straight it is no good guess of what would have been. "
            "Look at the line with a wandering level."
        )
        return [Check("straight trend", "warn", test.p_value, CLEAR, "downgrade", note)]
    return [
        Check("straight trend", "pass", test.p_value, CLEAR, "none", "No bend shows before the programme.")
    ]


def _dropped(layout: Layout) -> list[Check]:
    if not layout.dropped:
        return []
    named = ", ".join(layout.dropped)
    note = f"Left out of the model, because other columns say the same in this series: {named}."
    return [Check("columns left out", "warn", float(len(layout.dropped)), None, "none", note)]


def placebo_check(placebos: tuple[Placebo, ...], alpha: float) -> Check | None:
    """The share of false starts at which the model finds an effect."""
    if not placebos:
        return None
    false = sum(one.p_value < alpha for one in placebos)
    share = false / len(placebos)
    said = f"{false} of {len(placebos)} false starts before the programme show an 'effect'"
    if share > MOST_FALSE:
        note = f"{said}: this series changes like that on its own."
        return Check("placebo starts", "warn", share, MOST_FALSE, "downgrade", note)
    return Check("placebo starts", "pass", share, MOST_FALSE, "none", f"{said}.")


def comparison_check(found: Answered, alpha: float, p_value: float | None) -> Check | None:
    """Whether the comparison's own series changed at the start."""
    if len(found.joint.arms) < 2 or p_value is None:
        return None
    if p_value < alpha:
        note = (
            "The comparison series changed when the programme began too: something hit both, or the programme spilled "
            "over. The difference is right only for the first."
        )
        return Check("comparison changed", "warn", p_value, alpha, "none", note)
    note = "The comparison series shows no change at the programme's start."
    return Check("comparison changed", "pass", p_value, alpha, "none", note)
