"""Checks of what becomes public, and its entry in the ledger and the register, with the manifest beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from cohorts.agreements.sharing import held_sources, readable_agreements, shown_profile
from cohorts.agreements.use_gate import refusals
from cohorts.gate.checking import Decision, of_ledger, of_outputs, unknown_subject
from cohorts.gate.errors import Kept
from cohorts.gate.ledger import Clash, Entry, bounds, clashes
from cohorts.gate.manifest import MANIFESTS, manifest, sha256
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.outputs import Output, Table, cells_of, universe_of
from cohorts.gate.seals import sealed
from cohorts.gate.store import (
    Approval,
    add_release,
    approvals,
    audit_head,
    cells_kept,
    keep_cells,
    released_subjects,
    releases,
    runners,
)
from cohorts.gate.subjects import Subject, subject_of
from cohorts.pseudonyms import PseudonymKey
from cohorts.store import find_cohort
from workspace import console
from workspace.audit import record
from workspace.database import reading
from workspace.errors import Fault, GateNotMet
from workspace.project import Project
from workspace.settings import DisclosureProfile

EVALUATION = "EVAL-"


@dataclass(frozen=True, slots=True)
class Checked:
    """Files on their way to the public, with everything the gate knows about them."""

    decision: Decision
    files: tuple[tuple[str, str], ...]
    subjects: tuple[str, ...]
    known: tuple[Subject, ...]
    profile: DisclosureProfile
    own: tuple[Entry, ...]
    approved: tuple[Approval, ...]


def check_public(
    project: Project, files: Sequence[Outgoing], data: Sequence[bytes], decision: Decision
) -> Checked:
    """Hold files against agreements, rules, ledger and approvals; ``decision`` is what their bytes came to."""
    names = tuple(dict.fromkeys(name for file in files for name in file.subjects))
    sums = tuple((file.name, sha256(one)) for file, one in zip(files, data, strict=True))
    known = [found for name in names if (found := subject_of(project, name)) is not None]
    own = tuple(entry for file in files for output in file.outputs for entry in entries_of(file.name, output))
    with reading(project) as session:
        profile = _strictest(session, project, known)
        for subject in known:
            decision += _agreed(session, project, subject)
            decision += of_outputs(subject.name, subject.outputs, subject.profile)
        peopleless = [subject.name for subject in known if not subject.cohort]
        decision += against_ledger(session, names, own, profile, peopleless)
        given = approvals(session)
        decision, used = _approved(session, decision, names, sums, given)
    return Checked(decision, sums, names, tuple(known), profile, own, used)


def against_ledger(
    session: Session,
    names: Sequence[str],
    own: Sequence[Entry],
    profile: DisclosureProfile,
    peopleless: Sequence[str] = (),
) -> Decision:
    """What the cells of some subjects, and those given, come to beside everything that is out.

    ``peopleless`` are subjects about no people, such as evaluations of areas: they have no cells.
    """
    out = released_subjects(session)
    fresh = [name for name in names if name not in out]
    kept = cells_kept(session, fresh)
    missing = {name for name in fresh if name.startswith(EVALUATION) and name not in peopleless}
    missing -= {entry.subject for entry in kept}
    earlier = cells_kept(session)
    new = [*kept, *own]
    decision = Decision()
    for name in sorted(missing):
        decision += unknown_subject(name)
    among = [clash for i, one in enumerate(fresh) for clash in _among(kept, one, fresh[:i], profile)]
    found = (*clashes(new, earlier, profile.threshold), *among)
    under = {
        name: left.release_id
        for left in releases(session)
        for name in (*left.subjects, *(file for file, _ in left.files))
    }
    return decision + of_ledger(found, bounds(new, earlier, profile), profile.threshold, under)


def _among(
    kept: Sequence[Entry], one: str, before: Sequence[str], profile: DisclosureProfile
) -> tuple[Clash, ...]:
    """Subjects that leave together are held against one another too."""
    mine = [entry for entry in kept if entry.subject == one]
    found = clashes(mine, [entry for entry in kept if entry.subject in before], profile.threshold)
    return tuple(replace(clash, together=True) for clash in found)


def entries_of(where: str, output: Output) -> list[Entry]:
    """The cells of a typed output as the ledger takes them."""
    sensitive = isinstance(output, Table) and output.sensitive
    universe = universe_of(output)
    return [
        Entry(where, output.name, universe, universe, "", cell, sensitive=sensitive)
        for cell in cells_of(output)
        if universe
    ]


def _strictest(session: Session, project: Project, known: Sequence[Subject]) -> DisclosureProfile:
    profiles = [
        shown_profile(session, project, find_cohort(session, s.cohort).cohort_id) for s in known if s.cohort
    ]
    profiles += [s.profile for s in known if s.cohort] or [project.settings.disclosure]
    return DisclosureProfile(
        max(profile.threshold for profile in profiles), max(profile.rounding for profile in profiles)
    )


def _agreed(session: Session, project: Project, subject: Subject) -> Decision:
    """Every agreement over the data must be in force on the day something leaves."""
    if not subject.cohort:
        return Decision()
    faults = refusals(session, project, find_cohort(session, subject.cohort), "evaluation", subject.columns)
    if faults:
        raise GateNotMet.gather(faults)
    return Decision()


def _approved(
    session: Session,
    decision: Decision,
    names: Sequence[str],
    sums: Sequence[tuple[str, str]],
    given: Sequence[Approval],
) -> tuple[Decision, tuple[Approval, ...]]:
    """Take out what a second person has looked at: a file as its bytes are, an evaluation by its number."""
    files = dict(sums)
    used: dict[str, Approval] = {}
    for approval in given:
        whole = approval.subject in names and not approval.sha256
        if (whole or approval.sha256 in files.values()) and not _is_own(session, approval):
            used[approval.subject] = approval
    by_sum = {approval.sha256 for approval in used.values() if approval.sha256}
    left = tuple(
        fault
        for fault in decision.looked_at
        if not _covered(fault, set(used), {name for name, sha in sums if sha in by_sum})
    )
    return replace(decision, looked_at=left), tuple(used.values())


def _covered(fault: Fault, subjects: set[str], files: set[str]) -> bool:
    return fault.where in files or (bool(fault.where) and set(fault.where.split(", ")) <= subjects)


def _is_own(session: Session, approval: Approval) -> bool:
    return approval.person.casefold() in {name.casefold() for name in runners(session, approval.subject)}


def refuse(decision: Decision, *, public: bool) -> None:
    """Stop here where something may not leave; for the public also where nobody else has looked at it."""
    if decision.refused:
        raise Kept.gather(decision.refused)
    if public and decision.looked_at:
        raise GateNotMet.gather(decision.looked_at)


def is_out(session: Session, checked: Checked) -> bool:
    """Say whether these very files are out already, about the same subjects."""
    before = next((one for one in releases(session) if set(checked.files) <= set(one.files)), None)
    return before is not None and set(checked.subjects) <= set(before.subjects)


def enter(
    session: Session,
    project: Project,
    folder: Path,
    verb: str,
    checked: Checked,
    cleaned: Sequence[str],
    key: PseudonymKey | None,
) -> Mapping[Path, bytes]:
    """Enter a release in the caller's transaction; return the manifest to write beside it, by its path.

    The same files once more are no new release. ``key`` is what the manifest is sealed under (``seals.py``).
    """
    if is_out(session, checked):
        return {}
    left = add_release(session, verb, checked.subjects, checked.files)
    keep_cells(session, left.release_id, checked.own)
    details = {
        "verb": verb,
        "about": ", ".join(checked.subjects[:20]),
        "files": len(checked.files),
        "approved_by": ", ".join(dict.fromkeys(one.person for one in checked.approved)),
        "sealed_under": key.key_id if key else "",
    }
    record(session, "release", left.release_id, details)
    cohorts = {find_cohort(session, s.cohort).cohort_id for s in checked.known if s.cohort}
    held = {one.agreement for cohort in cohorts for one in held_sources(session, cohort) if one.agreement}
    agreements = sorted((a.id, a.version) for a in readable_agreements(project).values() if a.id in held)
    release = {
        "release": left.release_id,
        "day": left.at[:10],
        "verb": verb,
        "audit_head": audit_head(session),
        "files": [{"name": name, "sha256": sha} for name, sha in checked.files],
        "practice": project.settings.practice,
    }
    treatment = {
        "approved": [
            {"name": one.subject, "by": one.person, "role": one.role or None, "day": one.at[:10]}
            for one in checked.approved
        ],
        "changed": [f"{name}: who made it taken out" for name in cleaned],
    }
    made = sealed(manifest(release, checked.known, agreements, checked.profile, treatment), key)
    return {folder / MANIFESTS / f"{left.release_id}.json": f"{console.to_json(made)}\n".encode()}
