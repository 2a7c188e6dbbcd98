"""The impact assessment as a report: what the project knows under the headings that the ICO's form has (pure).

What only people can know is never made up: it stands as a line that begins with "To fill in", and again on page one.
"""

from __future__ import annotations

from evaluation.data_protection.facts import Facts
from evaluation.data_protection.processing import context, data_kept, nature, purposes, scope
from evaluation.data_protection.protection import measures, rights, risks
from evaluation.data_protection.sharing import departures, law, linkage
from evaluation.data_protection.to_fill_in import FILL, PARTS
from evaluation.team.paper import Block, Listing, Paper, Section
from evaluation.team.words import counted, day_words

TITLE = "Data-protection impact assessment"


def assessment(facts: Facts) -> Paper:
    """The assessment, filled from the facts of one day."""
    filled: dict[str, tuple[Block, ...]] = {
        "The need for an assessment (step 1)": purposes(facts),
        "The processing: its nature (step 2)": nature(facts),
        "The processing: its scope (step 2)": scope(facts),
        "Data sources and what is kept of them (step 2)": data_kept(facts),
        "The processing: its context (step 2)": context(facts),
        "Linkage (step 2)": linkage(facts),
        "What has left (step 2)": departures(facts),
        "Consultation (step 3)": (),
        "Lawful basis, agreements, retention (step 4)": law(facts),
        "The rights of people (step 4)": rights(facts),
        "The risks (step 5)": risks(facts),
        "What stands against them (step 6)": measures(facts),
        "Sign-off (step 7)": (),
    }
    sections = tuple(Section(heading, (*blocks, *_left(heading))) for heading, blocks in filled.items())
    return Paper(
        kind="dpia",
        title=f"{TITLE}: {facts.name}",
        made_of=(
            f"Filled from the project on {day_words(facts.day)}. What it says of law is for your data protection "
            "officer to confirm; lines that begin with “To fill in” are for people."
        ),
        first=(Listing(_short(facts)),),
        missing=tuple(f"{FILL} {line}" for lines in PARTS.values() for line in lines)
        + _evidence_missing(facts),
        sections=sections,
        again="lifecourse report dpia",
        day=facts.day,
        practice=facts.practice,
        threshold=facts.profile.threshold,
    )


def _left(heading: str) -> tuple[Block, ...]:
    lines = PARTS.get(heading, ())
    return (Listing(tuple(f"{FILL} {line}" for line in lines)),) if lines else ()


def _short(facts: Facts) -> tuple[str, ...]:
    lines = [
        f"{counted(len(facts.sources), 'source').capitalize()} under {counted(len(facts.agreements), 'agreement')}, "
        f"{counted(len(facts.cohorts), 'cohort')}, {counted(len(facts.plans), 'planned evaluation')}.",
        "An assessment is needed before processing begins: data are matched across sources, and people are in a "
        "position in which they can hardly refuse.",
    ]
    if facts.with_offences:
        lines.append(
            "Data about criminal offences are processed: identifiers of police, prisons or probation are read."
        )
    if facts.with_children:
        lines.append("Data about children are processed.")
    if facts.evidence is None:
        lines.append(
            "No evidence of an attack was named, so this assessment says what was built and not what was tried."
        )
    else:
        broken = [one for one in facts.evidence.trials if one.verdict == "fail"]
        lines.append(
            f"Attacked on {facts.evidence.at[:10]} under the authority of {facts.evidence.authority}: "
            f"{len(broken)} of {len(facts.evidence.trials)} attacks succeeded."
        )
    return tuple(lines)


def _evidence_missing(facts: Facts) -> tuple[str, ...]:
    if facts.evidence is None:
        return (
            "Evidence of an attack: lifecourse attack --authority WHO --out attack.json, then --attack attack.json.",
        )
    return ("A full attack: the evidence is of a quick one.",) if facts.evidence.quick else ()
