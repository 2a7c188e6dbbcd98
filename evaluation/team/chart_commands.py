"""``lifecourse measure chart``: registered here and not downstairs, because its pictures leave by the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from theory_of_change.errors import TheoryError
from workspace import console
from workspace.project import find_project

KINDS = (".svg", ".png")


def measure_chart(
    measure: Annotated[str, typer.Argument(metavar="MEASURE", help="Its id in measures.toml.")],
    out: Annotated[Path, typer.Option(help="The picture to write: FILE.svg or FILE.png.")],
    area: Annotated[str, typer.Option(help="The area, where there are several.")] = "",
) -> None:
    """Draw a measure over time with its usual range, and say whether it changed beyond what chance explains."""
    from cohorts.agreements.sharing import shown_profile
    from cohorts.gate.outgoing import Outgoing
    from cohorts.gate.store import cells_kept
    from cohorts.gate.writing import write_outgoing
    from evaluation.site.own_figures import editions_of
    from evaluation.team.charted import charted
    from theory_of_change.tracking import actions
    from theory_of_change.tracking.chart_picture import chart_png, chart_svg
    from theory_of_change.tracking.chart_words import HEADINGS, chart_payload, rows_of, sentences
    from workspace.database import reading

    if out.suffix.lower() not in KINDS:
        raise TheoryError("LC324", "a chart is written as .svg or .png", "End the name with .svg or .png.")
    project = find_project()
    held = actions.kept(project)
    one = actions.tracked_measure(held.measures, measure)
    with reading(project) as session:
        profile = shown_profile(session, project)
        editions = editions_of([(entry.universe, entry.cell) for entry in cells_kept(session)])
    chart, outputs = charted(held, one, actions.one_area(one, held.series, area), editions, profile)
    data = chart_svg(chart).encode() if out.suffix.lower() == ".svg" else chart_png(chart)
    leaving = [Outgoing(out.name, data, (measure,), outputs)]
    write_outgoing(project, out.parent, leaving, verb="measure.chart")
    written = not console.current().dry_run

    def view() -> None:
        console.say(f"{'Wrote' if written else 'Would write'} {out.name}.")
        for sentence in sentences(chart):
            console.say(sentence)
        console.table(HEADINGS, rows_of(chart))

    console.present({"file": out.name, "written": written, "measure": measure, **chart_payload(chart)}, view)
