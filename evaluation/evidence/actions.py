"""What the commands of evidence do, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.evidence.claim_readings import Assessed, assess
from evaluation.evidence.conflicts import Conflict, conflicts_of
from evaluation.evidence.evidence_store import Gone, gone_records, load_records, read_file, save_records
from evaluation.evidence.gap_map import GapMap, Placed, build_map
from evaluation.evidence.kept import differing_facts, with_new_versions
from evaluation.evidence.model import Claim, Reading, Record, Study, Version
from evaluation.evidence.pool import Asked, Pool, pool_effects
from evaluation.evidence.pool_rows import Candidate, LeftOut, of_finding, of_study, outcomes_of
from evaluation.evidence.readings import design_level, read_version
from evaluation.register.model import Entry, Register, RunLine
from evaluation.register.states import open_disputes, upheld
from evaluation.register.store import load_finding, load_register
from theory_of_change.store import load_theory
from workspace import console
from workspace.errors import Fault, did_you_mean
from workspace.project import Project


@dataclass(frozen=True, slots=True)
class Added:
    """What became of each record: added, a version added, or there already."""

    record: Record
    what: str


@dataclass(frozen=True, slots=True)
class Library:
    """All evidence: studies with readings of their newest versions, claims, our own findings, and what is gone."""

    studies: tuple[tuple[Study, tuple[tuple[Version, Reading], ...]], ...]
    claims: tuple[Assessed, ...]
    register: Register
    gone: tuple[Gone, ...]
    conflicts: tuple[Conflict, ...]


def add_records(project: Project, records: Sequence[Record]) -> tuple[Added, ...]:
    """Keep studies and claims. A study that is there gains versions; nothing that was recorded is lost."""
    held = {one.id: one for one in load_records(project)}
    _refuse_unknown_tests(project, records)
    added = _merged(held, records)
    fresh = [one.record for one in added if one.what != "there already"]
    if fresh and not console.current().dry_run:
        save_records(project, fresh)
    return added


def add_file(project: Project, path: Path) -> tuple[Added, ...]:
    """Keep the records of a file."""
    return add_records(project, read_file(path))


def _merged(held: dict[str, Record], records: Sequence[Record]) -> tuple[Added, ...]:
    added, faults = [], []
    for one in records:
        old = held.get(one.id)
        if old is None:
            added.append(Added(one, "added"))
            continue
        differs = differing_facts(old, one)
        if differs:
            problem = f"'{one.id}' is on record with another {', '.join(differs)}"
            faults.append(Fault("LC554", "", problem, "Keep the facts as they are, or give it another id."))
            continue
        whole = with_new_versions(old, one) if isinstance(old, Study) and isinstance(one, Study) else one
        words = "version added" if isinstance(one, Study) else "linked to its test"
        added.append(Added(whole, "there already" if whole == old else words))
    if faults:
        raise EvaluationError.gather(faults)
    return tuple(added)


def _refuse_unknown_tests(project: Project, records: Sequence[Record]) -> None:
    wanted = {one.tested_by for one in records if isinstance(one, Claim) and one.tested_by}
    if not wanted:
        return
    known = {run.evaluation_id for entry in load_register(project).entries for run in entry.findings}
    for name in sorted(wanted - known):
        raise EvaluationError(
            "LC547",
            f"{name} is no finding of a locked plan.{did_you_mean(name, known)}",
            "lifecourse finding list names the findings.",
        )


def load_library(project: Project) -> Library:
    """Everything there is, each with the verdict as we would read it."""
    records, register = load_records(project), load_register(project)
    studies = [one for one in records if isinstance(one, Study)]
    claims = [one for one in records if isinstance(one, Claim)]
    answers = {run.evaluation_id: run.answer for entry in register.entries for run in entry.findings}
    return Library(
        tuple((one, tuple((v, read_version(one, v)) for v in one.newest())) for one in studies),
        tuple(assess(one, answers.get(one.tested_by, "")) for one in claims),
        register,
        gone_records(project),
        tuple(conflict for one in studies for conflict in conflicts_of(one)),
    )


def find_record(library: Library, name: str) -> Study | Assessed:
    """A study or a claim by its id."""
    studies: dict[str, Study | Assessed] = {one.id: one for one, _ in library.studies}
    found = studies | {one.claim.id: one for one in library.claims}
    if name not in found:
        raise EvaluationError(
            "LC559",
            f"there is no study and no claim '{name}'.{did_you_mean(name, found)}",
            "lifecourse evidence list",
        )
    return found[name]


def own_findings(project: Project, register: Register) -> list[tuple[Entry, RunLine, dict[str, Any] | None]]:
    """The newest finding of each planned evaluation with its JSON; nothing where the file is gone or was changed."""
    return [
        (entry, entry.findings[0], load_finding(project, entry.findings[0]))
        for entry in register.entries
        if entry.findings
    ]


def pool(project: Project, asked: Asked, *, every_version: bool = False) -> Pool:
    """Put together what is known of an outcome: others' studies and our own findings, never a claim."""
    library = load_library(project)
    candidates: list[Candidate] = []
    out: list[LeftOut] = []
    wanted = asked.outcome.strip().lower()
    for study, _ in library.studies:
        if wanted in (study.outcome.lower(), study.measure.lower()):
            found, left = of_study(study, every_version=every_version)
            candidates += found
            out += left
    for entry, run, finding in own_findings(project, library.register):
        if finding is None and entry.plan.is_about(wanted):
            out.append(
                LeftOut(
                    run.evaluation_id, f"its file is {run.file}: not pooled from a file nobody can vouch for"
                )
            )
        found, left = of_finding(run.evaluation_id, finding or {}, wanted, disputed=_disputed(entry, run))
        candidates += found
        out += left
    out += [
        LeftOut(one.claim.id, "a claim, not a study")
        for one in library.claims
        if one.claim.outcome.lower() == wanted
    ]
    if not candidates and not out:
        raise _unknown_outcome(project, library, asked.outcome)
    return pool_effects(candidates, out, asked)


