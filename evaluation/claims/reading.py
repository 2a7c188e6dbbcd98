"""What a claim from elsewhere tells, and whether it can be weighed: a comparison, a choice of places, a base (pure).

The claim register calls :func:`read_claim`; what it says of a claim is about its words, never about whether it is true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from evaluation.claims.causes import causal_words
from evaluation.claims.model import Passage
from evaluation.claims.quantities import changes_of, has_range, ranges_of
from evaluation.claims.sentences import plain_text, sentences_of
from evaluation.claims.words_of_change import COMPARED, FELL, NAMED_FINDING, ROSE, SINCE, WORST

Standing = Literal["cannot-tell-yet", "to-be-checked", "no-claim"]
_CHANGE = re.compile(rf"\b({FELL}|{ROSE})\b", re.IGNORECASE)
_AVERAGE = re.compile(r"\b(national|england|county|force|regional) (average|rate|figure)s?\b", re.IGNORECASE)
_PLACES = re.compile(
    r"\b(hot[- ]?spots?|areas?|streets?|wards?|places?|estates?|boroughs?|neighbourhoods?)\b", re.IGNORECASE
)
_SIDE_BY_SIDE = re.compile(
    r"\d\s?(%|per cent) (v|vs|versus|against)\.? \d|\d\s?(%|per cent)[^.;]{0,60}\band \d[\d.]*\s?(%|per "
    r"cent) of the others",
    re.IGNORECASE,
)
_STORY = re.compile(r"\b(i|my|me|he told|she told|in (his|her|their) (own )?words)\b", re.IGNORECASE)
WORST_CHOSEN = "worst areas chosen"
NO_COMPARISON = "no comparison named"
BEFORE_AFTER = "before and after only"
NO_BASE = "a percentage without the numbers behind it"
NO_RANGE = "a number without its range"
AVERAGE = "held against an average of everybody"
DESIGNS_WORST = (
    "Displacement difference: the places, the streets around them, and places that just missed being chosen.",
    "Difference in differences with areas that just missed being chosen.",
    "Synthetic control where one area, or very few, had it.",
)
LEAVE_OUT = "Leave out the period by which the places were chosen: what is worst then falls back by itself."
DESIGNS = (
    "Difference in differences with people or places alike that did not have it.",
    "Interrupted time series, where there are figures for two years or more before the start, best with a comparison.",
)


@dataclass(frozen=True, slots=True)
class ClaimReading:
    """What the words of a claim tell.

    ``lacks`` names what keeps it from being weighed; ``causal`` are the words that claim a cause; ``needs`` the designs
    that would answer the question; ``assessment`` is one line for a register.
    """

    standing: Standing
    assessment: str
    names_comparison: bool
    names_worst: bool
    before_after: bool
    relative_change: bool
    gives_range: bool
    causal: tuple[str, ...]
    figures: tuple[str, ...]
    findings: tuple[str, ...]
    lacks: tuple[str, ...]
    needs: tuple[str, ...]


def read_claim(text: str) -> ClaimReading:
    """Read a claim's words. A claim is quoted by nature, so quotation marks around it change nothing."""
    bare = plain_text(text).translate(str.maketrans("", "", '“”"'))
    sentences = tuple(sentences_of(Passage(bare, "claim")))
    causal = tuple(words for sentence in sentences if (words := causal_words(sentence)))
    numbers = (*ranges_of(bare), *changes_of(bare))
    average = _AVERAGE.search(bare) is not None
    compared = COMPARED.search(_AVERAGE.sub("", bare)) is not None and not (average and _only_average(bare))
    change = _CHANGE.search(bare) is not None
    worst = WORST.search(bare) is not None
    relative = any(number.scale == "percent" for number in numbers)
    side_by_side = _SIDE_BY_SIDE.search(bare) is not None
    compared = compared or side_by_side
    claimed = side_by_side or bool(causal or numbers or (change and not _STORY.search(bare)))
    ranged = has_range(bare)
    lacks = tuple(
        words
        for words, lacking in (
            (WORST_CHOSEN, worst and not compared),
            (NO_COMPARISON, not compared),
            (BEFORE_AFTER, not compared and SINCE.search(bare) is not None),
            (AVERAGE, average and not compared),
            (NO_BASE, relative and not re.search(r"\b(from|of|out of) \d", bare)),
            (NO_RANGE, bool(numbers) and not ranged),
        )
        if claimed and lacking
    )
    standing: Standing = "no-claim" if not claimed else "to-be-checked" if compared else "cannot-tell-yet"
    return ClaimReading(
        standing=standing,
        assessment=_assessment(standing, lacks),
        names_comparison=compared,
        names_worst=worst,
        before_after=change and not compared,
        relative_change=relative,
        gives_range=ranged,
        causal=causal,
        figures=tuple(number.phrase for number in numbers),
        findings=tuple(NAMED_FINDING.findall(bare)),
        lacks=lacks,
        needs=_needs(bare, standing, worst=worst),
    )


def _only_average(text: str) -> bool:
    """Say whether the only comparison named is an average of everybody."""
    rest = re.sub(
        rf"\b(compared (with|to)|than) (the |a )?{_AVERAGE.pattern}", " ", text, flags=re.IGNORECASE
    )
    return COMPARED.search(rest) is None


def _assessment(standing: Standing, lacks: tuple[str, ...]) -> str:
    if standing == "no-claim":
        return "no effect is claimed"
    if standing == "to-be-checked":
        tail = f"; {', '.join(lacks)}" if lacks else ""
        return f"a comparison is named: to be checked in the source{tail}"
    head = [words for words in lacks if words in (WORST_CHOSEN, NO_COMPARISON, AVERAGE)]
    return f"cannot tell yet: {', '.join(head)}"


def _needs(text: str, standing: Standing, *, worst: bool) -> tuple[str, ...]:
    """The designs that would answer the question the claim raises."""
    if standing != "cannot-tell-yet":
        return ()
    if worst:
        return (*DESIGNS_WORST, LEAVE_OUT)
    if _PLACES.search(text):
        return (*DESIGNS, "Synthetic control where one area had it.")
    return DESIGNS
