"""Words of statistics that say less than they seem to: significant, trend, p-values, stars, proof (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluation.claims.model import Hit, Sentence
from evaluation.claims.sentences import is_claimed

_NEARLY = re.compile(
    r"\b(approach\w*|near\w*|close to|verg\w+ on|border(ing|line)( on)?|marginal(ly)?|almost|not quite|just short of|"
    r"(just|narrowly) (missed|failed to reach)|(only )?just (missed|failed)|tend(s|ed|ing) towards?)"
    r"(\s+(the|a|being|to|be|reach|usual|conventional|statistical|statistically|level|threshold|of|for|reaching)){0,6}"
    r"\s+significan\w+|\b(marginally|borderline) significan\w+",
    re.IGNORECASE,
)
_SIGNIFICANT = re.compile(r"\b(non-?|in)?significan(t|tly|ce)\b|\bstatistical(ly)? (significan\w+|different|reliable)",
                          re.IGNORECASE)  # fmt: skip
_PLAIN_MEANING = re.compile(
    r"^significant (harm|other|others|adult|adults|person|relationship|event|events|life event|decision|"
    r"incident|figures?|digits?)\b",
    re.IGNORECASE,
)
_TREND = re.compile(r"\btrend(s|ed|ing)?\b", re.IGNORECASE)
_TECHNICAL_BEFORE = re.compile(
    r"\b(parallel|pre-?|earlier|time|straight|linear|seasonal|common|smooth|unit)[- ]?$", re.IGNORECASE
)
_OF_A_MODEL = re.compile(
    r"\bparallel\b|\bseason(s|al|ality)?\b|\bgap (in|between)\b|\btrends (may )?part\b|\bbreak in trends\b",
    re.IGNORECASE,
)
_TECHNICAL_AFTER = re.compile(r"^ (line|test|check|before|period|part)s?\b", re.IGNORECASE)
A_SENTENCE = 3  # words beside a p-value that make it a sentence
_P_VALUE = re.compile(
    r"(?<![A-Za-z])p\s?[-–]?\s?(values?)?\s?(=|<|>|≤|≥|of|is|was|below|under|above)\s?0?\.\d+", re.IGNORECASE
)
_STARS = re.compile(r"(?<=\d)\s?\*{1,3}(?=[\s.,;)]|$)|(?<=\s)\*{2,3}\s?p\s?<")
_PROOF = re.compile(
    r"\b(prove[sdn]?|proving|proofs?|disproves?|disproved|(is|are|was|were|be|been|has been) proven)\b",
    re.IGNORECASE,
)
_LEGAL_AFTER = re.compile(
    r"^[- ](re)?(offen[cds]\w*|convict\w*)|^ (of (concept|address|identity|age|id|residence|payment|income|delivery|"
    r"receipt|purchase|principle))\b|^[- ]?read",
    re.IGNORECASE,
)
_LEGAL_BEFORE = re.compile(r"\b(burden|standard|future|fool|water|bullet|child)[- ]?(of )?$", re.IGNORECASE)


def statistics_words(sentence: Sentence) -> Iterator[Hit]:
    """Significance, near misses, trends, p-values, stars and proof in one sentence."""
    nearly = _NEARLY.search(sentence.open)
    if nearly:
        yield Hit("nearly", nearly[0])
    for found in _SIGNIFICANT.finditer(sentence.open):
        if nearly and nearly.start() <= found.start() < nearly.end():
            continue
        if not _PLAIN_MEANING.match(sentence.open[found.start() :]):
            yield Hit("significance", found[0])
            break
    yield from _trends(sentence)
    argued = _P_VALUE.search(sentence.open)
    if argued and _is_argument(sentence, argued):
        yield Hit("p-value", argued[0])
    if starred := _STARS.search(sentence.open):
        yield Hit("stars", sentence.text[max(0, starred.start() - 6) : starred.end()].strip())
    yield from _proofs(sentence)


def _is_argument(sentence: Sentence, argued: re.Match[str]) -> bool:
    """Say whether a p-value stands in a sentence, not in a cell or a note of its own, where it belongs."""
    around = sentence.open[: argued.start()] + sentence.open[argued.end() :]
    return sentence.passage.part != "cell" and len(re.findall(r"[A-Za-z]{2,}", around)) >= A_SENTENCE


def _trends(sentence: Sentence) -> Iterator[Hit]:
    for found in _TREND.finditer(sentence.open):
        before, after = sentence.open[: found.start()], sentence.open[found.end() :]
        if _OF_A_MODEL.search(sentence.open):
            return
        if found[0].isupper():  # the reporting guideline of that name
            continue
        if not _TECHNICAL_BEFORE.search(before) and not _TECHNICAL_AFTER.match(after):
            yield Hit("trend", found[0])
            return


def _proofs(sentence: Sentence) -> Iterator[Hit]:
    for found in _PROOF.finditer(sentence.open):
        before, after = sentence.open[: found.start()], sentence.open[found.end() :]
        if _LEGAL_AFTER.match(after) or _LEGAL_BEFORE.search(before):
            continue
        if is_claimed(sentence, found.end()) and not after.startswith(" nothing"):
            yield Hit("proof", found[0])
            return
