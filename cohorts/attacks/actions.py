"""``lifecourse attack``, step by step: authority into the log, every attack, the evidence onto disk."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohorts.agreements.sharing import shown_profile
from cohorts.areas.store import list_areas
from cohorts.attacks import key_store as keys
from cohorts.attacks import store
from cohorts.attacks.canaries import provoked_errors
from cohorts.attacks.estimates import arms_of, differencing, of_areas, populations, reconstruction, sizes_of
from cohorts.attacks.formulas import injection
from cohorts.attacks.frequency import composite, frequency, siblings
from cohorts.attacks.hashes import brute_force
from cohorts.attacks.insider import Said, timing, trawl
from cohorts.attacks.joint import joint
from cohorts.attacks.key_material import stolen_store
from cohorts.attacks.leftovers import residue, stray_databases
from cohorts.attacks.margins import evaluation_puzzles, margins, read
from cohorts.attacks.model import Trial
from cohorts.attacks.nearness import twins
from cohorts.attacks.parcels import backups, packs, vaults
from cohorts.attacks.printed import PUZZLES
from cohorts.attacks.release_pseudonyms import releases_apart
from cohorts.attacks.report import Assault, html_page, markdown, payload_of
from cohorts.attacks.runs import Runner, printed, provoke, verbs_of
from cohorts.attacks.small_models import small_models
from cohorts.attacks.surroundings import surroundings
from cohorts.attacks.surroundings_store import gather_around
from cohorts.attacks.traces import traces
from cohorts.attacks.uniqueness import row_releases
from cohorts.custody.token_store import stolen_tokens
from cohorts.errors import CohortError
from cohorts.identifiers import KINDS
from cohorts.store import flow_facts, list_cohorts, list_variables
from workspace import console
from workspace.audit import read_log, record
from workspace.clock import now
from workspace.database import reading, writing
from workspace.entering import entering
from workspace.errors import GateNotMet
from workspace.front_door import program_version
from workspace.project import Project
from workspace.settings import DisclosureProfile

CANDIDATES, QUICK = 60_000, 6_000
COMPOSITE = ("composite", "match", "link")
ENDINGS = (".md", ".html", ".json")


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: who allowed it, where the evidence goes, how much is tried."""

    authority: str
    out: Path | None = None
    quick: bool = False


def attack(project: Project, order: Order, run: Runner, root: Any) -> tuple[Assault, list[str]]:
    """Run every attack; return what came of it and the files that were written.

    ``run`` types a command into this program and ``root`` is the program itself, to be walked.
    """
    if not order.authority.strip():
        raise GateNotMet(
            "LC950", "nobody is named who allowed this attack", 'Add --authority "NAME, role, date".'
        )
    targets = _targets(order.out)
    if console.current().dry_run:
        return Assault(project.settings.name, order.authority, now(), program_version(), order.quick, ()), []
    with writing(project) as session:
        details = {"authority": order.authority, "quick": order.quick}
        record(session, "attack.begin", project.settings.project_id, details)
    trials = _all_trials(project, order, run, root)
    assault = Assault(
        project.settings.name, order.authority, now(), program_version(), order.quick, tuple(trials)
    )
    counted = {
        verdict: sum(t.verdict == verdict for t in trials) for verdict in ("pass", "fail", "not-applicable")
    }
    with entering(project) as (session, leave):
        record(session, "attack.end", project.settings.project_id, counted)
        leave({path: _text(path, assault) for path in targets})
    return assault, [project.shown(path) for path in targets]


def _targets(out: Path | None) -> list[Path]:
    """The report and, beside it, the same as JSON."""
    if out is None:
        return []
    if out.suffix.lower() not in ENDINGS:
        raise CohortError(
            "LC951", "the report ends in neither .md, .html nor .json", "Name it so.", where=out.name
        )
    paths = list(dict.fromkeys((out, out.with_suffix(".json"))))
    for path in paths:
        if path.exists():
            raise CohortError(
                "LC951", "there is a file of that name already", "Name a new one.", where=path.name
            )
    return paths


def _text(path: Path, assault: Assault) -> str:
    if path.suffix.lower() == ".json":
        return console.to_json(payload_of(assault)) + "\n"
    return html_page(assault) if path.suffix.lower() == ".html" else markdown(assault)


