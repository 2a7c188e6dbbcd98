"""Which engine takes over where: match keys, DuckDB and Spark on the same made-up people, at growing sizes.

    python -m benchmarks.limits.linkage_engines --people 20000 200000
    python -m benchmarks.limits.linkage_engines --people 200000 --only duckdb spark --all --memory-mb 1000

Spark needs ``pip install 'lifecourse[spark]'`` and Java 17. Each line is a process of its own. Seconds are of weighing
(starting the engine is part of it); processor seconds count Java's too; memory is the larger of the peaks of Python
and Java. By default match keys go first, as in ``lifecourse link run``; ``--all`` gives everybody to the engine.
``--memory-mb`` holds either engine to so much memory. ``same`` says that pairs are DuckDB's and weights agree to 1e-6.
"""

from __future__ import annotations

import argparse
import functools
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
VARIANTS = ("keys", "duckdb", "spark")
LIMIT = 1e-6


def child(variant: str, people: int, seed: int, keys_first: bool, memory: int, pairs: str) -> None:
    """One measured run; the pairs go into a file to be held against those of the other engine."""
    import polars as pl

    from benchmarks.two_sources import make_sources
    from cohorts.errors import CohortError
    from cohorts.linkage import NOBODY
    from cohorts.linking.match_keys import match_by_keys
    from cohorts.linking.residual import frequencies_of, score_pairs, share_left_over
    from cohorts.linking.side import make_side
    from cohorts.linking.store import load_model

    hold_to(memory)
    made, key = make_sources(people, seed), bytes(range(32))
    left, right = (
        make_side(table.drop("nhs"), key, table["record"]).fields for table in (made.left, made.right)
    )
    frequencies, model = frequencies_of(left, right), load_model()[0]
    expected: float = made.truth.height
    began, cpu = time.perf_counter(), seconds_used()
    if variant == "keys" or keys_first:
        settled = match_by_keys(left, right, NOBODY)
        left = left.filter(~pl.col("person").is_in(settled["left"].implode()))
        right = right.filter(~pl.col("person").is_in(settled["right"].implode()))
        expected = share_left_over(settled.height)
    said: dict[str, Any] = {"records": left.height + right.height, "pairs": 0, "finished": True}
    try:
        if variant != "keys":
            found = score_pairs(left, right, model, frequencies, expected, variant)
            found.write_parquet(pairs)
            said["pairs"] = found.height
    except CohortError as error:
        said |= {"finished": False, "code": error.faults[0].code}
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = {"wall": time.perf_counter() - began, "cpu": seconds_used() - cpu, "rss_mb": peak / 1024}
    print(json.dumps({**said, **used}))


def hold_to(memory: int) -> None:
    """Let either engine use so many MB; 0 leaves them as they are."""
    if not memory:
        return
    import duckdb

    from cohorts.linking import spark_session

    config: dict[str, Any] = {"memory_limit": f"{memory}MB"}
    vars(duckdb)["connect"] = functools.partial(duckdb.connect, config=config)
    spark_session._memory_mb = lambda: memory


def seconds_used() -> float:
    """Processor seconds of this process and of those it started and that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def measured(words: argparse.Namespace, variant: str, people: int, pairs: Path) -> dict[str, Any]:
    """Run one variant in a process of its own."""
    asked = [
        sys.executable, "-m", "benchmarks.limits.linkage_engines", "--child", variant, "--people", str(people),
        "--seed", str(words.seed), "--memory-mb", str(words.memory_mb), "--pairs", str(pairs),
        *(["--all"] if words.all else []),
    ]  # fmt: skip
    done = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=ROOT)
    reading: dict[str, Any] = json.loads(done.stdout)
    return {
        "variant": variant, "people": people, "seed": words.seed, "all": words.all, "memory_mb": words.memory_mb,
        **reading,
    }  # fmt: skip


def same_pairs(ours: Path, theirs: Path) -> bool | None:
    """Whether two engines gave the same; nothing where one gave none."""
    import polars as pl

    if not ours.is_file() or not theirs.is_file():
        return None
    one, two = pl.read_parquet(ours), pl.read_parquet(theirs)
    pairs = one.select("left", "right").equals(two.select("left", "right"))
    return pairs and float((one["weight"] - two["weight"]).abs().max() or 0.0) <= LIMIT  # type: ignore[arg-type]


def main() -> None:
    """Print a line a variant and size; --json keeps them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=[20_000])
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--all", action="store_true", help="give everybody to the engine; match keys do not go first"
    )
    parser.add_argument("--memory-mb", type=int, default=0, help="hold either engine to so much memory")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--child", choices=VARIANTS, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--pairs", default="", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.child:
        child(words.child, words.people[0], words.seed, not words.all, words.memory_mb, words.pairs)
        return
    lines = []
    print(
        f"{'people':>9} {'variant':<8}{'records':>9}{'pairs':>10}{'wall s':>8}{'cpu s':>8}{'MB':>7}  same as DuckDB",
        flush=True,
    )
    for people in words.people:
        with tempfile.TemporaryDirectory() as folder:
            for variant in words.only:
                kept = {name: Path(folder) / f"{name}.parquet" for name in VARIANTS}
                line = measured(words, variant, people, kept[variant])
                same = same_pairs(kept["duckdb"], kept["spark"]) if variant == "spark" else None
                lines.append(line | {"same": same})
                said = (
                    {True: "yes", False: "NO", None: ""}[same]
                    if line["finished"]
                    else f"stopped: {line['code']}"
                )
                print(
                    f"{people:>9,} {variant:<8}{line['records']:>9,}{line['pairs']:>10,}{line['wall']:>8.1f}"
                    f"{line['cpu']:>8.1f}{line['rss_mb']:>7.0f}  {said}",
                    flush=True,
                )
    if words.json:
        words.json.write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")
    if any(line["same"] is False for line in lines):
        sys.exit(1)


if __name__ == "__main__":
    main()
