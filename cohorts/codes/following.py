"""Codes about spells, exposures and states (LC862 to LC869)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {}
