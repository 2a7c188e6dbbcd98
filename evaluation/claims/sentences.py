"""Text cut into sentences, and what of it is said rather than quoted, asked, denied or hoped for (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluation.claims.model import Passage, Sentence

LONGEST = 1000  # characters of a sentence: the work grows with its square
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_END = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bno\.)(?<!\bapprox\.)(?<!\bDr\.)"
                  r"(?<!\bMr\.)(?<!\bMs\.)[\"”’)\]]*\s+(?=[\"“‘(\[]?[A-Z0-9])")  # fmt: skip
_QUOTES = (
    re.compile(r"“[^”]*”"),
    re.compile(r'"[^"]*"'),
    re.compile(r"(?<![A-Za-z0-9])‘[^‘]*?’(?![A-Za-z])"),
    re.compile(r"(?<![A-Za-z0-9])'[^']*?'(?![A-Za-z])"),
)
CANNOT = re.compile(
    r"\b(can ?not|can[’']t|must not|may not|do not|don[’']t|not to) (be )?(say|said|claim)", re.IGNORECASE
)
# What stands before a phrase and takes the claim out of it: doubt, denial of knowledge, aims, conditions.
_HEDGE = re.compile(
    r"\b(whether|if|unless|cannot|can not|can[’']t|could|would|might|may|should|must|shall|will|"
    r"aims?|aimed|meant|intended|designed|hopes?|hoped|expects?|expected|seeks?|sought|plans?|planned|wants?|wanted|"
    r"supposed|assumes?|assumed|believes?|believed|in order to|how|questions?|asks?|asked|"
    r"nothing|nobody|no evidence|not enough evidence|not clear|unclear|unknown|before calling|rather than|"
    r"instead of|not the same as|does not (show|mean|follow|prove)|do not (show|mean|prove)|did not show|"
    r"doesn[’']t (show|mean|prove)|not (shown?|proof|proven|proved|mean|known|that)|neither|nor|never|without)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;:]| but | though | although ", re.IGNORECASE)
_AFTER = re.compile(r"^[^.;]{0,40}\b(is|are|was|were) (not )?(ruled out|excluded)\b", re.IGNORECASE)


def plain_text(text: str) -> str:
    """One line, one kind of space, no character that cannot be seen."""
    return _SPACES.sub(" ", text.translate(_UNSEEN)).strip()


def without_quotations(text: str) -> str:
    """The text with what others said blanked out, character for character; a text that is one quotation stays."""
    stripped = text.strip()
    for pattern in _QUOTES:
        if pattern.fullmatch(stripped.rstrip(".")):
            return text
    for pattern in _QUOTES:
        text = pattern.sub(lambda found: " " * len(found[0]), text)
    return text


def sentences_of(passage: Passage) -> Iterator[Sentence]:
    """The sentences of a passage, in order."""
    text = plain_text(passage.text)
    if not text:
        return
    opened, start = without_quotations(text), 0
    for end in _ends(text):
        if text[start:end].strip():
            yield Sentence(text[start:end].strip(), opened[start:end].ljust(end - start).rstrip(), passage)
        start = end


def _ends(text: str) -> Iterator[int]:
    """Where the sentences of a text end; what goes on without a full stop is cut at a space."""
    start = 0
    for end in (*(found.end() for found in _END.finditer(text)), len(text)):
        while end - start > LONGEST:
            start = max(text.rfind(" ", start + 1, start + LONGEST), start + LONGEST // 2)
            yield start
        start = end
        yield end


def is_asked(sentence: Sentence) -> bool:
    """Say whether the sentence is a question."""
    return sentence.text.rstrip('"”’)').endswith("?")


def is_claimed(sentence: Sentence, start: int) -> bool:
    """Say whether what begins at ``start`` is claimed: not asked, doubted, hoped for or refused."""
    if is_asked(sentence):
        return False
    before = sentence.open[:start]
    clause = _CLAUSE.split(before)[-1]
    return not _HEDGE.search(clause) and not _AFTER.search(sentence.open[start:])


def only_listed_as_unsaid(passage: Passage) -> bool:
    """Say whether a passage stands under a heading of what cannot be said, or is itself such a list."""
    return bool(CANNOT.search(passage.heading)) or bool(
        CANNOT.search(passage.text) and passage.part == "heading"
    )
