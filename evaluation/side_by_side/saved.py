"""What of a saved result is compared: each outcome's effect and answer, and its other ways of asking (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.model import RATIOS, Effect
from evaluation.nearly_same import NEARLY
from evaluation.reporting.numbers import NEARLY_ALL, NOT_ESTIMATED, decimals_for, scale_of
from evaluation.reporting.numbers import plain as printed


@dataclass(frozen=True, slots=True)
class SavedEffect:
    """An effect in the measure's own sign; nothing where it was withheld or could not be had."""

    effect: Effect
    value: float | None
    low: float | None
    high: float | None

    @property
    def sign(self) -> int:
        """The way it points: 1 up, -1 down, 0 neither or not known."""
        neutral = 1.0 if self.effect in RATIOS else 0.0
        return 0 if self.value is None or self.value == neutral else 1 if self.value > neutral else -1

    def holds(self, value: float | None) -> bool | None:
        """Say whether its interval holds a value; ``None`` where either is not known."""
        if self.low is None or self.high is None or value is None:
            return None
        return self.low <= value <= self.high

    def words(self, unit: str) -> str:
        """The value with its interval, as reports print them."""
        scale = scale_of(self.effect, unit)
        known = [
            x * scale.factor for x in (self.value, self.low, self.high) if x is not None and math.isfinite(x)
        ]
        if self.value is None or not known:
            return NOT_ESTIMATED
        decimals = decimals_for(*known) if scale.decimals is None else scale.decimals
        said = f"{printed(known[0], decimals)}{scale.unit}"
        return (
            f"{said} ({printed(known[1], decimals)} to {printed(known[2], decimals)})"
            if len(known) == 3
            else said
        )


@dataclass(frozen=True, slots=True)
class SavedWay:
    """Another way of asking, and whether it turns the verdict; ``held``: its figures are withheld."""

    name: str
    effect: SavedEffect
    turns: bool
    held: bool = False

    def words(self, unit: str) -> str:
        """Its effect as reports print it, or that it is withheld."""
        return NEARLY_ALL if self.held else self.effect.words(unit)


@dataclass(frozen=True, slots=True)
class SavedOutcome:
    """One outcome of a saved result."""

    measure: str
    name: str
    role: str
    better: str
    unit: str
    effect: SavedEffect
    answer: str
    detail: str
    security: int
    ways: tuple[SavedWay, ...]


@dataclass(frozen=True, slots=True)
class SavedResult:
    """A saved result: what it was called, how it was asked, and its outcomes in the plan's order."""

    name: str
    plan: str
    method: str
    outcomes: tuple[SavedOutcome, ...]


def read_saved(name: str, payload: Mapping[str, Any]) -> SavedResult:
    """Read a result's JSON; raises KeyError or TypeError where it is none of this version."""
    outcomes = tuple(_outcome(part) for part in payload["outcomes"])
    return SavedResult(name, str(payload["plan"]["id"]), str(payload["method"]), outcomes)


def _outcome(part: Mapping[str, Any]) -> SavedOutcome:
    verdict = part["verdict"]
    near = any(check["name"] == NEARLY for check in part.get("checks", ()))
    ways = tuple(
        SavedWay(
            _text(w["name"]),
            _effect(w["estimate"]),
            bool(w["flips_verdict"]),
            near and w["estimate"]["value"] is None,
        )
        for w in part["sensitivity"]
    )
    return SavedOutcome(
        _text(part["measure"]),
        _text(part["name"]),
        _text(part["role"]),
        _text(part["better"]),
        _text(part["unit"]),
        _effect(part["estimate"]),
        _text(verdict["answer"]),
        _text(verdict["detail"]),
        int(verdict["security"]),
        ways,
    )


def _effect(estimate: Mapping[str, Any]) -> SavedEffect:
    numbers = (_number(estimate[key]) for key in ("value", "conf_low", "conf_high"))
    return SavedEffect(_text(estimate["effect"]), *numbers)


def _text(value: Any) -> Any:
    """What must be a text; raises TypeError where it is none."""
    if not isinstance(value, str):
        message = "a text is something else"
        raise TypeError(message)
    return value


def _number(value: Any) -> float | None:
    """What must be a number or nothing; raises TypeError where it is neither."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        message = "a number is something else"
        raise TypeError(message)
    return value
