"""Write the pages that come from elsewhere: commands, error codes, and where methods were checked.

Run it after a change to a command, a code, the methods register or the counts of calibration:
``python docs/make_reference.py``. A test fails while the pages are not current.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("NO_COLOR", "1")
HERE = Path(__file__).resolve().parent
for place in (str(HERE.parent), str(HERE)):
    if place not in sys.path:
        sys.path.insert(0, place)

import method_pages  # noqa: E402 - it stands beside this file

GROUPS = {
    "1": "The project folder, the database and the audit log",
    "2": "The theory of change",
    "3": "Measures",
    "4": "Plans and the data they are run on",
    "5": "Findings",
    "6": "Wording",
    "7": "Register and site",
    "8": "Sources, partner files, keys and cohorts",
    "9": "Disclosure",
}

COMMANDS_HEAD = """# Commands

*This page is written by `docs/make_reference.py` from the program itself.*

Every command also answers `--help`. Ids such as `COH-001` and `EVAL-003` are never given twice.

## Options every command takes

They may stand before the command or after it.

| Option | What it does |
|---|---|
| `--project DIR` | the project folder; without it, the folder you are in or the nearest one above it |
| `--json` | one JSON document on standard output and nothing else there; errors too come as JSON |
| `--plain` | no boxes, no colour (`NO_COLOR` in the environment is honoured as well) |
| `--no-input` | never ask a question |
| `--dry-run` | say what would be written, and write nothing |
| `--verbose` | say what is being done |
| `--version` | print the version and stop |

## Exit codes

| Code | Meaning |
|---|---|
| 0 | all is well |
| 1 | a check found problems (`theory check`, `plan check`, `source inspect`, `source check`, \
`agreement check`, `doctor`, `key status`, `audit verify`) |
| 2 | wrong usage, no project here, or settings that cannot be read |
| 4 | something must happen first: the plan is not locked, the key is missing, the outcomes are sealed, \
an agreement has lapsed |
| 10 | a problem in theory.toml or in a measure |
| 11 | a problem in a source, a partner file, a key or a cohort |
| 12 | a problem in a plan, or in the data it is run on |
| 70 | a fault in the program: a record without any data is left in the temporary folder |

## What is read from the environment

| Variable | Meaning |
|---|---|
| `LIFECOURSE_KEY_FILE` | where the pseudonym key of this project is kept |
| `LIFECOURSE_DATABASE_URL` | the database, in place of the one in lifecourse.toml |
| `LIFECOURSE_BROWSER` | the browser that prints a PDF, where it is not found by itself |
| `NO_COLOR` | no colour |
"""

ERRORS_HEAD = """# Error codes

*This page is written by `docs/make_reference.py` from the program itself. `lifecourse explain CODE` prints
the same text.*

Every message says what is wrong, where it stands, and one thing to do about it. No message holds a cell of a
data file, an identifier or a pseudonym: it names the column, the rule and the row number.
"""


def _command() -> Any:
    import typer.main

    from cli import app

    return typer.main.get_command(app)


def _walk(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words that call it, in the order of the help."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(words), command
        return
    for name, child in inner.items():
        yield from _walk(child, (*words, name))


def command_names() -> list[str]:
    """The words that call each command."""
    return [words for words, _ in _walk(_command())]


def _option_row(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    flag = bool(getattr(parameter, "is_flag", False))
    shape = "" if flag or not is_option else f" {parameter.name.upper()}"
    name = parameter.opts[0] + shape if is_option else (parameter.metavar or parameter.name.upper())
    default = parameter.default
    bare = callable(default) or default is None or default == "" or default is False
    said = "required" if parameter.required else "" if bare else f"`{default}`"
    text = (getattr(parameter, "help", "") or "").replace("|", "\\|")
    return f"| `{name}` | {text} | {said} |"


def _section(words: str, command: Any) -> str:
    parameters = [p for p in command.params if p.name != "help"]
    arguments = [p for p in parameters if p.param_type_name == "argument"]
    shown = " ".join(
        (p.metavar or p.name.upper()) if p.required else f"[{p.metavar or p.name.upper()}]" for p in arguments
    )
    call = " ".join(part for part in (f"lifecourse {words}", shown) if part)
    help_text = " ".join((command.help or "").split())
    lines = [f"## lifecourse {words}", "", help_text, "", f"    {call}", ""]
    if parameters:
        lines += ["| Option or argument | Meaning | Default |", "|---|---|---|"]
        lines += [_option_row(p) for p in [*arguments, *(p for p in parameters if p not in arguments)]]
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """Every command, its arguments and options."""
    sections = [_section(words, command) for words, command in _walk(_command())]
    return "\n".join([COMMANDS_HEAD, *sections]).rstrip() + "\n"


def errors_page() -> str:
    """Every code, grouped by its first digit."""
    import cli  # noqa: F401 - every floor declares its codes when it is imported
    from workspace.errors import EXPLANATIONS

    lines = [ERRORS_HEAD]
    group = ""
    for code, found in sorted(EXPLANATIONS.items()):
        if code[2] != group:
            group = code[2]
            lines += [f"# LC{group}xx: {GROUPS[group]}", ""]
        lines += [f"## {code} {found.title}", "", found.meaning, "", f"What to do: {found.remedy}", ""]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Each generated page and the text it should have."""
    folder = HERE / "reference"
    made = {folder / "commands.md": commands_page(), folder / "errors.md": errors_page()}
    return made | method_pages.pages()


def main() -> None:
    """Write the pages that are not current."""
    for path, text in pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(HERE.parent).as_posix()}\n")


if __name__ == "__main__":
    main()
