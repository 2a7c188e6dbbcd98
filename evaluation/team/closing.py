"""The closing report of one project: planned against delivered, money, outcomes, what is left, lessons (pure)."""

from __future__ import annotations

from evaluation.register.model import Entry
from evaluation.reporting.tables import Cell, Table
from evaluation.team import promised, success, work
from evaluation.team import register_parts as register
from evaluation.team.known import Known, day_of
from evaluation.team.paper import Block, Listing, Paper, Section
from evaluation.team.words import NOTHING, counted, day_or, day_words, grid, pounds
from theory_of_change.delivery.model import Project, of_kind, standing
from theory_of_change.gaps import box_name

EVENT_WORDS = {
    "added": "entered as a bid",
    "gate": "met a gate",
    "awarded": "awarded",
    "spent": "money spent",
    "closed": "closed",
}


def closing(known: Known, project: Project) -> Paper:
    """The report of a project, from what was known on a day. Before it is closed it says that it is not."""
    entries = [entry for entry in known.register.entries if register.is_about(entry, project.outcomes)]
    return Paper(
        kind="closing",
        title=f"{project.name} ({project.id}): closing report",
        made_of=f"{work.days_words(project, known.day)}. Made from what was known on {day_words(known.day)}.",
        first=(Listing(_short(known, project, entries)),),
        missing=_missing(known, project, entries),
        sections=(
            Section(
                "Planned against delivered",
                (
                    _planned(known, project),
                    promised.returned_of(known, project),
                    _delivered(known, project),
                ),
            ),
            Section("Money", (_money(project), _spent(known, project))),
            Section("Outcomes and what an evaluation found", (_outcomes(known, project, entries),)),
            Section("Actions left", (_actions(known, project),)),
            Section(
                "The lesson", (project.learned or "Not known: the project is not closed with a lesson.",)
            ),
            Section("Feedback", (_feedback(known, project),)),
            Section("Who was told", (_lesson_told(project), _told(known, entries))),
            Section("All that happened", (_past(known, project),)),
        ),
        again=f"lifecourse report closing {project.id} --known-on {known.day}",
        subjects=(
            project.id,
            *sorted(_at_its_boxes(known, project)),
            *(run.evaluation_id for entry in entries for run in entry.findings),
        ),
        day=known.day,
        practice=known.practice,
        threshold=known.profile.threshold,
    )


def _short(known: Known, project: Project, entries: list[Entry]) -> tuple[str, ...]:
    left = [one for one in known.actions if one.project == project.id and one.open]
    state = {
        "bid": "It is a bid: nothing was awarded.",
        "awarded": "It is running: this is no closing yet.",
        "closed": "It is closed.",
    }
    found = [entry for entry in entries if entry.findings]
    said = register.verdicts_of(known, project)
    tested = "; ".join(f"{words} ({run})" for run, words in said)
    return (
        state[project.state],
        _money(project),
        f"What it was for was evaluated: {tested}."
        if found
        else "Not evaluated: nothing shows what it changed.",
        f"{counted(len(left), 'action')} left.",
        f"Lesson: {project.learned}" if project.learned else "No lesson is on record.",
    )


def _money(one: Project) -> str:
    if one.state == "bid":
        return "Nothing was awarded."
    left = one.awarded - one.spent
    said = f"{pounds(left)} left" if left >= 0 else f"{pounds(-left)} more than awarded"
    return f"{pounds(one.awarded)} awarded, {pounds(one.spent)} spent, {said}."


def _missing(known: Known, one: Project, entries: list[Entry]) -> tuple[str, ...]:
    lines = []
    if not one.outcomes:
        lines.append("What it was for: the project names no outcome of the theory.")
    if not any(entry.findings for entry in entries):
        lines.append("A verdict: no evaluation of a locked plan tests what it was for.")
    if not _measures(known, one, "activity") and not one.quarters:
        lines.append("What was delivered: no return, and no measure of activity at its boxes.")
    lines += [f"Its {words}." for words in one.missing]
    if not one.starts or not one.ends:
        lines.append("Its first or last day.")
    if not one.learned:
        lines.append("A lesson: what to do otherwise next time.")
    lines.append(
        "What people who took part said of it: voices are logged by group and theme, not by project."
    )
    return tuple(lines)


