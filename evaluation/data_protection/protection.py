"""Rights, risks, and what stands against them, with what came of attacks on this project (pure)."""

from __future__ import annotations

from evaluation.data_protection.facts import Evidence, Facts
from evaluation.data_protection.risks import RISKS, Risk
from evaluation.team.paper import Block, Listing
from evaluation.team.words import grid

WORDS = {"pass": "held", "fail": "DID NOT HOLD", "not-applicable": "nothing to try"}
RIGHTS = (
    ("To be informed", "Not by the program: it holds no addresses."),
    (
        "Access",
        "The hub holds tokens and values. A person is found by an identifier that they give; the request has a clock.",
    ),
    (
        "Rectification",
        "Corrected files are loaded again; what was before stays on record as what was known then.",
    ),
    ("Erasure", "lifecourse cohort erase: rows, tokens, keys; with a receipt. What was published stays."),
    ("Restriction", "lifecourse cohort withdraw --by restriction: kept, and left out of every use."),
    ("Objection", "lifecourse cohort withdraw --by objection, for collection, linkage, use or all."),
    ("Automated decisions", "None are made."),
)


def rights(facts: Facts) -> tuple[Block, ...]:
    """How each right is met, and how often it was used."""
    counts = [(kind, number) for kind, number in facts.requests]
    return (
        grid("Rights", ("Right", "How it is met"), RIGHTS, ""),
        grid("Requests so far", ("Kind", "Number"), counts, "No request is on record."),
        f"Erased so far: {facts.erased}.",
    )


def risks(facts: Facts) -> tuple[Block, ...]:
    """What could happen to people, by whom."""
    rows = [(one.id, one.threat, one.actor, one.harm, "To fill in", "To fill in") for one in RISKS]
    head = ("Risk", "What could happen", "By whom", "What it would do to people", "Likelihood", "Severity")
    return (
        "These are the threats of the program's own threat model. Risks of your place and your work come on top.",
        grid("Risks", head, rows, ""),
    )


def measures(facts: Facts) -> tuple[Block, ...]:
    """Measures with what was tried against them here."""
    rows = [(one.id, one.measures, tried(one, facts.evidence), one.left, "To fill in") for one in RISKS]
    head = ("Risk", "Measure", "Tried on this project", "What is left", "Accepted by")
    return (_evidence(facts.evidence), grid("Measures", head, rows, ""))


def _evidence(evidence: Evidence | None) -> Block:
    if evidence is None:
        return "Nothing was tried on this project: no evidence of an attack was named."
    return Listing(
        (
            f"Tried on {evidence.at[:10]} with lifecourse {evidence.version}"
            f"{', quick' if evidence.quick else ''}, under the authority of {evidence.authority}.",
            "How often the same attacks succeed on made-up projects, with intervals and against guessing, is in the "
            "documentation under Attack results.",
        )
    )


def tried(risk: Risk, evidence: Evidence | None) -> str:
    """What came of the attacks that try a risk."""
    if not risk.attacks:
        return "cannot be tried by a program"
    found = evidence.of(risk.attacks) if evidence else ()
    return "; ".join(f"{one.name}: {WORDS.get(one.verdict, one.verdict)}" for one in found) or "not tried"
