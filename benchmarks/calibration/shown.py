"""What was counted as Markdown: every world, the worst of each method, and a page or parts of a page made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.calibration.bench import Tally

LOW, HIGH = 0.93, 0.97
FEWEST = 100  # intervals below which coverage says nothing
CLAIM, EQUAL = 0.025, 0.05  # how often a false claim, and a false "no worthwhile difference", may be made
MOST_UNANSWERED = 0.5
BLOCK = re.compile(r"(<!-- worst: ([\w ,-]+?) -->\n)(.*?)(<!-- /worst -->)", re.DOTALL)
UNDRAWN = "No world of this method has been drawn yet."
PAGE = "docs/reference/calibration-results.md"
COMMAND = "python -m benchmarks.calibration"


@dataclass(frozen=True, slots=True)
class Pooled:
    """A share over several worlds: together, and the highest with its world."""

    together: float
    worst: float
    world: str


def outside(tally: Tally) -> bool:
    """Say whether an interval covers too seldom or too often, by more than Monte-Carlo error explains."""
    if tally.coverage is None or tally.with_interval < FEWEST:
        return False
    slack = 2 * (0.95 * 0.05 / tally.with_interval) ** 0.5
    return not LOW - slack <= tally.coverage <= HIGH + slack


def beyond(share: float | None, wanted: float, draws: int) -> bool:
    """Say whether a false answer comes more often than it may, by more than three Monte-Carlo errors."""
    return share is not None and share > wanted + 3 * (wanted * (1 - wanted) / max(draws, 1)) ** 0.5


def table(tallies: Iterable[Tally]) -> str:
    """All of it, in Markdown; shares in percent. A star: coverage outside 93 to 97 % beyond Monte-Carlo error."""
    heads = (
        "World", "Truth", "Draws", "Bias", "SD", "Mean error", "Coverage", "Rejects nought", "False works",
        "False harms", "False none", "No answer", "Trust lowered", "Missed unwarned",
    )  # fmt: skip
    rows = [
        (
            named(t),
            f"{t.truth:g}",
            f"{t.draws:,}",
            *(_number(value) for value in (t.bias, t.spread, t.std_error)),
            percent(t.coverage) + ("*" if outside(t) else ""),
            *(percent(share) for share in (t.rejected, t.false_works, t.false_harms, t.false_none)),
            *(percent(share) for share in (t.not_assessable, t.doubted, t.missed_quietly)),
        )
        for t in tallies
    ]
    return _lines(heads, rows)


def summary(tallies: Sequence[Tally]) -> str:
    """A row a method, of the worlds whose assumptions hold: together, and in the worst world."""
    heads = (
        "Method", "Worlds", "Coverage, together", "Lowest", "Said to work", "Said to harm",
        "Said to make no worthwhile difference",
    )  # fmt: skip
    rows = []
    for method, own in by_method(t for t in tallies if t.holds).items():
        seen = [t for t in own if t.coverage is not None and t.with_interval >= FEWEST]
        held = sum((t.coverage or 0.0) * t.with_interval for t in seen)
        given = sum(t.with_interval for t in seen)
        rows.append(
            (
                method,
                str(len(own)),
                percent(held / given) if given else "",
                percent(min(t.coverage or 1.0 for t in seen)) if seen else "",
                *(
                    f"{percent(part.together)} ({percent(part.worst)})" if part else ""
                    for part in (pooled(own, name) for name in ("false_works", "false_harms", "false_none"))
                ),
            )
        )
    return _lines(heads, rows)


def pooled(tallies: Iterable[Tally], name: str) -> Pooled | None:
    """A false answer: over the worlds where nothing works (or, of "none", something does), and in the worst of all."""
    found = [(t, value) for t in tallies if (value := getattr(t, name)) is not None]
    core = [pair for pair in found if name == "false_none" or pair[0].truth in (0.0, 1.0)]
    given = sum(_answered(t) for t, _ in core)
    if not given:
        return None
    worst = max(found, key=lambda pair: pair[1])
    return Pooled(sum(value * _answered(t) for t, value in core) / given, worst[1], worst[0].name)


def _answered(tally: Tally) -> int:
    """Draws that gave an answer."""
    return round(tally.draws * (1 - tally.not_assessable))


def by_method(tallies: Iterable[Tally]) -> dict[str, list[Tally]]:
    """The tallies of each method, in the order in which methods come."""
    found: dict[str, list[Tally]] = {}
    for tally in tallies:
        found.setdefault(tally.method, []).append(tally)
    return found


def fails(tally: Tally) -> bool:
    """Say whether this is a setting in which a number or an answer should not be believed as it stands."""
    given = _answered(tally)
    claims = any(beyond(share, CLAIM, given) for share in (tally.false_works, tally.false_harms))
    return (
        outside(tally)
        or claims
        or beyond(tally.false_none, EQUAL, given)
        or tally.not_assessable > MOST_UNANSWERED
        or not tally.holds
    )


def worst(tallies: Iterable[Tally]) -> str:
    """The settings that fail; of a method without any the one whose intervals cover least."""
    heads = (
        "Setting",
        "Coverage",
        "False answers",
        "No answer",
        "Trust lowered",
        "By which check",
        "Missed unwarned",
    )
    rows = []
    for own in by_method(tallies).values():
        lowest = [t for t in own if t.coverage is not None]
        shown = [t for t in own if fails(t)] or sorted(lowest, key=lambda t: t.coverage or 1.0)[:1]
        rows += [
            (
                named(t),
                percent(t.coverage) + ("*" if outside(t) else ""),
                percent(_false(t)),
                percent(t.not_assessable),
                percent(t.doubted),
                doubts(t),
                percent(t.missed_quietly),
            )
            for t in shown
        ]
    return _lines(heads, rows) if rows else UNDRAWN


def _false(tally: Tally) -> float | None:
    """The share of answers that are false, of whichever kind."""
    parts = [share for share in (tally.false_works, tally.false_harms, tally.false_none) if share is not None]
    return sum(parts) if parts else None


def doubts(tally: Tally) -> str:
    """The checks that lower trust or block, most frequent first, at most three, with their share."""
    found = sorted((tally.doubts or {}).items(), key=lambda pair: -pair[1])
    return ", ".join(f"*{name}* {percent(share)}" for name, share in found[:3] if share >= 0.005)


def page(tallies: Sequence[Tally], of_verdicts: Sequence[Tally], missing: Sequence[str]) -> str:
    """The whole page of results."""
    parts = [
        HEAD.format(
            command=COMMAND,
            page=PAGE,
            made=made(tallies),
            worlds=len(tallies),
            missing=f"; {len(missing)} more have not been drawn" if missing else "",
        ),
        "## The worst of each method\n",
        SUMMARY,
        summary([*tallies, *of_verdicts]),
        "\n## Outside 93 to 97 %\n",
        STARRED,
        worst([t for t in tallies if t.holds and outside(t)]),
        "\n## All worlds\n",
    ]
    for method, own in by_method(tallies).items():
        parts += [f"### {method[0].upper()}{method[1:]}\n", table(own), ""]
    if missing:
        parts += ["## Not drawn yet\n", *(f"- {name}" for name in missing)]
    return "\n".join(parts).rstrip() + "\n"


def made(tallies: Iterable[Tally]) -> str:
    """When, with which seed and with which versions."""
    held = list(tallies)
    days = sorted({t.drawn_on for t in held if t.drawn_on})
    when = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "a day that was not written down"
    seeds = ", ".join(str(seed) for seed in sorted({t.seed for t in held}))
    draws = sorted({t.draws for t in held})
    many = f"{draws[0]:,} to {draws[-1]:,}" if draws[0] != draws[-1] else f"{draws[0]:,}"
    versions = "; ".join(sorted({t.versions for t in held if t.versions}))
    return f"Counted on {when}, {many} draws a world, seed {seeds}: {versions}."


def refilled(text: str, tallies: Sequence[Tally]) -> str:
    """A page whose marked parts (``<!-- worst: METHOD -->``) hold what was counted."""
    return BLOCK.sub(
        lambda found: (
            f"{found[1]}\n"
            f"{worst(t for t in tallies if t.method in {name.strip() for name in found[2].split(',')})}\n\n"
            f"{found[4]}"
        ),
        text,
    )


def named(tally: Tally) -> str:
    """The world's name, and that its assumptions are broken."""
    return tally.name + ("" if tally.holds else " (assumptions broken)")


