"""What one attack came to: how often it was tried, how often it succeeded, how often guessing would."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scipy.stats import beta

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Measured:
    """One attack against one way of doing things.

    ``defended`` says whether it is what the program does; the others show that the attack works where it is not done.
    ``expected`` is what the defence promises: ``guessing`` (no better than that), ``nothing`` (never), or ``open``
    (not defended, and said so). ``guessing`` is the chance of succeeding without what was attacked.
    """

    attack: str
    against: str
    target: str
    unit: str
    tried: int
    succeeded: int
    guessing: float
    guess: str
    defence: str
    defended: bool = True
    expected: str = "nothing"
    note: str = ""

    @property
    def rate(self) -> float:
        return self.succeeded / self.tried if self.tried else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval of Clopper and Pearson."""
        tail, hits, rest = (1 - LEVEL) / 2, self.succeeded, self.tried - self.succeeded
        low = float(beta.ppf(tail, hits, rest + 1)) if hits else 0.0
        high = float(beta.ppf(1 - tail, hits + 1, rest)) if rest else 1.0
        return low, high

    @property
    def beats_guessing(self) -> bool:
        return self.interval[0] > self.guessing

    @property
    def holds(self) -> bool:
        """Whether a defence keeps what it promises; of what is not defended nothing is promised."""
        if not self.defended or self.expected == "open":
            return True
        return not self.beats_guessing if self.expected == "guessing" else self.succeeded == 0


def keep(path: Path, head: dict[str, Any], rows: Iterable[Measured]) -> None:
    """Write results as JSON."""
    whole = head | {"rows": [asdict(row) for row in rows]}
    text = json.dumps(
        whole, indent=1, ensure_ascii=False, default=lambda number: number.item()
    )  # numpy's own
    path.write_text(text + "\n", encoding="utf-8")


def held(path: Path) -> tuple[dict[str, Any], list[Measured]]:
    """Read them back."""
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = [Measured(**row) for row in found.pop("rows")]
    return found, rows
