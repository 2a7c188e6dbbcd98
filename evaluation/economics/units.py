"""From an effect to units of the outcome for one person: cases, events, points; and back (pure).

A ratio needs the level without the programme (``base``): a share of people, or events a person. A hazard ratio is
turned into a share by the horizon by 1 - (1 - p) ** ratio, which takes hazards as proportional.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.economics.found import Found
from evaluation.model import Better, Effect

SHARES = ("risk-ratio", "odds-ratio", "hazard-ratio")
Array = NDArray[np.float64]


def needs_base(found: Found) -> str:
    """Why the effect cannot be said in units; empty where it can."""
    if found.effect in ("difference", "risk-difference"):
        return ""
    if found.base is None:
        return "the level without the programme is not known, so a ratio cannot be said in units"
    if found.effect in SHARES and not 0 < found.base < 1:
        return "without the programme everybody or nobody had it, so a ratio cannot be said in units"
    if found.effect == "hazard-ratio" and found.competing:
        return "with competing events a hazard ratio cannot be turned into cases"
    return ""


def gained(found: Found, oriented: Any) -> Array:
    """Units gained a person (averted, where lower is better) at values on the verdict's scale, positive for benefit."""
    v = np.asarray(oriented, dtype=np.float64)
    base = found.base or 0.0
    if found.effect in ("difference", "risk-difference"):
        return v
    sign = 1.0 if found.better == "higher" else -1.0
    ratio = np.exp(np.clip(sign * v, -50, 50))
    return np.asarray(sign * (_level(found.effect, base, ratio) - base), dtype=np.float64)


def _level(effect: Effect, base: float, ratio: Array) -> Array:
    """The level with the programme."""
    if effect == "risk-ratio":
        return np.minimum(base * ratio, 1.0)
    if effect == "odds-ratio":
        return base * ratio / (1 - base + base * ratio)
    if effect == "hazard-ratio":
        return 1 - (1 - base) ** ratio
    return base * ratio


def on_scale(units: float, effect: Effect, better: Better, base: float | None) -> tuple[float | None, str]:
    """So many units a person as the plan writes a difference that matters; or why that cannot be said."""
    if effect == "difference":
        return units, ""
    sign = 1.0 if better == "higher" else -1.0
    if effect == "risk-difference":
        most = 1.0 if base is None else base if sign < 0 else 1 - base
        return (units, "") if units <= most else (None, _beyond(sign))
    if base is None or (effect in SHARES and not 0 < base < 1):
        return None, "give expected_rate in the outcome to have it on the effect's scale"
    level = base + sign * units
    if level < 0 or (effect in SHARES and level > 1) or (level <= 0 and effect in SHARES):
        return None, _beyond(sign)
    if effect == "odds-ratio":
        return (level / (1 - level)) / (base / (1 - base)) if level < 1 else None, ""
    if effect == "hazard-ratio":
        return math.log(1 - level) / math.log(1 - base) if level < 1 else None, ""
    return level / base, ""


def _beyond(sign: float) -> str:
    """It costs more than the whole outcome is worth."""
    return (
        "even if every case were averted it would cost more than that is worth"
        if sign < 0
        else "even if everybody had it, it would cost more than that is worth"
    )
