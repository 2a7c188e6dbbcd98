"""Loading files that grow: does memory grow with them?

    python -m benchmarks.race.large --rows 400000,1600000 --values 2,8,32

A row is one person at one of four waves with so many values, so there are a quarter as many people as rows. Each size
is loaded through the command line in a process of its own, from an empty store; memory is the peak of that process
(VmHWM), time its processor time. Files of up to ``HELD_BYTES`` of rows are held, larger ones are set aside.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[2]
WAVES = ("release", "6-months", "12-months", "24-months")
MAPPING = """[source]
id = "visits"
title = "Visits"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
data_until = 2026-01-01
wave_column = "visit"
waves = { WAVES }
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[index_date]]
column = "released"
"""
VARIABLE = """[[variable]]
column = "NAME"
name = "NAME"
kind = "number"
"""
CHILD = """
import json, resource, sys
import cli
sys.argv = ["lifecourse", *sys.argv[1:]]
try:
    cli.main()
except SystemExit as done:
    assert not done.code, done.code
top = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"peak_mb": int(top) / 1024, "cpu_s": used.ru_utime + used.ru_stime}), file=sys.stderr)
"""


def nhs_numbers(people: int) -> pl.Series:
    """So many valid numbers."""
    body = np.arange(400_000_000, 400_000_000 + 2 * people, dtype=np.int64)
    digits = body[:, None] // 10 ** np.arange(8, -1, -1) % 10
    check = (11 - digits @ np.arange(10, 1, -1) % 11) % 11
    return pl.Series(body * 10 + check).filter(pl.Series(check != 10)).head(people)


def make_file(path: Path, rows: int, values: int) -> None:
    """Rows in an order of no meaning, written part by part."""
    rng = np.random.default_rng(rows)
    numbers = nhs_numbers(rows // len(WAVES))
    for place, wave in enumerate(WAVES):
        order = rng.permutation(len(numbers))
        day = (numbers.gather(order) % 28 + 1).cast(pl.String).str.zfill(2)
        frame = pl.DataFrame(
            {
                "nhs": numbers.gather(order),
                "released": day + "/03/2022",
                "visit": pl.repeat(wave, len(numbers), eager=True),
                **{f"score_{n}": rng.integers(0, 10_000, len(numbers)) / 100 for n in range(values)},
            }
        )
        with path.open("ab" if place else "wb") as file:
            frame.write_csv(file, include_header=not place)


def run(folder: Path, *words: str) -> str:
    """A command in a process of its own; what it says of its memory."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, "--project", str(folder / "project"), *words],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stderr.strip().splitlines()[-1]


def measure(rows: int, values: int) -> dict[str, float]:
    """One size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LIFECOURSE_KEY_FILE"] = str(folder / "key" / "race.key")
        file = folder / "visits.csv"
        make_file(file, rows, values)
        subprocess.run(
            [sys.executable, "-m", "cli", "init", str(folder / "project")],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        run(folder, "key", "create")
        run(folder, "cohort", "new", "leavers", "--template", "prison-leavers")
        waves = ", ".join(f'"{wave}" = "{wave}"' for wave in WAVES)
        variables = "".join(VARIABLE.replace("NAME", f"score_{place}") for place in range(values))
        mapping = MAPPING.replace("WAVES", waves) + variables
        (folder / "project" / "sources" / "visits.toml").write_text(mapping, encoding="utf-8")
        reading: dict[str, float] = json.loads(run(folder, "source", "load", "visits", str(file)))
        store = folder / "project" / "data" / "cohort.sqlite"
        return reading | {
            "rows": rows,
            "file_mb": file.stat().st_size / 2**20,
            "bytes_an_observation": store.stat().st_size / rows / values,
        }


def main() -> None:
    """The whole race."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="400000,1600000")
    parser.add_argument("--values", default="2,8,32")
    asked = parser.parse_args()
    print(
        f"{'rows':>11}{'people':>11}{'values':>13}{'file MB':>9}{'peak MB':>9}{'cpu s':>8}{'store B a value':>17}"
    )
    for rows in (int(text) for text in asked.rows.split(",")):
        for values in (int(text) for text in asked.values.split(",")):
            one = measure(rows, values)
            print(
                f"{rows:>11,}{rows // len(WAVES):>11,}{rows * values:>13,}{one['file_mb']:>9.0f}"
                f"{one['peak_mb']:>9.0f}{one['cpu_s']:>8.1f}{one['bytes_an_observation']:>17.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
