"""Starting up is light: help needs no heavy library, and little time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = (
    "pandas", "polars", "numpy", "scipy", "statsmodels", "sklearn", "matplotlib", "duckdb", "sqlmodel", "sqlalchemy",
    "alembic", "rich", "jinja2", "fastexcel", "pyreadstat", "cryptography", "pyrage",
)  # fmt: skip
PROBE = """
import json, sys
sys.argv = ["lifecourse", *{words!r}]
import cli
try:
    cli.main()
except SystemExit:
    pass
sys.stderr.write(json.dumps(sorted({{name.split(".")[0] for name in sys.modules}})))
"""


def loaded_by(words: list[str]) -> set[str]:
    """Top-level modules loaded after a command."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(words=words)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "words", [["--help"], ["evaluate", "--help"], ["source", "load", "--help"], ["--version"]]
)
def test_help_loads_no_heavy_library(words: list[str]) -> None:
    assert not loaded_by(words) & set(HEAVY)


def test_explaining_a_code_loads_no_heavy_library() -> None:
    assert not loaded_by(["explain", "LC210"]) & set(HEAVY)
