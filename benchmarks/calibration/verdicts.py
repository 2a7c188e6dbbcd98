"""Verdicts where the truth is known: ``python -m benchmarks.calibration.verdicts run [--draws 2000] [--only WORD …]``.

Five truths for each design: nothing; half of what matters, for the better and for the worse; as much as matters, for
the better and for the worse. Every draw goes the whole way to a verdict; ``table`` prints the answers as Markdown,
beside what the spread of the estimates promises by the rows of the verdict table.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import ndtr, stdtrit

from benchmarks.calibration.__main__ import run
from benchmarks.calibration.bench import SEED, Tally, read_tallies
from benchmarks.calibration.parts import Draw, World, plan_text
from benchmarks.calibration.worlds import binary, clustered, continuous, counted

RESULTS = Path(__file__).parent / "verdicts.json"
TRUTHS = (
    ("nothing", 0.0),
    ("half for the better", 0.5),
    ("half for the worse", -0.5),
    ("as much for the better", 1.0),
    ("as much for the worse", -1.0),
)
ALPHA = 0.05
FREEDOM = {"cluster-randomised": 18.0, "difference-in-differences": 58.0}  # clusters, or units, less two


def panel(units: int, periods: int, effect: float) -> Callable[[Draw], pl.DataFrame]:
    """People or places seen year after year, two in five of them treated from the sixth year on."""

    def draw_panel(draw: Draw) -> pl.DataFrame:
        unit, year = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
        arm = (unit < 2 * units // 5).astype(np.float64)
        y = 2 * draw.normal(size=units)[unit] + 0.3 * year + draw.normal(size=units * periods)
        y += effect * arm * (year >= periods // 2)
        return pl.DataFrame({"unit": [f"u{i:03d}" for i in unit], "year": 2010 + year, "treat": arm, "y": y})

    return draw_panel


def panel_plan(margin: float, periods: int) -> str:
    """A difference in differences as a file would say it."""
    return (
        '[plan]\nid = "calibration"\ntitle = "A world whose truth is known"\n[population]\nunits = "areas"\n'
        '[design]\nmethod = "difference-in-differences"\ntreatment = "treat"\nunit = "unit"\ntime = "year"\nseed = 1\n'
        f"[design.difference-in-differences]\nstart = {2010 + periods // 2}\n"
        '[[outcome]]\nmeasure = "y"\nrole = "primary"\nkind = "continuous"\nbetter = "lower"\n'
        f'minimum_important_difference = {margin}\nmid_source = "made up"\n'
    )


def verdict_worlds() -> Iterator[World]:
    """Every design with every truth. Scores are better high, all else better low; sizes give about 80 % power."""
    score = plan_text("randomised", kind="continuous", better="higher", margin=0.25)
    yield from five("randomised continuous n 600", "randomised", "continuous", score, 0.25,
                    lambda effect: continuous(600, effect, 0.0), better="higher")  # fmt: skip
    event = plan_text("randomised", kind="binary", better="lower", margin=0.08)
    yield from five("randomised binary n 1200, base 25%", "randomised", "binary", event, 0.08,
                    lambda effect: binary(1200, 0.25, effect, 0.0))  # fmt: skip
    rate = plan_text("randomised", kind="count", better="lower", margin=0.8, outcome='exposure = "years"')
    yield from five("randomised count n 1200", "randomised", "count", rate, 0.8,
                    lambda ratio: counted(1200, ratio, 0.0), is_ratio=True)  # fmt: skip
    school = plan_text(
        "cluster-randomised", kind="continuous", better="higher", margin=0.4, design='cluster = "school"'
    )
    yield from five("cluster-randomised continuous 20 clusters", "cluster-randomised", "continuous", school, 0.4,
                    lambda effect: clustered(20, 0.05, effect), better="higher")  # fmt: skip
    chose = plan_text("matching", kind="continuous", better="higher", margin=0.3)
    yield from five("matching continuous n 600", "matching", "continuous", chose, 0.3,
                    lambda effect: continuous(600, effect, 0.4), better="higher")  # fmt: skip
    yield from five("difference in differences, 60 units, 10 years", "difference-in-differences", "continuous",
                    panel_plan(0.5, 10), 0.5, lambda effect: panel(60, 10, effect))  # fmt: skip


def five(
    name: str,
    method: str,
    kind: str,
    plan: str,
    margin: float,
    make: Callable[[float], Callable[[Draw], pl.DataFrame]],
    *,
    better: str = "lower",
    is_ratio: bool = False,
) -> Iterator[World]:
    """The same world with each truth; of a ratio the halves are halves of the logarithm."""
    turn = 1.0 if better == "higher" else -1.0
    for said, share in TRUTHS:
        size = turn * share * (abs(math.log(margin)) if is_ratio else margin)
        truth = math.exp(size) if is_ratio else size
        yield World(f"{name}, {said}", method, kind, said, plan, make(truth), truth, margin, better, is_ratio)


def promised(benefit: float, error: float, margin: float, df: float = 1e9) -> dict[str, float]:
    """What a normal estimate of this error promises: the chances of each answer, oriented.

    Each is an area between two normal quantiles: the estimate falls where the verdict table's row holds. ``df`` of the
    intervals, where they are those of t.
    """
    wide, narrow = (float(stdtrit(df, 1 - share)) * error for share in (ALPHA / 2, ALPHA))

    def between(low: float, high: float) -> float:
        return max(0.0, float(ndtr((high - benefit) / error) - ndtr((low - benefit) / error)))

    none = between(max(narrow - margin, -wide), min(margin - narrow, wide))
    small = between(wide, margin - narrow)
    works = between(wide, math.inf) - small
    harms = between(-math.inf, -wide)
    return {
        "works": works,
        "too-small-to-matter": small,
        "no-meaningful-effect": none,
        "harms": harms,
        "inconclusive": 1 - works - small - none - harms,
    }


def table(found: Iterable[tuple[World, Tally]]) -> str:
    """Answers in per cent of the draws that gave one; what is promised in brackets."""
    answers = ("works", "too-small-to-matter", "no-meaningful-effect", "inconclusive", "harms")
    lines = [
        "| World | Draws | " + " | ".join(answers) + " | No answer |",
        "|---|---|" + "---|" * (len(answers) + 1),
    ]
    for world, tally in found:
        given = sum(n for answer, n in tally.answers.items() if answer in answers)
        df = FREEDOM.get(world.method, 1e9)
        wanted = promised(world.benefit, tally.std_error or math.nan, world.least, df)
        cells = [
            f"{100 * tally.answers.get(answer, 0) / given:.1f} ({100 * wanted[answer]:.1f})"
            for answer in answers
        ]
        lines.append(
            f"| {world.name} | {tally.draws:,} | "
            + " | ".join(cells)
            + f" | {100 * tally.not_assessable:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("run", "table"))
    parser.add_argument(
        "--only", nargs="*", default=[], help="words that a world's name must hold, all of them"
    )
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    words = parser.parse_args()
    worlds = [world for world in verdict_worlds() if all(word in world.name for word in words.only)]
    if words.verb == "run":
        run(worlds, words.out, words.draws, words.seed, words.minutes)
        return
    held = read_tallies(words.out)
    print(table((world, held[world.name]) for world in worlds if world.name in held))


if __name__ == "__main__":
    main()
