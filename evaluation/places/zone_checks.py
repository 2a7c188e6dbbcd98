"""What is to be doubted about a displacement difference, a sentence each (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from evaluation.model import Check
from evaluation.places.displacement import Change, Displacement, Scale, Zone, factors
from evaluation.places.expected_checks import FEW_PERIODS
from evaluation.places.window import Window

FEWEST_EVENTS = 5
UNLIKE = 2.0
SURE = 1.959964
LOCAL_ONLY = "buffers"
Members = dict[str, npt.NDArray[np.bool_]]


def zones_check(member: Members) -> tuple[Check, ...]:
    """Treated places and controls must both be there."""
    lacking = [name for name in ("treated", "control") if name not in member]
    if not lacking:
        return ()
    note = f"No place of zone {' or '.join(lacking)} is left: nothing can be compared."
    return (Check("zones", "fail", float(2 - len(lacking)), 2, "block", note),)


def gaps_check(window: Window, member: Members) -> tuple[Check, ...]:
    """Sums over places need every place in every period."""
    used = np.logical_or.reduce(list(member.values()))
    missing = int((~np.isfinite(window.y[used])).sum())
    if not missing:
        return ()
    note = (
        "Places of the zones lack a count in some period, so that zones cannot be added up. Shorten the window with "
        "where, or leave those places out; where nothing happened, write 0."
    )
    return (Check("gaps", "fail", float(missing), 0.0, "block", note),)


def small_check(zones: dict[str, Zone]) -> tuple[Check, ...]:
    """Sums of a handful of events are not normal; weighted ones count as so many of even weight."""
    pairs = [(z.before, z.before_square) for z in zones.values()] + [
        (z.after, z.after_square) for z in zones.values()
    ]
    totals = [
        float(part.sum()) ** 2 / float(square.sum()) if square.sum() > 0 else 0.0 for part, square in pairs
    ]
    if sum(totals) <= 0:
        return (Check("events", "fail", 0.0, 1.0, "block", "Nothing happened in any zone, before or after."),)
    if min(totals) >= FEWEST_EVENTS:
        return ()
    note = f"A zone has fewer than {FEWEST_EVENTS} events before or after: its error is a rough one."
    return (Check("events", "warn", min(totals), FEWEST_EVENTS, "downgrade", note),)


def buffer_check(member: Members, lonely: tuple[str, ...]) -> tuple[Check, ...]:
    """Whether the streets around are there to show what moved."""
    if "treated-buffer" in member:
        return ()
    if lonely:
        note = f"Only one of the two buffers is there ({lonely[0]}): it was not used, nothing is said of displacement."
        return (Check(LOCAL_ONLY, "warn", 1.0, 2.0, "downgrade", note),)
    note = "No buffers: whether offences moved to the streets around, or fell there too, is not looked at."
    return (Check(LOCAL_ONLY, "warn", 0.0, 2.0, "downgrade", note),)


def noise_check(found: Displacement, *, poisson: bool) -> Check:
    """How much more than chance the counts vary."""
    name, noise = "over-dispersion", found.noise
    if poisson:
        note = "Poisson's errors, as planned: optimistic wherever one event brings another."
        return Check(name, "warn", None, None, "downgrade", note)
    if noise.raw is None:
        note = "Too few periods before the start to see more than chance in counts: Poisson's errors are optimistic."
        return Check(name, "warn", None, None, "downgrade", note)
    if noise.raw <= 1:
        note = f"Counts vary no more than chance makes them ({noise.raw:.2f} times, {noise.df} degrees of freedom)."
        return Check(name, "pass", noise.raw, 1.0, "none", note)
    note = f"Counts vary {noise.raw:.1f} times as much as chance would make them: Poisson's errors would be too small."
    return Check(name, "info", noise.raw, 1.0, "none", note)


def past_check(zones: dict[str, Zone], scale: Scale, before: int) -> tuple[Check, ...]:
    """How long the past is, and whether treated and controls were on different ways before the start already."""
    few = before < FEW_PERIODS
    note = f"{before} period{'s' if before > 1 else ''} before the start" + (
        ": too few to show that both were on the same way." if few else "."
    )
    found = [Check("periods before", "warn" if few else "pass", float(before), FEW_PERIODS, "none", note)]
    if before < 3:
        note = "With fewer than three periods before the start nothing shows that both were on the same way."
        return (*found, Check("drift before the start", "warn", None, None, "downgrade", note))
    weight = factors(zones, scale)
    signs = {"treated": 1.0, "control": -1.0, "treated-buffer": 1.0, "control-buffer": -1.0}
    time = np.arange(before) - (before - 1) / 2
    slope = sum(signs[n] * weight[n] * float(time @ z.before) for n, z in zones.items())
    spread = sum(weight[n] ** 2 * float((time**2) @ z.before_square) for n, z in zones.items())
    if spread <= 0:
        return tuple(found)
    far = abs(slope) / math.sqrt(spread)
    if far > SURE:
        note = "Treated places and controls were drifting apart before the start: the difference may be that drift."
        found.append(Check("drift before the start", "warn", far, SURE, "downgrade", note))
    else:
        note = "No drift between treated places and controls stands out before the start."
        found.append(Check("drift before the start", "pass", far, SURE, "none", note))
    return tuple(found)


def alike_check(zones: dict[str, Zone], scale: Scale) -> Check:
    """A control with far fewer or more events cannot fall by as many."""
    weight = factors(zones, scale)
    one, zero = (weight[name] * float(zones[name].before.sum()) for name in ("treated", "control"))
    ratio = one / zero if zero > 0 else math.inf
    shown = ratio if math.isfinite(ratio) else None
    if 1 / UNLIKE <= ratio <= UNLIKE:
        note = "Treated places and controls had about as many events before the start."
        return Check("alike before", "pass", shown, UNLIKE, "none", note)
    more = f"{ratio:.1f} times as many events as" if ratio > 1 else f"{ratio:.2f} times the events of"
    note = (
        f"Before the start treated places had {more if shown is not None else 'events, unlike'} their controls: what "
        "all places share (a season, a return to the mean of the worst) does not come to as many events in both."
    )
    return Check("alike before", "warn", shown, UNLIKE, "downgrade", note)


def moved_check(found: Displacement, ends: Callable[[Change], tuple[float, float]]) -> tuple[Check, ...]:
    """Displacement told from diffusion, and either from not knowing."""
    if found.around is None:
        return ()
    low, high = ends(found.around)
    value = found.around.value
    if low > 0:
        how = f"rose against the streets around controls (by {_short(low)} to {_short(high)}): displacement."
        note = f"Offences around the treated places {how}"
    elif high < 0:
        how = f"fell too (by {_short(-high)} to {_short(-low)}): the benefit spread."
        note = f"Offences around the treated places {how}"
    else:
        note = (
            f"Around the treated places between {_signed(low)} and {_signed(high)}: neither displacement nor a spread "
            "of benefit is shown."
        )
    return (Check("displacement", "warn" if low > 0 else "info", value, None, "none", note),)


def _signed(value: float) -> str:
    return f"{_short(abs(value))} {'fewer' if value < 0 else 'more'}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
