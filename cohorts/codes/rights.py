"""Codes about rights and erasure (LC890 to LC899)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {}
