"""What the races found, as a page in Markdown: ``python -m benchmarks.race table``."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.race.contest import Contender, Race
from benchmarks.race.environments import PINS

HEAD = """# What the races found

Made by `python -m benchmarks.race table` from `benchmarks/race/results.json`; do not edit it. The numbers come from

<!-- not run -->
```sh
python -m benchmarks.race peers PEERS
python -m benchmarks.race run --peers PEERS
```

which goes on where it was stopped. Everybody gets the same data and one thread. Each turn of each contender is a
process of its own, and they take turns, forwards and backwards. All numbers that a contender shares with ours were
compared, and are the same within the tolerance stated in `benchmarks/race/entries.py`, unless the line says otherwise.

- *CPU* is processor time of the process and its children, in seconds: the median of the turns, with the least and the
  most in brackets. Other work on the machine disturbs it less than the clock, but does disturb it: rely on the
  ratios, and roughly. For methods it runs from data in memory to the numbers; loading libraries and reading data do
  not count. For whole commands everything counts.
- *Memory* is the most the process held during the work, data and libraries included, in MB.
- *To ours* is CPU divided by that of the first line, turn by turn: above 1 the other took longer, below 1 it was
  quicker. †: not of one run; the two took their turns one after the other.

A line without brackets is one turn. The commit is the newest one when it ran. *By the clock* means little where the
load average is far above the number of cores. The data are made up from seeds. Speed says nothing about whether a
method suits a question."""

GROWTH = """## How time and memory grow

Microseconds of processor time and bytes of memory for each row, ours only. A slope is that of the logarithm of time on
the logarithm of rows, between the smallest and the largest size, and between the two largest: 1 is linear growth; below
1, a fixed part is still felt; with 1.3, ten times the rows take twenty times as long. Times below a fiftieth of a
second are too short for a slope and are left out of it. The slope of memory is between the two largest sizes."""
TOO_SHORT = 0.02


def page_of(races: Sequence[Race], kept: list[dict[str, Any]]) -> str:
    """The whole page."""
    held = {(one["race"], one["rows"]): one for one in kept}
    parts = [HEAD, _machines(kept)]
    for race in races:
        found = [held[race.name, rows] for rows in sorted(_sizes(race, kept))]
        if found:
            parts += [_race(race, found)]
    parts += [GROWTH, _growth(races, kept), *_waiting(races, kept), _left_out()]
    return "\n\n".join(parts) + "\n"


def _waiting(races: Sequence[Race], kept: list[dict[str, Any]]) -> list[str]:
    """The sizes that were not run; nothing where there are none."""
    lines = []
    for race in races:
        missing = [rows for rows in race.sizes if rows not in _sizes(race, kept)]
        if missing:
            lines.append(f"- {race.title} (`{race.name}`): {', '.join(f'{rows:,}' for rows in missing)}")
    said = "These are set up, and were not run when the page was made; `run` goes on with them."
    return ["## Not run yet", said, "\n".join(lines)] if lines else []


def _sizes(race: Race, kept: list[dict[str, Any]]) -> list[int]:
    return [one["rows"] for one in kept if one["race"] == race.name]


def _machines(kept: Iterable[dict[str, Any]]) -> str:
    """When and where; how much else the machine had to do."""
    loads: dict[tuple[str, str, str], list[float]] = {}
    for one in kept:
        loads.setdefault((one["date"], one["commit"], one["machine"]), []).append(one["load"])
    lines = ["| Date | Commit | Machine | Load average |", "|---|---|---|---|"]
    for (date, commit, machine), load in sorted(loads.items()):
        lines.append(f"| {date} | {commit} | {machine} | {min(load):.0f} to {max(load):.0f} |")
    return "\n".join(lines)


def _race(race: Race, found: list[dict[str, Any]]) -> str:
    lines = [
        f"## {race.title}",
        "",
        f"Rows: {race.rows}. `python -m benchmarks.race run --only {race.name}`",
        "",
    ]
    shows = [name for name in race.shows if not name.startswith("their_")]
    lines += [
        f"| Rows | Who | CPU s | By the clock | Memory MB | To ours | {''.join(f'{s} | ' for s in shows)}".rstrip()
    ]
    lines += ["|" + "---|" * (6 + len(shows))]
    for one in found:
        for contender in race.contenders:
            if contender.name in one["runs"]:
                lines.append(_line(race, contender, one, shows))
            elif contender.name in one["failed"]:
                cells = [f"{one['rows']:,}", contender.name, _why(one["failed"][contender.name])]
                lines.append(f"| {' | '.join(cells)} |" + " |" * (3 + len(shows)))
    lines += [""] + [_said(contender, found) for contender in race.contenders]
    return "\n".join(lines)


def _why(reason: str) -> str:
    return f"not finished: {reason}" if reason.startswith(("stopped", "killed")) else "did not run"


def _line(race: Race, contender: Contender, one: dict[str, Any], shows: Sequence[str]) -> str:
    runs, ours = one["runs"][contender.name], one["runs"].get(race.contenders[0].name)
    first = contender is race.contenders[0]
    ratio = "" if first or ours is None else _spread(ratios(runs["cpu"], ours["cpu"]))
    if ratio and {contender.name, race.contenders[0].name} & {*one["apart"]}:
        ratio += " †"
    if contender.name in one["disagrees"]:
        ratio += " **other numbers**"
    found = runs["found"]
    cells = [
        f"{one['rows']:,}",
        contender.name,
        _spread(runs["cpu"]),
        _figure(statistics.median(runs["wall"])),
        f"{statistics.median(runs['peak_mb']):,.0f}",
        ratio,
        *(_number(found.get(name, found.get(f"their_{name}", ""))) for name in shows),
    ]
    return f"| {' | '.join(cells)} |"


def ratios(other: Sequence[float], ours: Sequence[float]) -> list[float]:
    """Turn by turn; a time below the clock's step counts as one step."""
    return [a / max(b, 1e-4) for a, b in zip(other, ours, strict=False)]


