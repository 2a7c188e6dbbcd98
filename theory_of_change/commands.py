"""The commands of the ground floor: ``lifecourse theory`` and ``lifecourse measure``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change import store, views
from theory_of_change.asking import prompts
from theory_of_change.asking.interview import interview
from theory_of_change.balance import balance_of
from theory_of_change.code_lists.commands import measure_recode
from theory_of_change.delivery import commands as delivery
from theory_of_change.delivery import follow_up_commands as follow_up
from theory_of_change.drawing import commands as drawing
from theory_of_change.errors import TheoryError
from theory_of_change.gaps import Found, find_gaps
from theory_of_change.instruments.commands import measure_harm, measure_score
from theory_of_change.model import Measure, Theory
from theory_of_change.obligations import commands as obligations
from theory_of_change.returns import commands as returns
from theory_of_change.reviews import commands as reviews
from theory_of_change.reviews.decisions import still_there, with_decisions
from theory_of_change.reviews.review_store import load_decisions
from theory_of_change.spreadsheets import commands as spreadsheets
from theory_of_change.spreadsheets.loose import loose_theory
from theory_of_change.submodels import commands as submodels
from theory_of_change.submodels.merging import merge, own_gaps
from theory_of_change.submodels.partner_store import load_partners, partner_file
from theory_of_change.submodels.starter import partner_starter
from theory_of_change.theory_file import starter_theory
from theory_of_change.theory_text import theory_text
from theory_of_change.tracking import commands as tracking
from theory_of_change.tracking import listing_commands as listing
from theory_of_change.tracking.measure_reviews.commands import measure_review
from theory_of_change.versions import commands as versions
from workspace import console
from workspace.audit import record
from workspace.console import present, say
from workspace.entering import entering
from workspace.errors import WorkspaceError, did_you_mean
from workspace.noticeboard import StatusLine, post_status
from workspace.project import Project, find_project

app = typer.Typer(
    help="The theory of change: what we hope changes, and why.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
measure_app = typer.Typer(
    help="Measures: how a change would show.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command("new")
def new(
    title: Annotated[str, typer.Option(help="Title of the theory; the project's name when not given.")] = "",
    example: Annotated[
        bool, typer.Option("--example", help="A large example: our reading of a strategy.")
    ] = False,
    partner: Annotated[str, typer.Option(help="Start the model of a partner, beside the theory.")] = "",
) -> None:
    """Write a theory to start from, by question and answer on a terminal. Never writes over one that is there."""
    project = find_project()
    target = partner_file(project, partner) if partner else project.theory_file
    shown = project.shown(target)
    store.refuse_if_present(project, target)
    text = _first_text(project, title.strip(), example, partner)
    written = not console.current().dry_run
    if written:
        with entering(project) as (session, leave):
            store.refuse_if_present(project, target)
            record(session, "theory.new", shown, {})
            leave({target: text})
    said = "Wrote" if written else "Would write"
    present(
        {"file": shown, "written": written}, lambda: say(f"{said} {shown}. Next: lifecourse theory check")
    )


def _first_text(project: Project, title: str, example: bool, partner: str) -> str:
    if example:
        return store.example_text()
    if partner:
        core = store.load_theory(project) if project.theory_file.exists() else None
        return partner_starter(partner, core)
    if prompts.can_ask():
        return theory_text(interview(prompts.ask, title))
    return starter_theory(title or project.settings.name)


@app.command("check")
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A workbook or theory file; default: the project's, with partners'.")
    ] = None,
) -> None:
    """List what the theory lacks. Exit code 1 when something must be mended."""
    found = _gaps_of_project(find_project()) if file is None else _gaps_of_file(file)
    payload = views.gap_payload(found)
    present(payload, lambda: views.gap_lines(found))
    if payload["errors"]:
        raise typer.Exit(1)


def _gaps_of_file(file: Path) -> Found:
    theory = loose_theory(file, _measures())
    return Found(theory.source, find_gaps(theory, _today()))


def _gaps_of_project(project: Project) -> Found:
    """The gaps of the theory, as reviews left it; those of partners' own parts; and where models clash."""
    theory, partners = store.load_theory(project), load_partners(project)
    decisions = load_decisions(project)
    own = [*find_gaps(with_decisions(theory, decisions), _today()), *still_there(theory, decisions)]
    theirs = {model.source: own_gaps(model, find_gaps(model, _today())) for model in partners.values()}
    clashes = merge(theory, partners).clashes
    return Found(theory.source, sorted(own, key=lambda gap: (gap.line, gap.code)), theirs, clashes)


@app.command("show")
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A box (A4), a link (A4>O3) or a measure.")] = "",
) -> None:
    """Show the theory, or one box, link or measure of it."""
    theory = store.load_theory(find_project())
    if id_:
        _show_one(theory, id_)
    else:
        present(views.theory_payload(theory), lambda: views.theory_view(theory))


