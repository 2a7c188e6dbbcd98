"""Hold a text against the rules, and against the results it speaks about (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from evaluation.claims.causes import overreach
from evaluation.claims.comparisons import lonely_changes
from evaluation.claims.headline import headlines
from evaluation.claims.language import built_in, labels
from evaluation.claims.model import ClaimFinding, Hit, Language, Passage, Sentence, Subject
from evaluation.claims.quantities import can_compare, disagreements, doubtful_numbers, speaks_in_unit
from evaluation.claims.rules import RULE
from evaluation.claims.sentences import is_asked, is_claimed, only_listed_as_unsaid, sentences_of
from evaluation.claims.statistics_words import statistics_words
from evaluation.claims.subjects import named_in, primary_of
from evaluation.claims.words_of_change import FELL, ROSE
from evaluation.model import RATIOS

_PROGRAMME = re.compile(
    r"\b(programmes?|projects?|courses?|schemes?|interventions?|pilots?|mentor(s|ing)|patrols?|tags?|"
    r"tagging|it works)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(rf"\b({FELL})\b", re.IGNORECASE)
_UP = re.compile(rf"\b({ROSE})\b", re.IGNORECASE)
_JUDGED = re.compile(
    r"\b(better|worse) (result|outcome|off)\b|\b(improved|worsened|got (better|worse))\b", re.IGNORECASE
)
_COUNTED = re.compile(
    r"\b(or|no|any|not) (more|less|fewer|higher|lower)\b|\bmore than (one|once|\d)", re.IGNORECASE
)
_STEP = "→"  # between the boxes of a theory, whose names are no claims


def lint(
    passages: Iterable[Passage], subjects: Sequence[Subject] = (), language: Language | None = None
) -> tuple[ClaimFinding, ...]:
    """Everything in a document that its results, or any result, do not bear; in the order of the document.

    Without ``subjects`` a cause is only a warning: it may rest on a result that was not given. Passages under a heading
    of what cannot be said, quotations and questions are read as what they are.
    """
    words = language or built_in()
    passages = tuple(passages)
    found: list[ClaimFinding] = []
    for passage in passages:
        if only_listed_as_unsaid(passage):
            continue
        found += [_finding(passage, hit) for hit in _of_passage(passage, subjects, words)]
    leading = [_finding(passage, hit) for passage, hit in headlines(passages, subjects)]
    order = {id(passage): i for i, passage in enumerate(passages)}
    places = {passage.where: order[id(passage)] for passage in reversed(passages)}
    return tuple(sorted((*leading, *found), key=lambda finding: places[finding.where]))


def lint_text(text: str, subjects: Sequence[Subject] = ()) -> tuple[ClaimFinding, ...]:
    """The same for one bare text."""
    return lint((Passage(text, "text"),), subjects)


def _finding(passage: Passage, hit: Hit) -> ClaimFinding:
    rule = RULE[hit.rule]
    return ClaimFinding(
        hit.rule,
        hit.severity or rule.severity,
        passage.where,
        passage.heading,
        hit.phrase.strip(),
        hit.why or rule.why,
        hit.instead or rule.instead,
    )


def _of_passage(passage: Passage, subjects: Sequence[Subject], language: Language) -> Iterator[Hit]:
    sentences = tuple(sentences_of(passage))
    last: Subject | None = None
    for i, sentence in enumerate(sentences):
        named = named_in(sentence.text, subjects) or _only_of_its_unit(sentence, subjects)
        last = named[0] if len(named) == 1 else last
        rest = " ".join(later.open for later in sentences[i + 1 :])
        yield from statistics_words(sentence)
        yield from overreach(sentence, _spoken_of(sentence, named, last, subjects))
        yield from lonely_changes(sentence)
        yield from doubtful_numbers(sentence, rest, named)
        yield from labels(sentence, language)
        if named and not is_asked(sentence):
            yield from _held_against(sentence, named)


def _only_of_its_unit(sentence: Sentence, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """The one outcome whose unit the sentence's numbers are in, where it is named by nothing else."""
    if sentence.passage.part == "cell":
        return ()
    found = tuple(subject for subject in subjects if speaks_in_unit(sentence, subject))
    return found if len(found) == 1 else ()


def _spoken_of(
    sentence: Sentence, named: Sequence[Subject], last: Subject | None, subjects: Sequence[Subject]
) -> Subject | None:
    """The outcome a sentence speaks about: named, named just before, or the primary where it is of the programme."""
    if named:
        weakest = sorted(named, key=lambda subject: (subject.settled, subject.security))
        return weakest[0]
    if last is not None:
        return last
    return primary_of(subjects) if _PROGRAMME.search(sentence.open) else None


def _held_against(sentence: Sentence, named: Sequence[Subject]) -> Iterator[Hit]:
    """Numbers and directions against the results named; of several, one that fits is enough."""
    wrong = [tuple(disagreements(sentence, subject)) for subject in named if can_compare(sentence, subject)]
    if wrong and all(wrong):
        yield wrong[0][0]
    turned = [phrase for subject in named if (phrase := _turned(sentence, subject))]
    if len(turned) == len(named):
        yield Hit("direction", turned[0])


def _turned(sentence: Sentence, subject: Subject) -> str:
    """The word that puts a result on its wrong side; empty where there is none."""
    if subject.low is None or subject.high is None or not subject.settled:
        return ""
    neutral = 1.0 if subject.effect in RATIOS else 0.0
    up = subject.low > neutral
    down = subject.high < neutral
    text = re.sub(
        re.escape(subject.name), lambda name: " " * len(name[0]), sentence.open, flags=re.IGNORECASE
    )
    if _STEP in text:
        return ""
    text = _COUNTED.sub(lambda number: " " * len(number[0]), text)
    judged = _JUDGED.search(text)
    if judged:
        good = "worse" not in judged[0].lower()
        return (
            judged[0] if good == (subject.answer == "harms") and is_claimed(sentence, judged.start()) else ""
        )
    rises, falls = _UP.search(text), _DOWN.search(text)
    if rises and not falls and down and is_claimed(sentence, rises.start()):
        return rises[0]
    return falls[0] if falls and not rises and up and is_claimed(sentence, falls.start()) else ""
