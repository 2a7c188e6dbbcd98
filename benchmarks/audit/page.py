"""The page of dependencies, made of the committed JSON."""

from __future__ import annotations

from typing import Any

PARTS = {
    "program": "Needed to run",
    "postgresql": "Only with a server (`lifecourse[postgresql]`)",
    "linkage": "Only to link by names (`lifecourse[linkage]`)",
    "dev": "Only to develop and test: nothing of it is installed with the program",
}
HEAD = """# Dependencies

Made by `python -m benchmarks.audit run` and `python -m benchmarks.audit table` on {date}, Python {python}. The versions
are those of `requirements.lock`; `requirements.hashed.lock` has the hashes of what is needed to run
([how to use them](../how-to/install-without-internet.md)). `python -m benchmarks.audit bill FILE` writes a bill of
materials (CycloneDX 1.6, JSON); `python -m benchmarks.audit check` says what of this page no longer holds.

## In short

{short}

## What each is, and under which licence

Lifecourse is under the MIT licence. Permissive licences ask for their notice to be kept. *Weak copyleft* (LGPL, MPL)
asks that changes to that library itself be given on; it is used unchanged, as a library, and may be exchanged for
another version. There is no strong copyleft.

{tables}
## What a command loads

Each ran in a process of its own, in the demonstration, with every call out refused. The libraries stand in the order of
the alphabet; what stands in no row is loaded by none of them.

{commands}

## What each could reach

Every library runs with the rights of whoever runs the program: it could read what they can read. What holds it back:

- **Network**: no command above opened a connection, and none may: while the demonstration of the tests is made, every
  attempt is refused and would be shown. The one exception is a project kept on a server: `psycopg` then connects to
  the address that `lifecourse.toml` or `LIFECOURSE_DATABASE_URL` names. Two programs are started that could call out
  themselves and are given nothing to fetch: the browser that prints PDF, and `git` for `doctor` and `attack`.
- **Keys**: identities and keys are opened by `pyrage` and `cryptography`, which are compiled; their source was not
  read here.
- **Rows of people**: `polars`, `numpy`, `scipy`, `statsmodels` and `scikit-learn` see values, never identifiers: those
  are tokens before any of them is called. At the door itself `polars`, `fastexcel` and `pyreadstat` read the partner's
  file, identifiers and all.

## What was not checked

- **Known faults**: {faults}
- **Dates of last releases**: the installed files do not say them, and nothing was fetched.
- **Who made what**: hashes show that a download is the one that was pinned, not that its makers are to be
  trusted. That installed files are what their packages listed ({files:,} files, {changed} changed) shows damage, not a
  forged package.
- **Tools of developers** are pinned by version, without hashes.
"""


def page(found: dict[str, Any]) -> str:
    rows = found["packages"]
    return HEAD.format(
        date=found["date"],
        python=found["python"],
        short=_short(rows, found["commands"]),
        tables="".join(_table(part, words, rows) for part, words in PARTS.items()),
        commands=_commands(found["commands"]),
        faults=_faults(found["vulnerabilities"]),
        files=sum(row["files"] for row in rows),
        changed=sum(row["changed"] for row in rows),
    )


def _short(rows: list[dict[str, Any]], commands: list[dict[str, Any]]) -> str:
    here = [row for row in rows if row["installed"]]
    off = [row["name"] for row in here if row["installed"] != row["pinned"]]
    weak = [f"{row['name']} ({row['licence']})" for row in rows if row["kind"] == "weak copyleft"]
    lines = [
        f"{len(rows)} distributions are pinned, {sum(row['part'] == 'program' for row in rows)} of them needed to run.",
        f"{len(here)} were installed; " + (f"not as pinned: {', '.join(off)}." if off else "all as pinned."),
        f"Weak copyleft: {', '.join(weak) or 'none'}.",
        "Unknown licence: " + (", ".join(r["name"] for r in here if r["kind"] == "unknown") or "none") + ".",
        f"{len(commands)} commands were watched; calls out tried: {sum(len(one['tried']) for one in commands)}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _table(part: str, words: str, rows: list[dict[str, Any]]) -> str:
    lines = [f"### {words}\n", "| Distribution | Version | Licence | Kind |", "|---|---|---|---|"]
    for row in rows:
        if row["part"] == part:
            where = f" ({row['marker']})" if row["marker"] and not row["installed"] else ""
            lines.append(
                f"| {row['name']}{where} | {row['pinned']} | {row['licence'] or 'not installed here'} | "
                f"{row['kind'] or 'not looked at'} |"
            )
    return "\n".join(lines) + "\n\n"


def _commands(commands: list[dict[str, Any]]) -> str:
    common = set(commands[0]["loaded"]) if commands else set()
    lines = ["| Command | Calls out | Loads |", "|---|---|---|"]
    for one in commands:
        more = [name for name in one["loaded"] if name not in common]
        words = ", ".join(sorted(common)) if one is commands[0] else ", ".join(more) or "no more"
        first = "" if one is commands[0] else "as `--help`, and " if more else "as `--help`: "
        lines.append(f"| `{one['command']}` | {', '.join(one['tried']) or 'none'} | {first}{words} |")
    return "\n".join(lines)


def _faults(said: dict[str, Any]) -> str:
    if not said["checked"]:
        return (
            f"not asked about ({said['said']}). `python -m benchmarks.audit faults` asks; where it cannot, it says "
            "that it was skipped."
        )
    return f"{said['said']}; " + (
        f"found: {', '.join(said['found'])}." if said["found"] else "none is known."
    )
