"""Commands of delivery: project, action, voice."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from workspace import console
from workspace.noticeboard import StatusLine
from workspace.project import Project as Folder
from workspace.project import find_project

_OPTIONS = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}
project_app = typer.Typer(help="Projects: bids, gates, money, closing.", **_OPTIONS)  # type: ignore[arg-type]
action_app = typer.Typer(help="Actions: who does what by when, and the exceptions.", **_OPTIONS)  # type: ignore[arg-type]
voice_app = typer.Typer(help="Voices: what was said, what was done about it.", **_OPTIONS)  # type: ignore[arg-type]

ProjectId = Annotated[str, typer.Argument(metavar="PROJECT", help="Its id: PRJ-001.")]
ActionId = Annotated[str, typer.Argument(metavar="ACTION", help="Its id: ACT-001.")]
VoiceId = Annotated[str, typer.Argument(metavar="VOICE", help="Its id: VOI-001.")]


def _done(payload: dict[str, Any], text: str) -> None:
    console.present(payload, lambda: console.say(("Would: " if console.current().dry_run else "") + text))


def _given(**said: Any) -> dict[str, Any]:
    """What was said, without what was not."""
    return {key: value for key, value in said.items() if value not in ("", None, [])}


@project_app.command("add")
def project_add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    tier: Annotated[str, typer.Option(help="primary, secondary or tertiary.")],
    partner: Annotated[str, typer.Option(help="Who runs it.")] = "",
    priority: Annotated[str, typer.Option(help="The priority it serves.")] = "",
    place: Annotated[str, typer.Option(help="Where.")] = "",
    age_band: Annotated[str, typer.Option(help="For whom: 11-17.")] = "",
    outcome: Annotated[list[str] | None, typer.Option(help="A box of the theory; may be repeated.")] = None,
    starts: Annotated[str, typer.Option(help="The first day.")] = "",
    ends: Annotated[str, typer.Option(help="The last day.")] = "",
) -> None:
    """Enter a bid. It is awarded when its gates are met."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project, of_kind
    from theory_of_change.delivery.overlaps import overlaps

    folder = find_project()
    said = _given(
        name=name, tier=tier, partner=partner, priority=priority, place=place, age_band=age_band,
        outcomes=list(outcome or []), starts=starts, ends=ends,
    )  # fmt: skip
    subject = store.add(folder, "PRJ", said)
    shared = [
        pair for pair in overlaps(of_kind(store.everything(folder), Project)) if subject == pair.second.id
    ]
    _done({"project": subject, "overlaps": [pair.first.id for pair in shared]}, f"{subject} {name}")
    for pair in shared:
        console.say(f"It overlaps with {pair.first.id} {pair.first.name}: {pair.text}.")


@project_app.command("gate")
def project_gate(
    project: ProjectId,
    gate: Annotated[str, typer.Argument(help="See: lifecourse project show.")],
    file: Annotated[str, typer.Option(help="Where it lies.")],
    date: Annotated[str, typer.Option(help="The day it was agreed.")],
) -> None:
    """Enter that a gate is met: which document, agreed on which day."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    store.enter(folder, one.id, "gate", {"gate": gate, "file": file, "date": date})
    _done({"project": one.id, "gate": gate}, f"{one.id}: {gate} is met.")


@project_app.command("award")
def project_award(project: ProjectId, amount: Annotated[float, typer.Option(min=0, help="Pounds.")]) -> None:
    """Award money. Refused, naming everything that is missing, until the gates are met."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project
    from workspace.errors import GateNotMet

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    if one.missing:
        raise GateNotMet(
            "LC352",
            f"{one.id} cannot be awarded yet; it lacks {', '.join(one.missing)}",
            f"lifecourse project gate {one.id} GATE --file FILE --date DAY",
        )
    store.enter(folder, one.id, "awarded", {"state": "awarded", "awarded": amount})
    _done({"project": one.id, "awarded": amount}, f"{one.id} is awarded £{amount:,.0f}.")


