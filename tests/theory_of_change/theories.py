"""Theories for tests: the example, and random ones with every kind of box, link and hostile word."""

from __future__ import annotations

import random

from theory_of_change.model import Box, Link, Theory
from theory_of_change.store import example_text, load_catalogue
from theory_of_change.theory_file import parse_theory

KINDS = ("activity", "output", "outcome", "outcome", "outcome", "impact", "factor")
WORDS = (
    "fewer", "pupils", "excluded", "from", "school", '"quoted"', "<b>bold</b>", "a&b", "[bracket]", "{brace}", "%%{x}",
    "back\\slash", "naïve", "Größe", "學校", "–", "x" * 60, "W" * 31, "#quot;", "end", "-->", "it's", "$a_b$",
    "\u0301e",
)  # fmt: skip


def example() -> Theory:
    return parse_theory(example_text(), load_catalogue(), "violence-reduction.toml")


def random_theory(seed: int, most: int = 24) -> Theory:
    """A theory nobody would write, but the model allows."""
    chance = random.Random(seed)
    boxes = tuple(_box(chance, number) for number in range(1, chance.randint(2, most)))
    pairs = [(a.id, b.id) for a in boxes for b in boxes if a is not b]
    chosen = chance.sample(pairs, min(len(pairs), chance.randint(0, 2 * len(boxes))))
    links = tuple(_link(chance, start, end) for start, end in chosen)
    title = " ".join(chance.choices(WORDS, k=chance.randint(1, 12)))
    return Theory(
        title, boxes=boxes, links=links, note=" ".join(chance.choices(WORDS, k=chance.randint(0, 30)))
    )


def _link(chance: random.Random, start: str, end: str) -> Link:
    test, evidence = chance.choice(("", "", "plan")), chance.choice(((), ("one",)))
    return Link(start, end, test=test, evidence=evidence, feedback=chance.random() < 0.1)


def _box(chance: random.Random, number: int) -> Box:
    kind = chance.choice(KINDS)
    return Box(
        f"B{number}",
        kind,
        " ".join(chance.choices(WORDS, k=chance.randint(1, 9))),
        term=chance.choice(("", "short", "medium", "long")) if kind == "outcome" else "",
        tier=chance.choice(("primary", "tertiary")) if kind == "activity" else "",
        factor_sign=chance.choice(("", "risk", "protective")) if kind == "factor" else "",
        priority=chance.choice(((), ("education",), ("health", "education"))),
    )
