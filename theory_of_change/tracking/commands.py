"""Commands of success measures: add, log, import, template, check, trend, due."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change.tracking import codes as _codes  # noqa: F401 - declares codes for ``lifecourse explain``
from workspace import console
from workspace.noticeboard import StatusLine
from workspace.project import Project, find_project

MeasureId = Annotated[str, typer.Argument(metavar="MEASURE", help="Its id in measures.toml.")]


def measure_add(
    measure: MeasureId,
    name: Annotated[str, typer.Option(help="What it is called.")],
    aim: Annotated[str, typer.Option(help="reduce, increase or watch.")] = "reduce",
    unit: Annotated[str, typer.Option(help="count, per cent, or another unit.")] = "count",
    owner: Annotated[str, typer.Option(help="Who wants it: home-office, local …")] = "",
    source: Annotated[str, typer.Option(help="Whose figures they are.")] = "",
    year: Annotated[str, typer.Option(help="calendar, school or financial.")] = "calendar",
    part_of: Annotated[str, typer.Option(help="The measure it is part of.")] = "",
    due_months: Annotated[
        int | None, typer.Option(help="Months after a period by which its figure is due.")
    ] = None,
) -> None:
    """Track one more success measure: adds it to measures.toml."""
    from theory_of_change.tracking import store
    from theory_of_change.tracking.model import Tracked
    from workspace.audit import record
    from workspace.entering import entering

    project, dry = find_project(), console.current().dry_run
    new = Tracked(
        measure,
        name,
        aim,
        unit,
        owner=owner,
        source=source,
        year=year,
        part_of=part_of,
        due_months=due_months,
    )
    with entering(project, keep=not dry) as (session, leave):
        record(session, "measure.add", measure)
        leave(store.with_tracked(project, new))
    said = f"{'Would add' if dry else 'Added'} {measure} to {store.MEASURES_FILE}."
    console.present({"measure": measure, "file": store.MEASURES_FILE}, lambda: console.say(said))


def measure_log(
    measure: MeasureId,
    period: Annotated[str, typer.Option(help="2021, 2019/20, 2021-Q2, 2020-03 or 2018-04..2018-12.")],
    value: Annotated[str, typer.Option(help="The figure; leave out with --asked.")] = "",
    of: Annotated[str, typer.Option(help="Out of how many people.")] = "",
    area: Annotated[str, typer.Option(help="The area, where there are several.")] = "",
    stated_change: Annotated[str, typer.Option(help="The change in per cent that the source prints.")] = "",
    compared_with: Annotated[str, typer.Option(help="The period the source compares with.")] = "",
    note: Annotated[str, typer.Option(help="Anything to know about it.")] = "",
    asked: Annotated[bool, typer.Option("--asked", help="It is not there yet and was asked for.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="It corrects a figure that is held.")] = False,
) -> None:
    """Log one figure of a success measure, and say at once how it moved and what is odd about it."""
    from theory_of_change.tracking import actions, store, views
    from theory_of_change.tracking.figures_file import read_figures, sheet_of

    project = find_project()
    measures = store.load_tracked(project)
    actions.tracked_measure(measures, measure)
    cells = {
        "measure": measure, "period": period, "value": "asked" if asked else value or "?", "of": of, "area": area,
        "stated_change": stated_change, "compared_with": compared_with, "note": note,
    }  # fmt: skip
    rows = read_figures(sheet_of("the command", [list(cells), list(cells.values())]), measures)
    done = actions.log_figures(project, rows, replace=replace, subject=measure)
    held = actions.kept(project)
    found = [c for c in held.concerns if c.measure == measure and c.period]
    here = [c for c in found if c.period == rows[0].period.text and c.area == area]
    moves = [m for m in held.moves if m.after.slot == rows[0].slot]

    def view() -> None:
        console.say(logged_line(asdict(done)))
        for move in moves:
            console.say(f"Against {move.before.period.text}: {views.change_line(move)}")
        views.concerns_view(here, notes=True)

    payload = {**asdict(done), "moves": [views.move_payload(m) for m in moves], **views.concern_payload(here)}
    console.present(payload, view)


def measure_import(
    file: Annotated[Path, typer.Argument(help="XLSX, ODS or CSV with the columns of measure template.")],
    sheet: Annotated[str, typer.Option(help="The workbook's sheet; 'figures' when not given.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Figures that differ correct those held.")
    ] = False,
) -> None:
    """Load a table of figures: all of it, or nothing and every fault by cell."""
    from theory_of_change.tracking import actions

    done = actions.import_figures(find_project(), file, sheet=sheet, replace=replace)
    console.present(asdict(done), lambda: console.say(logged_line(asdict(done))))


def logged_line(done: dict[str, int]) -> str:
    """What was done with the figures, in a line."""
    verb = "Would log" if console.current().dry_run else "Logged"
    parts = [f"{done['new']} new", f"{done['unchanged']} as they were", f"{done['corrected']} corrected"]
    asked = f"; {done['asked']} noted as asked for" if done["asked"] else ""
    return f"{verb}: {', '.join(parts)}{asked}."


def measure_template(
    to: Annotated[Path, typer.Option(help="The workbook to write.")],
) -> None:
    """Write a spreadsheet to fill in: a row for every figure that is due, with drop-downs."""
    from theory_of_change.tracking import actions, store

    held = actions.kept(find_project())
    lines = actions.template_lines(held)
    if not console.current().dry_run:
        store.save_template(to, held.measures, lines)
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"file": to.name, "rows": len(lines)},
        lambda: console.say(
            f"{verb} {to.name} with {len(lines)} rows to fill in; then: lifecourse measure import"
        ),
    )


def measure_check(
    measure: Annotated[str, typer.Argument(metavar="[MEASURE]", help="One measure only.")] = "",
    notes: Annotated[bool, typer.Option("--notes", help="List notes too.")] = False,
) -> None:
    """Hold every figure against what is said of it. Exit 1 when two things cannot both be true."""
    from theory_of_change.tracking import actions, views

    held = actions.kept(find_project())
    if measure:
        actions.tracked_measure(held.measures, measure)
    found = [each for each in held.concerns if measure in ("", each.measure)]
    console.present(views.concern_payload(found), lambda: views.concerns_view(found, notes=notes))
    if any(each.severity == "error" for each in found):
        raise typer.Exit(1)


def measure_trend(
    measure: Annotated[
        str, typer.Argument(metavar="[MEASURE]", help="One measure; all when not given.")
    ] = "",
) -> None:
    """How figures moved, with the range that chance allows; all measures, or one with every figure."""
    from theory_of_change.tracking import actions, views
    from theory_of_change.tracking.chart import Chart, charts_of
    from theory_of_change.tracking.chart_words import chart_payload, sentences

    held = actions.kept(find_project())
    if not measure:
        lines = views.overview(held.measures, held.moves, held.series)
        console.present({"measures": lines}, lambda: views.overview_view(lines))
        return
    one = actions.tracked_measure(held.measures, measure)
    charts = charts_of(one, held.series)
    drawn = [chart for chart in charts.values() if isinstance(chart, Chart)]
    moves = [move for move in held.moves if move.measure.id == measure]
    payload = {
        "measure": measure,
        "moves": [views.move_payload(move) for move in moves],
        "charts": [chart_payload(chart) for chart in drawn],
        "no_chart": {area: why for area, why in charts.items() if isinstance(why, str)},
    }
    said = {chart.area: sentences(chart) for chart in drawn}
    console.present(payload, lambda: views.trend_view(one, held.series, moves, said))


def measure_due() -> None:
    """Figures that are due and not there: whom to chase."""
    from theory_of_change.tracking import actions, views
    from workspace.clock import today

    held, day = actions.kept(find_project()), today()
    payload = [
        {"measure": d.measure.id, "area": d.area, "period": d.period.text, "due": d.due, "asked": d.asked,
         "overdue": d.overdue(day)}
        for d in held.due
    ]  # fmt: skip
    console.present({"due": payload}, lambda: views.due_view(held.due, day))


def status_lines(project: Project) -> list[StatusLine]:
    """The line of success measures in ``lifecourse status``."""
    from theory_of_change.errors import TheoryError
    from theory_of_change.tracking import actions, store
    from theory_of_change.views import counted
    from workspace.clock import today

    if not store.has_tracked(project):
        return []
    try:
        held = actions.kept(project)
    except TheoryError as error:
        said = f"cannot be read: {counted(len(error.faults), 'fault')}"
        return [StatusLine("Success measures", said, "lifecourse measure trend")]
    late = sum(each.overdue(today()) for each in held.due)
    text = f"{len(held.measures)} tracked, {counted(late, 'figure')} overdue"
    return [StatusLine("Success measures", text, "lifecourse measure due" if late else "")]
