"""``lifecourse measure chart``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from theory_of_change.errors import TheoryError
from workspace import console
from workspace.files import write_atomically
from workspace.project import find_project

KINDS = (".svg", ".png")


def measure_chart(
    measure: Annotated[str, typer.Argument(metavar="MEASURE", help="Its id in measures.toml.")],
    out: Annotated[Path, typer.Option(help="The picture to write: FILE.svg or FILE.png.")],
    area: Annotated[str, typer.Option(help="The area, where there are several.")] = "",
) -> None:
    """Draw a measure over time with its usual range, and say whether it changed beyond what chance explains."""
    from theory_of_change.tracking import actions
    from theory_of_change.tracking.chart import chart_of
    from theory_of_change.tracking.chart_words import HEADINGS, chart_payload, rows_of, sentences

    if out.suffix.lower() not in KINDS:
        raise TheoryError("LC324", "a chart is written as .svg or .png", "End the name with .svg or .png.")
    held = actions.kept(find_project())
    one = actions.tracked_measure(held.measures, measure)
    chart = chart_of(one, held.series, actions.one_area(one, held.series, area))
    written = not console.current().dry_run
    if written:
        from theory_of_change.tracking.chart_picture import chart_png, chart_svg

        svg = out.suffix.lower() == ".svg"
        write_atomically(out, chart_svg(chart) if svg else chart_png(chart))

    def view() -> None:
        console.say(f"{'Wrote' if written else 'Would write'} {out.name}.")
        for sentence in sentences(chart):
            console.say(sentence)
        console.table(HEADINGS, rows_of(chart))

    console.present({"file": out.name, "written": written, "measure": measure, **chart_payload(chart)}, view)
