"""How costs and worth look in a terminal."""

from __future__ import annotations

from evaluation.economics.actions import Checked
from evaluation.economics.model import Economics
from evaluation.economics.pounds import plainly, prices
from evaluation.economics.rows import HEAD, caption_of, rows_of
from workspace.console import say, table


def break_even(found: Checked) -> None:
    """What a place costs, what a unit is worth, and the effect that makes them equal."""
    money, even = found.money, found.even
    say(f"{found.plan}: what the effect must be to pay for itself")
    checked(found)
    if even is None:
        say("  no value of a unit is given, so nothing can be broken even")
    for name, words in money.facts:
        say(f"  {name.lower()}: {words}")


def checked(found: Checked) -> None:
    """The lines that ``plan check`` adds."""
    money, even = found.money, found.even
    say(f"  cost: {plainly(money.cost.mode)} a place ({prices(money.cost_year)})")
    if money.worth is None or even is None:
        return
    say(f"  worth of a unit: {plainly(money.worth.mode)} ({prices(money.worth_year)}), {money.worth_name}")
    if even.on_scale is not None:
        planned = "" if even.planned is None else f"; the plan's difference that matters: {even.planned:g}"
        say(f"  break-even difference: {even.on_scale:.3g}{planned}")
    else:
        say(f"  break-even: {even.units.value:.3g} units of the outcome for each place")
    say(f"  {even.reading}")
    for warning in even.warnings:
        say(f"  look: {warning}")
    for doubt in money.doubts:
        say(f"  look: {doubt}")


def economics(evaluation: str, name: str, found: Economics) -> None:
    """Everything an appraisal may say."""
    stamp = "" if found.planned else "   NOT IN THE PLAN: costs and values chosen with the result known"
    say(f"{evaluation}: what it cost and what it was worth, by {name}{stamp}")
    for line in found.sentences:
        say(f"  {line}")
    table(list(HEAD), [list(row) for row in rows_of(found)], title=caption_of(found))
    for doubt in found.doubts:
        say(f"  look: {doubt}")
    for fact, words in found.facts:
        say(f"  {fact.lower()}: {words}")
