"""plan power, plan project: what a plan could show, and where a running study is heading."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluation.power_analysis import errors as _codes  # noqa: F401 - declares this topic's codes
from workspace import console


def plan_power(
    plan: Annotated[
        str, typer.Argument(help="The plan's id, or a path to its file: then no project is needed.")
    ],
    treated: Annotated[str, typer.Option(help="Other numbers of treated: 100,200,400.")] = "",
    comparison: Annotated[str, typer.Option(help="Of the comparison: one number, or as many.")] = "",
    clusters: Annotated[str, typer.Option(help="Clusters in each arm: 10, or 10,12.")] = "",
    periods: Annotated[str, typer.Option(help="Periods before and after the start: 24,12.")] = "",
) -> None:
    """What a plan could find and rule out, by size, and how many it takes. No outcome is read."""
    from evaluation.power_analysis import views
    from evaluation.power_analysis.actions import analyse
    from evaluation.power_analysis.report import Asked, power_payload

    read, found = analyse(plan, Asked(treated, comparison, clusters, periods))
    console.present(power_payload(read, found), lambda: views.power(read, found))


def plan_project(
    plan: Annotated[str, typer.Argument(help="The plan's id.")],
) -> None:
    """Where a running study is heading: people, follow-up, what it will show. No outcome is read."""
    from evaluation.power_analysis import views
    from evaluation.power_analysis.running import project_now

    payload = project_now(plan)
    console.present(payload, lambda: views.projection(payload))