@project_app.command("spend")
def project_spend(
    project: ProjectId, amount: Annotated[float, typer.Option(help="Pounds; below 0 to correct.")]
) -> None:
    """Enter money that was spent."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project
    from workspace.errors import GateNotMet

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    if one.state == "bid":
        raise GateNotMet(
            "LC352", f"{one.id} was not awarded, so nothing can be spent on it", "lifecourse project award"
        )
    store.enter(folder, one.id, "spent", {"amount": amount})
    over = (
        f" That is £{one.spent + amount - one.awarded:,.0f} more than awarded."
        if one.spent + amount > one.awarded
        else ""
    )
    _done(
        {"project": one.id, "spent": one.spent + amount}, f"{one.id}: £{one.spent + amount:,.0f} spent.{over}"
    )


@project_app.command("close")
def project_close(
    project: ProjectId,
    learned: Annotated[str, typer.Option(help="One line: what to do otherwise next time.")] = "",
) -> None:
    """Close a project. It cannot close without a line on what to change."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project
    from workspace.errors import GateNotMet

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    if not learned.strip():
        raise GateNotMet("LC352", f"{one.id} cannot close without a line on what to change", '--learned "…"')
    store.enter(folder, one.id, "closed", {"state": "closed", "learned": learned})
    _done({"project": one.id}, f"{one.id} is closed.")


@project_app.command("list")
def project_list(
    by: Annotated[str, typer.Option(help="Money by tier, priority, place or partner.")] = "",
) -> None:
    """All projects, or the money by what it went to; overlaps are named."""
    from theory_of_change.delivery import store, views
    from theory_of_change.delivery.model import Project, of_kind
    from theory_of_change.delivery.overlaps import money_by, overlaps
    from theory_of_change.errors import TheoryError

    if by not in ("", "tier", "priority", "place", "partner"):
        raise TheoryError("LC350", "--by must be one of tier, priority, place, partner")
    projects = of_kind(store.everything(find_project()), Project)
    if by:
        rows = money_by(projects, by)
        payload = [dict(zip((by, "projects", "awarded", "spent"), row, strict=True)) for row in rows]
        console.present({"money": payload}, lambda: views.money(by, rows))
        return
    pairs = overlaps(projects)
    shared = [{"first": p.first.id, "second": p.second.id, "shared": p.text} for p in pairs]
    console.present(
        {"projects": [asdict(p) for p in projects], "overlaps": shared},
        lambda: views.projects(projects, pairs),
    )


@project_app.command("show")
def project_show(project: ProjectId) -> None:
    """One project: its gates, its money and all that happened to it."""
    from theory_of_change.delivery import store, views
    from theory_of_change.delivery.model import Project

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    past = store.history(folder, one.id)
    payload = asdict(one) | {"missing": list(one.missing), "history": [asdict(event) for event in past]}
    console.present(payload, lambda: views.project(one, past))


@action_app.command("add")
def action_add(
    text: Annotated[str, typer.Argument(help="What is to be done.")],
    owner: Annotated[str, typer.Option(help="A role, not a person's name.")] = "",
    due: Annotated[str, typer.Option(help="By which day.")] = "",
    project: Annotated[str, typer.Option("--for", help="The project it belongs to: PRJ-001.")] = "",
    box: Annotated[str, typer.Option(help="The box of the theory it serves.")] = "",
) -> None:
    """Enter an action."""
    from theory_of_change.delivery import store

    subject = store.add(
        find_project(), "ACT", _given(text=text, owner=owner, due=due, project=project, box=box)
    )
    _done({"action": subject}, f"{subject} {text}")


@action_app.command("update")
def action_update(
    action: ActionId,
    progress: Annotated[str, typer.Option(help="on-track, off-track, done or dropped.")] = "",
    owner: Annotated[str, typer.Option(help="A new owner.")] = "",
    due: Annotated[str, typer.Option(help="A new day.")] = "",
    note: Annotated[str, typer.Option(help="What to know; needed to drop one.")] = "",
) -> None:
    """Say how an action stands. What it was before stays in its history."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Action
    from theory_of_change.errors import TheoryError

    folder = find_project()
    one = store.found(store.everything(folder), action, Action)
    said = _given(progress=progress, owner=owner, due=due, note=note)
    if not said or (progress == "dropped" and not note):
        why = "to drop an action, say why" if said else "nothing was said"
        raise TheoryError("LC350", why, '--note "…"' if said else "--progress, --owner, --due or --note")
    store.enter(folder, one.id, "updated", said)
    _done({"action": one.id, **said}, f"{one.id} is updated.")


@action_app.command("list")
def action_list(
    every: Annotated[bool, typer.Option("--all", help="Done and dropped ones too.")] = False,
) -> None:
    """Actions that are open."""
    from theory_of_change.delivery import store, views
    from theory_of_change.delivery.model import Action, of_kind
    from workspace.clock import today

    actions = [one for one in of_kind(store.everything(find_project()), Action) if one.open or every]
    console.present({"actions": [asdict(one) for one in actions]}, lambda: views.actions(actions, today()))


@action_app.command("exceptions")
def action_exceptions() -> None:
    """Actions that are late, off track or nobody's, and voices nobody answered; a nil return says so."""
    from theory_of_change.delivery import store, views
    from theory_of_change.delivery.model import Action, Voice, of_kind
    from workspace.clock import today

    day, things = today(), store.everything(find_project())
    late = [(one, why) for one in of_kind(things, Action) if (why := one.exception(day))]
    unheard = [(one, why) for one in of_kind(things, Voice) if (why := one.exception(day))]
    payload = {
        "actions": [{"id": one.id, "text": one.text, "owner": one.owner, "why": why} for one, why in late],
        "voices": [{"id": one.id, "theme": one.theme, "why": why} for one, why in unheard],
    }
    console.present(payload, lambda: views.exceptions(late, unheard))


