"""Codes about synthetic twins and attacks (LC819, LC856, LC857, LC950 to LC959)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {}
