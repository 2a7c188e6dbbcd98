"""How to read the site: rules of verdicts and of disclosure, accessibility, contact, and what changed (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.reporting.page_one import SECURITY_WORDS
from evaluation.reporting.signs import SIGNS, Mark, capital
from evaluation.reporting.tables import Table
from evaluation.site.model import Held, Page, Part

RULES = (
    (Mark(SIGNS["works"], "Works", "works"), "The whole range of what is likely lies on the better side."),
    (
        Mark(SIGNS["none"], "No worthwhile difference", "none"),
        "The whole range lies within the smallest difference that matters, set before the outcomes were seen.",
    ),
    (Mark(SIGNS["worse"], "Made things worse", "worse"), "The whole range lies on the worse side."),
    (
        Mark(SIGNS["unsure"], "Cannot tell yet", "unsure"),
        "The range holds more than one of these. The page says what is ruled out, and what would settle it.",
    ),
    (
        Mark(SIGNS["open"], "Not tested yet", "open"),
        "There is no result, or the data cannot answer, or there was no plan first.",
    ),
    (Mark("x", "Stopped", "open"), "The evaluation was stopped. It stays on the list with the reason."),
)


def about_page(held: Held) -> Page:
    """Everything a reader needs to judge the site."""
    parts = [
        _verdicts(),
        _trust(),
        _what_is_here(),
        _disclosure(held),
        _accessibility(),
        _contact(held),
        _log(held),
    ]
    return Page("about.html", "About this site", "about", "gathered.html", {"none": "", "parts": parts})


def _verdicts() -> Part:
    table = Table("The signs and when each is given", ("Sign", "When"), RULES)
    lines = (
        "Each evaluation has a plan. The plan says what counts as a difference that matters, and it is locked before "
        "the outcomes can be read. The program then gives the verdict by rule. Nobody chooses the words.",
        "A range is given for every number. In 95 of 100 studies like it the range holds the true value.",
        "Where the comparison is weak we say “associated with”: something else may be the cause.",
    )
    return Part("How a verdict is given", lines, (table,))


def _trust() -> Part:
    rows = tuple((f"{level} of 5", words) for level, words in enumerate(SECURITY_WORDS))
    lines = (
        "How far to trust a finding is judged apart from what was found. The weakest of three things decides: how the "
        "groups came to be compared, how small a difference the study could show, and how many people were lost on "
        "the way. Doubts found by the checks take up to two more levels away.",
    )
    return Part("How far to trust it", lines, (Table("Levels of trust", ("Level", "Word"), rows),))


def _what_is_here() -> Part:
    lines = (
        "Every plan that was locked is listed, whatever came of it. The site cannot be built while one that is due "
        "has no finding. The newest stands first. Findings that are disputed stay, and say so.",
    )
    return Part("What is listed", lines)


def _disclosure(held: Held) -> Part:
    p = held.profile
    lines = (
        f"No number here is about fewer than {p.threshold} people. Such numbers are left out, and so are others from "
        f"which they could be worked out. Other counts of people are rounded to the nearest {p.rounding}.",
        "No names, dates of birth or other details of a person are on this site or in its files.",
    )
    return Part("How people are protected", lines)


def _accessibility() -> Part:
    lines = (
        "The site works without scripts, from a folder or a web server, and asks for nothing from elsewhere. It aims "
        "at WCAG 2.2, level AA.",
        "Every sign has words beside it, so that no colour is needed. Every drawing is followed by a table. Pages can "
        "be enlarged, printed, heard and used by keyboard alone.",
        "Tables that are wider than the window scroll by themselves: go to them with the Tab key, then use the arrows.",
        "Pages are checked by program before they go out. Not checked by program: whether the words are easy enough.",
    )
    return Part("Accessibility", lines)


def _contact(held: Held) -> Part:
    who = held.contact or held.name
    lines = (f"This site is kept by {who}. Tell them if something is wrong, hard to read, or disputed.",)
    return Part("Contact", lines)


def _log(held: Held) -> Part:
    from evaluation.site.words import day_words

    events = sorted(_events(held), key=lambda one: one[0], reverse=True)
    if not events:
        return Part("What changed", ("Nothing was planned yet.",))
    rows = tuple((day_words(when), what, about) for when, what, about in events)
    return Part(
        "What changed", (), (Table("What changed, the newest first", ("Day", "What", "About"), rows),)
    )


def _events(held: Held) -> Iterator[tuple[str, str, str]]:
    kinds = {"stop": "evaluation stopped", "publish": "finding published", "dispute": "finding disputed",
             "resolve": "dispute ended"}  # fmt: skip
    for entry in held.register.entries:
        title = entry.plan.title or entry.plan.plan_id
        if entry.is_planned:
            yield entry.plan.locked_at, "Plan locked", title
        for run in entry.runs:
            what = "Exploration" if run.is_exploratory else "Evaluation"
            yield run.run_at, f"{what} run ({run.evaluation_id})", title
        for note in entry.notes:
            yield note.noted_at, capital(kinds[note.kind]), title
