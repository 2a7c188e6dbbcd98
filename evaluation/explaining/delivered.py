"""Was it delivered, to the right people, and did the comparison go without? Read from the plan's columns (pure).

Shares are of people whose value is known; where more than a fifth are not, nothing is said. The people asked about are
all of the study, so the shares have no sampling error. They are not held against chance, only against the plan.
"""

from __future__ import annotations

import polars as pl

from cohorts.expressions import read_rule
from evaluation.explaining.facts import DeliveryFacts, DeliveryPart, PartResult
from evaluation.explaining.planned import Delivery
from evaluation.plan import AnalysisPlan
from evaluation.study_table import StudyTable

MOST_UNKNOWN = 0.20  # share of people of whom nothing is known, above which nothing is said
CONTRAST_AMBER, CONTRAST_RED = 0.10, 0.20
AS_MEANT = "whether it was delivered as meant"
RIGHT = "whether it reached the people it was meant for"
SIMILAR = "whether the comparison got similar help"
EVERYTHING = (AS_MEANT, RIGHT, SIMILAR)


def delivery_facts(table: StudyTable, plan: AnalysisPlan) -> DeliveryFacts | None:
    """What the plan's [delivery] asks, answered from its people of known arm; nothing where it asks nothing."""
    if plan.delivery is None:
        return None
    people = table.frame
    if plan.design.unit and plan.is_long:
        people = people.unique(plan.design.unit, keep="first", maintain_order=True)
    if plan.population.where:
        people = people.filter(read_rule(plan.population.where).expression())
    arm = pl.col(plan.design.treatment).cast(pl.Float64)
    return _facts(people.filter(arm == 1), people.filter(arm == 0), plan.delivery)


def _facts(treated: pl.DataFrame, others: pl.DataFrame, asked: Delivery) -> DeliveryFacts:
    dose, fidelity = _dose_parts(treated, asked), _fidelity(treated, asked)
    right, contrast = _right_people(treated, asked), _contrast(others, asked)
    judged = [part.result for part in (*dose, *fidelity) if part.result != "shown"]
    known = [result for result in judged if result != "not known"]
    whole = bool(known) and len(known) == len(judged)
    delivered = False if "not met" in known else True if whole else None
    missing = (
        (AS_MEANT, delivered is None),
        (RIGHT, right is None or right.result == "not known"),
        (SIMILAR, contrast is None or contrast.result == "not known"),
    )
    return DeliveryFacts(
        parts=(*dose, *fidelity, *(part for part in (right, contrast) if part)),
        delivered=delivered,
        right_people={"met": True, "not met": False}.get(right.result) if right else None,
        contrast=contrast.result if contrast and contrast.result != "not known" else "",
        not_looked=tuple(name for name, gone in missing if gone),
    )


def _number(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column as numbers; nothing known where records have not come yet."""
    if name not in frame.columns:
        return pl.Series(name, [None] * frame.height, dtype=pl.Float64)
    return frame[name].cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)


def _judged(reading: float | None, limit: float | None, known: int, n: int) -> PartResult:
    if not n or known < (1 - MOST_UNKNOWN) * n or reading is None:
        return "not known"
    if limit is None:
        return "shown"
    return "met" if reading >= limit else "not met"


def _share_part(
    name: str, words: str, had: pl.Series, limit: float | None, *, n: int, arm: str = "with"
) -> DeliveryPart:
    known, part = had.len() - had.null_count(), int(had.sum() or 0)
    share = part / known if known else None
    result = _judged(share, limit, known, n)
    return DeliveryPart(name, words, arm, n, known, part, share, None, limit, result)  # type: ignore[arg-type]


def _mean_part(name: str, words: str, values: pl.Series, limit: float | None, *, shown: bool) -> DeliveryPart:
    known = values.len() - values.null_count()
    found = values.mean()
    mean = float(found) if isinstance(found, int | float) else None
    result = _judged(mean, None if shown else limit, known, values.len())
    return DeliveryPart(name, words, "with", values.len(), known, None, None, mean, limit, result)


def _dose_parts(treated: pl.DataFrame, asked: Delivery) -> list[DeliveryPart]:
    """The dose of the treated: its mean beside what was planned, and the share who got enough."""
    if not asked.dose:
        return []
    dose = _number(treated, asked.dose)
    parts = [_mean_part("dose", "Average dose", dose, asked.planned, shown=True)]
    if asked.enough is not None:
        words = f"Got at least {asked.enough:g}"
        parts.append(_share_part("reach", words, dose >= asked.enough, asked.reach, n=dose.len()))
    return parts


def _fidelity(treated: pl.DataFrame, asked: Delivery) -> list[DeliveryPart]:
    if not asked.fidelity:
        return []
    score, words = _number(treated, asked.fidelity), "Average fidelity"
    if asked.dose in treated.columns:  # there is no fidelity in what nobody got
        score, words = score.filter(_reached(treated, asked)), "Average fidelity, of those reached"
    return [_mean_part("fidelity", words, score, asked.fidelity_at_least, shown=False)]


def _reached(treated: pl.DataFrame, asked: Delivery) -> pl.Series:
    """Who got any of it, or may have."""
    return (_number(treated, asked.dose) > 0).fill_null(value=True)


def _right_people(treated: pl.DataFrame, asked: Delivery) -> DeliveryPart | None:
    """Of those reached, or of all the treated where doses are not known, the share it was meant for."""
    if not asked.right_people:
        return None
    meant, words = _number(treated, asked.right_people), "Were whom it was meant for"
    if asked.dose in treated.columns:
        meant, words = meant.filter(_reached(treated, asked)), "Those reached were whom it was meant for"
    limit = asked.right_people_at_least
    return _share_part("right people", words, meant == 1, limit, n=meant.len())


def _contrast(others: pl.DataFrame, asked: Delivery) -> DeliveryPart | None:
    """The share of the comparison with any of the programme, or any similar help."""
    names = [name for name in (asked.similar_help, asked.dose) if name]
    if not names or (not asked.similar_help and asked.dose not in others.columns):
        return None
    help_of = pl.DataFrame([_number(others, name).alias(f"c{i}") for i, name in enumerate(names)])
    had = help_of.select(pl.max_horizontal(pl.all()) > 0).to_series()
    words = (
        "Comparison that got the programme" if not asked.similar_help else "Comparison that got similar help"
    )
    words += " or the programme" if len(names) > 1 else ""
    found = _share_part("contrast", words, had, None, n=others.height, arm="without")
    if found.result == "not known" or found.share is None:
        return found
    red, amber = found.share > CONTRAST_RED, found.share > CONTRAST_AMBER
    result: PartResult = "red" if red else "amber" if amber else "green"
    return DeliveryPart(*(found.name, found.words, found.arm, found.n, found.known, found.part, found.share, None),
                        CONTRAST_AMBER, result)  # fmt: skip


def nothing_looked(facts: DeliveryFacts | None) -> tuple[str, ...]:
    """What of delivery was not looked at, and only that."""
    return EVERYTHING if facts is None else facts.not_looked
