"""What the pages of methods take from elsewhere: where each was checked, and how it does where truth is known.

The first comes from the rows of ``docs/reference/methods-register.md``, the second from the counts in
``benchmarks/calibration/results.json``. Both stand between comments in the pages; ``docs/make_reference.py`` renews
them.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REGISTER = HERE / "reference" / "methods-register.md"
COUNTS = HERE.parent / "benchmarks" / "calibration" / "results.json"
FOLDER = HERE / "explanation" / "methods"
DOUBTS_PAGE = HERE / "explanation" / "where-not-to-believe.md"
MOST_LISTED = 6
LAYOUTS = ("stepped-wedge", "crossover", "three levels", "classes", "growth")

# page: section of the register, and the tests that count known truth over fewer settings
PAGES = {
    "before-after": ("before-after", "simulation/test_places.py"),
    "cluster-layouts": ("cluster-randomised", "simulation/test_layouts.py"),
    "cluster-randomised": ("cluster-randomised", "simulation/test_clusters.py"),
    "day-crossover": ("day-crossover", "simulation/test_places.py"),
    "difference-in-differences": ("difference-in-differences", "simulation/test_did.py"),
    "displacement-difference": ("displacement-difference", "simulation/test_places.py"),
    "doubly-robust": ("doubly-robust", "simulation/test_known_truth.py"),
    "interrupted-time-series": ("interrupted-time-series", "simulation/test_series.py"),
    "matching": ("matching", "simulation/test_known_truth.py"),
    "randomised": ("randomised", "simulation/test_known_truth.py"),
    "regression-discontinuity": ("regression-discontinuity", "simulation/test_discontinuity.py"),
    "staggered-adoption": ("staggered-adoption", "simulation/test_staggered.py"),
    "subgroups": ("Subgroups", "evaluation/test_subgroups.py"),
    "synthetic-control": ("synthetic-control", "simulation/test_synthetic.py"),
    "time-to-event": ("time-to-event", "simulation/test_times.py"),
    "weighting": ("weighting", "simulation/test_known_truth.py"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the register: the data, what was compared with what, how close, when, and the test."""

    case: str
    estimate: str
    beside: str
    tolerance: str
    day: str
    test: str


def rows_of(section: str, text: str = "") -> list[Row]:
    """The lines of the tables in one section."""
    text = text or REGISTER.read_text(encoding="utf-8")
    part = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found: list[Row] = []
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and cells[0] not in ("Case", "What"):
            found.append(Row(*cells))
    return found


def _by_data(page: str) -> dict[str, list[Row]]:
    """The page's lines of the register, put together by the data they are about."""
    section = PAGES[page][0]
    groups: dict[str, list[Row]] = {}
    head = ""
    for row in rows_of(section):
        if section == "cluster-randomised" and ("cluster_layouts" in row.test) != (page == "cluster-layouts"):
            continue
        head = head if head and row.case.startswith("same") else row.case
        groups.setdefault(head, []).append(row)
    return groups


def checked(page: str) -> str:
    """The table of what a method was held against, a line for each set of data."""
    groups = _by_data(page)
    lines = ["| Data | Beside what |", "|---|---|"]
    for case, rows in groups.items():
        beside = dict.fromkeys(row.beside for row in rows if not row.beside.startswith(("same", "the same")))
        lines.append(f"| {case} | {'; '.join(beside)} |")
    tests = sorted({name for rows in groups.values() for row in rows for name in row.test.split(", ")})
    register = f"[methods register](../../reference/methods-register.md#{PAGES[page][0].lower()})"
    after = f"Each estimate, with how close it comes, the day and the test: {register}."
    run = " ".join(f"tests/{name.strip('`')}" for name in tests)
    return "\n".join([*lines, "", after, f"Run again: `python -m pytest {run}`."])


def belongs(page: str, world: dict[str, Any]) -> bool:
    """Say whether a world of the bench is one of the page's."""
    name, kind = str(world["name"]), str(world["kind"])
    if page == "time-to-event":
        return kind in ("time-to-event", "recurrent")
    if page == "subgroups":
        return "subgroup" in name
    layout = any(word in name for word in LAYOUTS)
    if page == "cluster-layouts":
        return world["method"] == "cluster-randomised" and layout
    return world["method"] == page and not (page == "cluster-randomised" and layout)