def _all_trials(project: Project, order: Order, run: Runner, root: Any) -> list[Trial]:
    """Files first (no session may be open while the database is read as a file), then the store, then the program."""
    console.whisper("Reading the project folder, the database byte by byte, and the inbox")
    loot = store.gather_files(project)
    known, boxes = store.known_identifiers(project), store.parcels(project, loot)
    with reading(project) as session:
        profile = shown_profile(session, project)
        tokens = stolen_tokens(session)
        seal = keys.own_seal(project, session)
        plain = keys.opened(tokens, seal) if seal else []
        secrets, tries = keys.own_secrets(project, session), keys.key_tries(project, session, known)
        fields = store.token_fields(session)
        named = store.key_ids(session)
        pairs = keys.cannot_link_pairs(project, session)
        overwritten, pragmas = store.secure_delete(session, project)
        quasi, events, erased = (
            store.quasi_frames(session, project),
            store.event_dates(session),
            store.erasures(session),
        )
        stored = {c.definition.name: list_variables(session, c.cohort_id) for c in list_cohorts(session)}
        made, out = keys.release_lists(project, session)
        sizes = [flow_facts(session, c.cohort_id).enrolled for c in list_cohorts(session)]
        places = [one.name for one in list_areas(session)]
    arms = {
        name: [
            f"{v.name}@{v.waves[0]}"
            for v in variables
            if v.kind == "binary" and v.waves and not v.sealed_waves
        ]
        for name, variables in stored.items()
    }
    console.whisper("Typing the reading commands")
    said = printed(project, run, arms, places, quick=order.quick)
    t = profile.threshold
    console.whisper("Counting through identifiers, solving tables, provoking errors")
    names = {v.name for variables in stored.values() for v in variables}
    numbers = {kind: texts for kind, texts in known.items() if kind in KINDS}
    names_of = {kind: texts for kind, texts in known.items() if kind in (*KINDS, store.NAMES)}
    size = QUICK if order.quick else CANDIDATES
    rows = store.row_releases(loot, names, project.root)
    tied = [f for f in fields if any(word in f.table for word in COMPOSITE)]
    return [
        brute_force(tokens, numbers, project.settings.project_id, size, time.perf_counter, t),
        stolen_store(loot.files | _database(loot), secrets, tries, keys.keys_in_history(project), t),
        frequency([f for f in fields if f not in tied]),
        composite(tied),
        row_releases(rows, quasi, profile, events),
        twins(rows, quasi, t),
        releases_apart(made, {*tokens, *plain}, t, out=out),
        *_outputs(loot, said, profile),
        injection(store.tables_that_leave(loot, project.root)),
        traces(store.texts_to_scan(loot), loot.database, known, (*KINDS, store.NAMES), named),
        surroundings(gather_around(), names_of, secrets),
        residue(loot.database, overwritten, stray_databases(loot.starts, loot.own_database), pragmas, erased),
        backups(boxes, [*tokens, *plain], names_of),
        packs(boxes, names_of),
        vaults(boxes),
        siblings(*pairs),
        trawl(verbs_of(root), said, sizes, _entries(project), t),
        provoked_errors(provoke(run, quick=order.quick)),
        timing(),
    ]


def _database(loot: store.Loot) -> dict[str, bytes]:
    return {loot.own_database: loot.database} if loot.database is not None else {}


def _outputs(loot: store.Loot, said: Sequence[Said], profile: DisclosureProfile) -> list[Trial]:
    """Margins, exact counts and differencing, over what is published and what is printed."""
    results = [(name, result) for name, result in store.published_results(loot) if not of_areas(result)]
    arms = [arm for name, result in results for arm in arms_of(name, result, profile)]
    puzzles = evaluation_puzzles(results, sizes_of(arms), profile)
    for one in said:
        make = PUZZLES.get(" ".join(one.words.split()[:2]))
        if make:
            puzzle = make(one.payload, profile)
            puzzle.name = one.words
            puzzles.append(puzzle)
    whole = [extent for name, result in results for extent in populations(name, result, profile)]
    return [
        margins([read(puzzle) for puzzle in puzzles], profile.threshold),
        reconstruction(arms, profile.threshold),
        differencing(arms, whole, profile.threshold),
        joint(said, profile),
        small_models(results),
    ]


def _entries(project: Project) -> list[tuple[str, str, dict[str, Any]]]:
    return [(e.action, e.subject, json.loads(e.details)) for e in read_log(project)]
