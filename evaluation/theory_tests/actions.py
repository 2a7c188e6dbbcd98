"""What ``theory test`` does, step by step: gather, hold against data, save."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from cohorts.areas.store import list_areas, list_measures
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.writing import write_outgoing
from evaluation.decidable import variable_named
from evaluation.errors import EvaluationError
from evaluation.evidence.actions import load_library, own_findings
from evaluation.register.model import Entry, Register
from evaluation.register.states import only
from evaluation.store import list_plans
from evaluation.theory_tests.belongs import Belonging, belonging, find_priority, of_priority
from evaluation.theory_tests.data_store import Held, held_data
from evaluation.theory_tests.from_theory import causal_reading
from evaluation.theory_tests.independences import missing_links
from evaluation.theory_tests.links import Found, Outside, link_evidence
from evaluation.theory_tests.model import LinkEvidence, TheoryTest
from evaluation.theory_tests.moving import moving_ends
from evaluation.theory_tests.payload import as_payload
from evaluation.theory_tests.untested import Known, untested_links
from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from theory_of_change.priority_use import NamedPriority
from theory_of_change.submodels.partner_store import load_merged, load_partners
from theory_of_change.versions.version_store import load_version, versions
from workspace import console
from workspace.audit import note_reading
from workspace.clock import today
from workspace.database import reading
from workspace.errors import did_you_mean
from workspace.project import Project

FILE = "theory-test.json"


def tested_theory(project: Project) -> TheoryTest:
    """The project's theory, with partners' models, held against everything there is. The log says who looked."""
    theory = load_merged(project)
    library = load_library(project)
    findings = [Found(*one) for one in own_findings(project, library.register)]
    outside = [Outside(study, readings) for study, readings in library.studies]
    causes = causal_reading(theory)
    with reading(project) as session:
        held = held_data(session, project, theory)
        known = _known(session, project, theory, held, library.register)
    note_reading(project, "theory.test", theory.source, {"cohorts": len(held.data)})
    links = []
    for link in theory.links:
        best = link_evidence(theory, link, findings, outside)
        if best.ground == "no test" and link.id not in causes.left_out:
            best = link_evidence(theory, link, findings, outside, moving_ends(link, causes.dag, held.data))
        links.append(best)
    missing = missing_links(theory, causes, held.data)
    used = dict.fromkeys(
        source.name for one in links for source in one.sources if source.name.startswith("EVAL-")
    )
    return TheoryTest(
        theory.title,
        today().isoformat(),
        tuple(links),
        missing,
        untested_links(theory, links, known, today()),
        held.refused,
        (*used, *(one.cohort_id for one in held.data)),
    )


def _known(session: Session, project: Project, theory: Theory, held: Held, register: Register) -> Known:
    """Versions, data, plans and owners: what decides what would test a link."""
    kept = []
    for name in versions(project):
        day = dt.date.fromisoformat(name[:10])
        kept.append((day, frozenset(link.id for link in load_version(project, name).links)))
    partners = load_partners(project)
    owners = {
        link.id: partners[name].owner
        for link in theory.links
        if (name := link.from_box.partition(":")[0]) in partners and ":" in link.from_box
    }
    return Known(
        tuple(kept),
        held.there,
        _areas(session, theory),
        frozenset(list_plans(project)) | {entry.plan.plan_id for entry in register.entries},
        frozenset(entry.plan.plan_id for entry in register.entries if entry.findings),
        owners,
    )


def _areas(session: Session, theory: Theory) -> dict[str, tuple[str, ...]]:
    """The collections of area series that hold a measure of a box."""
    measures = {measure.id: measure for measure in theory.measures}
    found: dict[str, list[str]] = {}
    for areas in list_areas(session):
        names = {measure.name for measure in list_measures(session, areas.collection_id)}
        for box in theory.boxes:
            wanted = {name for id_ in box.measures for name in (id_, variable_named(id_, measures))}
            if wanted & names:
                found.setdefault(box.id, []).append(areas.name)
    return {box: tuple(names) for box, names in found.items()}


def find_link(test: TheoryTest, name: str) -> LinkEvidence:
    """One link of a test."""
    wanted = "".join(name.split())
    known = {one.link: one for one in test.links}
    if wanted not in known:
        problem = f"the theory has no link '{name}'.{did_you_mean(wanted, known)}"
        raise EvaluationError("LC240", problem, "lifecourse theory show")
    return known[wanted]


def save_test(project: Project, test: TheoryTest) -> str:
    """Write the whole to evidence/theory-test.json; return its path as shown."""
    data = (console.to_json(as_payload(test)) + "\n").encode("utf-8")
    files = [Outgoing(FILE, data, test.subjects)]
    return write_outgoing(project, project.evidence, files, verb="theory.test")[0]


def of_one_priority(project: Project, register: Register, name: str) -> tuple[Register, NamedPriority]:
    """What of the register belongs to a priority of the theory, under whatever name it goes."""
    theory = load_merged(project)
    named = find_priority(theory, name)
    return only(of_priority(theory, register.entries, named.id), today().isoformat()), named


def where_it_belongs(project: Project, entry: Entry) -> Belonging | None:
    """Boxes, links, priorities and tiers of a planned evaluation; nothing where the theory cannot be read."""
    try:
        found = belonging(load_merged(project), entry.plan)
    except TheoryError:  # a broken theory does not hide the register
        return None
    return found if found.boxes else None
