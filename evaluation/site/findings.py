"""One page a finding: page one of its report, what became of it since, and the way to the full report (pure)."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from evaluation.protection import profile_for
from evaluation.register.model import Entry, Note
from evaluation.register.states import open_disputes
from evaluation.reporting.page_one import IN_SECTION_1, PageOne
from evaluation.reporting.signs import is_exploratory, why_exploratory
from evaluation.reporting.tables import Table, outcome_table
from evaluation.saved.model import Whole
from evaluation.site.model import Held, Page
from evaluation.site.words import EXPLORATORY, anchor, day_words, file_name, finding_path, plan_path

IN_REPORT = "Larger, with its numbers, in the full report."


def report_path(evaluation: str) -> str:
    """Where the full report is."""
    return f"reports/{file_name(evaluation)}.html"


def data_path(evaluation: str) -> str:
    """Where the finding's numbers are for other programs."""
    return f"data/{file_name(evaluation)}.json"


def finding_pages(held: Held) -> tuple[Page, ...]:
    """A page for every run that was kept whole, also for those that a newer one took the place of."""
    return tuple(
        _page(held, entry, held.wholes[run.evaluation_id])
        for entry in held.register.entries
        for run in entry.runs
        if run.evaluation_id in held.wholes
    )


def _page(held: Held, entry: Entry, whole: Whole) -> Page:
    result = whole.result
    profile = profile_for(result.primary.units, whole.profile)
    first = _for_site(held.first_page(whole))
    planned = [outcome for outcome in result.outcomes if outcome.planned]
    view = {
        "first": first,
        "exploratory": is_exploratory(result.plan),
        "why_exploratory": why_exploratory(result.plan),
        "pictures": _pictures(first),
        "outcomes": outcome_table(result, planned, profile, "Every outcome of the plan, in numbers"),
        "report": report_path(result.evaluation),
        "data": data_path(result.evaluation),
        "plan": plan_path(entry.plan.plan_id),
        "plan_id": entry.plan.plan_id,
        "evaluation": result.evaluation,
        "run_on": day_words(next(r.run_at for r in entry.runs if r.evaluation_id == result.evaluation)),
        "disputes": disputes(entry, result.evaluation),
        "published": _published(entry, result.evaluation),
        "others": _others(held, entry, result.evaluation),
    }
    return Page(
        finding_path(result.evaluation),
        result.plan.title,
        "findings",
        "finding.html",
        view,
        subjects=(result.evaluation,),
    )


def _for_site(first: PageOne) -> PageOne:
    """Page one of the report, its small figure pointing to the report rather than to a section of the page."""
    drawings = tuple(
        replace(one, caption=IN_REPORT) if one.caption == IN_SECTION_1 else one
        for one in first.picture.drawings
    )
    return replace(first, picture=replace(first.picture, drawings=drawings))


def _pictures(first: PageOne) -> Table | None:
    """What the pictures show, in numbers."""
    rows = tuple((one.caption, one.headline) for one in first.picture.drawings if one.caption != IN_REPORT)
    return Table("The pictures above, in numbers", ("What", "Number"), rows) if rows else None


def disputes(entry: Entry, evaluation: str) -> tuple[str, ...]:
    """Who disputes it is in the register; the page says what is disputed, since when, and how it ended."""
    still = {note.number for note in open_disputes(entry.notes)}
    ended = {note.answers: note for note in entry.notes if note.kind == "resolve"}
    return tuple(
        _dispute(note, ended.get(note.number), is_open=note.number in still)
        for note in entry.notes
        if note.kind == "dispute" and note.about == evaluation
    )


def _dispute(note: Note, end: Note | None, *, is_open: bool) -> str:
    said = f"{day_words(note.noted_at)}: {note.said.rstrip('.')}."
    if is_open or end is None:
        return f"{said} Nobody has answered yet."
    how = {"upheld": "The dispute was right", "not-upheld": "The dispute was not upheld"}
    words = how.get(end.outcome, "The dispute was taken back")
    return f"{said} {words} ({day_words(end.noted_at)}): {end.said.rstrip('.')}."


def _published(entry: Entry, evaluation: str) -> tuple[str, ...]:
    return tuple(
        f"{day_words(note.day)}: {note.said}"
        for note in entry.notes
        if note.kind == "publish" and note.about == evaluation
    )


def _others(held: Held, entry: Entry, evaluation: str) -> tuple[Markup, ...]:
    """Other runs of the same plan, the newest first."""
    return tuple(
        anchor(
            f"../{finding_path(run.evaluation_id)}",
            f"{run.evaluation_id}, {day_words(run.run_at)}{EXPLORATORY if run.is_exploratory else ''}",
        )
        for run in entry.runs
        if run.evaluation_id != evaluation and run.evaluation_id in held.wholes
    )
