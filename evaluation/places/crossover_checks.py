"""What is to be doubted about days drawn for treatment, a sentence each (pure)."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from evaluation.model import Check
from evaluation.regression.linear import Array

FEW_DAYS, FEW_PLACES = 28, 5
FEW_EVENTS = 20
SURE = 1.959964
CHANCE = 0.05
BY_CHANCE = "allocation by chance"


def allocation_check(*, by_chance: bool) -> Check:
    """Days drawn by lot, or picked by somebody."""
    if by_chance:
        note = "The plan says which days were treated was drawn by lot."
        return Check(BY_CHANCE, "pass", None, None, "none", note)
    note = (
        "Treated days were picked, not drawn by lot: whatever made people pick them is part of the difference, and "
        'trust goes no higher than 3. With days drawn by lot, write allocation = "random".'
    )
    return Check(BY_CHANCE, "fail", None, None, "none", note)


def daily_check(step: str) -> tuple[Check, ...]:
    """Rows must be days (or another even step that numbers count)."""
    if step in ("day", "number"):
        return ()
    note = f"Periods are a {step} long: carry-over from day to day cannot be seen in them. Give a row a place and day."
    return (Check("days", "fail", None, None, "block", note),)


def events_check(y: Array, treated: Array, *, counts: bool) -> tuple[Check, ...]:
    """Both kinds of days must be left, and have events."""
    one, zero = y[treated > 0], y[treated <= 0]
    if not len(one) or not len(zero):
        note = 'After the washout only one kind of day is left. Shorten washout, or model it: washout_rule = "model".'
        return (Check("days", "fail", 0.0, 1.0, "block", note),)
    if not counts:
        return ()
    fewest = float(min(one.sum(), zero.sum()))
    if fewest <= 0:
        return (Check("events", "fail", 0.0, 1.0, "block", "Nothing happened on one kind of day."),)
    if fewest < FEW_EVENTS:
        note = f"Fewer than {FEW_EVENTS} events on one kind of day: the interval is a rough one."
        return (Check("events", "warn", fewest, FEW_EVENTS, "downgrade", note),)
    return ()


def unidentified() -> Check:
    """Treated days cannot be told from places, weekdays or one another."""
    note = (
        "Treated days cannot be told from what else differs: a place that was always treated, weekdays that always "
        "were, or no other allocation that was possible within the blocks."
    )
    return Check("identification", "fail", None, None, "block", note)


def size_check(places: int, days: int) -> Check:
    """How many days and places the answer rests on."""
    note = f"{places} place{'s' if places > 1 else ''} on {days} days"
    if days < FEW_DAYS:
        words = f"{note}: fewer than {FEW_DAYS} days, errors over days are too small."
        return Check("days", "warn", float(days), FEW_DAYS, "downgrade", words)
    if places < FEW_PLACES:
        return Check(
            "places", "info", float(places), FEW_PLACES, "none", f"{note}: these places, not such places."
        )
    return Check("days", "pass", float(days), FEW_DAYS, "none", f"{note}.")


def weekday_check(*, named: bool, days: bool) -> tuple[Check, ...]:
    """Weekdays can only be told from dates."""
    if not named or days:
        return ()
    note = "Times are numbers, so weekdays are not known: write dates to take them out."
    return (Check("weekdays", "warn", None, None, "none", note),)


def follows_check(far: float, *, by_chance: bool) -> Check:
    """Whether treated days come after bad ones, as days sent to trouble would."""
    name = "treated days and the day before"
    if abs(far) <= SURE:
        note = "Treated days do not follow days with more, or fewer, events."
        return Check(name, "pass", abs(far), SURE, "none", note)
    more = "more" if far > 0 else "fewer"
    tail = ": a lot does not do that." if by_chance else ": the difference is partly a return to the usual."
    note = f"Treated days follow days with {more} events{tail}"
    return Check(name, "warn", abs(far), SURE, "downgrade", note)


def carried_check(beta: Array, covariance: Array, washout: int) -> Check:
    """Whether earlier treated days still show, beyond the days that were washed out."""
    at = slice(washout + 1, len(beta))
    past, cover = beta[at], covariance[: len(beta), : len(beta)][at, at]
    if not len(past):
        note = f"All {washout} days over which carry-over was looked for are washed out."
        return Check("carry-over", "pass", None, None, "none", note)
    try:
        wald = float(past @ np.linalg.solve(cover, past))
    except np.linalg.LinAlgError:
        return Check("carry-over", "info", None, None, "none", "Carry-over could not be looked at.")
    p = float(chdtrc(len(past), wald))
    since = f"{washout + 1} to {len(beta) - 1}" if len(past) > 1 else f"{washout + 1}"
    if p >= CHANCE:
        note = f"Treated days {since} days before do not show (joint p = {p:.2f})."
        return Check("carry-over", "pass", p, CHANCE, "none", note)
    note = (
        f"Treated days {since} days before still show (joint p = {p:.3f}): the comparison days are not free of it. "
        "Lengthen washout."
    )
    return Check("carry-over", "warn", p, CHANCE, "downgrade", note)
