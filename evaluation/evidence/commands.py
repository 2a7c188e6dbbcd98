"""Commands of outside evidence: evidence add, list, show, conflicts, pool, map."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from evaluation.claims.commands import evidence_claims
from evaluation.evidence import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console
from workspace.project import Project, find_project

evidence_app = typer.Typer(
    help="What others found or say, kept and put together.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@evidence_app.command("add")
def evidence_add(
    file: Annotated[
        Path | None, typer.Argument(help="Studies or claims as TOML; or a result of this program as JSON.")
    ] = None,
    claim: Annotated[str, typer.Option(help="In its place: a claim, in the words it was made in.")] = "",
    name: Annotated[
        str, typer.Option("--id", help="The claim's short name: small letters, digits, hyphens.")
    ] = "",
    said_by: Annotated[str, typer.Option(help="Who made the claim.")] = "",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it was made.")] = None,
    source: Annotated[str, typer.Option(help="Where it stands: a paper, a page, a meeting.")] = "",
    outcome: Annotated[str, typer.Option(help="The outcome it is about, as in plans and studies.")] = "",
    comparison: Annotated[
        str,
        typer.Option(
            help="Compared with: not-named, none, before, other-places, other-people, expected, randomised."
        ),
    ] = "not-named",
    chosen: Annotated[
        str,
        typer.Option(
            help="Places or people chosen: not-said, worst-first, all, by-lot, volunteers, by-judgement."
        ),
    ] = "not-said",
    change: Annotated[str, typer.Option(help="The figure is: not-said, relative, absolute.")] = "not-said",
    period: Annotated[str, typer.Option(help="The period it is about.")] = "",
    tested_by: Annotated[str, typer.Option(help="The finding that tested it, such as EVAL-003.")] = "",
) -> None:
    """Keep studies of others with every version of their figures, or a claim that nobody has tested."""
    from evaluation.evidence import views
    from evaluation.evidence.actions import add_file, add_records
    from evaluation.evidence.claim_options import claim_from
    from evaluation.evidence.payloads import added_payload
    from workspace.clock import today

    project = find_project()
    if file is not None and not claim:
        added = add_file(project, file)
    else:
        day = on.date() if on else today()
        answers = {
            "id": name, "text": claim, "said_by": said_by, "source": source, "outcome": outcome,
            "comparison": comparison, "chosen": chosen, "change": change, "period": period, "tested_by": tested_by,
        }  # fmt: skip
        added = add_records(project, (claim_from(answers, day, file is not None),))
    written = not console.current().dry_run
    console.present(added_payload(added, written=written), lambda: views.added(added, written=written))


@evidence_app.command("list")
def evidence_list() -> None:
    """Studies of others, claims, and our own findings, each as we would read it."""
    from evaluation.evidence import views
    from evaluation.evidence.actions import load_library
    from evaluation.evidence.payloads import library_payload

    found = load_library(find_project())
    console.present(library_payload(found), lambda: views.library(found))


@evidence_app.command("show")
def evidence_show(name: Annotated[str, typer.Argument(help="A study's or a claim's id.")]) -> None:
    """One study with all its versions, or one claim with the design that would answer it."""
    from evaluation.evidence import views
    from evaluation.evidence.actions import find_record, load_library
    from evaluation.evidence.model import Study
    from evaluation.evidence.payloads import claim_payload, study_payload

    found = find_record(load_library(find_project()), name)
    payload = study_payload(found) if isinstance(found, Study) else claim_payload(found)
    console.present(payload, lambda: views.one(found))


@evidence_app.command("conflicts")
def evidence_conflicts() -> None:
    """Versions of one study that differ, side by side. Exit 1 where there are any."""
    from evaluation.evidence import views
    from evaluation.evidence.actions import load_library
    from evaluation.evidence.payloads import conflicts_payload

    found = load_library(find_project()).conflicts
    console.present(conflicts_payload(found), lambda: views.conflicts(found))
    if found:
        raise typer.Exit(1)


@evidence_app.command("pool")
def evidence_pool(
    outcome: Annotated[
        str, typer.Argument(help="The outcome: as in studies, a measure, or a box of the theory.")
    ],
    scale: Annotated[str, typer.Option(help="odds-ratio, risk-ratio, rate-ratio, hazard-ratio, smd, …")] = "",
    margin: Annotated[
        float | None, typer.Option(help="The smallest difference that matters (of a ratio: like 0.85).")
    ] = None,
    moderator: Annotated[str, typer.Option(help="Hold the effect against this fact of the studies.")] = "",
    every_version: Annotated[
        bool, typer.Option("--every-version", help="Every version of every study, not only the newest.")
    ] = False,
    without_disputed: Annotated[
        bool, typer.Option("--without-disputed", help="Leave disputed findings out; they are named.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Also write it as one HTML file.")] = None,
) -> None:
    """Put together what is known of one outcome: studies and our own findings, never a claim."""
    from evaluation.evidence import views
    from evaluation.evidence.actions import pool
    from evaluation.evidence.claim_options import asked_from
    from evaluation.evidence.payloads import pool_payload

    asked = asked_from(outcome, scale, margin, moderator, without_disputed=without_disputed)
    project = find_project()
    found = pool(project, asked, every_version=every_version)
    if out is not None:
        from evaluation.evidence.pages import pool_page

        _write(project, out, pool_page(found), "evidence.pool")
    console.present(pool_payload(found), lambda: views.pool(found))


@evidence_app.command("map")
def evidence_map(
    across: Annotated[str, typer.Option(help="activity, stage or place.")] = "activity",
    out: Annotated[Path | None, typer.Option(help="Also write it as one HTML file.")] = None,
) -> None:
    """Where there is evidence and where there is none: outcomes down, activities across."""
    from evaluation.evidence import views
    from evaluation.evidence.actions import gap_map
    from evaluation.evidence.claim_options import across_from
    from evaluation.evidence.payloads import map_payload

    project = find_project()
    found = gap_map(project, across_from(across))
    if out is not None:
        from evaluation.evidence.pages import map_page

        _write(project, out, map_page(found), "evidence.map")
    console.present(map_payload(found), lambda: views.gap_map(found))


def _write(project: Project, path: Path, page: str, verb: str) -> None:
    from cohorts.gate.outgoing import Outgoing
    from cohorts.gate.writing import write_outgoing

    write_outgoing(project, path.parent, [Outgoing(path.name, page.encode("utf-8"))], verb=verb)


evidence_app.command("claims")(evidence_claims)
