"""The best evidence there is of every link, in a fixed order; what speaks against it is said beside it (pure).

An evaluation whose locked plan names the link; an evaluation of either end; outside evidence; an adjusted association,
which is labelled as one; else nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.evidence.conflicts import conflicts_of
from evaluation.evidence.model import Reading, Study, Version
from evaluation.register.model import Entry, RunLine
from evaluation.register.states import open_disputes, upheld
from evaluation.theory_tests.model import LinkEvidence, Moving, Source
from evaluation.wording import ANSWER_WORDS
from theory_of_change.drawing.verdict_file import FINDINGS
from theory_of_change.model import Box, Link, Theory

MOVED, STAYED = ("works", "too-small-to-matter"), ("no-meaningful-effect", "harms")
LINK_WORDS = {
    "works": "held",
    "too-small-to-matter": "held, weakly",
    "no-meaningful-effect": "did not hold",
    "harms": "went the other way",
    "inconclusive": "not known",
}
PROMISING = "One evaluation, not repeated yet: promising, no more."


@dataclass(frozen=True, slots=True)
class Found:
    """The newest finding of a locked plan, with its JSON where the file is still what was written."""

    entry: Entry
    run: RunLine
    finding: Mapping[str, Any] | None

    @property
    def counts(self) -> bool:
        """Say whether it still stands: a dispute that was upheld takes it out."""
        return not upheld(self.entry.notes, self.run.evaluation_id)


@dataclass(frozen=True, slots=True)
class Outside:
    """A study of others with the readings of its newest versions."""

    study: Study
    readings: tuple[tuple[Version, Reading], ...]


def link_evidence(
    theory: Theory,
    link: Link,
    findings: Sequence[Found],
    outside: Sequence[Outside],
    moving: Moving | None = None,
) -> LinkEvidence:
    """The best evidence of one link. ``moving`` is only looked at where nothing better is there."""
    start, end = theory.box(link.from_box), theory.box(link.to_box)
    bare = LinkEvidence(
        link.id, start.text if start else "", end.text if end else "", link.because, "no test", "", "no test"
    )
    standing = [one for one in findings if one.counts]
    return (
        _of_the_link(bare, link, standing)
        or _of_an_end(bare, theory, link, standing)
        or _from_outside(bare, link, end, outside)
        or _by_association(bare, moving)
        or _nothing(bare, link, moving)
    )


def _put(bare: LinkEvidence, **more: Any) -> LinkEvidence:
    return replace(bare, **more)


# ---- evaluations of the link


def _of_the_link(bare: LinkEvidence, link: Link, findings: Sequence[Found]) -> LinkEvidence | None:
    sources = [source for one in findings if (source := _reading_of(link, one)) is not None]
    if not sources:
        return None
    sources.sort(key=lambda one: (one.security or 0, one.on), reverse=True)
    answers = {one.answer for one in sources}
    differ = bool(answers & set(MOVED)) and bool(answers & set(STAYED))
    best = sources[0]
    conflicts = tuple(
        f"{one.name} says otherwise: {one.said}" for one in sources[1:] if one.answer != best.answer
    )
    alone = best.answer in MOVED and sum(one.answer in MOVED for one in sources) == 1
    return _put(
        bare,
        ground="evaluation of the link",
        answer="inconclusive" if differ else best.answer,
        said="evaluations differ" if differ else best.said,
        security=best.security,
        sources=tuple(sources),
        conflicts=conflicts,
        note=" ".join([*([PROMISING] if alone and not differ else []), *_disputes(findings, sources)]),
    )


def _reading_of(link: Link, one: Found) -> Source | None:
    """What an evaluation says of a link that its plan names; nothing where it did not put it to the test."""
    if link.id not in one.entry.plan.links or one.finding is None:
        return None
    for reading in one.finding.get("links", ()):
        answer = FINDINGS.get(str(reading.get("finding")), "")
        if reading.get("link") == link.id and answer:
            evidence = f": {reading['evidence']}" if reading.get("evidence") else ""
            said = f"{reading['finding']}{evidence}"
            security = reading.get("security")
            return Source(one.run.evaluation_id, said, answer, security, one.run.run_at[:10])
    return None


def _disputes(findings: Sequence[Found], sources: Sequence[Source]) -> list[str]:
    named = {source.name for source in sources}
    open_ = [
        one.run.evaluation_id for one in findings if _is_disputed(one) and one.run.evaluation_id in named
    ]
    return [f"{name} is disputed." for name in open_]


def _is_disputed(one: Found) -> bool:
    return any(note.about == one.run.evaluation_id for note in open_disputes(one.entry.notes))


# ---- evaluations of an end


def _of_an_end(
    bare: LinkEvidence, theory: Theory, link: Link, findings: Sequence[Found]
) -> LinkEvidence | None:
    """An evaluation in which an end was an outcome: it says whether that end can be moved, not that this link does."""
    sources = []
    for which, id_ in (("far", link.to_box), ("near", link.from_box)):
        box = theory.box(id_)
        for one in findings:
            said = _of_box(box, one) if box else ""
            if said:
                tests = f" (tests {', '.join(one.entry.plan.links)})" if one.entry.plan.links else ""
                words = f"{which} end {id_}: {said}{tests}"
                sources.append(
                    Source(one.run.evaluation_id, words, "", one.run.security, one.run.run_at[:10])
                )
    if not sources:
        return None
    sources.sort(key=lambda one: (one.said.startswith("far"), one.security or 0, one.on), reverse=True)
    best = sources[0]
    return _put(
        bare, ground="evaluation of an end", said=f"{best.name}, {best.said}", security=best.security,
        sources=tuple(sources), note=" ".join(_disputes(findings, sources)),
    )  # fmt: skip


def _of_box(box: Box, one: Found) -> str:
    """What an evaluation found of an outcome that stands for a box."""
    for outcome in (one.finding or {}).get("outcomes", ()):
        if (
            str(outcome.get("measure")).partition("@")[0] in box.measures
            and outcome.get("role") != "exploratory"
        ):
            answer = str(outcome.get("verdict", {}).get("answer", ""))
            return f"{ANSWER_WORDS.get(answer, answer)} on {outcome.get('name') or outcome['measure']}"
    return ""


# ---- others


def _from_outside(
    bare: LinkEvidence, link: Link, end: Box | None, outside: Sequence[Outside]
) -> LinkEvidence | None:
    studies = [one for one in outside if _is_about(one.study, link, end)]
    sources = tuple(
        Source(one.study.id, f"{reading.sentence} ({one.study.design})", reading.answer, None, version.date)
        for one in studies
        for version, reading in one.readings
    )
    if not sources:
        return None
    differing = [conflict for one in studies for conflict in conflicts_of(one.study)]
    conflicts = [
        f"{one.study}: its versions differ in {', '.join(one.differs)}. {one.question}" for one in differing
    ]
    answers = dict.fromkeys(source.answer for source in sources)
    if len(answers) > 1:
        conflicts.append("Studies differ: " + "; ".join(str(ANSWER_WORDS[one]) for one in answers))
    count = "one study" if len(studies) == 1 else f"{len(studies)} studies"
    said = f"{count}: {'; '.join(str(ANSWER_WORDS[one]) for one in answers)}"
    return _put(
        bare, ground="outside evidence", said=said, sources=sources, conflicts=tuple(conflicts),
        note=_not_on_record(link, outside),
    )  # fmt: skip


def _is_about(study: Study, link: Link, end: Box | None) -> bool:
    """A study that the link names, or one of its activity and its outcome."""
    if study.id in link.evidence:
        return True
    ends = {link.to_box, *(end.measures if end else ())}
    return study.activity == link.from_box and bool({study.outcome, study.measure} & ends)


def _not_on_record(link: Link, outside: Sequence[Outside]) -> str:
    known = {one.study.id for one in outside}
    gone = [name for name in link.evidence if name not in known]
    return f"Named as evidence, and not on record: {', '.join(gone)}." if gone else ""


def _by_association(bare: LinkEvidence, moving: Moving | None) -> LinkEvidence | None:
    if moving is None or moving.value is None:
        return None
    return _put(
        bare, ground="association", said=association_words(moving), association=moving, note=moving.note
    )


def association_words(moving: Moving) -> str:
    """An association in words, with what it was adjusted for; it never says that one thing does another."""
    figure = f"{signed(moving.value)} ({signed(moving.conf_low)} to {signed(moving.conf_high)})"
    way = {
        "as the theory says": "better goes with better",
        "the other way": "better goes with worse",
        "cannot tell": "cannot tell which way",
    }[moving.as_expected or "cannot tell"]
    people = f"about {moving.n:,} people" if moving.n else "number of people withheld"
    for_what = f"adjusted for {', '.join(moving.adjusted)}" if moving.adjusted else "adjusted for nothing"
    doors = (
        "" if moving.closes else "; the theory names common causes that nobody measured, so it may be theirs"
    )
    return f"{way}: correlation {figure}, {people} of {moving.cohort}, {for_what}{doors}"


def signed(value: float | None) -> str:
    """A correlation of two digits with its sign; nought has none."""
    if value is None:
        return ""
    return f"{value:+.2f}".replace("-", "−") if round(value, 2) else "0.00"


def _nothing(bare: LinkEvidence, link: Link, moving: Moving | None) -> LinkEvidence:
    notes = []
    if link.evidence:
        notes.append(f"Named as evidence, and not on record: {', '.join(link.evidence)}.")
    if link.feedback:
        notes.append("It leads back, so no association can be read of it.")
    elif moving is not None and moving.why_not:
        notes.append(f"No association from {moving.cohort}: {moving.why_not}.")
    return _put(bare, note=" ".join(notes))
