"""The register in a report for the team: findings by answer, notes of a period, spend beside verdicts (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.register.model import Entry, Note, RunLine
from evaluation.reporting.signs import ASSOCIATED, LOCKED_BEFORE, LOW_SECURITY, Mark, capital
from evaluation.reporting.tables import Cell, Table
from evaluation.team.findings import Found, by_deprivation
from evaluation.team.known import Known, within
from evaluation.team.words import NOTHING, counted, day_or, grid, pounds
from evaluation.wording import ANSWER_WORDS
from theory_of_change.delivery.model import Project
from theory_of_change.tracking.periods import Period

ORDER = (
    "works", "too-small-to-matter", "no-meaningful-effect", "harms", "inconclusive", "changed", "not-assessable",
)  # fmt: skip
ALWAYS = ("works", "too-small-to-matter", "no-meaningful-effect", "harms", "inconclusive")
NOTES = {
    "stop": "was stopped",
    "publish": "was published",
    "dispute": "is disputed",
    "resolve": "had a dispute answered",
}


def runs_in(known: Known, period: Period) -> list[tuple[Entry, RunLine]]:
    """Every run of a period, oldest first: never in the order of success."""
    found = [
        (entry, run) for entry in known.register.entries for run in entry.runs if within(run.run_at, period)
    ]
    return sorted(found, key=lambda pair: pair[1].evaluation_id)


def found_of(known: Known, run: RunLine) -> Found | None:
    """What a run found, where its words were kept."""
    return next((one for one in known.found if one.evaluation == run.evaluation_id), None)


def answer_of(known: Known, run: RunLine) -> Cell:
    """The answer of a run with its sign; in plain words where its result was not kept whole."""
    found = found_of(known, run)
    return found.mark if found else _words(run)


def _words(run: RunLine) -> str:
    return capital(label(run)) if run.plan_state == LOCKED_BEFORE else f"Exploratory: {label(run)}"


def findings_table(
    known: Known, pairs: Sequence[tuple[Entry, RunLine]], caption: str, nil: str
) -> Table | str:
    """Findings in the words of their own reports; a null or a harm has the same row as a success."""
    rows: list[tuple[Cell, ...]] = []
    for entry, run in pairs:
        found = found_of(known, run)
        said = found.sentence if found else "Its words were not kept: run the plan again."
        rows.append(
            (
                f"{entry.plan.title or entry.plan.plan_id} ({run.evaluation_id})",
                answer_of(known, run),
                said,
                found.security if found else f"{run.security} of 5",
                day_or(run.run_at, ""),
            )
        )
    return grid(caption, ("Question", "Answer", "What it says", "How far to trust it", "Run"), rows, nil)


def other_outcomes_table(known: Known, pairs: Sequence[tuple[Entry, RunLine]]) -> Table | str:
    """The other planned outcomes of the same runs."""
    rows = [
        (f"{found.title} ({found.evaluation})", name, mark)
        for _, run in pairs
        if (found := found_of(known, run))
        for name, mark in found.others
    ]
    nil = "No other outcome was planned in them."
    return grid("Their other planned outcomes", ("Question", "Outcome", "Answer"), rows, nil)


def tally_line(known: Known, pairs: Sequence[tuple[Entry, RunLine]]) -> str:
    """How many findings of each answer, noughts said too: what failed is as plain as what worked."""
    locked = [run for _, run in pairs if run.plan_state == LOCKED_BEFORE]
    if not pairs:
        return "No evaluation was run in the period."
    words = [label(run) for run in locked]
    always = [str(ANSWER_WORDS[answer]) for answer in ALWAYS]
    said = [f"{word}: {words.count(word)}" for word in dict.fromkeys([*always, *words])]
    loose = len(pairs) - len(locked)
    more = (
        f" {counted(loose, 'run')} not locked before outcomes: exploratory, counted apart." if loose else ""
    )
    return f"{counted(len(locked), 'finding')} under a locked plan ({'; '.join(said)}).{more}"


def answers_listed(known: Known, pairs: Sequence[tuple[Entry, RunLine]]) -> tuple[str, ...]:
    """Each question with its answer, in the order in which they came: none is left to a later page."""
    said = []
    for entry, run in pairs:
        answer = answer_of(known, run)
        words = answer if isinstance(answer, str) else answer.words
        said.append(f"{entry.plan.title or entry.plan.plan_id} ({run.evaluation_id}): {words}.")
    return tuple(said)


def label(run: RunLine) -> str:
    """The answer in words; where trust is very low a better or worse result is only associated with the programme."""
    words = str(dict(ANSWER_WORDS).get(run.answer, run.answer))
    if run.security <= LOW_SECURITY:
        words = str({str(key): said for key, said in ASSOCIATED.items()}.get(run.answer, words))
    return words


def changes_table(known: Known, period: Period) -> Table | str:
    """What changed in the register: plans locked, and notes that were added."""
    rows: list[tuple[str, str, str]] = []
    for entry in known.register.entries:
        plan = entry.plan
        if plan.locked_at and within(plan.locked_at, period):
            due = f"report due {day_or(plan.reported_by, 'on no set day')}"
            rows.append((plan.locked_at, f"{plan.title or plan.plan_id} ({plan.plan_id})", f"locked; {due}"))
        rows += [
            (n.noted_at, n.about, _note(n)) for n in dict.fromkeys(entry.notes) if within(n.noted_at, period)
        ]
    told = [(day_or(at, ""), about, said) for at, about, said in sorted(rows)]
    nil = "Nil return: no plan was locked and nothing was noted in the register."
    return grid("Changes in the register", ("Day", "About", "What changed"), told, nil)


def _note(note: Note) -> str:
    who = f", by {note.by_whom}" if note.by_whom else ""
    outcome = f" ({note.outcome.replace('-', ' ')})" if note.outcome else ""
    return f"{NOTES[note.kind]}{outcome}: {note.said}{who}"


def told_table(known: Known, period: Period) -> Table | str:
    """Who was told of which finding and when: publications on record, and findings nobody was told of."""
    rows = []
    for entry, run in runs_in(known, period):
        if run.is_exploratory:
            continue
        notes = [n for n in entry.notes if n.kind == "publish" and n.about == run.evaluation_id]
        told = "; ".join(f"{n.said}, {day_or(n.day, '')}" for n in notes)
        rows.append(
            (
                f"{entry.plan.title or entry.plan.plan_id} ({run.evaluation_id})",
                answer_of(known, run),
                told or "nobody yet, as far as is on record",
            )
        )
    nil = "No finding of the period could be told."
    return grid("Who was told", ("Finding", "Answer", "Told to, and when"), rows, nil)


def equality_table(known: Known, pairs: Sequence[tuple[Entry, RunLine]]) -> Table | str:
    """Every finding by deprivation, or why not; then every other group it was compared by."""
    rows: list[tuple[str, ...]] = []
    for entry, run in pairs:
        found = found_of(known, run)
        word, said = by_deprivation(found) if found else ("not known", "its result was not kept whole")
        groups = " ".join(sentence for _, sentence in found.groups) if found else ""
        name = f"{entry.plan.title or entry.plan.plan_id} ({run.evaluation_id})"
        rows.append((name, word, said, groups or "no group was compared"))
    head = ("Finding", "By deprivation", "What it says, or why not", "Every group it was compared by")
    return grid("Findings by deprivation, and by other groups", head, rows, "No finding to ask it of.")


def spend_table(known: Known, key: str) -> Table | str:
    """Money by tier, priority or place beside the verdicts on what it paid for; what nobody tested is said."""
    names = sorted({_value(one, key) for one in known.projects if one.state != "bid"})
    rows: list[tuple[str, ...]] = []
    for name in names:
        paid = [one for one in known.projects if one.state != "bid" and _value(one, key) == name]
        tested = {one.id: verdicts_of(known, one) for one in paid}
        without = [one for one in paid if not tested[one.id]]
        said = sorted({f"{words} ({run})" for found in tested.values() for run, words in found})
        rows.append(
            (
                name,
                str(len(paid)),
                pounds(sum(one.awarded for one in paid)),
                pounds(sum(one.spent for one in paid)),
                "; ".join(said) or "none",
                f"{counted(len(without), 'project')}, {pounds(sum(one.spent for one in without))} spent",
            )
        )
    head = (capital(key), "Projects", "Awarded", "Spent", "Verdicts on what they are for", "Not evaluated")
    return grid(f"Money by {key} beside verdicts", head, rows, f"Nothing was awarded, by {key} or otherwise.")


def _value(one: Project, key: str) -> str:
    return str(getattr(one, key)) or "not said"


def verdicts_of(known: Known, project: Project) -> tuple[tuple[str, str], ...]:
    """Newest verdict of each locked plan about a project: it is linked by activity or outcome box.

    A verdict belongs to its study, not to every project with the same aim; the reader is told which study it is.
    """
    found = []
    for entry in known.register.entries:
        if entry.findings and is_about(entry, project.outcomes):
            run = entry.findings[0]
            answer = answer_of(known, run)
            found.append((run.evaluation_id, answer.words if isinstance(answer, Mark) else answer))
    return tuple(found)


def is_about(entry: Entry, boxes: Iterable[str]) -> bool:
    """Say whether a planned evaluation is about one of these boxes, at either end of a link it tests."""
    ends = {end.strip().lower() for link in entry.plan.links for end in link.split(">")}
    return any(box.lower() in ends or entry.plan.is_about(box) for box in boxes)


def owed_rows(known: Known, period: Period) -> list[tuple[str, str, str, str]]:
    """Findings whose report falls due in a period."""
    return [
        (
            day_or(entry.plan.reported_by, ""),
            "finding",
            f"{entry.plan.title or entry.plan.plan_id} ({entry.plan.plan_id})",
            NOTHING,
        )
        for entry in known.register.entries
        if entry.is_planned
        and not entry.findings
        and entry.state != "stopped"
        and entry.plan.reported_by
        and within(entry.plan.reported_by, period)
    ]


def overdue_lines(known: Known) -> tuple[str, ...]:
    """Planned evaluations that owe their finding."""
    return tuple(
        f"The finding of {entry.plan.title or entry.plan.plan_id} ({entry.plan.plan_id}): due since "
        f"{day_or(entry.plan.reported_by, '')}"
        for entry in known.register.entries
        if entry.overdue
    )
