"""Commands of the evaluation floor: plan, evaluate."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cohorts.gate.subjects import Subject, post_subjects
from evaluation import errors as _codes  # noqa: F401 - declares this floor's codes for ``lifecourse explain``
from evaluation.amending.commands import plan_amend, plan_audit, plan_diff, plan_list
from evaluation.differences.commands import evaluate_differences
from evaluation.economics.commands import evaluate_economics, plan_break_even
from evaluation.evidence.commands import evidence_app
from evaluation.explaining import errors as _why_codes  # noqa: F401 - and those of delivery and links
from evaluation.ladder_command import evaluate_ladder
from evaluation.power_analysis.commands import plan_power, plan_project
from evaluation.preregistration.commands import plan_export
from evaluation.printed import errors as _form_codes  # noqa: F401 - and those of the forms of reports
from evaluation.register.commands import finding_app, plan_stop, register_status
from evaluation.reporting.commands import report_app
from evaluation.side_by_side.commands import evaluate_compare, evaluate_sensitivity
from evaluation.site.commands import site_app
from evaluation.team.chart_commands import measure_chart
from evaluation.theory_tests.commands import theory_test
from theory_of_change.commands import app as theory_app
from theory_of_change.commands import measure_app
from workspace import console
from workspace.noticeboard import PostedResult, StatusLine, post_plan_reader, post_results, post_status
from workspace.project import Project, find_project

_OPTIONS = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}
plan_app = typer.Typer(help="Analysis plans: write, check, lock.", **_OPTIONS)  # type: ignore[arg-type]
evaluate_app = typer.Typer(help="Run a plan and say what was found.", **_OPTIONS)  # type: ignore[arg-type]


def join(app: typer.Typer) -> None:
    """Add this floor's groups to the program."""
    app.add_typer(plan_app, name="plan")
    app.add_typer(evaluate_app, name="evaluate")
    app.add_typer(finding_app, name="finding")
    app.add_typer(evidence_app, name="evidence")
    app.add_typer(report_app, name="report")
    app.add_typer(site_app, name="site")


PlanName = Annotated[str, typer.Argument(help="The plan's id, or a path to its file.")]


@plan_app.command("new")
def plan_new(
    plan_id: Annotated[str, typer.Argument(help="A short name: small letters, digits, hyphens.")],
    method: Annotated[str, typer.Option(help="See: lifecourse evaluate methods")] = "randomised",
    title: Annotated[str, typer.Option(help="The question.")] = "",
    cohort: Annotated[str, typer.Option(help="The cohort it is about.")] = "",
    areas: Annotated[
        str, typer.Option(help="In its place: the collection of areas it is about (methods of panels).")
    ] = "",
    template: Annotated[
        str, typer.Option(help="A ready plan with questions to answer: trauma-informed-schools.")
    ] = "",
) -> None:
    """Write a new plan for you to complete."""
    from cohorts.actions import checked_name
    from evaluation.actions import new_plan
    from evaluation.panels.starter_areas import on_areas
    from evaluation.ready_plans.starter_store import ready_plan
    from evaluation.starter import starter_plan

    if template:
        text = ready_plan(template, checked_name(plan_id), areas)
    else:
        text = starter_plan(plan_id, title, method, cohort)
        text = on_areas(text, areas) if areas else text
    shown = new_plan(find_project(), checked_name(plan_id), method, text)
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"plan": plan_id, "file": shown},
        lambda: console.say(
            f"{verb} {shown}. {'Answer its questions' if template else 'Complete the words in capitals'}, "
            f"then: lifecourse plan check {plan_id}"
        ),
    )


@plan_app.command("check")
def plan_check(plan: PlanName) -> None:
    """Check a plan: its text, its links, and whether it can be decided. Exit 1 when it cannot."""
    from dataclasses import asdict

    from evaluation import views
    from evaluation.economics.actions import checked_money
    from evaluation.locking import others_than, readiness
    from workspace.audit import note_reading

    project = find_project()
    ready = readiness(project, plan)
    note_reading(project, "plan.check", ready.plan.id)
    payload = {
        "plan": ready.plan.id,
        "data_state": ready.data_state,
        "locked": ready.lock is not None,
        "changed_since_lock": ready.changed,
        "detectable": ready.projection.detectable,
        "equivalence_power": ready.projection.equivalence,
        "doubts": [{"code": d.code, "text": d.text} for d in ready.doubts],
    }
    money = checked_money(ready.plan, project.root)
    if money:
        payload["economics"] = money.payload
    instead = others_than(project, ready)
    if instead:
        payload["instead"] = [asdict(one) for one in instead]
    console.present(payload, lambda: views.readiness(ready, money, instead))
    if ready.changed or (ready.doubts and ready.lock is None):
        raise typer.Exit(1)


@plan_app.command("lock")
def plan_lock(
    plan: PlanName,
    waive: Annotated[str, typer.Option(help="Lock a plan that cannot be decided, with the reason.")] = "",
) -> None:
    """Lock a plan: fingerprint, time, who, and what could be known of the data."""
    from evaluation import views
    from evaluation.locking import lock_plan

    ready, lock = lock_plan(find_project(), plan, waive)
    payload = {
        "plan": lock.plan_id,
        "sha256": lock.sha256,
        "data_state": lock.data_state,
        "waiver": lock.waiver,
        "locked_at": lock.locked_at,
    }
    console.present(payload, lambda: views.locked(ready, lock))


