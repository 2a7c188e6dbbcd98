"""Codes about linkage (LC880 to LC889)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {}
