"""Asking for a passphrase: at the terminal or on standard input, never on the command line or in a variable."""

from __future__ import annotations

import getpass
import sys

from cohorts.errors import CohortError
from workspace import console
from workspace.errors import GateNotMet

SHORTEST = 12


def ask_passphrase(what: str) -> str:
    """The passphrase that opens something; refused with --no-input."""
    if console.current().no_input:
        raise GateNotMet(
            "LC846", f"{what} is locked with a passphrase, and --no-input forbids asking", "Run it without."
        )
    if sys.stdin.isatty():
        return getpass.getpass(f"Passphrase of {what}: ")
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise GateNotMet(
            "LC846",
            f"{what} is locked with a passphrase, and none was given",
            "Run it at a terminal, or give the passphrase on standard input.",
        )
    return given


def choose_passphrase(what: str) -> str:
    """A new passphrase; at a terminal it is asked for twice."""
    chosen = ask_passphrase(what)
    if len(chosen) < SHORTEST:
        raise CohortError(
            "LC846",
            f"the passphrase has fewer than {SHORTEST} characters",
            "Four or five random words will do.",
        )
    if sys.stdin.isatty() and getpass.getpass("The same again: ") != chosen:
        raise CohortError("LC846", "the two passphrases differ; nothing was made", "Try again.")
    return chosen


def ask_line(prompt: str) -> str:
    """One line that must not stand on the command line; refused with --no-input."""
    if console.current().no_input:
        raise GateNotMet(
            "LC849", "whom to look up is asked for, and --no-input forbids asking", "Run it without."
        )
    given = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given.strip():
        raise GateNotMet("LC849", "nobody was named", "Type an identifier, or participant and a number.")
    return given
