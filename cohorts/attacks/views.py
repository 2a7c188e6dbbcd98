"""How an attack looks in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from cohorts.attacks.report import WORDS, Assault
from workspace.console import say, table


def assault_shown(assault: Assault, files: Sequence[str]) -> None:
    """One line an attack, then everything that was broken, then where the evidence is."""
    if not assault.trials:
        say("Would run every attack under the authority named. Nothing was tried or written.")
        return
    table(["Attack", "Defence"], [[trial.title, WORDS[trial.verdict]] for trial in assault.trials])
    for trial in assault.broken:
        say(f"\n{trial.title}")
        for line in trial.found:
            say(f"  {line}")
    say(f"\n{len(assault.broken)} of {len(assault.trials)} attacks succeeded.")
    for name in files:
        say(f"Wrote {name}")
