"""Texts that Markdown takes as they are (pure)."""

from __future__ import annotations


def plain_line(text: str) -> str:
    """A text on one line, its marks escaped."""
    one = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in one)