def _disputed(entry: Entry, run: RunLine) -> bool:
    waiting = any(note.about == run.evaluation_id for note in open_disputes(entry.notes))
    return waiting or upheld(entry.notes, run.evaluation_id)


def _unknown_outcome(project: Project, library: Library, wanted: str) -> EvaluationError:
    known = {study.outcome for study, _ in library.studies} | {c.claim.outcome for c in library.claims}
    for _, _, finding in own_findings(project, library.register):
        known |= set(outcomes_of(finding or {}))
    listed = ", ".join(sorted(known - {""})) or "none yet"
    return EvaluationError(
        "LC555",
        f"there is no evidence of '{wanted}'.{did_you_mean(wanted, known)}",
        f"Outcomes on record: {listed}.",
    )


def gap_map(project: Project, columns: str) -> GapMap:
    """What is known of which outcome across activities, stages, places or designs; an empty cell is a gap."""
    library = load_library(project)
    theory = load_theory(project) if project.theory_file.exists() else None
    placed: list[Placed] = []
    for study, readings in library.studies:
        where = study.place if columns == "place" else study.stage if columns == "stage" else study.activity
        for _, reading in readings:
            placed.append(
                Placed(
                    study.id,
                    "outside",
                    study.outcome,
                    where,
                    reading.answer,
                    None,
                    design_level(study.design),
                )
            )
    for entry, run, finding in own_findings(project, library.register):
        placed += _own_placed(entry, run, finding, columns)
    for claim in library.claims:
        c = claim.claim
        where = c.place if columns == "place" else c.stage if columns == "stage" else c.activity
        placed.append(Placed(c.id, "claim", c.outcome, where, claim.reading.answer, None, None))
    return build_map(placed, theory, columns)


def _own_placed(entry: Entry, run: RunLine, finding: dict[str, Any] | None, columns: str) -> list[Placed]:
    """Our own stand where their plan's links put them; without links in the column of what is not placed."""
    ends = [link.partition(">") for link in entry.plan.links] if columns == "activity" else []
    cohort = str((finding or {}).get("data", {}).get("cohort", ""))
    if ends:
        return [
            Placed(run.evaluation_id, "own", to, at, run.answer, run.security, None) for at, _, to in ends
        ]
    measures = entry.plan.outcomes[:1] or (entry.plan.plan_id,)
    where = cohort if columns == "stage" else ""
    return [Placed(run.evaluation_id, "own", measures[0], where, run.answer, run.security, None)]
