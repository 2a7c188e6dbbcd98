"""Words that make a person a problem: those the check knows, and a project's own list (pure).

All advice in this file is remembered or our own; none of it is quoted from a style guide. Official terms stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from evaluation.claims.model import Hit, Language, Sentence, Wording
from workspace.errors import Fault
from workspace.toml_source import KeyCodes, TomlSource, top

CODES = KeyCodes(unknown="LC537", missing="LC537", wrong="LC537")
MEMORY = "memory: usage in youth justice and social work"
CHILD_FIRST = "memory: child-first principle of youth justice"
GUIDE = "memory: government style guide on writing about ethnicity"
AVOID: tuple[Wording, ...] = (
    Wording("offender", "person who has offended; people on probation; child, if under 18", CHILD_FIRST),
    Wording("ex-offender", "person with convictions", MEMORY),
    Wording("prolific offender", "person who has offended often", MEMORY),
    Wording("perpetrator", "person who harmed others; the word stays where a law uses it", MEMORY),
    Wording("criminal", "person with convictions", "own"),
    Wording("thug", "person; say what was done", "own"),
    Wording("yob", "young person; say what was done", "own"),
    Wording("youth", "young person, child (of one person)", CHILD_FIRST),
    Wording("youths", "young people, children", CHILD_FIRST),
    Wording("feral", "leave it out; say what was seen", "own"),
    Wording("gang member", "young person said to be in a group; say who says so", MEMORY),
    Wording("gang nominal", "young person said to be in a group; say who says so", MEMORY),
    Wording("nominal", "person", "own"),
    Wording("broken home", "say what happened: parents live apart, a parent died", MEMORY),
    Wording("dysfunctional family", "family under strain; say what happened", MEMORY),
    Wording("troubled family", "family that asked for help, or was offered it", MEMORY),
    Wording("problem family", "family that asked for help, or was offered it", MEMORY),
    Wording("hard to reach", "people whom services have not reached", MEMORY),
    Wording("hard-to-reach", "people whom services have not reached", MEMORY),
    Wording("NEET kids", "young people not in education, employment or training", MEMORY),
    Wording("NEETs", "young people not in education, employment or training", MEMORY),
    Wording("addict", "person who uses drugs; person with an addiction", MEMORY),
    Wording("drug abuser", "person who uses drugs", MEMORY),
    Wording("alcoholic", "person who is dependent on alcohol", MEMORY),
    Wording("junkie", "person who uses drugs", "own"),
    Wording("BAME", "name the groups; or: people from ethnic minorities", GUIDE),
    Wording("BME", "name the groups; or: people from ethnic minorities", GUIDE),
    Wording("non-white", "name the groups; or: people from ethnic minorities", GUIDE),
    Wording("illegal immigrant", "person without permission to stay", MEMORY),
    Wording("illegals", "people without permission to stay", MEMORY),
    Wording("sink estate", "name the place", "own"),
    Wording("the homeless", "people who are homeless", MEMORY),
    Wording("the disabled", "disabled people", MEMORY),
    Wording("the mentally ill", "people with a mental illness", MEMORY),
    Wording("mentally ill people", "people with a mental illness", MEMORY),
    Wording("committed suicide", "died by suicide", MEMORY),
    Wording("child prostitute", "child who was sexually exploited", MEMORY),
    Wording("teenage mum", "young mother", MEMORY),
    Wording("attention-seeking", "say what the child did, and what may have been asked for", "own"),
    Wording("lifestyle choice", "say what happened: a child does not choose to be exploited", MEMORY),
    Wording("what is wrong with you", "what has happened to you", "memory: trauma-informed practice"),
)
ALLOW: tuple[str, ...] = (
    "young offender institution", "young offender institutions", "young offenders institution",
    "young offenders’ institution",
    "offender management", "youth offending", "offender assessment system", "integrated offender management",
    "integrated offender manager", "offender manager", "offender managers", "offender group reconviction scale",
    "serious offender", "sex offenders register", "sex offenders’ register", "offender index", "offenders index",
    "youth justice", "youth court", "youth worker", "youth workers", "youth work", "youth club", "youth clubs",
    "youth endowment fund", "youth custody", "youth centre", "youth service", "youth services", "youth group",
    "youth violence", "youth conditional caution", "youth caution", "youth rehabilitation order", "youth team",
    "youth-led", "youth council", "youth mentor", "youth mentors", "youth provision", "youth crime",
    "criminal justice", "criminal court", "criminal courts", "criminal damage", "criminal exploitation",
    "criminal record", "criminal records", "criminal behaviour order", "criminal history", "criminal law",
    "criminal offence", "criminal offences", "child criminal exploitation", "national criminal",
    "domestic abuse perpetrator programme", "perpetrator programme", "alcoholic drink", "alcoholic drinks",
)  # fmt: skip
_ADJECTIVES = ("criminal", "nominal", "youth", "alcoholic")
_AS_NOUN = re.compile(
    r"^\s*([.,;:!?)]|$|(is|was|has|had|who|and|or|from|in|at|of|with|to|on)\b)", re.IGNORECASE
)


def built_in() -> Language:
    """The words the check knows."""
    return Language(AVOID, ALLOW)


def with_project_words(language: Language, source: TomlSource, faults: list[Fault]) -> Language:
    """The list with a project's own: ``[[avoid]]`` with words and instead, and ``allow``; faults are gathered."""
    file = top(source, faults, CODES)
    allow = file.texts("allow")
    own = []
    for table in file.tables("avoid"):
        words, instead = table.text("words", required=True), table.text("instead", required=True)
        said = table.text("source", "this project")
        table.finish()
        own.append(Wording(words, instead, said))
    file.finish()
    replaced = {word.words.lower() for word in own}
    kept = tuple(word for word in language.avoid if word.words.lower() not in replaced)
    return Language((*kept, *own), (*language.allow, *allow))


def labels(sentence: Sentence, language: Language) -> Iterator[Hit]:
    """Words of the list in one sentence, the longest first; a word inside an allowed term is left alone."""
    text = sentence.open
    if not any(_pattern(word.words).search(text) for word in language.avoid):
        return
    for term in sorted(language.allow, key=len, reverse=True):
        text = _pattern(term).sub(lambda found: " " * len(found[0]), text)
    for word in sorted(language.avoid, key=lambda w: len(w.words), reverse=True):
        for found in _pattern(word.words).finditer(text):
            if word.words in _ADJECTIVES and not _AS_NOUN.match(text[found.end() :]):
                continue
            yield Hit("language", found[0], instead=f"Write: {word.instead}.", why=f"{_WHY} ({word.source})")
            text = text[: found.start()] + " " * len(found[0]) + text[found.end() :]


_WHY = "A label outlasts what somebody did, or what was done to them"


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """The words as such, with the ending of a plural; capitals matter only where the words are all capitals."""
    flags = 0 if words.isupper() else re.IGNORECASE
    body = re.escape(words).replace(r"\ ", r"[\s-]+").replace(r"\-", r"[\s-]")
    ending = "" if words.endswith("s") else "(?:s|ies)?"
    if words.endswith("family"):
        body, ending = body.removesuffix("y"), "(?:y|ies)"
    return re.compile(rf"(?<![\w-]){body}{ending}(?![\w])", flags)
