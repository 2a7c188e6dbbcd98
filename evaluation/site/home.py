"""The first page: five counts, and every planned evaluation, the newest first, never in the order of success (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evaluation.protection import profile_for
from evaluation.register.model import Entry
from evaluation.register.states import open_disputes
from evaluation.reporting.page_one import PageOne
from evaluation.reporting.signs import SIGNS, Mark, Tone, is_exploratory, mark_of
from evaluation.reporting.tables import Table, effect_cell
from evaluation.saved.model import Whole
from evaluation.site.model import Held, Page
from evaluation.site.words import anchor, day_words, finding_path, plan_path, short_day, trust_words

COUNTED: tuple[tuple[Tone, str], ...] = (
    ("works", "Works"),
    ("none", "No worthwhile difference"),
    ("worse", "Made things worse"),
    ("unsure", "Cannot tell yet"),
    ("open", "Not tested yet"),
)
HEAD = (
    "Question",
    "Finding",
    "Main outcome",
    "Size (95 % interval)",
    "How far to trust it",
    "Why, or what is needed",
    "Newest",
)
NONE_YET = "none yet"
ASSOCIATED = "Associated"


@dataclass(frozen=True, slots=True)
class Count:
    """One of the five counts: its sign and words, how many, and what hides behind the words."""

    mark: Mark
    number: int
    also: tuple[str, ...]


def home_page(held: Held) -> Page:
    """Findings: the counts, the table, harms in any outcome, and what was explored without a plan."""
    planned = [entry for entry in held.register.entries if entry.is_planned]
    loose = [entry for entry in held.register.entries if not entry.is_planned]
    view = {
        "counts": five_counts(held, planned),
        "planned": len(planned),
        "table": findings_table(held, planned, "Every planned evaluation, the newest first"),
        "explored": findings_table(held, loose, "Runs without a plan locked first") if loose else None,
        "harms": harms(held, planned),
    }
    return Page(
        "index.html",
        "What works, what does not, and what we do not know",
        "findings",
        "home.html",
        view,
        subjects=tuple(held.wholes),
    )


def whole_of(held: Held, entry: Entry) -> Whole | None:
    """The newest finding of an entry; of one that was never planned, its newest run."""
    runs = entry.findings or entry.runs
    return held.wholes.get(runs[0].evaluation_id) if runs else None


def mark_of_entry(held: Held, entry: Entry) -> Mark:
    """The sign of a planned evaluation: its finding's, or that there is none."""
    whole = whole_of(held, entry)
    if whole is not None:
        found = mark_of(whole.result.primary, exploratory=is_exploratory(whole.result.plan))
        return Mark(found.sign, f"{found.words} (disputed)", found.tone) if is_disputed(entry) else found
    if any(note.kind == "stop" for note in entry.notes):
        return Mark("x", "Stopped", "open")
    return Mark(SIGNS["open"], "Not tested yet", "open")


def is_disputed(entry: Entry) -> bool:
    """Say whether somebody disputes it and nobody has answered."""
    return bool(open_disputes(entry.notes))


def five_counts(held: Held, planned: Sequence[Entry]) -> tuple[Count, ...]:
    """How many planned evaluations came out how; with what stands beneath the counts they add up to all of them.

    What is only associated with a better or worse result is beneath: a count of what works must not be flattered by it.
    """
    marks = [mark_of_entry(held, entry) for entry in planned]
    found = []
    for tone, words in COUNTED:
        here = [mark for mark in marks if _counted_under(mark) == tone]
        beside = [mark for mark in here if mark.words.startswith(ASSOCIATED)]
        also = Counter(_aside(mark) for mark in here)
        lines = tuple(_beneath(number, said) for said, number in sorted(also.items()) if said)
        found.append(Count(Mark(SIGNS[tone], words, tone), len(here) - len(beside), lines))
    return tuple(found)


def _counted_under(mark: Mark) -> Tone:
    """Where an answer is told: what is only associated with a better result stands beneath what works."""
    return "works" if mark.tone == "open" and mark.words.startswith(ASSOCIATED) else mark.tone


def _beneath(number: int, said: str) -> str:
    more = "more, not counted here: " if said.startswith(ASSOCIATED.lower()) else ""
    return f"{number} {more}{said}"


def _aside(mark: Mark) -> str:
    """What the short words of a count would hide."""
    words = mark.words.removesuffix(" (disputed)")
    plain = {"Works", "No worthwhile difference", "Made things worse", "Cannot tell yet", "Not tested yet"}
    if words in plain:
        return ""
    if words.startswith("Exploratory"):
        return "only explored"
    return words[:1].lower() + words[1:]


def newest_of(entry: Entry) -> str:
    """When something last happened: its newest run, else its newest note, else its lock."""
    if entry.runs:
        return max(run.run_at for run in entry.runs)
    return max([note.noted_at for note in entry.notes] + [entry.plan.locked_at])


def findings_table(held: Held, entries: Sequence[Entry], caption: str) -> Table:
    """One row an entry, the newest first."""
    ordered = sorted(entries, key=lambda entry: (newest_of(entry), entry.plan.plan_id), reverse=True)
    return Table(caption, HEAD, tuple(_row(held, entry) for entry in ordered))


def _row(held: Held, entry: Entry) -> tuple[str | Mark, ...]:
    whole, mark = whole_of(held, entry), mark_of_entry(held, entry)
    newest = Markup("{}<br>{}").format(short_day(newest_of(entry)), entry.state)
    if whole is None:
        title = anchor(plan_path(entry.plan.plan_id), entry.plan.title or entry.plan.plan_id)
        return (title, mark, _outcome_ahead(entry), NONE_YET, NONE_YET, _needed(entry), newest)
    result = whole.result
    profile = profile_for(result.primary.units, whole.profile)
    first = held.first_page(whole)
    return (
        anchor(finding_path(result.evaluation), result.plan.title),
        mark,
        first.name,
        effect_cell(result.primary, result.primary.estimate, profile),
        trust_words(first.security),
        reason_or_need(first),
        newest,
    )


def _outcome_ahead(entry: Entry) -> str:
    return entry.plan.outcomes[-1] if len(entry.plan.outcomes) == 2 else ", ".join(entry.plan.outcomes[:1])


def _needed(entry: Entry) -> str:
    stop = next((note for note in entry.notes if note.kind == "stop"), None)
    if stop is not None:
        return f"Stopped: {stop.said}"
    due = f"The report is due by {day_words(entry.plan.reported_by)}." if entry.plan.reported_by else ""
    ahead = {True: "Outcomes are coming in.", False: "No outcomes yet.", None: ""}[entry.collected.outcomes]
    return " ".join(part for part in (ahead, due) if part) or "A result."


def reason_or_need(first: PageOne) -> str:
    """The first reason that was found, else what is to be done next."""
    if first.failure:
        return first.failure
    if first.reasons:
        return first.reasons[0][1]
    return first.steps[0] if first.steps else "nothing was found in the data"


def harms(held: Held, planned: Sequence[Entry]) -> tuple[Markup, ...]:
    """Every planned outcome that got worse, main or not, with a link to where it stands."""
    return tuple(_harms(held, planned))


def _harms(held: Held, planned: Sequence[Entry]) -> Iterator[Markup]:
    for entry in planned:
        whole = whole_of(held, entry)
        if whole is None:
            continue
        for outcome in whole.result.outcomes:
            if outcome.planned and outcome.verdict.answer == "harms":
                link = anchor(finding_path(whole.result.evaluation), whole.result.plan.title)
                yield Markup("{}: {}").format(outcome.name, link)
