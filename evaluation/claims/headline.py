"""Whether the outcome named beforehand carries the headline (pure).

Source: R45. Of five outcomes that nothing changes, at least one looks better or worse by chance 23 times in a hundred;
of ten, 40 times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evaluation.claims.model import Hit, Passage, Subject
from evaluation.claims.sentences import is_asked, is_claimed, only_listed_as_unsaid, sentences_of
from evaluation.claims.subjects import named_in, primary_of
from evaluation.claims.words_of_change import FELL, ROSE

_CLAIM = re.compile(
    rf"\b({FELL}|{ROSE}|success\w*|works?|worked|effective|result|associated|led to|cuts?|benefit\w*)\b",
    re.IGNORECASE,
)
_SECONDARY = re.compile(
    r"\b(secondary|exploratory|further|other) (outcomes?|measures?|analys[ei]s|findings?|results?)\b",
    re.IGNORECASE,
)


def headlines(passages: Sequence[Passage], subjects: Sequence[Subject]) -> Iterator[tuple[Passage, Hit]]:
    """Titles and first paragraphs that claim something of an outcome that is not the primary one."""
    lead = _lead(passages)
    for passage in lead:
        if passage.part == "heading" and (found := _SECONDARY.search(passage.text)) and _claims(passage):
            yield passage, Hit("headline", found[0])
            return
    primary = primary_of(subjects)
    if primary is None or any(primary in named_in(passage.text, subjects) for passage in lead):
        return
    for passage in lead:
        others = named_in(passage.text, subjects)
        if others and _claims(passage):
            instead = f"Begin with {primary.name}, the primary outcome."
            yield passage, Hit("headline", others[0].name, instead)
            return


def _lead(passages: Sequence[Passage]) -> list[Passage]:
    """What is read first: everything down to the first paragraph of text."""
    lead: list[Passage] = []
    for passage in passages:
        if only_listed_as_unsaid(passage):
            break
        lead.append(passage)
        if passage.part == "text" and len(passage.text.split()) > 3:
            break
    return lead


def _claims(passage: Passage) -> bool:
    return any(
        not is_asked(sentence) and is_claimed(sentence, found.start())
        for sentence in sentences_of(passage)
        for found in _CLAIM.finditer(sentence.open)
    )