def percent(share: float | None) -> str:
    """A share in per cent."""
    return "" if share is None else f"{100 * share:.1f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


HEAD = """# Calibration results

<!-- Made by the command below; a test holds it against the counts. Not to be edited. -->

Made from the counts in `benchmarks/calibration/results.json`, which `{command} run` keeps, by

<!-- not run -->
```sh
{command} table --page {page}
```

{made} {worlds} worlds{missing}. How to read it: [calibration](../explanation/calibration.md);
what follows from it: [where Lifecourse should not be believed](../explanation/where-not-to-believe.md).
Shares are in per cent.
"""
SUMMARY = """Worlds whose assumptions hold. Coverage of 95 % intervals, over all worlds of a method and in the world
where it is lowest; false answers over the worlds in which nothing works (the last column: in which something does, as
much as matters), and in brackets in the worst one. The first two may come 2.5 times in a hundred, the third 5 times;
the worst of many worlds is higher by chance alone. What the bench of [verdicts](verdict-simulations.md) counted is
counted in.
"""
STARRED = """Worlds whose assumptions hold and whose coverage leaves 93 to 97 % by more than chance explains (two
Monte-Carlo errors). *Trust lowered*: share of draws in which a check with a consequence warned; *missed unwarned*:
share of intervals that miss while none did.
"""
