"""How one measure is worded at several places, and in which words they differ (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from theory_of_change.tracking.model import Concern, Tracked, Wording

EMPTY = {"a", "an", "and", "as", "by", "for", "from", "in", "of", "on", "or", "per", "the", "to", "with"}


def words_of(text: str) -> tuple[str, ...]:
    """The words that carry the meaning, in order: small letters, without endings in s and without little words."""
    found = re.findall(r"[a-z0-9]+", text.casefold())
    return tuple(word.removesuffix("s") if len(word) > 3 else word for word in found if word not in EMPTY)


def differing(first: str, second: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words that only the first has, and words that only the second has."""
    one, two = words_of(first), words_of(second)
    return tuple(w for w in one if w not in two), tuple(w for w in two if w not in one)


def wording_concerns(measures: Mapping[str, Tracked]) -> Iterator[Concern]:
    """LC323: wordings at two places that do not say the same."""
    for measure in measures.values():
        for first, second in combinations(measure.wordings, 2):
            one, two = differing(first.text, second.text)
            if one or two:
                said = (
                    f"'{first.text}' ({first.where}) and '{second.text}' ({second.where}) do not say the same: "
                    f"{_only(one, first)}{'; ' if one and two else ''}{_only(two, second)}"
                )
                hint = "Ask the owner which is meant, and log figures of that one only."
                yield Concern("LC323", "warning", measure.id, "", said, hint)


def _only(words: tuple[str, ...], where: Wording) -> str:
    return f"only {where.where} says {', '.join(words)}" if words else ""
