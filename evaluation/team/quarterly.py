"""The quarterly report: what is new, against plan, by exception, and what is due (pure)."""

from __future__ import annotations

from evaluation.reporting.tables import Table
from evaluation.team import promised, success, theory_parts, work
from evaluation.team import register_parts as register
from evaluation.team.known import Known, without_words
from evaluation.team.paper import Block, Listing, Paper, Section
from evaluation.team.words import counted, day_words, grid, period_words, pounds
from theory_of_change.tracking.due import next_period
from theory_of_change.tracking.periods import Period


def quarterly(known: Known, period: Period) -> Paper:
    """The report of a quarter, from what was known on a day."""
    pairs = register.runs_in(known, period)
    following = next_period(period)
    nil = "Nil return: no evaluation was run in the quarter."
    return Paper(
        kind="quarterly",
        title=f"{known.name}: quarterly report, {period.text}",
        made_of=made_of(known, period),
        first=(_short(known, period), *_clear(known, period)),
        missing=missing(known),
        sections=(
            Section(
                "Success figures",
                (
                    success.figures_table(known, period),
                    promised.targets_table(known),
                    success.checks_table(known, period),
                    "A change is a description: it does not say what caused it. Context measures stand in the needs "
                    "tables only.",
                ),
            ),
            Section(
                "Projects against plan",
                (work.projects_table(known, period), _delivered(known, period), _overlong(known)),
            ),
            Section("Returns of partners", promised.returns_blocks(known, period)),
            Section("Actions by exception", (work.exceptions_table(known),)),
            Section(
                "Findings and the register",
                (
                    register.tally_line(known, pairs),
                    register.findings_table(known, pairs, "Findings of the quarter, as they came", nil),
                    register.other_outcomes_table(known, pairs),
                    register.changes_table(known, period),
                ),
            ),
            Section("Voices", work.voices_blocks(known, period)),
            Section("Due in the next quarter", (_due(known, following),)),
            Section("Chase list", (success.chase_table(known),)),
        ),
        again=f"lifecourse report quarterly {period.text} --known-on {known.day}",
        subjects=(*sorted(known.measures), *(run.evaluation_id for _, run in pairs)),
        day=known.day,
        practice=known.practice,
        threshold=known.profile.threshold,
    )


def made_of(known: Known, period: Period) -> str:
    """Which period, and what was known when."""
    over = "" if period.last < known.day else " The period is not over: this is part of it."
    return f"{period_words(period)}. Made from what was known on {day_words(known.day)}.{over}"


def _short(known: Known, period: Period) -> Listing:
    pairs = register.runs_in(known, period)
    awarded = [one for one in known.projects if one.state == "awarded"]
    late = sum(bool(one.exception(known.day)) for one in known.actions)
    spent = sum(work.spent_in(known, one, period) for one in known.projects)
    due = success.to_chase(known)
    owed = sum(entry.overdue for entry in known.register.entries)
    return Listing(
        (
            success.checks_in_short(known, period),
            register.tally_line(known, pairs),
            *register.answers_listed(known, pairs),
            f"{counted(len(awarded), 'project')} running; {pounds(spent)} spent in the period.",
            f"{counted(late, 'action')} needing a look." if late else "Nil return of actions by exception.",
            work.unanswered(known),
            f"{counted(len(due), 'figure')} to chase; {counted(owed, 'finding')} overdue; "
            f"{counted(promised.overdue_duties(known), 'duty', 'duties')} overdue; "
            f"{counted(len(promised.late_returns(known)), 'return')} of partners overdue.",
            theory_parts.links_line(known),
        )
    )


def _clear(known: Known, period: Period) -> tuple[Block, ...]:
    moves = tuple(success.clear_moves(known, period))
    if not moves:
        return ("No new figure moved more than chance alone explains.",)
    return ("New figures that moved more than chance alone explains, for good or ill:", Listing(moves))


def missing(known: Known) -> tuple[str, ...]:
    """What the report cannot say, each with why."""
    lines = []
    due = success.to_chase(known)
    if due:
        lines.append(
            f"{counted(len(due), 'success figure')} overdue or asked for: named, with days, in the chase list."
        )
    never = [
        one.id for one in known.measures.values() if not any(e.row.measure == one.id for e in known.entries)
    ]
    if never:
        lines.append(f"Measures without any figure yet: {', '.join(never)}.")
    dayless = [one.id for one in known.measures.values() if one.due_months is None]
    if dayless:
        lines.append(f"No day is set on which their next figure is due: {', '.join(dayless)}.")
    if not known.measures:
        lines.append("Success measures: none is tracked.")
    if known.theory is None:
        lines.append(theory_parts.NO_THEORY)
    lines += register.overdue_lines(known)
    lines += [f"The words of {name}: its result was not kept whole." for name in without_words(known)]
    if not known.obligations.obligations:
        lines.append("Statutory duties and their days: none is on record.")
    if known.measures and all(one.target is None for one in known.measures.values()):
        lines.append("Targets: no measure has one.")
    return tuple(lines)


def _delivered(known: Known, period: Period) -> Table | str:
    return retitled(
        success.figures_table(known, period, ("activity",)),
        "What was delivered, as counted by measures of activity",
        "Nothing is known of what was delivered: no measure of kind 'activity' has a new figure.",
    )


def retitled(table: Table | str, caption: str, nil: str) -> Table | str:
    """A table under another caption."""
    return nil if isinstance(table, str) else Table(caption, table.head, table.rows)


def _overlong(known: Known) -> str:
    over = [
        one for one in known.projects if one.ends and one.state == "awarded" and one.ends < str(known.day)
    ]
    if not over:
        return "No running project is past its last day."
    return f"Past the last day and not closed: {', '.join(f'{one.name} ({one.id})' for one in over)}."


def _due(known: Known, period: Period) -> Table | str:
    rows = [
        *promised.duty_rows(known, period.last),
        *success.due_rows(known, period),
        *work.action_due_rows(known.actions, period),
        *register.owed_rows(known, period),
        *theory_parts.review_rows(known, period),
    ]
    nil = "Nothing with a day falls due."
    return grid(f"Due in {period.text}", ("When", "What", "About", "Who"), rows, nil)