@plan_app.command("show")
def plan_show(plan: PlanName) -> None:
    """Show a plan and its lock."""
    import json

    from evaluation import views
    from evaluation.locking import open_plan
    from evaluation.plan import canonical, fingerprint
    from evaluation.store import find_lock
    from workspace.database import reading

    project = find_project()
    found, _, _ = open_plan(project, plan)
    with reading(project) as session:
        lock = find_lock(session, found.id)
    payload = {
        "plan": json.loads(canonical(found)),
        "sha256": fingerprint(found),
        "locked_at": lock.locked_at if lock else None,
    }
    console.present(payload, lambda: views.plan(found, lock))


@evaluate_app.command("methods")
def evaluate_methods() -> None:
    """The methods there are, and what each assumes."""
    from evaluation import views
    from evaluation.methods.registry import METHODS

    payload = {
        "methods": [
            {
                "name": m.name,
                "identifies": m.identifies,
                "assumes": m.assumes,
                "kinds": list(m.kinds),
                "estimands": list(m.estimands),
                "security_at_most": m.design_level,
            }
            for m in METHODS.values()
        ],
    }
    console.present(payload, lambda: views.methods(METHODS))


@evaluate_app.command("run")
def evaluate_run(
    plan: PlanName,
    data: Annotated[
        Path | None, typer.Option(help="File mode: a pseudonymised table; no project is needed.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File mode: where to write the result and the report.")
    ] = None,
    exploratory: Annotated[
        bool,
        typer.Option("--exploratory", help="Run outside the lock; the result is stamped."),
    ] = False,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Also compare the effect between groups of this column: exploratory, and stamped."),
    ] = None,
    known_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The data as known on that day, before later corrections."),
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="A registered version of the plan, in place of its file.")
    ] = None,
    word: Annotated[
        bool, typer.Option("--word", help="File mode: write the report as a Word file too.")
    ] = False,
) -> None:
    """Run a plan: on the project's cohort, or on a file with --data."""
    from evaluation import views
    from evaluation.actions import Ran, run_in_project, run_on_file
    from evaluation.errors import EvaluationError

    if data is not None and (known_on is not None or version is not None):
        said, hint = "--known-on belongs to a project", "A file holds the data of one day: leave it out."
        if version is not None:
            said, hint = "--version belongs to a project", "A file has no register of versions: leave it out."
        raise EvaluationError("LC406", said, hint)
    if data is not None:
        done: Ran | None = run_on_file(Path(plan), data, out, tuple(by or ()), word=word)
    else:
        if out is not None:
            raise EvaluationError(
                "LC406", "--out belongs to file mode", "A project keeps results in evidence/ and reports/."
            )
        if word:
            raise EvaluationError(
                "LC406",
                "--word belongs to file mode",
                "In a project: lifecourse report evaluation EVAL-001 --to word",
            )
        day = known_on.date() if known_on else None
        groups = tuple(by or ())
        done = run_in_project(
            find_project(), plan, exploratory=exploratory, known_on=day, by=groups, version=version
        )
    if done is None:
        console.present(
            {"plan": plan, "would_run": True},
            lambda: console.say("The plan would run. A dry run reads no outcome."),
        )
        return
    shown = done
    payload = shown.payload | ({"files": _files_of(shown)} if shown.report else {})
    console.present(payload, lambda: views.ran(shown, shown.profile))


def _files_of(ran: Any) -> dict[str, str]:
    found = {"finding": ran.finding, "report": ran.report, "word": ran.word}
    return {name: file for name, file in found.items() if file or name != "word"}


def _status(project: Project) -> list[StatusLine]:
    from evaluation.amending.store import locked_plans
    from evaluation.store import find_lock, list_evaluations, list_plans
    from workspace.database import reading

    files = list_plans(project)
    with reading(project) as session:
        names = sorted({*files, *locked_plans(session)})  # a locked plan counts without its file
        open_plans = [name for name in names if find_lock(session, name) is None]
        runs = list_evaluations(session)
    run = {row.plan_id for row in runs}
    waiting = [name for name in files if name not in open_plans and name not in run]
    text = f"{len(names)}, of them {len(names) - len(open_plans)} locked, {len(run)} reported"
    step = (
        f"lifecourse plan lock {open_plans[0]}"
        if open_plans
        else f"lifecourse evaluate run {waiting[0]}"
        if waiting
        else ""
    )
    lines = [StatusLine("Plans", text, step), *register_status(project)]
    return lines + [
        StatusLine(row.evaluation_id, f"{row.plan_id}: {row.answer}, security {row.security} of 5", "")
        for row in runs[-5:]
    ]


def _results(project: Project, cohort_id: str) -> list[PostedResult]:
    from evaluation.store import results_on

    return results_on(project, cohort_id)


def _planned(session: Any, project: Project, cohort_id: str, plan: str) -> set[tuple[str, str]]:
    from evaluation.planned_columns import columns_of_locked_plan

    return columns_of_locked_plan(session, project, cohort_id, plan)


def _subject(project: Project, name: str) -> Subject | None:
    from evaluation.leaving.evaluation_store import evaluation_subject

    return evaluation_subject(project, name)


post_status(_status, floor=2)
plan_app.command("amend")(plan_amend)
plan_app.command("diff")(plan_diff)
plan_app.command("audit")(plan_audit)
plan_app.command("list")(plan_list)
plan_app.command("export")(plan_export)
evaluate_app.command("differences")(evaluate_differences)
evaluate_app.command("ladder")(evaluate_ladder)
evaluate_app.command("economics")(evaluate_economics)
plan_app.command("break-even")(plan_break_even)
evaluate_app.command("compare")(evaluate_compare)
evaluate_app.command("sensitivity")(evaluate_sensitivity)
plan_app.command("stop")(plan_stop)
theory_app.command("test")(theory_test)
measure_app.command("chart")(measure_chart)
plan_app.command("power")(plan_power)
plan_app.command("project")(plan_project)
post_results(_results)
post_plan_reader(_planned)
post_subjects(_subject)
