"""Commands about the end of projects, lessons and codes: ``project exit|ending|told|lessons``, ``voice code|codes``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from theory_of_change.delivery.commands import ProjectId, VoiceId
from theory_of_change.errors import TheoryError
from workspace import console
from workspace.noticeboard import StatusLine
from workspace.project import Project as Folder
from workspace.project import find_project


def _would(text: str) -> str:
    return f"Would: {text}" if console.current().dry_run else text


def project_exit(
    project: ProjectId,
    plan: Annotated[str, typer.Option(help="What ends, what stays, who pays for it, who tells people.")],
    date: Annotated[str, typer.Option(help="The day it was agreed.")],
) -> None:
    """Enter what becomes of a project when its money ends."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    if not plan.strip():
        raise TheoryError("LC350", "the exit plan is empty", '--plan "…"')
    store.enter(folder, one.id, "exit", {"exit_plan": plan, "exit_on": date})
    said = _would(f"{one.id} has an exit plan of {date}.")
    console.present({"project": one.id, "exit_plan": plan, "exit_on": date}, lambda: console.say(said))


def project_ending(
    within: Annotated[int, typer.Option(help="Projects that end within so many days.", min=0)] = 180,
) -> None:
    """Show which projects are about to end, and which have no exit plan."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.ending import ending
    from theory_of_change.delivery.model import Project, of_kind
    from workspace.clock import today

    found = ending(of_kind(store.everything(find_project()), Project), today(), within)
    payload = {
        "ending": [
            {"id": p.id, "name": p.name, "ends": p.ends, "exit_plan": p.exit_plan, "why": why}
            for p, why in found
        ]
    }

    def view() -> None:
        for one, why in found:
            console.say(f"{one.id} {one.name}: {why}." + (f" Plan: {one.exit_plan}" if one.exit_plan else ""))
        if not found:
            console.say("No project is about to end.")

    console.present(payload, view)


def project_told(
    project: ProjectId,
    who: Annotated[str, typer.Option(help="Which group was told.")],
    date: Annotated[str, typer.Option(help="The day.")],
) -> None:
    """Enter who was told of what a project taught."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project

    folder = find_project()
    one = store.found(store.everything(folder), project, Project)
    if not one.learned:
        raise TheoryError(
            "LC350", f"{one.id} holds no lesson to be told", "It is entered by project close --learned."
        )
    store.enter(folder, one.id, "told", {"who": who, "date": date})
    said = _would(f"{one.id}: {who} was told on {date}.")
    console.present({"project": one.id, "who": who, "date": date}, lambda: console.say(said))


def project_lessons() -> None:
    """Show what projects taught, and who was told; those that nobody was told of come first."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.ending import lessons
    from theory_of_change.delivery.model import Project, of_kind

    found = lessons(of_kind(store.everything(find_project()), Project))
    payload = [{"id": p.id, "name": p.name, "learned": p.learned, "told": list(p.told)} for p in found]

    def view() -> None:
        for one in found:
            told = "; ".join(f"{each['who']}, {each['date']}" for each in one.told)
            console.say(f"{one.id} {one.name}: {one.learned}")
            console.say(f"{'':9}{'told: ' + told if told else 'nobody was told yet'}")
        if not found:
            console.say("No project has closed with a lesson yet.")

    console.present({"lessons": payload}, view)


def voice_code(
    voice: VoiceId,
    code: Annotated[list[str], typer.Option(help="What it is about: waiting-room; may be repeated.")],
    box: Annotated[str, typer.Option(help="The box of the theory it speaks to.")] = "",
) -> None:
    """Say what a voice is about, in codes of your own."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.coding import CODE
    from theory_of_change.delivery.model import Voice

    folder = find_project()
    one = store.found(store.everything(folder), voice, Voice)
    if not all(CODE.fullmatch(each) for each in code):
        raise TheoryError("LC361", "a code is small letters, digits and hyphens", "--code waiting-room")
    store.enter(folder, one.id, "coded", {"codes": code, "box": box})
    said = _would(f"{one.id} is coded {', '.join(code)}.")
    console.present({"voice": one.id, "codes": code, "box": box}, lambda: console.say(said))


def voice_codes(
    box: Annotated[str, typer.Option(help="Only voices that speak to this box.")] = "",
    to: Annotated[str, typer.Option(help="Excerpts for team, partners or public.")] = "team",
) -> None:
    """Show what voices are about: how many each code has, with excerpts; counts of few voices are withheld."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.coding import code_lines, saturation
    from theory_of_change.delivery.model import CONSENT, Voice, of_kind
    from workspace.clock import today

    if to not in CONSENT[1:]:
        raise TheoryError("LC350", f"--to must be one of {', '.join(CONSENT[1:])}")
    folder = find_project()
    voices, threshold = of_kind(store.everything(folder), Voice), folder.settings.disclosure.threshold
    lines, note = code_lines(voices, to, today(), threshold, box), saturation(voices)

    def view() -> None:
        for line in lines:
            count = (
                f"under {threshold} voices"
                if line.voices is None
                else f"{line.voices} voices of {line.groups} groups"
            )
            console.say(f"{line.code}: {count}")
            for excerpt in line.excerpts:
                console.say(f"    “{excerpt}”")
        console.say(note if lines else "No voice is coded yet.")

    console.present({"codes": [asdict(line) for line in lines], "note": note}, view)


def status_lines(folder: Folder) -> list[StatusLine]:
    """The line of projects whose money ends soon without an exit plan, in ``lifecourse status``."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.ending import ending
    from theory_of_change.delivery.model import Project, of_kind
    from theory_of_change.views import counted
    from workspace.clock import today

    found = ending(of_kind(store.everything(folder), Project), today())
    bare = [one for one, _ in found if one.ends and not one.exit_plan]
    said = f"{counted(len(bare), 'project')} without an exit plan"
    return [StatusLine("Money ends", said, "lifecourse project ending")] if bare else []
