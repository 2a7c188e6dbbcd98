"""The page of results, made of the committed JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.attack.bench import ENTRIES
from benchmarks.attack.measure import Measured

HEAD = """# Attack results

Made by `python -m benchmarks.attack run` and `python -m benchmarks.attack table`. Counted on {date} with seed {seed},
lifecourse {lifecourse}, Python {python}, SQLite {sqlite}, polars {polars}, numpy {numpy}, in {seconds:,} seconds of
processor time. A test holds this page against the numbers it is made of, and a small slice of the quick attacks runs
with the tests.

Everybody in it is made up, but for the public data of the demonstration. *Guessing* is how often somebody succeeds
without what was attacked. Intervals are exact ones of 95 % (Clopper and Pearson): nought of n means "below", not
"never". What is tried against your own project is [`lifecourse attack`](../how-to/attack-your-own-store.md); what
stands behind it is [the threat model](../explanation/threat-model.md).

{waiting}
## What the program does

{defended}

## The same attacks where it is not done

That they succeed, or narrow counts where the note says so, shows that the attacks work.

{undefended}

## What these numbers do not promise

- An attack that nobody thought of is not in them. Attackers who know more than is said in the row do better.
- Rows marked *open* are not defended against by a rule; the [threat model](../explanation/threat-model.md) says who
  stands in the way.
- Made-up people are more regular than real ones: real rows stand out more.
"""


def page(head: dict[str, Any], rows: Sequence[Measured]) -> str:
    waiting = [entry.name for entry in ENTRIES if entry.name not in set(head["of"].values())]
    return HEAD.format(
        **head,
        waiting=f"\nNot counted yet: {', '.join(waiting)}.\n" if waiting else "",
        defended=_table([row for row in rows if row.defended]),
        undefended=_table([row for row in rows if not row.defended], judged=False),
    )


def _table(rows: Sequence[Measured], *, judged: bool = True) -> str:
    lines = [
        "| Attack | Against | On | Succeeded | Share (95 % interval) | Guessing | "
        + ("Holds | Defence |" if judged else "Note |"),
        "|---|---|---|---|---|---|" + ("---|---|" if judged else "---|"),
    ]
    for row in rows:
        end = f"{_word(row)} | {_defence(row)} |" if judged else f"{row.note} |"
        lines.append(
            f"| {row.attack} | {row.against} | {row.target} | {row.succeeded:,} of {row.tried:,} {row.unit} | "
            f"{_share(row)} | {_percent(row.guessing)}: {row.guess} | {end}"
        )
    return "\n".join(lines)


def _word(row: Measured) -> str:
    if row.expected == "open":
        return "open"
    return "yes" if row.holds else "NO"


def _defence(row: Measured) -> str:
    return f"{row.defence}. {row.note[:1].upper()}{row.note[1:]}" if row.note else row.defence


def _share(row: Measured) -> str:
    low, high = row.interval
    return f"{_percent(row.rate)} ({_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    if 0 < share < 0.0001:
        return "under 0.01 %"
    digits = 2 if share < 0.01 or share > 0.99 else 1
    text = f"{100 * share:.{digits}f}".rstrip("0").rstrip(".")
    return f"{text} %"
