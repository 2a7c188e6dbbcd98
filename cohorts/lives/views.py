"""Lives in payloads and in a terminal: only published figures, and nothing at all of what is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cohorts.disclosure import is_small, publish_count, publish_share
from cohorts.lives.burden import BurdenFound
from cohorts.lives.definition import LifeDefinition
from cohorts.lives.derive_store import Deriving
from cohorts.lives.lives_of import Delivered, LastSeen, WaveFlow
from cohorts.views import published
from workspace.console import say, table
from workspace.settings import DisclosureProfile

Row = Mapping[str, Any]
WITHHELD = "withheld"


def declared_payload(life: LifeDefinition) -> dict[str, Any]:
    """What a cohort declares about lives."""
    return {
        "cluster": life.cluster or None,
        "spells": [
            {"kind": s.kind, "states": list(s.states), "otherwise": s.otherwise, "exclusive": s.exclusive}
            for s in life.spells
        ],
        "events": [{"kind": e.kind, "process": e.process, "terminal": e.terminal} for e in life.events],
        "derived": [
            {
                "name": d.name,
                "kind": d.kind,
                "wave": d.wave,
                "from_months": d.from_months,
                "to_months": d.to_months,
                "waiting_months": d.waiting_months,
            }
            for d in life.derived
        ],
    }


def declared(payload: Row) -> None:
    """The kinds of spells and events, and the derived variables."""
    if payload["cluster"]:
        say(f"  clusters     {payload['cluster']}: plans name it as cluster or strata")
    if payload["spells"]:
        rows = [[s["kind"], ", ".join(s["states"]), s["otherwise"]] for s in payload["spells"]]
        table(["Spells", "States, the first counts", "Else"], rows)
    if payload["events"]:
        table(["Events", ""], [[e["kind"], _event_note(e)] for e in payload["events"]])
    if payload["derived"]:
        rows = [[d["name"], d["kind"], d["wave"], _window(d)] for d in payload["derived"]]
        table(["Derived", "Kind", "Wave", "Window after index date"], rows)


def _event_note(event: Row) -> str:
    if event["terminal"]:
        return "nothing follows it"
    return "of process: never an outcome alone" if event["process"] else ""


def _window(item: Row) -> str:
    if item["kind"] == "family":
        return ""
    waiting = f" + {item['waiting_months']:g} waiting" if item["waiting_months"] else ""
    return f"{item['from_months']:g} to {item['to_months']:g}{waiting} months"


def derived_payload(done: Deriving, profile: DisclosureProfile) -> dict[str, Any]:
    """What deriving did, small counts withheld."""
    return {
        "variables": [
            {
                "variable": v.name,
                "wave": v.wave,
                "sealed": v.sealed,
                "values": publish_count(v.values, profile),
                "missing": [{"reason": r, "n": publish_count(n, profile)} for r, n in v.missing],
            }
            for v in done.variables
        ],
        "waiting_for_a_source": list(done.waiting),
        "changed": bool(done.added or done.changed),
    }


def derived(title: str, payload: Row, profile: DisclosureProfile, *, written: bool) -> None:
    """Each derived variable: how many have a value, and why the others have none."""
    verb = "derived" if written else "would be derived; nothing was written"
    say(f"{title}: {verb if payload['changed'] else 'nothing has changed'}")
    rows = [
        [
            v["variable"],
            v["wave"],
            _count(v["values"], profile),
            "; ".join(f"{m['reason']}: {_count(m['n'], profile)}" for m in v["missing"]),
            "sealed" if v["sealed"] else "",
        ]
        for v in payload["variables"]
    ]
    if rows:
        table(["Variable", "Wave", "With a value", "No value because", ""], rows)
    if payload["waiting_for_a_source"]:
        say(f"Waiting for a source: {', '.join(payload['waiting_for_a_source'])}")


def quality_payload(
    delivered: Sequence[Delivered], burdens: Sequence[BurdenFound], profile: DisclosureProfile
) -> dict[str, Any]:
    """Sessions planned and delivered, and limits of burden, small counts withheld."""
    return {
        "interventions": [_delivered(item, profile) for item in delivered],
        "burden": [_burden(item, profile) for item in burdens],
    }


def _delivered(item: Delivered, profile: DisclosureProfile) -> dict[str, Any]:
    """Nothing is said of an intervention that only a few people were offered."""
    row: dict[str, Any] = {"intervention": item.intervention, "sealed": item.sealed}
    names = ("people", "sessions_planned", "sessions_attended", "attended_share", "minutes_share", "fidelity")
    row |= dict.fromkeys(names)
    if item.sealed or is_small(item.people, profile):
        return row
    row["people"] = publish_count(item.people, profile)
    row["sessions_planned"] = publish_count(item.planned, profile)
    row["sessions_attended"] = publish_count(item.attended, profile)
    row["attended_share"] = publish_share(item.attended, item.planned, profile)
    if item.minutes_planned:
        row["minutes_share"] = round(item.minutes / item.minutes_planned, 2)
    if item.fidelity is not None and not is_small(item.attended, profile):
        row["fidelity"] = round(item.fidelity, 1)
    return row


def _burden(item: BurdenFound, profile: DisclosureProfile) -> dict[str, Any]:
    limit = f"more than {item.burden.most} within {item.burden.months:g} months"
    flags = [f"{limit} are planned"] if item.planned > item.burden.most else []
    flags += [f"{limit} were collected"] if item.people_over else []
    return {
        "name": item.burden.name,
        "most": item.burden.most,
        "months": item.burden.months,
        "planned": item.planned,
        "people_over": publish_count(item.people_over, profile),
        "flags": flags,
    }


def quality(payload: Row, profile: DisclosureProfile) -> None:
    """Planned against delivered, and the burden on people."""
    if payload["interventions"]:
        heads = ["Intervention", "People", "Planned", "Attended", "Share", "Minutes", "Fidelity"]
        table(heads, [_intervention(row, profile) for row in payload["interventions"]])
    over = [
        [b["name"], b["planned"], _count(b["people_over"], profile), "; ".join(b["flags"])]
        for b in payload["burden"]
        if b["flags"]
    ]
    if over:
        table(["Burden", "Planned", "People over", "Noted"], [[str(cell) for cell in row] for row in over])


def _intervention(row: Row, profile: DisclosureProfile) -> list[str]:
    if row["sealed"]:
        return [row["intervention"], "sealed", "", "", "", "", ""]
    return [
        row["intervention"],
        _count(row["people"], profile),
        *(
            "" if row[name] is None else f"{row[name]:,}"
            for name in ("sessions_planned", "sessions_attended")
        ),
        *(
            "" if row[name] is None else f"{100 * row[name]:.0f} %"
            for name in ("attended_share", "minutes_share")
        ),
        "" if row["fidelity"] is None else f"{row['fidelity']:.1f}",
    ]


def flow_payload(
    approached: Sequence[tuple[str, int]],
    linked: Sequence[tuple[str, int]],
    waves: Sequence[WaveFlow],
    profile: DisclosureProfile,
) -> dict[str, Any]:
    """Approached, linked and followed, with the reasons people were lost; small counts withheld."""
    return {
        "approached": [{"step": step, "n": publish_count(n, profile)} for step, n in approached],
        "linked": [{"source": source, "n": publish_count(n, profile)} for source, n in linked],
        "followed": [
            {
                "wave": w.wave,
                "until": w.until.isoformat(),
                "due": publish_count(w.due, profile),
                "seen": publish_count(w.seen, profile),
                "lost": [{"reason": reason, "n": publish_count(n, profile)} for reason, n in w.lost],
                "window_open": publish_count(w.open_now, profile),
                "not_yet_due": publish_count(w.not_yet_due, profile),
            }
            for w in waves
        ],
    }


def flow(payload: Row, profile: DisclosureProfile) -> None:
    """The rest of the flow: who was approached, linked and followed."""
    if payload["approached"]:
        table(
            ["Before enrolment", "People"],
            [[a["step"], published(a, "n", profile)] for a in payload["approached"]],
        )
    if payload["linked"]:
        table(
            ["Linked to", "People"],
            [[item["source"], published(item, "n", profile)] for item in payload["linked"]],
        )
    rows = [
        [
            w["wave"],
            published(w, "due", profile),
            published(w, "seen", profile),
            "; ".join(f"{item['reason']}: {_count(item['n'], profile)}" for item in w["lost"]),
            published(w, "window_open", profile),
            published(w, "not_yet_due", profile),
        ]
        for w in payload["followed"]
    ]
    table(["Followed to", "Due", "Seen", "Lost because", "Window open", "Not yet due"], rows)


def last_seen_payload(found: LastSeen, profile: DisclosureProfile) -> dict[str, Any]:
    """Where people were seen last, small counts withheld."""
    return {
        "waves": [{"wave": wave, "n": publish_count(n, profile)} for wave, n in found.waves],
        "states": [{"spell": k, "state": s, "n": publish_count(n, profile)} for k, s, n in found.states],
    }


def last_seen(payload: Row, profile: DisclosureProfile) -> None:
    """At which wave people were seen last, and in which state they are."""
    table(
        ["Seen last at", "People"], [[row["wave"], published(row, "n", profile)] for row in payload["waves"]]
    )
    if payload["states"]:
        rows = [[row["spell"], row["state"], published(row, "n", profile)] for row in payload["states"]]
        table(["Spell", "State by the newest record", "People"], rows)


def _count(published: int | None, profile: DisclosureProfile) -> str:
    return f"fewer than {profile.threshold}" if published is None else f"{published:,}"
