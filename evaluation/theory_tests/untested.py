"""The register of links without a test of their own: oldest first, whose they are, and what would test them (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.theory_tests.model import LinkEvidence, Untested
from theory_of_change.model import Box, Link, Theory


@dataclass(frozen=True, slots=True)
class Known:
    """What decides what would test a link: kept versions of the theory, data by box, plans, and area series.

    ``versions`` are the days on which a version of the theory was kept, with the links it held, oldest first.
    ``cohorts`` gives the cohorts that hold values of a box, sealed or not; ``areas`` the collections of area series
    that hold a measure; ``plans`` the plans there are, and ``run`` those with a finding.
    """

    versions: tuple[tuple[dt.date, frozenset[str]], ...] = ()
    cohorts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plans: frozenset[str] = frozenset()
    run: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)


def untested_links(
    theory: Theory, evidence: Sequence[LinkEvidence], known: Known, today: dt.date
) -> tuple[Untested, ...]:
    """Every link that no locked evaluation tested, the one that has waited longest first."""
    found = []
    for one in evidence:
        link = theory.link(one.link)
        if link is None or one.ground == "evaluation of the link":
            continue
        review = link.review_by or theory.review_by
        found.append(
            Untested(
                link.id,
                one.from_text,
                one.to_text,
                since(link, known.versions),
                known.owners.get(link.id, theory.owner),
                review,
                review is not None and review < today,
                one.ground,
                tuple(would_test(theory, link, known)),
            )
        )
    return tuple(sorted(found, key=_age))


def _age(one: Untested) -> tuple[bool, dt.date, dt.date]:
    """Oldest first; where no version tells, those whose review comes first."""
    return one.since is None, one.since or dt.date.max, one.review_by or dt.date.max


def since(link: Link, versions: Sequence[tuple[dt.date, frozenset[str]]]) -> dt.date | None:
    """The day of the first kept version that holds the link; nothing where none does."""
    return next((day for day, links in versions if link.id in links), None)


def would_test(theory: Theory, link: Link, known: Known) -> Iterator[str]:
    """What would put a link to the test, as far as the data there are allow; the first thing to do first."""
    start, end = theory.box(link.from_box), theory.box(link.to_box)
    if start is None or end is None:
        return
    yield from _the_plan_named(link, known)
    if not end.measures:
        yield _measure_first(end)
        return
    cohorts, areas = known.cohorts.get(end.id, ()), known.areas.get(end.id, ())
    if not cohorts and not areas:
        yield f"No values of {', '.join(end.measures)} are loaded: agree on a source (lifecourse source add)."
        return
    if cohorts:
        yield _with_people(link, start, cohorts, known.cohorts.get(start.id, ()))
    if areas:
        yield (
            f"Area series {areas[0]} hold {end.id}: a plan by difference-in-differences or "
            f"interrupted-time-series (lifecourse plan new ID --areas {areas[0]} --method …)."
        )
    if link.lag_months:
        yield f"The theory gives this step {link.lag_months} months: an earlier answer would be too soon."


def _the_plan_named(link: Link, known: Known) -> Iterator[str]:
    name = link.test.strip()
    if not name:
        return
    if name not in known.plans:
        yield f"Its test '{name}' is no plan of this project yet: lifecourse plan new {name}."
    elif name in known.run:
        yield f"Plan '{name}' was run and did not put this link to the test: name the link in its [plan] links."
    else:
        yield f"Plan '{name}' is there and has no finding yet: lifecourse plan check {name}."


def _measure_first(end: Box) -> str:
    if end.not_measurable.strip():
        return f"{end.id} is said not to be measurable: voices and a coded account may speak to it, no evaluation."
    return f"{end.id} has no measure: give it one first (lifecourse measure list)."


def _with_people(link: Link, start: Box, far: Sequence[str], near: Sequence[str]) -> str:
    both = [name for name in far if name in near]
    if start.kind in ("activity", "output"):
        if both:
            return (
                f"Cohort {both[0]} says who got {start.id} and how {link.to_box} came out: a plan with method "
                "randomised where chance decided, else doubly-robust or matching "
                f'(lifecourse plan new ID --cohort {both[0]} --method …, links = ["{link.id}"]).'
            )
        return (
            f"Cohort {far[0]} holds {link.to_box}, and no locked plan says which column tells who got {start.id}: "
            "load who got it, and name it as treatment in a plan."
        )
    if both:
        return (
            f"Cohort {both[0]} holds both ends: name {link.id} among the links of a plan that moves {start.id}, with "
            "both as outcomes, so that the step between them is read."
        )
    there = f"Cohort {far[0]} holds {link.to_box} but not {start.id}"
    return f"{there}: bring a measure of {start.id} into the same cohort."
