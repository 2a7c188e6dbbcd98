"""Causes, no effects, single people, everybody: what words claim beyond what a result bears (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluation.claims.model import Hit, Sentence, Subject
from evaluation.claims.sentences import is_claimed
from evaluation.claims.words_of_change import FELL, NAMED_FINDING, PROGRAMME, ROSE
from evaluation.wording import LOW_SECURITY

_NO_EFFECT = re.compile(
    r"\b(no|zero|nil|without any) (\w+ )?(effect|impact|difference|benefit|influence)s?\b(?! (as large|larger|"
    r"bigger|greater|of at least|of \d|as big))|"
    r"\b(did|does|do|has|have) ?(not|n[’']t) (work(ed)?|have (an|any) (effect|impact)|had (an|any) (effect|impact)|"
    r"(make|made) (a|any) difference)\b|"
    rf"\b{PROGRAMME}\b[^.,;:]{{0,30}} (did|does|do|has|have) ?(not|n[’']t) "
    r"(reduce|cut|lower|change|improve|affect|prevent|help|increase)d?\b|"
    r"\b(fail(s|ed) to (reduce|cut|lower|change|improve|affect|prevent|help|work|increase|have))\b|"
    r"\b(is|was|were|are|proved) (ineffective|unsuccessful|a failure)\b|\b(makes?|made) no (\w+ )?difference\b",
    re.IGNORECASE,
)
_ABOUT_RESULTS = re.compile(
    rf"\b{PROGRAMME}\b|\b(effect|impact|intervention|result|absence|offending|reoffending|violence|crime)\b",
    re.IGNORECASE,
)
_WHAT_DID_NOT = re.compile(r"\bwhat $", re.IGNORECASE)
_WORTHWHILE = re.compile(r"\bno (worthwhile|meaningful) (difference|effect)\b", re.IGNORECASE)
HARM = (
    r"(violence|violent crime|knife crime|crime|reoffending|offending|absence|exclusions?|suspensions?|"
    r"assaults?|robbery|"
    r"robberies|harm|knife carrying|homicides?)"
)
_STRONG = re.compile(
    r"\bthanks to\b|\b(has|have) been shown to (work|reduce|cut|prevent)\b|"
    r"\bthe evidence (clearly )?(shows|tells us|is clear|demonstrates)\b|\b(is|are|was|were|"
    r"[’']s|s) working\b|"
    rf"\b(caus(es|ed|ing)|led to|leads to|result(s|ed) in|brought about|drove|drives|driven by|deliver(s|"
    rf"ed)|brought down)\b"
    rf"(?=[^.;]{{0,60}}\b({FELL}|{ROSE}|result|outcomes?|difference|success|robber\w+|crime|violence))|"
    rf"\b(because of|due to|as a (direct )?result of|owing to|down to|attributable to) (the |our |this |its )?(\w+ )?"
    rf"{PROGRAMME}\b|\bturn(s|ed|ing) (\w+ )?(lives )?around\b|\bthe success of (the|our|this)\b|"
    rf"\b(reduces|prevents|cuts|lowers) (\w+ )?{HARM}\b|"
    r"\b(demonstrat|show|prov)\w* (a|an) (\w+ )?(positive|real|lasting|beneficial|clear) (impact|effect) "
    r"on\b|\bmade a (real |big |huge |lasting )?difference\b|"
    r"\b(had|has had|having) (a|an) (\w+ )?(impact|effect) on\b|\b(has|have) (transformed|impacted)\b",
    re.IGNORECASE,
)
_VERB = (
    r"(reduc(es|ed)|cuts?|lower(s|ed)|prevent(s|ed)|stop(s|ped)|improv(es|ed)|rais(es|ed)|increas(es|ed)|boost(s|ed)|"
    r"halv(es|ed)|sav(es|ed)|works|worked|help(s|ed) (to )?(reduce|cut|lower|prevent|improve)|turned around)"
)
_WORKED = re.compile(
    rf"\b{PROGRAMME}\s+((has|have|had|also|clearly|really|already|greatly|successfully|\(\w+\))\s+){{0,2}}{_VERB}\b|"
    rf"\b{PROGRAMME}\s+(is|are|was|were|has been|have been)\s+(\w+ly )?(effective|successful|a success)\b|"
    rf"\b{PROGRAMME} work(?=\s*[.!:;]|$)|"
    r"\b(it|this) (really |clearly )?(works|worked|has worked)(?=\s*[.!]|$)",
    re.IGNORECASE,
)
_WORKS_WITH = re.compile(r"^(works?|worked) (with|in|on|at|for|from|as|alongside|together|through|closely|"
                         r"hard|within)\b",
                         re.IGNORECASE)  # fmt: skip
_UNRELATED = re.compile(r"\b(staff|leave|late|weather|hours|costs?|budget|price|rent|time)\b", re.IGNORECASE)
_MANY = r"(\d[\d,.]*|a (dozen|hundred|thousand)|dozens of|hundreds of|thousands of|scores of|countless|many)"
_PEOPLE = (
    r"(people|youths|children|lives|pupils|families|offenders|victims|crimes|offences|murders|homicides|assaults|"
    r"stabbings|adults|girls|boys|women|men|teenagers|admissions|exclusions)"
)
_INDIVIDUAL = re.compile(
    r"\b(prevent(s|ed|ing)?|stop(s|ped|ping)?|sav(es|ed|ing)|kept|keeps?|keeping|divert(s|ed|ing)|steer(s|ed|ing)|"
    r"rescu(es|ed|ing)|spar(es|ed|ing)|turn(s|ed|ing)|chang(es|ed|ing)|transform(s|ed|ing))\s+"
    r"(the lives of )?(about |around |over |more than |at least |nearly |almost |some |up to )?"
    r"(an estimated |as many as )?"
    rf"{_MANY}\s+(\w+ ){{0,2}}?{_PEOPLE}\b|"
    rf"\b{_MANY}\s+(\w+ ){{0,2}}?{_PEOPLE}\s+(have been|has been|were|had been)\s+(prevented|stopped|saved|"
    rf"kept|diverted|"
    r"steered|rescued|spared|averted|avoided)\b",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"\b(works?|effective|succeeds?|helps|benefits|reduces \w+) (for|in|with) (everyone|everybody|anyone|"
    r"all (young people|"
    r"schools|areas|children|families|people)|every (\w+ )?(young person|school|child|area|person|family|pupil)|any "
    r"(\w+ )?(school|area|young person|child)|the whole country|the country)\b|"
    r"\b(would|will) work (anywhere|everywhere|nationally|in (any|every|all|other) \w+|across the country|elsewhere)\b|"
    r"\b(every|all) (\w+ )?(schools?|areas?|forces?|partnerships?|prisons?) (should|must|needs? to) (adopt|"
    r"use|have|run|take)|"
    r"\bwherever it is (tried|used)\b|\buniversally effective\b",
    re.IGNORECASE,
)
_SUBGROUP = re.compile(
    r"\b(work(s|ed)|was|is|were|proved) (\w+ )?(best|better|well|especially|particularly|more effective|most effective)"
    r"(\s+(effective|well|successful|good|helpful))?\s+(for|with|among|in) (the )?(\w+ )?(girls|boys|women|"
    r"men|females?|"
    r"males?|younger|older|white|black|asian|those|people|pupils|children|teenagers)\b",
    re.IGNORECASE,
)
CHANGED_ONLY = "Say that it changed, and that nothing shows what would have happened otherwise."
ASSOCIATED = "Write: was associated with."
OPEN = "Write: we cannot tell yet; and give the range."
NO_WORTH = "Write: made no worthwhile difference; and give the range."
OTHER_WAY = "The result is the other way: it was worse with the programme."


def overreach(sentence: Sentence, subject: Subject | None) -> Iterator[Hit]:
    """No effects, causes, single people, everybody and groups in one sentence."""
    yield from _no_effects(sentence, subject)
    yield from _causes(sentence, subject)
    for rule, pattern in (("individual", _INDIVIDUAL), ("beyond", _BEYOND), ("subgroup", _SUBGROUP)):
        found = pattern.search(sentence.open)
        if found and is_claimed(sentence, found.start()):
            yield Hit(rule, found[0])


def _no_effects(sentence: Sentence, subject: Subject | None) -> Iterator[Hit]:
    for found in _NO_EFFECT.finditer(sentence.open):
        if _WHAT_DID_NOT.search(sentence.open[: found.start()]) or not is_claimed(sentence, found.start()):
            continue
        if subject is not None and subject.answer == "no-meaningful-effect":
            continue
        if not _ABOUT_RESULTS.search(sentence.open):
            continue
        yield Hit("no-effect", found[0])
        return


def causal_words(sentence: Sentence) -> str:
    """The first words of the sentence that claim a cause; empty where there are none."""
    for found in _STRONG.finditer(sentence.open):
        if is_claimed(sentence, found.start()):
            return found[0]
    for found in _WORKED.finditer(sentence.open):
        verb = re.search(r"work(s|ed)\b.*", sentence.open[found.start() :])
        if verb and found[0].endswith(("works", "worked")) and _WORKS_WITH.match(verb[0]):
            continue
        if is_claimed(sentence, found.start()):
            return found[0]
    return ""


def _causes(sentence: Sentence, subject: Subject | None) -> Iterator[Hit]:
    phrase = causal_words(sentence)
    if (
        not phrase
        or _INDIVIDUAL.search(sentence.open)
        or _BEYOND.search(sentence.open)
        or _SUBGROUP.search(sentence.open)
    ):
        return
    if subject is None:
        if not NAMED_FINDING.search(sentence.passage.text):
            yield Hit("cause", phrase, severity="warning")
        return
    instead = _instead(subject)
    if instead:
        yield Hit("cause", phrase, instead)


def _instead(subject: Subject) -> str:
    """What a result lets one write in place of a cause; empty where the cause stands."""
    if not subject.compared or subject.answer == "changed":
        return CHANGED_ONLY
    if subject.answer in ("inconclusive", "not-assessable"):
        return OPEN
    if subject.answer == "no-meaningful-effect":
        return NO_WORTH
    return ASSOCIATED if subject.security <= LOW_SECURITY else ""
