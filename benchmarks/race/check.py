"""Hold the medians of a storage race against the goals: ``python -m benchmarks.race.check out.json [--loosen 1.5]``.

Exit 1 when a goal is missed or was not measured at its size.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

# name of the ratio: (size it holds for, the largest or the smallest that will do)
AT_MOST = {
    "pipeline / limit, cpu": (1_000_000, 5.0),
    "pipeline / limit, wall": (1_000_000, 6.0),
    "store stage / .import, cpu": (1_000_000, 1.1),
    "extract / Polars on Parquet, cpu": (1_000_000, 7.0),
    "fifth wave / first wave, cpu": (1_000_000, 1.15),
    "fifth wave / first wave, bytes": (1_000_000, 1.1),
    "HMAC / hmac.digest, cpu": (1_000_000, 0.45),
    "bytes an observation": (1_000_000, 40.0),
}
AT_LEAST = {
    "pandas / pipeline, cpu": (1_000_000, 4.0),
    "pandas / pipeline, memory": (1_000_000, 2.0),
    "SQLModel rows / pipeline, cpu": (100_000, 40.0),
    "Core executemany / store stage, cpu": (1_000_000, 4.0),
    "pandas naive / extract, cpu": (1_000_000, 6.0),
    "SQLModel objects / extract, cpu": (100_000, 45.0),
}


def judged(
    kept: dict[str, dict[str, dict[str, dict[str, dict[str, float]]]]], loosen: float
) -> list[tuple[str, str]]:
    """Each goal with what became of it; what was run at another size only is judged there."""
    lines = []
    for goals, sign in ((AT_MOST, "at most"), (AT_LEAST, "at least")):
        for name, (size, goal) in goals.items():
            held = kept["sizes"].get(str(size)) or next(iter(kept["sizes"].values()))
            if name not in held["ratios"]:
                lines.append((name, "not measured"))
                continue
            median = held["ratios"][name]["median"]
            good = median <= goal * loosen if sign == "at most" else median >= goal / loosen
            lines.append((name, f"{median:.2f}, {sign} {goal:g}: {'met' if good else 'MISSED'}"))
    return lines


def main() -> None:
    """Print every goal; exit 1 when one is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--loosen", type=float, default=1.0, help="for a small or busy machine")
    words = parser.parse_args()
    lines = judged(json.loads(words.file.read_text(encoding="utf-8")), words.loosen)
    for name, verdict in lines:
        print(f"{name:<40}{verdict}")
    sys.exit(any(not verdict.endswith("met") for _, verdict in lines))


if __name__ == "__main__":
    main()
