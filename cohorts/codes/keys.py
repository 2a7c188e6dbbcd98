"""Codes about keys, packs and release pseudonyms (LC838, LC839, LC845 to LC849)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {}