def _planned(known: Known, one: Project) -> Table | str:
    boxes = known.theory.box if known.theory else lambda _: None
    named = [
        (box_name(box) if (box := boxes(name)) else f"{name} (not in the theory)") for name in one.outcomes
    ]
    facts = (
        ("Run by", one.partner),
        ("Tier", one.tier),
        ("Priority", one.priority),
        ("Place", one.place),
        ("For ages", one.age_band),
        ("First day", day_or(one.starts, "")),
        ("Last day", day_or(one.ends, "")),
        ("Outcomes it was for", "; ".join(named)),
    )
    rows: list[tuple[Cell, ...]] = [(name, said or "not said") for name, said in facts]
    rows += [("Gate", line) for line in work.gates_lines(one)]
    return grid("What was planned", ("What", "Said"), rows, "Nothing was planned.")


def _measures(known: Known, one: Project, kind: str) -> list[str]:
    return [m.id for m in known.measures.values() if m.kind == kind and m.box and m.box in one.outcomes]


def _at_its_boxes(known: Known, one: Project) -> set[str]:
    return {*_measures(known, one, "activity"), *_measures(known, one, "outcome")}


def _delivered(known: Known, one: Project) -> Table | str:
    """Figures at its boxes: of activities and of outcomes; the latter are of a place, not of its people."""
    hidden, ids = success.hidden_in(known), _at_its_boxes(known, one)
    rows = []
    for entry in known.current.values():
        measure = known.measures.get(entry.row.measure)
        if measure and measure.id in ids and entry.row.value is not None:
            said = success.shown_figure(entry.row, measure, hidden, known.profile)
            place = entry.row.area or success.ALL
            rows.append((f"{measure.name} ({measure.id})", measure.kind, place, entry.row.period.text, said))
    head = ("Measure", "Kind", "Place", "Period", "Figure")
    nil = "No figure is held at its boxes, so delivered cannot be set against planned."
    return grid(
        "Figures at its boxes; they are of the place, not of the project alone", head, sorted(rows), nil
    )


def _spent(known: Known, one: Project) -> Table | str:
    rows, before = [], 0.0
    events = known.history(one.id)
    for number, event in enumerate(events, start=1):
        now = of_kind(standing(events[:number]), Project)[0].spent
        if now != before:
            rows.append((day_words(day_of(event.at)), pounds(now - before)))
        before = now
    return grid("Money spent", ("Entered on", "Amount"), rows, "No spending is on record.")


def _outcomes(known: Known, one: Project, entries: list[Entry]) -> Table | str:
    rows: list[tuple[Cell, ...]] = []
    for name in one.outcomes:
        box = known.theory.box(name) if known.theory else None
        words = box_name(box) if box else name
        about = [entry for entry in entries if register.is_about(entry, (name,))]
        tested = [entry for entry in about if entry.findings]
        if not tested:
            state = "; ".join(f"{entry.plan.plan_id}: {entry.state}" for entry in about)
            rows.append((words, "Not evaluated", state or "no locked plan is about it", NOTHING))
        for entry in tested:
            run = entry.findings[0]
            found = register.found_of(known, run)
            said = found.sentence if found else "Its words were not kept."
            rows.append((words, register.answer_of(known, run), said, run.evaluation_id))
    head = ("Outcome", "Answer", "What it says, or why there is none", "Evaluation")
    return grid("Outcomes", head, rows, "The project names no outcome, so none could be evaluated.")


def _actions(known: Known, one: Project) -> Table | str:
    rows = [
        (f"{a.text} ({a.id})", a.owner or "nobody", day_or(a.due, "no day set"), a.progress)
        for a in known.actions
        if a.project == one.id and a.open
    ]
    return grid(
        "Actions left", ("Action", "Owner", "Due", "Progress"), rows, "Nil return: no action is left."
    )


def _feedback(known: Known, one: Project) -> Block:
    notes = [a.note for a in known.actions if a.project == one.id and a.note]
    return Listing(tuple(f"Noted with an action: {note}" for note in notes)) if notes else (
        "No feedback is on record with this project."
    )  # fmt: skip


def _lesson_told(one: Project) -> str:
    told = "; ".join(f"{each['who']}, {day_or(each['date'], '')}" for each in one.told)
    return f"Of its lesson: {told}." if told else "Of its lesson: nobody yet, as far as is on record."


def _told(known: Known, entries: list[Entry]) -> Table | str:
    rows = [
        (note.about, note.said, day_or(note.day, ""))
        for entry in entries
        for note in entry.notes
        if note.kind == "publish"
    ]
    nil = "Nobody, as far as is on record: no finding on what it was for was published."
    return grid("Who was told", ("Finding", "Told to, or where", "On"), rows, nil)


def _past(known: Known, one: Project) -> Table | str:
    rows = [(day_words(day_of(e.at)), EVENT_WORDS.get(e.kind, e.kind)) for e in known.history(one.id)]
    return grid("Its history", ("Day", "What happened"), rows, "Nothing is on record.")
