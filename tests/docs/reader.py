"""The pages of the documentation as blocks, and a reader who sits in a folder and does what they say."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, its text and the comments above it."""

    where: str
    language: str
    text: str
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return next((int(note.split()[1]) for note in self.notes if note.startswith("exit ")), 0)

    @property
    def target(self) -> str:
        return next((note.removeprefix("save as ") for note in self.notes if note.startswith("save as ")), "")

    @property
    def is_run(self) -> bool:
        return "not run" not in self.notes


def blocks_of(page: Path) -> list[Block]:
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    notes: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        fence = re.match(r"^( *)```(\w*)$", line)
        if fence:
            end = next(i for i in range(number + 1, len(lines)) if lines[i] == f"{fence[1]}```")
            body = [text.removeprefix(fence[1]) for text in lines[number + 1 : end]]
            where = f"{page.relative_to(ROOT).as_posix()}:{number + 1}"
            found.append(Block(where, fence[2], "\n".join(body) + "\n", tuple(notes)))
            number, notes = end, []
        elif comment := re.match(r"^ *<!-- (.+) -->$", line):
            notes.append(comment[1])
        elif line.strip():
            notes = []
        number += 1
    return found


def start_of(page: Path) -> str:
    found = re.search(r"<!-- starts in: (\w+) -->", page.read_text(encoding="utf-8"))
    return found[1] if found else ""


def part(name: str) -> ModuleType:
    """A file of Python that stands beside the pages."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Reader:
    """Somebody who sits in a folder and does what a page says; ``program`` stands in for the program itself."""

    def __init__(self, folder: Path, home: Path, program: str = "") -> None:
        self.folder = folder
        shims = home / "bin"
        shims.mkdir(parents=True, exist_ok=True)
        self._shim(shims / "lifecourse", program or f'"{sys.executable}" "{ROOT / "cli.py"}"')
        self._shim(shims / "python", f'"{sys.executable}"')
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIFECOURSE_", "XDG_", "COV"))}
        self.surroundings = kept | {
            "PATH": f"{shims}{os.pathsep}{kept.get('PATH', '')}",
            "XDG_CONFIG_HOME": str(home / "config"),
            "HOME": str(home),
            "MPLCONFIGDIR": str(home / "matplotlib"),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_COLOR": "1",
        }

    @staticmethod
    def _shim(path: Path, command: str) -> None:
        path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        path.chmod(0o755)

    def follow(self, block: Block) -> None:
        if block.target:
            target = self.folder / block.target
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        if not block.is_run:
            return
        if block.language == "console":
            self._console(block)
        elif block.language == "sh":
            self._run(["bash", "-euo", "pipefail", "-c", block.text], block, block.exit_code)
        elif block.language == "python":
            self._run([sys.executable, "-c", block.text], block, block.exit_code)

    def _console(self, block: Block) -> None:
        steps: list[tuple[str, list[str]]] = []
        for line in block.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif line.strip():
                steps[-1][1].append(line)
        for number, (command, expected) in enumerate(steps, start=1):
            code = block.exit_code if number == len(steps) else 0
            change = re.fullmatch(r"cd (\S+)", command)
            if change:
                self.folder = (self.folder / change[1]).resolve()
                assert self.folder.is_dir(), f"{block.where}: no folder for '{command}'"
                continue
            printed = self._run(["bash", "-euo", "pipefail", "-c", command], block, code)
            self._holds(printed, expected, f"{block.where}: {command}")

    @staticmethod
    def _holds(printed: str, expected: list[str], where: str) -> None:
        waiting = iter([" ".join(line.split()) for line in printed.splitlines()])
        for line in expected:
            parts = [re.escape(part) for part in " ".join(line.split()).split("…")]
            wanted = re.compile(".*".join(parts))
            found = any(wanted.fullmatch(actual) for actual in waiting)
            assert found, f"{where}\nnot printed here: {line}\nprinted was:\n{printed}"

    def _run(self, words: list[str], block: Block, code: int) -> str:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.surroundings,
            text=True,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, f"{block.where}: exit {done.returncode}, not {code}\n{done.stdout}"
        return done.stdout
