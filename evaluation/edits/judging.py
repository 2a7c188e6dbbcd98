"""Edited sentences held against the result they speak of (pure).

A sentence may be worded anew; what it says may not go beyond the result. ``edit_faults`` is what the gate asks before
a release: no fault, no objection. The rules are those of :mod:`evaluation.claims`, and some that only sentences of a
report can be held to: the main outcome leads, ranges stay, figures are those of the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evaluation.claims.causes import OPEN
from evaluation.claims.linter import lint
from evaluation.claims.model import Passage, Sentence, Subject
from evaluation.claims.quantities import has_range
from evaluation.claims.sentences import is_claimed, sentences_of
from evaluation.claims.subjects import named_in, primary_of, subjects_of
from evaluation.claims.words_of_change import FELL, ROSE
from evaluation.edits.model import Edit, Shown
from evaluation.edits.sentences import FIGURE, figures_in_report, generated_sentences
from evaluation.model import Answer, Result
from evaluation.result import as_payload
from evaluation.wording import LOW_SECURITY
from workspace.errors import Fault
from workspace.settings import DisclosureProfile

_QUOTES = str.maketrans("", "", '“”‘"')
_SUCCESS = re.compile(
    r"\b(success(es|ful|fully)?|succeed(s|ed)?|effective(ly|ness)?|promising|encouraging|breakthrough|"
    r"(positive|good|great|excellent) (results?|findings?|outcomes?|impacts?|effects?|news)|paid off|a win|"
    r"(achieved|met|reached) its (aims?|goals?|targets?)|(real|good|great|clear|made|some) progress|"
    r"(has|have|had|shows?|showed) (real |great |much |clear )?(potential|promise)|value for money|"
    r"delivered(?= results|[.,;]|$)|in line with (our|the|all) hopes|work(s|ed) (for|best|well)|"
    r"help(s|ed) (most|many|some|the|these|those|young|people|pupils|participants|families|them)|"
    r"(probably|likely|almost certainly|clearly|seems? to|seemed to|appears? to|appeared to)\b[^.;]{0,40}\b"
    r"(help|work|reduc|lower|improv|cut|prevent)\w*)\b",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"\b(fail(s|ed|ures?|ing)?|unsuccessful(ly)?|ineffective(ly|ness)?|disappoint(s|ed|ing|ment)|"
    r"(did|does|has|have)( not|n[’']t) (work(ed)?|succeed(ed)?|help(ed)?|paid off|pay off)|"
    r"(not|no|nor) (a |an |been |very |any )*(success\w*|effective)|waste of \w+|pointless|"
    r"no (good|use|benefit|better))\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(nothing changed|(stayed|remained|was|were|did) (much |about |just |exactly )?the same|unchanged|no change|"
    r"(little|hardly any|barely any)( or no)? (difference|change|effect|impact|influence)|no different|"
    r"(did|does|has|have)( not|n[’']t) (change|differ|alter|move|shift|budge)(d|ed)?|"
    r"just as (many|much|often|high|bad)|"
    r"no (sign|evidence|proof|indication|hint) (of|that|for)|nothing (came|happened|there|to show)|"
    r"(not|n[’']t|never) (find|found|see|saw|seen|detect|detected|show|showed|shown) (an |any |a )?"
    r"(effects?|differences?|impacts?|changes?|benefits?)|"
    r"(effects?|impacts?|differences?) (was|were|is|are) (nil|zero|nothing|none|negligible))\b",
    re.IGNORECASE,
)
_MOVED = re.compile(rf"\b({FELL}|{ROSE}|worse(ned)?)\b", re.IGNORECASE)
_WORDS = {"failure": _FAILURE, "success": _SUCCESS, "no difference": _SAME, "change": _MOVED}
_REFUSED = re.compile(
    r"\b(not|never|neither|nobody|cannot)\b[^.;]{0,30}\b(report|call|present|describ|count|treat|read|tak|say|said|"
    r"claim)\w*[^.;]*$",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    r"\b(half|halved|halves|halving|(a|one|two) thirds?|(a|one|three) quarters?|doubl(e|ed|es|ing)|twice|"
    r"(trebl|tripl)(e|ed|es|ing)|dozens?|hundreds|thousands|(one|two|three|four|five|six|seven|eight|nine) (in|out of) "
    r"(two|three|four|five|six|seven|eight|nine|ten|twenty|a hundred))\b",
    re.IGNORECASE,
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NO_FIGURES = re.compile(  # dates, quarters and ids are no figures of a result
    rf"\b\d{{4}}-\d{{2}}(-\d{{2}})?\b|\b(\d{{1,2}} )?({_MONTHS})( \d{{4}})?\b|\bQ[1-4] \d{{4}}\b|\b[A-Z]{{2,5}}-\d+\b|"
    r"\b(19|20)\d{2}\b",
)
_OPEN: frozenset[Answer] = frozenset({"inconclusive", "not-assessable", "changed"})
_NO_GOOD: frozenset[Answer] = frozenset({"harms", "no-meaningful-effect"})


def edit_faults(
    result: Result, edits: Sequence[Edit], profile: DisclosureProfile | None = None
) -> tuple[Fault, ...]:
    """Everything in the edits that the result does not bear, in the order of the file.

    Parameters
    ----------
    result
        The released result, as it is kept whole.
    edits
        Every sentence of the file of edits.
    profile
        What figures are withheld by; the built-in profile where none is given.

    Returns
    -------
    tuple of Fault
        Code, file and line, what is wrong, what to write. Empty: nothing stands against the edits. No message holds a
        figure of the result.
    """
    used = profile or DisclosureProfile()
    generated = generated_sentences(result, used)
    whole = list(_whole(generated, edits))
    if whole:
        return tuple(whole)
    subjects = subjects_of(as_payload(result, used))
    figures = figures_in_report(result, used)
    known = " ".join(one.text for one in generated).lower()
    found = list(_lead(edits, subjects))
    for edit in edits:
        if edit.changed:
            found += _unborne(edit, subjects)
            found += _called(edit, subjects)
            found += _figures(edit, figures, known)
            found += _limits(edit)
    places = {edit.where: i for i, edit in enumerate(edits)}
    return tuple(sorted(found, key=lambda fault: places[fault.where]))


def _whole(generated: Sequence[Shown], edits: Sequence[Edit]) -> Iterator[Fault]:
    """Every sentence of the result once, and none of another result."""
    wanted = {one.id: one.text for one in generated}
    there = [edit.id for edit in edits]
    file = edits[0].where.rpartition(":")[0] if edits else ""
    for name in wanted:
        if name not in there:
            yield Fault(
                "LC715", file, f"the sentence '{name}' is not there", "Put it back; word it anew, if need be."
            )
    for edit in edits:
        if there.count(edit.id) > 1:
            yield Fault("LC715", edit.where, f"the id '{edit.id}' is there twice", "Keep one of them.")
        elif not edit.text.strip():
            yield Fault(
                "LC715", edit.where, f"the text of '{edit.id}' is empty", "A sentence is not dropped."
            )
        elif edit.generated and wanted.get(edit.id) != edit.generated:
            said = "the program's own sentence is another than the result's"
            yield Fault("LC720", edit.where, said, "Remove the file and run lifecourse report edit again.")


def _passage(edit: Edit, subjects: Sequence[Subject]) -> Passage:
    """The edit as a text to be checked: quotation marks do not shield it, and without a name it is of the main outcome.

    What stands under "cannot say" and begins with "That" is listed as unsaid; anything else there is a claim.
    """
    text = edit.text.translate(_QUOTES)
    if edit.under == "cannot-say" and text.startswith("That "):
        return Passage(text, edit.where, "What you cannot say")
    primary = primary_of(subjects)
    if primary is not None and not named_in(text, subjects):
        text = f"{primary.name}. {text}"
    return Passage(text, edit.where)


def _unborne(edit: Edit, subjects: Sequence[Subject]) -> Iterator[Fault]:
    """What the check of claims says of it, but for headlines: those are looked at for the list as a whole."""
    for finding in lint((_passage(edit, subjects),), subjects):
        if finding.severity == "error" and finding.rule not in ("headline", "language"):
            hint = (
                "Copy it from the program's own sentence." if finding.rule == "disagrees" else finding.instead
            )
            said = f"“{_short(finding.phrase)}”: {finding.why.rstrip('.')}"
            yield Fault("LC716", edit.where, said, hint)


def _lead(edits: Sequence[Edit], subjects: Sequence[Subject]) -> Iterator[Fault]:
    """The first sentence of what can be said is about the main outcome, by name where the program named it."""
    first = next((edit for edit in edits if edit.under == "can-say"), None)
    primary = primary_of(subjects)
    if first is None or primary is None or not first.changed:
        return
    named = named_in(first.text, subjects)
    if primary in named or not (named or primary in named_in(first.generated, subjects)):
        return
    said = "the first sentence does not speak of the main outcome"
    yield Fault("LC717", first.where, said, f"Begin with: {primary.name}.")


def _called(edit: Edit, subjects: Sequence[Subject]) -> Iterator[Fault]:
    """Open results called a success, a failure, the same or a change; and the one called the other."""
    passage = _passage(edit, subjects)
    if passage.heading:
        return
    for sentence in sentences_of(passage):
        named = named_in(sentence.text, subjects) or ([found] if (found := primary_of(subjects)) else [])
        for word, pattern in _WORDS.items():
            phrase = _claimed(sentence, pattern)
            wrong = [subject for subject in named if not _is_so(subject, word)]
            if not phrase or (word == "change" and (edit.under == "next" or has_range(edit.text))):
                continue
            if wrong:
                yield _no_such(edit, phrase, word, wrong)
            break


def _claimed(sentence: Sentence, pattern: re.Pattern[str]) -> str:
    """The words of a pattern that the sentence claims; empty where it claims none."""
    for hit in pattern.finditer(sentence.open):
        if _REFUSED.search(sentence.open[: hit.start()]) is None and is_claimed(sentence, hit.start()):
            return hit[0]
    return ""


def _no_such(edit: Edit, phrase: str, word: str, wrong: Sequence[Subject]) -> Fault:
    if word == "no difference":
        return Fault("LC716", edit.where, f"“{phrase}”: no result shows that there was none", OPEN)
    open_ = any(subject.answer in _OPEN for subject in wrong)
    why = "the result is open, neither a success nor a failure" if open_ else f"the result is no {word}"
    return Fault(
        "LC718", edit.where, f"“{phrase}”: {why}", "Say what is known and what is not, with the range."
    )


def _is_so(subject: Subject, word: str) -> bool:
    """Say whether a word fits the answer of an outcome."""
    if word == "success":
        return subject.answer == "works" and subject.security > LOW_SECURITY and not subject.exploratory
    if word == "failure":
        return subject.answer in _NO_GOOD
    return (
        subject.answer == "no-meaningful-effect" if word == "no difference" else subject.answer not in _OPEN
    )


def _figures(edit: Edit, figures: frozenset[str], known: str) -> Iterator[Fault]:
    """Figures that stand nowhere in the report, and ranges that were cut to one number."""
    text = _NO_FIGURES.sub(" ", edit.text)
    strange = next((number for number in FIGURE.findall(text) if number not in figures), None)
    spelled = next((hit[0] for hit in _SPELLED.finditer(text) if hit[0].lower() not in known), None)
    if strange or spelled:
        said = f"“{strange or spelled}” stands neither on page one nor in the table of outcomes"
        yield Fault("LC719", edit.where, said, "Copy the figures from the program's own sentence.")
    elif has_range(edit.generated) and not has_range(edit.text):
        yield Fault("LC719", edit.where, "the range was taken out of the sentence", "Give both ends of it.")


def _limits(edit: Edit) -> Iterator[Fault]:
    if "exploratory" in edit.generated.lower() and "explorat" not in edit.text.lower():
        said = "the sentence no longer says that the finding is exploratory"
        yield Fault("LC722", edit.where, said, "Keep the word exploratory.")


def _short(text: str, longest: int = 70) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
