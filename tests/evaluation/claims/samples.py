"""Made-up results to hold claims against, and the corpus of made-up sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.claims.documents import from_markdown
from evaluation.claims.linter import lint
from evaluation.claims.model import ClaimFinding, Subject

CORPUS = Path(__file__).parent / "corpus.txt"
WORKS = Subject(
    evaluation="EVAL-001", measure="reoffended_12m", name="proven reoffending", role="primary", kind="binary",
    better="lower", unit="", effect="risk-difference", answer="works", detail="size-uncertain", security=3,
    value=-0.08, low=-0.12, high=-0.04, treated_mean=0.35, comparison_mean=0.43,
)  # fmt: skip
OPEN = replace(WORKS, answer="inconclusive", detail="uninformative", value=0.015, low=-0.04, high=0.07)
LOW = replace(WORKS, security=1)
ALONE = Subject(
    evaluation="EVAL-002", measure="robberies", name="Robbery", role="primary", kind="count", better="lower", unit="",
    effect="rate-ratio", answer="changed", detail="works", security=0, value=0.82, low=0.70, high=0.95,
    comparison_mean=14.0, compared=False,
)  # fmt: skip
EQUAL = Subject(
    evaluation="EVAL-003", measure="reading", name="reading score", role="primary", kind="continuous", better="higher",
    unit="points", effect="difference", answer="no-meaningful-effect", detail="", security=4, value=0.0, low=-0.5,
    high=0.5, comparison_mean=101.0,
)  # fmt: skip
DAYS = Subject(
    evaluation="EVAL-001", measure="days", name="days in employment", role="secondary", kind="continuous",
    better="higher", unit="days", effect="difference", answer="works", detail="meaningful", security=3, value=12.0,
    low=6.0, high=18.0, comparison_mean=80.0,
)  # fmt: skip
RESULTS: dict[str, tuple[Subject, ...]] = {
    "none": (), "works": (WORKS,), "open": (OPEN,), "low": (LOW,), "alone": (ALONE,), "equal": (EQUAL,),
    "two": (OPEN, DAYS),
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A sentence of the corpus: against which result, and which rules it breaks."""

    result: str
    rules: frozenset[str]
    text: str

    def findings(self) -> tuple[ClaimFinding, ...]:
        return lint(from_markdown(self.text), RESULTS[self.result])

    def found(self) -> frozenset[str]:
        return frozenset(finding.rule for finding in self.findings())


def corpus() -> Iterator[Example]:
    """Every example of the corpus."""
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            result, rules, text = (part.strip() for part in line.split("|", 2))
            yield Example(result, frozenset(filter(None, (r.strip() for r in rules.split(",")))), text)


@dataclass(frozen=True)
class Score:
    """How often a rule was right: met as labelled, met though not labelled, labelled though not met."""

    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def scores(examples: list[Example]) -> dict[str, Score]:
    """Precision and recall of each rule over examples."""
    pairs = [(example.rules, example.found()) for example in examples]
    rules = sorted({rule for wanted, found in pairs for rule in wanted | found})
    return {
        rule: Score(
            sum(rule in wanted and rule in found for wanted, found in pairs),
            sum(rule not in wanted and rule in found for wanted, found in pairs),
            sum(rule in wanted and rule not in found for wanted, found in pairs),
        )
        for rule in rules
    }