def _said(contender: Contender, found: list[dict[str, Any]]) -> str:
    version = next(
        (one["runs"][contender.name]["version"] for one in found if contender.name in one["runs"]), ""
    )
    upto = f" Up to {contender.most:,}." if contender.most else ""
    return f"- {contender.name}{f' ({version})' if version else ''}: {contender.does}.{upto}"


def _spread(values: Sequence[float]) -> str:
    middle = _figure(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} [{_figure(min(values))}–{_figure(max(values))}]"


def _figure(value: float) -> str:
    """Two or three figures that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 0.01:
        return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
    return f"{value:.4f}"


def _number(value: Any) -> str:
    if value == "" or isinstance(value, str):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def slope(smaller: tuple[float, float], larger: tuple[float, float]) -> float:
    """Of the logarithm of what was taken on the logarithm of rows."""
    (rows, took), (more, longer) = smaller, larger
    return math.log(longer / took) / math.log(more / rows)


def _growth(races: Sequence[Race], kept: list[dict[str, Any]]) -> str:
    heads = (
        "What",
        "Rows",
        "Microseconds a row",
        "Bytes a row",
        "Slope, all",
        "Slope, last",
        "Slope of memory",
    )
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for race in races:
        for contender in race.contenders:
            if contender.place == "ours" and contender.name.startswith("Lifecourse"):
                line = _grown(race, contender, kept)
                lines += [line] if line else []
    return "\n".join(lines)


def _grown(race: Race, contender: Contender, kept: list[dict[str, Any]]) -> str:
    points = sorted(
        (one["rows"], statistics.median(one["runs"][contender.name]["cpu"]),
         statistics.median(one["runs"][contender.name]["peak_mb"]))
        for one in kept
        if one["race"] == race.name and contender.name in one["runs"]
    )  # fmt: skip
    if len(points) < 2:
        return ""
    timed = [(rows, cpu) for rows, cpu, _ in points if cpu >= TOO_SHORT]
    held = [(rows, peak) for rows, _, peak in points]
    whole = f"{slope(timed[0], timed[-1]):.2f}" if len(timed) > 2 else ""
    last = f"{slope(timed[-2], timed[-1]):.2f}" if len(timed) > 1 else ""
    cells = [
        f"{race.title}{contender.name.removeprefix('Lifecourse')}",
        " / ".join(f"{rows:,}" for rows, _, _ in points),
        " / ".join(_figure(1e6 * cpu / rows) for rows, cpu, _ in points),
        " / ".join(f"{peak * 2**20 / rows:,.0f}" for rows, _, peak in points),
        whole,
        last,
        f"{slope(held[-2], held[-1]):.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def _left_out() -> str:
    pins = ", ".join(
        pin.replace("==", " ") for pin in dict.fromkeys(pin for pins in PINS.values() for pin in pins)
    )
    return f"""## Who took part, and who did not

Python peers, each group in an environment of its own: {pins}. R peers are Debian's packages.

Left out, with the reason:

- `moderndid`, `differences` and `fereg`: diff-diff and csdid stand for staggered starts, pyfixest for fixed effects;
- R's `did`, `fixest`, `Synth`, `rdrobust` and `WeightIt`: not in Debian 12. MatchIt 4.7: the same; Debian's 4.5.1 is
  known to ignore calipers and not to give nearest neighbours, so its time is that of another answer;
- psmpy, causalml, dowhy, causallib and pymatchit-causal for matching: other estimands, or minutes at 100,000 people;
- scikit-survival: no standard errors. R's robust errors of `coxph`: most of a minute at 100,000 people;
- synthdid-py: 200 placebos of 39 units take most of a minute;
- lmerTest and pbkrtest, which would give lme4 its degrees of freedom: a minute or more at a million pupils;
- Spark for linkage: it has [limits of its own](../limitations.md)."""
