"""Codes about REDCap projects (LC804 to LC809)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {}
