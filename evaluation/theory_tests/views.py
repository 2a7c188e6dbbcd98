"""How a theory test looks in a terminal."""

from __future__ import annotations

from collections import Counter

from evaluation.theory_tests.links import signed
from evaluation.theory_tests.model import GROUND_WORDS, GROUNDS, Judged, LinkEvidence, Missing, TheoryTest
from evaluation.wording import ANSWER_WORDS
from workspace.console import say, table

STANDING_WORDS = {
    "against": "related",
    "small": "related, too little to matter",
    "agrees": "unrelated, as the theory says",
    "cannot tell": "cannot tell",
}


def whole(test: TheoryTest, file: str, *, written: bool) -> None:
    """Every link with the best evidence there is, then what should be unrelated, then how to go on."""
    say(f"{test.title}: {len(test.links)} links")
    table(["Link", "Best evidence", "Security", "What it says"], [_row(one) for one in test.links])
    for one in test.links:
        for line in (*one.conflicts, *([one.note] if one.note else [])):
            say(f"  {one.link}: {line}")
    say()
    _missing(test.missing)
    for line in test.refused:
        say(f"Not read: {line}")
    say()
    say(count_line(test))
    if file:
        said = "Wrote" if written else "Would write"
        say(f"{said} {file}. Next: lifecourse theory draw --to theory.svg --verdicts {file}")


def _row(one: LinkEvidence) -> list[str]:
    security = f"{one.security} of 5" if one.security is not None else ""
    return [one.link, GROUND_WORDS[one.ground], security, "" if one.ground == "no test" else one.said]


def count_line(test: TheoryTest) -> str:
    """``8 links: 4 tested by an evaluation, 1 by outside evidence, …``."""
    counts = {ground: sum(one.ground == ground for one in test.links) for ground in GROUNDS}
    said = "; ".join(f"{GROUND_WORDS[ground]}: {count}" for ground, count in counts.items() if count)
    return f"{len(test.links)} links. {said}."


def _missing(missing: Missing) -> None:
    say("What the theory says is unrelated")
    if missing.left_out:
        say(f"  Links that lead back are left out of this: {', '.join(missing.left_out)}.")
    if missing.closed:
        say(f"  Sealed, so not looked at: {', '.join(missing.closed)}.")
    tested = [one for one in missing.judged if one.standing != "not testable"]
    said = (
        f"{missing.pairs} pairs of boxes have no link; of {missing.measured} both are measured in one cohort"
    )
    say(f"  {said}; {len(tested)} could be held against data.")
    for one in tested:
        say(f"  {STANDING_WORDS[one.standing]}: {one.said}")
        say(f"    {_figure(one)}")
    reasons = Counter(one.why_not for one in missing.judged if one.standing == "not testable")
    for why, count in reasons.items():
        say(f"  not testable: {count}, because {why}")


def _figure(one: Judged) -> str:
    people = f"about {one.n:,} people" if one.n else "number of people withheld"
    figure = f"correlation {signed(one.value)} ({signed(one.conf_low)} to {signed(one.conf_high)})"
    return f"{figure}, {people} of {one.cohort}"


def one_link(one: LinkEvidence) -> None:
    """One link with every source."""
    say(f"{one.link}  {one.from_text} to {one.to_text}")
    say(f"  because       {one.because}")
    say(f"  evidence      {GROUND_WORDS[one.ground]}")
    if one.ground != "no test":
        say(f"  says          {one.said}")
    for source in one.sources:
        grade = f", security {source.security} of 5" if source.security is not None else ""
        answer = f" ({ANSWER_WORDS[source.answer]})" if source.answer in ANSWER_WORDS else ""
        say(f"  {source.name}  {source.on}  {source.said}{answer}{grade}")
    for line in (*one.conflicts, *([one.note] if one.note else [])):
        say(f"  note          {line}")


def untested(test: TheoryTest) -> None:
    """The register of links that no evaluation tested, the one that has waited longest first."""
    if not test.untested:
        say("Every link was tested by a locked evaluation.")
        return
    for one in test.untested:
        since = f"since {one.since.isoformat()}" if one.since else "no kept version says since when"
        due = f"review by {one.review_by.isoformat()}" if one.review_by else "no review date"
        late = ", overdue" if one.overdue else ""
        say(f"{one.link}  {one.from_text} to {one.to_text}")
        say(f"  {since}; {one.owner or 'no owner'}; {due}{late}; has: {GROUND_WORDS[one.has]}")
        for line in one.would_test:
            say(f"  - {line}")
    say()
    say(f"{len(test.untested)} of {len(test.links)} links have no test of their own.")
