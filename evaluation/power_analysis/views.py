"""How power analyses and projections look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.promise import Promise
from evaluation.power_analysis.report import OutcomePower, margin_words
from evaluation.power_analysis.sizes import Size
from workspace.console import say, table

HEADINGS = ("Size", "Smallest found", "In SD", "In every 100", "Finds what matters", "Rules it out")


def power(plan: AnalysisPlan, found: Sequence[OutcomePower]) -> None:
    """Every outcome at every size; what it rests on; how many it takes."""
    say(f"{plan.id}: {plan.title}")
    say(f"  {plan.design.method}. Smallest effect found four times in five, intervals at 1 - alpha.")
    for one in found:
        _outcome(one)


def _outcome(one: OutcomePower) -> None:
    outcome = one.outcome
    say()
    say(f"{outcome.label} ({outcome.role}, {outcome.effect}, alpha {one.alpha:g}): {margin_words(outcome)}")
    known = [row for row in one.rows if not row.promise.reason]
    if known:
        table(
            HEADINGS, [[f"{row.name}: {size_words(row.promise.size)}", *_cells(row.promise)] for row in known]
        )
    for said in dict.fromkeys(row.promise.reason for row in one.rows if row.promise.reason):
        say(f"  Not worked out: {said}.")
    if not known:
        return
    _rests_on(one)
    if one.needed:
        find, rule = (
            size_words(s) if s else "out of reach" for s in (one.needed.to_find, one.needed.to_rule_out)
        )
        say(f"  Needed four times in five: to find what matters {find}; to rule it out {rule}.")


def _rests_on(one: OutcomePower) -> None:
    first = one.rows[0].promise
    for stated in first.stated:
        say(f"  Assumes {stated.words}: {stated.value:g} ({stated.source}).")
    for note in dict.fromkeys(note for row in one.rows for note in row.promise.notes):
        say(f"  {note[:1].upper()}{note[1:]}{'' if note.endswith('.') else '.'}")
    names = dict.fromkeys(t.name for t in one.tried)
    for name in names:
        rows = [t for t in one.tried if t.name == name]
        say(f"  Warning: nobody stated the {rows[0].words}. If it is")
        table(
            ("Value", *HEADINGS[1:]),
            [[f"{t.value:g}", *_cells(t.promise)] for t in rows if not t.promise.reason],
        )


def _cells(found: Promise) -> list[str]:
    shown = [found.detectable, found.in_sd, found.per_hundred]
    chances = [found.at_margin, found.equivalence]
    return [
        *("" if n is None else f"{n:.3g}" for n in shown),
        *("" if n is None else f"{100 * n:.0f} %" for n in chances),
    ]


def size_words(size: Size) -> str:
    """A size in words."""
    arms = [f"{n:,}" for n in (size.treated, size.comparison) if n is not None]
    said = " and ".join(arms)
    if size.clusters_treated and size.clusters_comparison:
        said += f" in {size.clusters_treated:,} and {size.clusters_comparison:,} clusters"
    if size.before and size.after:
        said += f"{', ' if said else ''}{size.before} periods before, {size.after} after"
    return said or "not known"


def projection(payload: Mapping[str, Any]) -> None:
    """Where a running study stands, sentence by sentence."""
    say(f"{payload['plan']}: where it stands, {payload['as_of']}")
    for sentence in payload["sentences"]:
        say(f"  {sentence}")