def _show_one(theory: Theory, id_: str) -> None:
    box, link, measure = theory.box(id_), theory.link(id_), theory.measure(id_)
    if box:
        present(asdict(box), lambda: views.box_view(theory, box))
    elif link:
        present({"id": link.id, **asdict(link)}, lambda: views.link_view(theory, link))
    elif measure:
        present(asdict(measure), lambda: views.measure_view(measure))
    else:
        known = [box.id for box in theory.boxes] + [link.id for link in theory.links]
        known += [measure.id for measure in theory.measures]
        raise _unknown(id_, known, "lifecourse theory show")


@measure_app.command("list")
def list_measures(
    owner: Annotated[
        str, typer.Option(help="Success measures of one owner, or all: wordings, source, target.")
    ] = "",
) -> None:
    """List the built-in measures and those of the project's theory; with --owner, the success measures tracked."""
    if owner:
        listing.list_tracked(owner)
        return
    measures = _measures()
    present(
        {"measures": [asdict(each) for each in measures.values()]},
        lambda: views.measures_view(measures.values()),
    )


@measure_app.command("show")
def show_measure(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A measure; see measure list.")],
) -> None:
    """Show one measure: definition, range, smallest difference that matters, sources."""
    measures = _measures()
    if id_ not in measures:
        raise _unknown(id_, measures, "lifecourse measure list")
    present(asdict(measures[id_]), lambda: views.measure_view(measures[id_]))


def _measures() -> Mapping[str, Measure]:
    """The project's measures; outside a project, the built-in ones."""
    try:
        project = find_project()
    except WorkspaceError as error:
        if error.code != "LC101" or console.current().project:
            raise
        return store.load_catalogue()
    return store.load_measures(project)


def _unknown(id_: str, known: Iterable[str], hint: str) -> TheoryError:
    return TheoryError("LC209", f"nothing here has the id '{id_}'.{did_you_mean(id_, known)}", hint)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).astimezone().date()


def status_lines(project: Project) -> list[StatusLine]:
    """The lines of this floor in ``lifecourse status``: the theory, and success measures where there are any."""
    return [
        *_theory_line(project), *tracking.status_lines(project), *delivery.status_lines(project),
        *returns.status_lines(project), *follow_up.status_lines(project), *obligations.status_lines(project),
    ]  # fmt: skip


def _theory_line(project: Project) -> list[StatusLine]:
    if not project.theory_file.exists():
        return [StatusLine("Theory", "none yet", "lifecourse theory new")]
    try:
        theory = store.load_theory(project)
    except TheoryError as error:
        count = views.counted(len(error.faults), "fault")
        return [StatusLine("Theory", f"cannot be read: {count}", "lifecourse theory check")]
    return [StatusLine("Theory", views.summary(theory), "lifecourse theory check")]


def join(front_door: typer.Typer) -> None:
    """Put this floor's groups of commands behind the front door."""
    for name, group in (
        ("theory", app), ("measure", measure_app), ("project", delivery.project_app),
        ("action", delivery.action_app), ("voice", delivery.voice_app), ("obligation", obligations.obligation_app),
    ):  # fmt: skip
        front_door.add_typer(group, name=name)


post_status(status_lines, floor=0)
measure_app.command("add")(tracking.measure_add)
measure_app.command("log")(tracking.measure_log)
measure_app.command("import")(tracking.measure_import)
measure_app.command("template")(tracking.measure_template)
measure_app.command("check")(tracking.measure_check)
measure_app.command("trend")(tracking.measure_trend)
measure_app.command("due")(tracking.measure_due)
measure_app.command("review")(measure_review)
measure_app.command("score")(measure_score)
measure_app.command("harm")(measure_harm)
measure_app.command("recode")(measure_recode)


@app.command("balance")
def balance() -> None:
    """Count the activities of each priority by tier: everyone, people at risk, people already involved."""
    rows = balance_of(store.load_theory(find_project()))
    present({"balance": rows}, lambda: views.balance_view(rows))


app.command("draw")(drawing.draw)
app.command("export")(drawing.export)
app.command("template")(spreadsheets.template)
app.command("import")(spreadsheets.import_)
app.command("partners")(submodels.partners)
app.command("diff")(versions.diff)
app.command("versions")(versions.list_versions)
app.command("review")(reviews.review)
for _name, _command in (
    ("template", returns.template), ("import", returns.import_), ("returns", returns.returns),
    ("exit", follow_up.project_exit), ("ending", follow_up.project_ending),
    ("told", follow_up.project_told), ("lessons", follow_up.project_lessons),
):  # fmt: skip
    delivery.project_app.command(_name)(_command)
delivery.voice_app.command("code")(follow_up.voice_code)
delivery.voice_app.command("codes")(follow_up.voice_codes)
