"""Commands of the cohort floor: link."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project

link_app = typer.Typer(
    help="Join people of two sources that share no identifier.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
CohortName = Annotated[str, typer.Option(help="The cohort's name or id.")]


@link_app.command("run")
def link_run(
    sides: Annotated[
        list[str],
        typer.Argument(
            help="ENROLLING=FILE OTHER=FILE: two sources and their files.", metavar="SOURCE=FILE…"
        ),
    ],
    cohort: CohortName,
    by: Annotated[
        list[str] | None, typer.Option(help="Show quality by this variable; may be repeated.")
    ] = None,
    match_keys_only: Annotated[
        bool, typer.Option("--match-keys-only", help="Link by match keys alone; Splink is not needed.")
    ] = False,
    train: Annotated[
        bool,
        typer.Option("--train", help="Train the model on these people instead of using the one shipped."),
    ] = False,
    precision: Annotated[float, typer.Option(min=0.9, max=1.0, help="The precision wanted.")] = 0.997,
    engine: Annotated[
        str,
        typer.Option(help="What weighs the pairs: duckdb, in memory, or spark, which may use the disk."),
    ] = "duckdb",
) -> None:
    """Link by names, birth dates and postcodes, which are compared as one-run tokens and never kept."""
    from cohorts.linking import views
    from cohorts.linking.actions import LinkRequest, parse_sides, run_link

    project = find_project()
    left, right = parse_sides(sides)
    done = run_link(project, LinkRequest(cohort, left, right, match_keys_only, train, precision, engine))
    payload = views.run_payload(done, dry_run=console.current().dry_run)
    console.present(payload, lambda: views.ran(done, payload))
    if by and not console.current().dry_run and not console.current().json:
        link_quality(cohort, by)


@link_app.command("quality")
def link_quality(
    cohort: CohortName,
    by: Annotated[
        list[str] | None, typer.Option(help="A binary or category variable; may be repeated.")
    ] = None,
) -> None:
    """Match rate, precision and recall by source and subgroup; groups that differ are flagged."""
    from cohorts.linking import views
    from cohorts.linking.report import quality_report

    payload, profile = quality_report(find_project(), cohort, by or [])
    console.present(payload, lambda: views.quality(payload, profile))


@link_app.command("review")
def link_review(
    cohort: CohortName,
    pair: Annotated[str, typer.Option(help="The number of the pair to decide.")] = "",
    same: Annotated[
        bool | None, typer.Option("--same/--different", help="One person or the right link, or not.")
    ] = None,
    reason: Annotated[
        str,
        typer.Option(
            help="checked-with-partner, same-record, sibling, other-person, wrong-identifier, register, unclear."
        ),
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Decided pairs too.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="What was decided, and which results it touched.")
    ] = False,
) -> None:
    """Pairs that wait for a person: how they agree, never what stands in them. Or decide one."""
    from cohorts.errors import CohortError
    from cohorts.linking import views
    from cohorts.linking.decisions import decide_pair
    from cohorts.linking.review_list import decisions_of, reviews_of

    project = find_project()
    if pair:
        if same is None:
            raise CohortError("LC887", "the decision is missing", "Add --same or --different.")
        done = decide_pair(project, cohort, pair, same=same, reason=reason)
        console.present(views.decided_payload(done), lambda: views.decided(done))
    elif history:
        events = decisions_of(project, cohort)
        console.present({"history": [list(event) for event in events]}, lambda: views.history(events))
    else:
        found = reviews_of(project, cohort, everything=everything)
        console.present(views.reviews_payload(found), lambda: views.reviews(found))


@link_app.command("forbid")
def link_forbid(
    reason: Annotated[str, typer.Option(help="adoption, at-risk, safeguarding, court-order or other.")],
    kind: Annotated[str, typer.Option(help="The kind of the first identifier, like upn.")] = "",
    other_kind: Annotated[str, typer.Option(help="The kind of the second; the same by default.")] = "",
    source: Annotated[str, typer.Option(help="For a local id: the source it belongs to.")] = "",
    other_source: Annotated[str, typer.Option(help="The same for the second.")] = "",
    pack: Annotated[
        Path | None, typer.Option(help="With two keys: a partner's pack, made by partner name --for forbid.")
    ] = None,
    vault: Annotated[
        Path | None,
        typer.Option(help="Keep them in the vault too, so that the entry outlives a change of key."),
    ] = None,
) -> None:
    """Forbid joining two people. Their identifiers are asked for, or read from standard input as lines one,other."""
    from cohorts.linking.pairs import Side, read_pairs
    from cohorts.linking.register import forbid_in_pack, forbid_pairs
    from cohorts.packs.names_store import refuse_typed
    from cohorts.requests.typed import typed_pairs

    project = find_project()
    if pack is not None:
        added = forbid_in_pack(project, pack, reason, vault)
    else:
        refuse_typed(project, "forbid")
        sides = Side(kind, source), Side(other_kind or kind, other_source or source)
        added = forbid_pairs(project, read_pairs(typed_pairs()), sides, reason, vault)
    verb = "Would keep" if console.current().dry_run else "Keeping"
    console.present(
        {"added": added}, lambda: console.say(f"{verb} {added} more pairs apart, from the next run on.")
    )
