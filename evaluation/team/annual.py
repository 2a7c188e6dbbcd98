"""The annual review: theory, findings, money beside verdicts, measures, commitments, equality, learning (pure)."""

from __future__ import annotations

from evaluation.reporting.tables import Cell, Table
from evaluation.team import promised, success, theory_parts, work
from evaluation.team import register_parts as register
from evaluation.team.findings import by_deprivation
from evaluation.team.known import Known, within
from evaluation.team.paper import Block, Listing, Paper, Section
from evaluation.team.quarterly import made_of, missing
from evaluation.team.words import counted, day_or, grid, joined
from theory_of_change.tracking.periods import Period

SPENT_BY = ("tier", "priority", "place")
LONG = "Each verdict is that of its study: it does not carry over to every project with the same aim."


def annual(known: Known, period: Period) -> Paper:
    """The review of a year, from what was known on a day."""
    pairs = register.runs_in(known, period)
    return Paper(
        kind="annual",
        title=f"{known.name}: annual review, {period.text}",
        made_of=made_of(known, period),
        first=_first(known, period),
        missing=(*missing(known), *_unreported(known, period)),
        sections=(
            Section(
                "The theory",
                (
                    theory_parts.links_line(known),
                    theory_parts.unmeasured_line(known),
                    theory_parts.links_table(known),
                    theory_parts.reviews_table(known, period),
                    theory_parts.balance_table(known),
                ),
            ),
            Section("Findings of the year, by answer", _findings(known, period)),
            Section("What did not work, and harms", _not_worked(known, period)),
            Section(
                "Money beside verdicts",
                (*(register.spend_table(known, key) for key in SPENT_BY), LONG, _worth(known, period)),
            ),
            Section(
                "The year of the measures",
                (
                    success.figures_table(known, period),
                    promised.targets_table(known),
                    success.checks_table(known, period),
                    success.chase_table(known),
                ),
            ),
            Section(
                "Commitments kept and not kept",
                (_kept_line(known, period), work.commitments_table(known, period), _findings_owed(known, period)),
            ),
            Section(
                "Equality and deprivation",
                (
                    _equality_line(known, period),
                    register.equality_table(known, pairs),
                    "Who was reached by projects, by sex, ethnic group or disability, is not recorded with projects.",
                ),
            ),
            Section("What ends when the money ends", (work.money_ends_table(known.projects),)),
            Section("What was learned, and who was told", _learned(known, period)),
        ),
        again=f"lifecourse report annual {_written(period)} --known-on {known.day}",
        subjects=(*sorted(known.measures), *(run.evaluation_id for _, run in pairs)),
        day=known.day,
        practice=known.practice,
        threshold=known.profile.threshold,
    )  # fmt: skip


def _written(period: Period) -> str:
    return (
        period.text if "/" not in period.text or period.first.month == 4 else f"{period.text} --year school"
    )


def _first(known: Known, period: Period) -> tuple[Block, ...]:
    pairs = register.runs_in(known, period)
    lines = [
        register.tally_line(known, pairs),
        *register.answers_listed(known, pairs),
        theory_parts.links_line(known),
        success.checks_in_short(known, period),
        _kept_line(known, period),
        _equality_line(known, period),
    ]
    untested = [one for one in known.projects if one.state != "bid" and not register.verdicts_of(known, one)]
    paid = [one for one in known.projects if one.state != "bid"]
    lines.append(
        f"{len(untested)} of {counted(len(paid), 'paid project')} without any verdict on what they are for."
        if paid
        else "No project was paid for."
    )
    blocks: list[Block] = [Listing(tuple(lines))]
    harms = [run for _, run in pairs if run.answer == "harms" and not run.is_exploratory]
    if harms:
        names = ", ".join(run.evaluation_id for run in harms)
        blocks.insert(0, f"Something made things worse: {names}. Read section 3 first.")
    return tuple(blocks)


