"""A theory of four boxes, a plan that asks of delivery, and people whose programme works as the arguments say."""

from __future__ import annotations

import numpy as np
import polars as pl

from evaluation.finding import Finding, gather_finding
from evaluation.plan import AnalysisPlan
from tests.evaluation.studies import read, study
from theory_of_change.model import Box, Link, Measure, Theory


def measure(name: str, reliability: float | None = None) -> Measure:
    return Measure(id=name, name=name, kind="continuous", better="higher", reliability=reliability)


def theory(*links: Link, reliability: float | None = None) -> Theory:
    """Course, sessions held, thinking, behaviour."""
    path = links or (Link("A1", "P1"), Link("P1", "O1", because="practice"), Link("O1", "O2"))
    return Theory(
        "A theory",
        boxes=(
            Box("A1", "activity", "Course", tier="secondary"),
            Box("P1", "output", "Sessions held"),
            Box("O1", "outcome", "Thinking", term="short", measures=("think",)),
            Box("O2", "outcome", "Behaviour", term="long", measures=("act",)),
        ),
        links=path,
        measures=(measure("think"), measure("act", reliability)),
    )


DELIVERY = """[delivery]
dose = "sessions"
planned = 12
enough = 8
reach = 0.7
fidelity = "score"
fidelity_at_least = 3
similar_help = "other"
right_people = "need"
"""
OUTCOME = """[[outcome]]
measure = "{}"
role = "{}"
kind = "continuous"
better = "higher"
minimum_important_difference = 0.3
mid_source = "guide"
"""
LINKS = '["A1>P1", "P1>O1", "O1>O2"]'


def plan(
    delivery: str = DELIVERY, *, links: str = LINKS, more: str = "", population: str = ""
) -> AnalysisPlan:
    """A trial with a nearer and a further outcome; the further one is primary."""
    return read(
        f'[plan]\nid = "a-plan"\ntitle = "A question"\nlinks = {links}\n{population}'
        '[design]\nmethod = "randomised"\ntreatment = "treat"\ncovariates = ["x"]\nseed = 4\n'
        f"{delivery}{OUTCOME.format('think', 'secondary')}{OUTCOME.format('act', 'primary')}{more}"
    )


def people(
    n: int = 1200, *, near: float = 0.6, far: float = 0.8, dose: float = 0.85, similar: float = 0.02,
    meant: float = 0.95, seed: int = 7,
) -> pl.DataFrame:  # fmt: skip
    """``near``: effect on thinking; ``far``: of thinking on behaviour; ``dose``: chance of coming to a session."""
    draw = np.random.default_rng(seed)
    treat = (np.arange(n) % 2).astype(float)
    x = draw.normal(size=n)
    think = near * treat + 0.3 * x + draw.normal(size=n)
    act = far * think + 0.2 * x + draw.normal(size=n)
    sessions = np.where(treat == 1, draw.binomial(12, dose, n), 0)
    return pl.DataFrame(
        {
            "treat": treat,
            "x": x,
            "think": think,
            "act": act,
            "sessions": sessions.astype(float),
            "score": draw.uniform(3.2, 5, n),
            "other": (draw.uniform(size=n) < similar).astype(float),
            "need": (draw.uniform(size=n) < meant).astype(float),
        }
    )


def run(frame: pl.DataFrame, asked: AnalysisPlan, of: Theory | None = None) -> Finding:
    """Run it as locked, along the theory."""
    return gather_finding(study(frame), asked, "locked before outcomes", of or theory())
