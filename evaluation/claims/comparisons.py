"""What a change is held against: nothing, the worst year, or an average of everybody (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluation.claims.model import Hit, Sentence
from evaluation.claims.sentences import is_claimed
from evaluation.claims.words_of_change import COMPARED, FELL, ROSE, SINCE, WORST

_AVERAGE = re.compile(
    r"\b(national|england|english|uk|british|country|county|force|regional|local authority)('s|’s)?(-wide)? "
    r"(average|mean|rate|figure)s?\b|\baverages? (for|of|in|across) (england|the country|the uk|the county|"
    r"the region)\b|"
    r"\bthe rest of (the country|england|the county)\b",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"\b(compared|than|against|versus|vs|v|below|above|under|beat|beats|outperform\w*|lower|higher|better|worse)\b",
    re.IGNORECASE,
)
_TOOK_PART = re.compile(
    r"\b(participants?|those (on|who)|people (on|who took)|young people on|pupils on|graduates|our (pupils|"
    r"clients|young "
    r"people|participants)|programme|course|scheme|project|intervention|mentored)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(rf"\b({FELL}|{ROSE})\b", re.IGNORECASE)
_FALL = re.compile(
    r"\b(fell|fallen|falling|dropp(ed|ing)|declin(ed|ing)|decreas(ed|ing)|reduced|halved|plummeted|tumbled|cut(?!-)|fewer|down|"
    r"lower)\b|\b(saw|a|an|the) [^.;:]{0,25}\b(drop|fall|reduction|decrease|decline)\b",
    re.IGNORECASE,
)


def lonely_changes(sentence: Sentence) -> Iterator[Hit]:
    """Falls where it was worst, changes since the start, and averages of everybody, in one sentence."""
    text = sentence.open
    fell, compared = _FALL.search(text), COMPARED.search(text)
    worst, since, change = WORST.search(text), SINCE.search(text), _CHANGE.search(text)
    if worst and fell and not compared and is_claimed(sentence, fell.start()):
        yield Hit(
            "worst-first",
            f"{fell[0]} … {worst[0]}" if fell.start() < worst.start() else f"{worst[0]} … {fell[0]}",
        )
    elif since and change and not compared and is_claimed(sentence, change.start()):
        yield Hit("no-comparison", since[0])
    average = _AVERAGE.search(text)
    if average and _HELD.search(text) and _TOOK_PART.search(text) and is_claimed(sentence, average.start()):
        yield Hit("national-average", average[0])
