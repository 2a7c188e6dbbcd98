"""Why, on the terminal: the theory's steps, delivery, the class of failure, and what was only explored."""

from __future__ import annotations

from evaluation.model import Result
from evaluation.reporting.why_tables import delivery_table, explored_why, links_table
from workspace.console import say, table
from workspace.settings import DisclosureProfile

EVERYTHING = DisclosureProfile(threshold=0, rounding=1)


def why(result: Result, profile: DisclosureProfile | None) -> None:
    """Say why, as far as the plan asks; a file's own people are shown as they are."""
    shown = profile or EVERYTHING
    links, delivered = links_table(result, shown), delivery_table(result, shown)
    if links is not None:
        say()
    for row in links.rows if links else ():
        step, expected, seen, finding, trust = (str(cell).rstrip(".") for cell in row)
        say(f"Step  {step}: {finding}")
        say(f"      Expected: {expected}. Seen: {seen}. Trust {trust}{' of 5' if trust.isdigit() else ''}.")
    if delivered is not None:
        say()
        say(delivered.caption)
        table(delivered.head, [[str(cell) for cell in row] for row in delivered.rows])
    if result.failure is not None:
        say()
        say(result.failure.sentence)
    for one in explored_why(result, shown):
        say(f"Explored only, in the report or with --json: {one.heading}")
