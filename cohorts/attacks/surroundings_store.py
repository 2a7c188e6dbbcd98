"""Reads what lies around a project on this machine: histories of shells, processes of this user, temporary files."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from cohorts.attacks.surroundings import Around

HISTORIES = {
    "bash": ".bash_history",
    "zsh": ".zsh_history",
    "fish": ".local/share/fish/fish_history",
    "Python": ".python_history",
    "PowerShell": "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
}
LARGEST = 16 * 2**20
PREFIX = "lifecourse-"
BAIT = "lifecourse-attack-"  # throw-away projects of this very attack: made-up people and a key of their own


def gather_around() -> Around:
    """Everything of this user that can be read; what cannot be is left out."""
    histories = {name: data for name, path in _histories().items() if (data := _read(path))}
    temporary = {}
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        if path.name.startswith(BAIT):
            continue
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not file.is_symlink() and (data := _read(file)):
                temporary[f"{path.name[: len(PREFIX)]}… ({file.suffix or 'no ending'})"] = data
    return Around(histories, temporary, _processes())


def _histories() -> dict[str, Path]:
    found = {name: Path.home() / place for name, place in HISTORIES.items()}
    named = os.environ.get("HISTFILE")
    return found | ({"this shell": Path(named)} if named else {})


def _processes() -> bytes:
    lines = []
    for path in sorted(Path("/proc").glob("[0-9]*/cmdline")):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid():
                lines.append(path.read_bytes().replace(b"\0", b" "))
    return b"\n".join(line for line in lines if b"lifecourse" in line)


def _read(path: Path) -> bytes:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(LARGEST)
    return b""