def strays(world: dict[str, Any]) -> bool:
    """Say whether coverage leaves 93 to 97 % by more than two standard errors of a count of 95 %."""
    coverage, n = float(world["coverage"]), int(world["with_interval"])
    error = math.sqrt(0.95 * 0.05 / n) if n else 0.0
    return n >= 100 and not 0.93 - 2 * error <= coverage <= 0.97 + 2 * error


def _worlds(count: int) -> str:
    return f"{count} world" if count == 1 else f"{count} worlds"


def _span(worlds: list[dict[str, Any]], key: str) -> str:
    values = [100 * float(world[key]) for world in worlds]
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return f"{low} %" if low == high else f"{low} to {high} %"


def _most(worlds: list[dict[str, Any]], key: str) -> str:
    values = [100 * float(world[key]) for world in worlds if world.get(key) is not None]
    return f"{max(values):.1f} %" if values else ""


def _outside(worlds: list[dict[str, Any]]) -> list[str]:
    """The worlds whose intervals are not what they say, the farthest off first, with how often a check said so."""
    lines = []
    for world in sorted(worlds, key=lambda w: -abs(float(w["coverage"]) - 0.95))[:MOST_LISTED]:
        line = f"- Beyond chance outside 93 to 97 %: {world['name']}, {100 * float(world['coverage']):.1f} %"
        doubted = world.get("doubted")
        said = (
            "" if doubted is None else f"; a check lowered trust in {100 * float(doubted):.0f} % of the draws"
        )
        lines.append(f"{line}{said}.")
    if len(worlds) > MOST_LISTED:
        lines.append(f"- And {len(worlds) - MOST_LISTED} more: see the table.")
    return lines


def _sound(worlds: list[dict[str, Any]]) -> list[str]:
    draws = sorted({int(world["draws"]) for world in worlds})
    often = f"{draws[0]:,}" if len(draws) == 1 else f"{draws[0]:,} to {draws[-1]:,}"
    lines = [
        f"- Where the assumptions hold ({_worlds(len(worlds))}, {often} draws each) 95 % intervals held the truth in "
        f"{_span(worlds, 'coverage')} of the draws that gave one."
    ]
    works, harms = _most(worlds, "false_works"), _most(worlds, "false_harms")
    if works and harms:
        lines.append(
            f"- A benefit was claimed where there is none in at most {works}, a harm in at most {harms}."
        )
    lines += _outside([world for world in worlds if strays(world)])
    quiet = _most(worlds, "missed_quietly")
    if quiet:
        lines.append(
            f"- Intervals that miss while no check lowers trust: at most {quiet} in any of these worlds."
        )
    return lines


def calibration(page: str) -> str:
    """What the bench counted, in a few lines, and where to read more."""
    counted = json.loads(COUNTS.read_text(encoding="utf-8")).values()
    worlds = [w for w in counted if belongs(page, w) and w["coverage"] is not None and w["with_interval"]]
    sound, broken = [w for w in worlds if w["holds"]], [w for w in worlds if not w["holds"]]
    lines = _sound(sound) if sound else []
    if broken:
        lines.append(
            f"- Where an assumption is broken on purpose ({_worlds(len(broken))}): {_span(broken, 'coverage')}."
        )
    if lines:
        lines = ["Counted by `python -m benchmarks.calibration run`:", "", *lines, ""]
    else:
        lines = ["The bench has no counted world of this yet."]
    more = "[calibration results](../../reference/calibration-results.md)"
    if DOUBTS_PAGE.is_file():
        more += ", [where not to believe it](../where-not-to-believe.md)"
    lines.append(
        f"All worlds: {more}. Fewer settings, at every run of the tests: `python -m pytest tests/{PAGES[page][1]}`."
    )
    return "\n".join(lines)


def filled(text: str, name: str, content: str) -> str:
    """Put content between the comments of that name."""
    pattern = rf"(<!-- from here by docs/make_reference.py: {name} -->\n).*?(<!-- to here -->)"
    done, times = re.subn(pattern, lambda m: f"{m[1]}\n{content}\n\n{m[2]}", text, flags=re.DOTALL)
    if times != 1:
        message = f"a page has {times} places for '{name}'"
        raise ValueError(message)
    return done


def pages() -> dict[Path, str]:
    """Each page of a method and the text it should have."""
    done = {}
    for page in PAGES:
        path = FOLDER / f"{page}.md"
        text = path.read_text(encoding="utf-8")
        text = filled(text, "where it was checked", checked(page))
        done[path] = filled(text, "calibration", calibration(page))
    return done