@voice_app.command("log")
def voice_log(
    text: Annotated[str, typer.Argument(help="What was said; no person is named.")],
    theme: Annotated[str, typer.Option(help="What it is about.")],
    who: Annotated[str, typer.Option(help="Which group: pupils of a school, a parents' panel.")],
    heard: Annotated[str, typer.Option(help="The day; today when not given.")] = "",
    story: Annotated[
        str,
        typer.Option(
            help="It is one person's story, which lies in this file; the text is then its title only."
        ),
    ] = "",
    consent: Annotated[
        str, typer.Option(help="Who may read a story: none, team, partners, public.")
    ] = "none",
    until: Annotated[str, typer.Option(help="The last day of the consent.")] = "",
) -> None:
    """Log what young people or communities said."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import TITLE
    from theory_of_change.errors import TheoryError
    from workspace.clock import today

    if story and len(text) > TITLE:
        raise TheoryError(
            "LC350", f"of a story give a title of at most {TITLE} signs: its words stay in its file"
        )
    said = _given(
        text=text, theme=theme, who=who, heard=heard or today().isoformat(), story=bool(story) or None, file=story,
        consent=consent, consent_until=until,
    )  # fmt: skip
    subject = store.add(find_project(), "VOI", said)
    _done({"voice": subject}, f"{subject} is logged. Answer it: lifecourse voice answer {subject}")


@voice_app.command("answer")
def voice_answer(
    voice: VoiceId, text: Annotated[str, typer.Argument(help="What was done about it, or why not.")]
) -> None:
    """You said, we did."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Voice
    from workspace.clock import today

    folder = find_project()
    one = store.found(store.everything(folder), voice, Voice)
    store.enter(folder, one.id, "answered", {"answer": text, "answered": today().isoformat()})
    _done({"voice": one.id}, f"{one.id} is answered.")


@voice_app.command("list")
def voice_list(
    to: Annotated[str, typer.Option(help="Only what may be shown to team, partners or public.")] = "team",
) -> None:
    """You said, we did: what may be shown to whom. A story whose consent has ended is left out."""
    from theory_of_change.delivery import store, views
    from theory_of_change.delivery.model import CONSENT, Voice, of_kind
    from theory_of_change.errors import TheoryError
    from workspace.clock import today

    if to not in CONSENT[1:]:
        raise TheoryError("LC350", f"--to must be one of {', '.join(CONSENT[1:])}")
    voices = of_kind(store.everything(find_project()), Voice)
    shown = [one for one in voices if one.may_be_shown(to, today())]
    payload = {"voices": [asdict(one) for one in shown], "left_out": len(voices) - len(shown)}
    console.present(payload, lambda: views.voices(shown, len(voices) - len(shown)))


def status_lines(folder: Folder) -> list[StatusLine]:
    """The line of ``lifecourse status``: what is open and what needs a look."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Action, Project, Voice, of_kind
    from theory_of_change.views import counted
    from workspace.clock import today

    things = store.everything(folder)
    if not things:
        return []
    actions, voices = of_kind(things, Action), of_kind(things, Voice)
    late = sum(bool(one.exception(today())) for one in actions) + sum(
        bool(one.exception(today())) for one in voices
    )
    open_ones = sum(one.open for one in actions)
    projects = counted(len(of_kind(things, Project)), "project")
    text = f"{projects}, {counted(open_ones, 'open action')}, {counted(late, 'exception')}"
    return [StatusLine("Delivery", text, "lifecourse action exceptions" if late else "")]