def _findings(known: Known, period: Period) -> tuple[Block, ...]:
    pairs = register.runs_in(known, period)
    order = {answer: place for place, answer in enumerate(register.ORDER)}
    by_answer = sorted(pairs, key=lambda pair: (order.get(pair[1].answer, 99), pair[1].evaluation_id))
    nil = "Nil return: no evaluation was run in the year."
    return (
        register.tally_line(known, pairs),
        register.findings_table(known, by_answer, "Findings of the year, by answer", nil),
        register.other_outcomes_table(known, by_answer),
        register.changes_table(known, period),
    )


def _not_worked(known: Known, period: Period) -> tuple[Block, ...]:
    pairs = [pair for pair in register.runs_in(known, period) if pair[1].answer != "works"]
    harms = [pair for pair in pairs if pair[1].answer == "harms"]
    rest = [pair for pair in pairs if pair[1].answer != "harms"]
    return (
        register.findings_table(
            known, harms, "Harms", "No finding of the year is a harm on its main outcome."
        ),
        register.findings_table(
            known, rest, "What did not work, or cannot be told", "No finding of the year is of that kind."
        ),
    )


def _worth(known: Known, period: Period) -> Table | str:
    rows = [
        (f"{found.title} ({found.evaluation})", " ".join(found.worth))
        for _, run in register.runs_in(known, period)
        if (found := register.found_of(known, run)) and found.worth
    ]
    nil = "No finding of the year says what it cost and what it was worth: no plan priced it."
    return grid("What findings say of costs and worth", ("Finding", "Costs and worth"), rows, nil)


def _kept_line(known: Known, period: Period) -> str:
    words = [word for _, word, _ in work.commitments(known, period)]
    said = ", ".join(
        f"{words.count(word)} {word}" for word in ("kept", "late", "not kept", "dropped", "open")
    )
    return f"Of {counted(len(words), 'commitment')} that fell due or ended: {said}." if words else (
        "No commitment fell due in the period."
    )  # fmt: skip


def _findings_owed(known: Known, period: Period) -> Table | str:
    """Findings that were promised for the period: reported in time, late, or owed."""
    rows: list[tuple[Cell, ...]] = []
    for entry in known.register.entries:
        plan = entry.plan
        if not plan.reported_by or not within(plan.reported_by, period):
            continue
        first = entry.findings[-1].run_at[:10] if entry.findings else ""
        word: str = "overdue" if entry.overdue else entry.state if not first else "kept"
        word = "late" if first and first > plan.reported_by else word
        told = day_or(first, "no finding yet")
        rows.append(
            (f"{plan.title or plan.plan_id} ({plan.plan_id})", day_or(plan.reported_by, ""), word, told)
        )
    head = ("Promised finding", "Report due", "Kept?", "First finding")
    return grid("Findings that were promised", head, rows, "No finding was promised for the period.")


def _equality_line(known: Known, period: Period) -> str:
    runs = [run for _, run in register.runs_in(known, period)]
    held = [found for run in runs if (found := register.found_of(known, run))]
    said = [found for found in held if by_deprivation(found)[0] == "reported"]
    return (
        f"{len(said)} of {counted(len(runs), 'run')} say how the finding differs by deprivation; the others, why not."
        if runs
        else "No finding of the year that could differ by deprivation."
    )


def _unreported(known: Known, period: Period) -> tuple[str, ...]:
    """Findings that do not say how they differ by deprivation, together where the reason is the same."""
    reasons: dict[str, list[str]] = {}
    for _, run in register.runs_in(known, period):
        found = register.found_of(known, run)
        if found and by_deprivation(found)[0] != "reported":
            reasons.setdefault(by_deprivation(found)[1], []).append(found.evaluation)
    return tuple(
        f"How findings differ by deprivation ({joined(names)}): {why}." for why, names in reasons.items()
    )


def _learned(known: Known, period: Period) -> tuple[Block, ...]:
    rows = []
    for one in known.projects:
        closed = [e for e in known.history(one.id) if e.kind == "closed" and within(e.at, period)]
        if closed:
            rows.append((f"{one.name} ({one.id})", day_or(closed[-1].at, ""), one.learned))
    nil = "Nil return: no project was closed in the year, so no lesson of one is on record."
    return (
        grid("Lessons of projects that closed", ("Project", "Closed", "What to change"), rows, nil),
        promised.told_table(known, period),
        register.told_table(known, period),
        *work.voices_blocks(known, period),
    )
