"""A peer in R, in a process of its own, where Rscript and its packages are there."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import polars as pl


def run_r(script: str, data: pl.DataFrame, *words: str) -> dict[str, Any] | None:
    """What a script beside this file prints as JSON about the data; ``None`` where R or its packages are not there."""
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        data.write_csv(path)
        command = ["Rscript", Path(__file__).with_name(script), path, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found
